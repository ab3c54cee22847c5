"""What the user's selection means in this graph: assets and checks, or an error that names the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from penstock.assets import AssetKey, ColumnRef
from penstock.errors import ConfigError, SelectionError, UnknownAsset, nearest_names
from penstock.graph import AssetGraph
from penstock.graph.select import Selection, Tracer, column_walk, select
from penstock.service.observe import Seen
from penstock.service.workspace import Workspace


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """`assets` None: nothing was asked in particular. `text` is what the user typed."""

    assets: frozenset[AssetKey] | None
    checks: frozenset[AssetKey]
    text: str


def choose(
    workspace: Workspace,
    seen: Seen,
    include: Sequence[str],
    exclude: Sequence[str] = (),
    selector: str | None = None,
) -> Chosen:
    """Raises SelectionError for what cannot be read, UnknownAsset for a name or method value that nothing answers to."""
    text = " ".join(
        [*include, *(f"--exclude {part}" for part in exclude)]
        + ([f"--selector {selector}"] if selector else [])
    )
    graph = seen.graph
    if not include and not exclude and selector is None:
        return Chosen(assets=None, checks=frozenset(graph.checks), text="")
    found: Selection = select(
        graph,
        include,
        exclude,
        selector=selector,
        selectors=_selectors(workspace) if selector or _names_selector(include, exclude) else None,
        indirect_selection=str(workspace.options.get("indirect_selection") or "eager"),
        tracer=_tracer(workspace, seen),
        projects=seen.projects,
    )
    _refuse_unmatched(graph, found.unmatched)
    return Chosen(assets=found.assets, checks=found.checks, text=text)


def _tracer(workspace: Workspace, seen: Seen) -> Tracer:
    """`column:orders.amount+`: the assets that the column reaches (every one of the walk), found when it is asked for."""

    def trace(graph: AssetGraph, term: str) -> Iterable[AssetKey]:
        from penstock.service.columns import column_graph
        from penstock.service.follow import find_place

        columns = column_graph(workspace, seen).edges
        walk = column_walk(term)
        place = find_place(graph, columns, walk.column)
        if place.column is None:
            raise SelectionError(
                f"column:{term} names no column", hint="write column:ASSET.COLUMN, with + for its neighbours"
            )
        start = ColumnRef(place.asset, place.column)
        reached = {place.asset}
        if walk.upstream:
            hops = columns.walk(start, upstream=True, depth=walk.upstream_depth)
            reached.update(hop.ref.asset for hop in hops)
        if walk.downstream:
            hops = columns.walk(start, upstream=False, depth=walk.downstream_depth)
            reached.update(hop.ref.asset for hop in hops)
        return reached

    return trace


def _names_selector(include: Sequence[str], exclude: Sequence[str]) -> bool:
    return any("selector:" in part for part in (*include, *exclude))


def _refuse_unmatched(graph: AssetGraph, unmatched: Sequence[str]) -> None:
    for value in unmatched:
        plain = value.strip("+@").removeprefix("fqn:").removeprefix("relation:")
        if ":" not in plain and "*" not in plain:
            names = [graph.names.shown(key) for key in graph.assets]
            raise UnknownAsset(plain, nearest_names(plain, names))
        raise UnknownAsset(value)


def _selectors(workspace: Workspace) -> dict[str, Any]:
    """The selectors of every selectors.yml beside a project that penstock.yml names. Raises ConfigError for broken YAML."""
    from penstock.project.positions import read_yaml

    definitions: dict[str, Any] = {}
    for settings in workspace.project.document.instances.values():
        folder = settings.get("project")
        if not isinstance(folder, str):
            continue
        path = workspace.project.root / folder / "selectors.yml"
        if not path.is_file():
            continue
        data = read_yaml(path.read_text(encoding="utf-8"), path.name).data
        listed = data.get("selectors") if isinstance(data, dict) else None
        if not isinstance(listed, list):
            raise ConfigError("expected a list under 'selectors'", where=path.name)
        definitions.update({str(entry.get("name")): entry for entry in listed if isinstance(entry, dict)})
    return definitions
