"""What tools and warehouses have told of how their assets are made: one definition for each asset. Follows nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock import registry
from penstock.assets import AssetKey, AssetKind, Definition, DefinitionStatus, ToolRef
from penstock.errors import WarehouseBusy
from penstock.graph import AssetGraph
from penstock.integration import Defining
from penstock.service.inuse import refuse_if_in_use
from penstock.service.workspace import Workspace

Told = Iterable[tuple[str, str, Definition]]


def one_each(graph: AssetGraph, told: Told) -> dict[AssetKey, Definition]:
    """One definition per asset: that of its producer, else of the first tool that has one (a view's, by the catalog)."""
    found: dict[AssetKey, Definition] = {}
    for integration, instance, definition in told:
        key = graph.by_ref.get(ToolRef(integration, instance, definition.id))
        asset = graph.assets.get(key) if key else None
        if key is None or asset is None:
            continue
        producer = asset.producer
        own = producer is not None and (producer.integration, producer.instance) == (integration, instance)
        if asset.kind is AssetKind.SEED:
            continue  # made from its file: its columns are what they are, nothing is derived
        if own or (producer is None and key not in found):
            found[key] = definition
    return found


def all_definitions(
    workspace: Workspace, graph: AssetGraph, may_call: bool
) -> Iterator[tuple[str, str, Definition]]:
    for integration, instance in workspace.project.instances:
        tool = registry.integration(integration)
        if isinstance(tool, Defining):
            for definition in tool.definitions(workspace.context(integration, instance, may_call=may_call)):
                yield integration, instance, definition
    yield from catalog_definitions(workspace, graph)


def catalog_definitions(workspace: Workspace, graph: AssetGraph) -> Iterator[tuple[str, str, Definition]]:
    """What the catalogs of warehouses have kept: the SQL of views. Of a warehouse that others hold now, that it is not known."""
    for name in workspace.catalogs():
        reader = workspace.catalog_context(name, may_call=False)
        if reader is not None and isinstance(reader[0], Defining):
            tool = reader[0].name
            try:
                refuse_if_in_use(workspace, reader[1].address(workspace.connection(name)))
                for definition in reader[0].definitions(reader[1]):
                    yield tool, name, definition
            except WarehouseBusy as error:
                for view in _views(graph, tool, name):
                    yield tool, name, _unread(view, error.what)


def _views(graph: AssetGraph, tool: str, name: str) -> Iterator[str]:
    for asset in graph.assets.values():
        if asset.kind is AssetKind.VIEW:
            yield from (ref.id for ref in asset.seen_by if (ref.integration, ref.instance) == (tool, name))


def _unread(view: str, why: str) -> Definition:
    status = DefinitionStatus.NOT_COMPILED  # so that nothing of this is kept as all that there is
    return Definition(id=view, status=status, sql=None, dialect="", reason=f"not read: {why}")
