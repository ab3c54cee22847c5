"""Selection by what differs from another run: each tool's own comparison, or, without `--state`, penstock's latest run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock import registry
from penstock.assets import AssetKey
from penstock.errors import SelectionError, nearest_names
from penstock.graph import AssetGraph
from penstock.graph.select import Method
from penstock.integration import Comparing
from penstock.service.history import reading_store
from penstock.service.workspace import Workspace
from penstock.store import ItemState

COMPARED = ("state", "result", "source_status")
_NOT_ENDED = ("pending", "running")
_SAME = {"pass": "success", "no-op": "no_op", "runtime error": "error", "partial success": "partial"}


def comparisons(workspace: Workspace) -> dict[str, Method]:
    """The methods that need more than the graph, by name."""
    return {method: _method(workspace, method) for method in COMPARED}


def _method(workspace: Workspace, method: str) -> Method:
    def find(graph: AssetGraph, arguments: str, value: str) -> Iterable[AssetKey]:
        if arguments:
            raise SelectionError(
                f"'{method}.{arguments}:{value}' is no method", hint=f"write {method}:{arguments}.{value}"
            )
        if method == "result" and not workspace.options.get("state"):
            return _of_last_run(workspace, graph, value)
        return _by_tools(workspace, graph, method, value)

    return find


def _by_tools(workspace: Workspace, graph: AssetGraph, method: str, value: str) -> list[AssetKey]:
    found: set[tuple[str, str, str]] = set()
    asked = False
    for integration, instance in workspace.project.instances:
        tool = registry.integration(integration)
        if not isinstance(tool, Comparing):
            continue
        asked = True
        context = workspace.context(integration, instance, may_call=True)
        found.update((integration, instance, one) for one in tool.compare(context, method, value))
    if not asked:
        raise SelectionError(f"'{method}:{value}': no tool of this project compares with another run")
    keys = [
        asset.key
        for asset in graph.assets.values()
        if any((ref.integration, ref.instance, ref.id) in found for ref in asset.seen_by)
    ]
    checks = (
        check.key
        for check in graph.checks.values()
        if (check.seen_by.integration, check.seen_by.instance, check.seen_by.id) in found
    )
    return [*keys, *checks]


def _of_last_run(workspace: Workspace, graph: AssetGraph, value: str) -> Iterator[AssetKey]:
    """What ended so in the latest run of this environment. Raises SelectionError for a word that is no outcome."""
    known = sorted({*_SAME, *ItemState} - set(_NOT_ENDED))
    if value not in known:
        near = nearest_names(value, known)
        guess = f"; did you mean '{near[0]}'?" if near else ""
        raise SelectionError(f"'result:{value}': nothing ends so{guess}", hint="one of: " + ", ".join(known))
    with reading_store(workspace) as store:
        runs = store.runs(limit=1, environment=workspace.project.environment) if store is not None else []
        if store is None or not runs:
            raise SelectionError(
                f"'result:{value}' asks for the latest run, and there is none here",
                hint="run something first, or name dbt's artefacts with --state DIR",
            )
        wanted = _SAME.get(value, value)
        for item in store.detail(runs[0].id).items:
            if item.state.value == wanted and (item.key in graph.assets or item.key in graph.checks):
                yield item.key
