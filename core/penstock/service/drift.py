"""What has changed at sources since they were loaded last, and what that reaches by column lineage. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from penstock.assets import (
    AssetKey,
    AssetKind,
    ChangeKind,
    ColumnRef,
    OnChange,
    Producer,
    SourceChange,
)
from penstock.graph import AssetGraph
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.service.columns import column_graph
from penstock.service.observe import GraphView
from penstock.service.workspace import Workspace

FORMAT = 1
_BREAKING = frozenset({ChangeKind.COLUMN_REMOVED, ChangeKind.COLUMN_CHANGED})


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What one change reaches. `read`: columns made from the column itself, whose SQL names it; `derived`: what follows from
    those; `filtered`: assets whose rows it decides. `checks` judge one of them; `exposures` show one."""

    read: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    filtered: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.read or self.derived or self.filtered or self.checks or self.exposures)


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One change with what it reaches, as `penstock drift --json` prints it. `policy`: warn, block_affected or block."""

    connection: str
    table: str
    kind: str
    column: str | None
    message: str
    policy: str
    reach: Reach


class DriftDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    project: str
    environment: str
    changes: tuple[Drift, ...]


def drifts(workspace: Workspace, seen: GraphView) -> tuple[Drift, ...]:
    """Every change that is known, in the order of connections and tables. Compiles dbt projects where SQL is missing."""
    found = list(_changed(seen.graph))
    if not found:
        return ()
    edges = column_graph(workspace, seen).edges
    return tuple(
        Drift(
            connection=str(producer.ref),
            table=seen.graph.names.shown(key),
            kind=change.kind.value,
            column=change.column,
            message=change.message,
            policy=producer.on_change.value,
            reach=_told(seen.graph, _reached(seen.graph, edges, key, change)),
        )
        for producer, key, change in found
    )


def told(graph: AssetGraph) -> list[str]:
    """One line for a plan: how much has changed, and where to read of it."""
    found = [change for _, _, change in _changed(graph)]
    if not found:
        return []
    shown = "; ".join(change.message for change in found[:3]) + (
        f" and {len(found) - 3} more" if len(found) > 3 else ""
    )
    return [f"changed at the source: {shown} (what it reaches: penstock drift)"]


Refuses = Callable[[Producer], str | None]


def holding_back(workspace: Workspace, seen: GraphView, refuses: Refuses) -> Refuses:
    """`refuses`, and why a producer is held back because of a change at a source, as its policy says."""
    held: dict[object, str] = {}
    blocking = [found for found in _changed(seen.graph) if found[0].on_change is not OnChange.WARN]
    blocking = [found for found in blocking if found[2].kind is not ChangeKind.COLUMN_ADDED]
    if not blocking:
        return refuses
    edges = column_graph(workspace, seen).edges
    for producer, key, change in blocking:
        if producer.on_change is OnChange.BLOCK:
            keys: Iterable[AssetKey] = _below(seen.graph, [key])
            held.setdefault(producer.ref, f"held back: {change.message} (on_drift: block)")
        else:
            keys = _reached(seen.graph, edges, key, change).assets
        for other in keys:
            made_by = seen.graph.assets[other].producer if other in seen.graph.assets else None
            if made_by is not None:
                held.setdefault(
                    made_by, f"held back: {change.message} (on_drift: {producer.on_change.value})"
                )

    def refused(producer: Producer) -> str | None:
        return refuses(producer) or held.get(producer.ref)

    return refused


# ---------------------------------------------------------------- what is reached


class _Reached:
    """Columns and assets that a change reaches. A table whose whole contents it decides is reached in every column."""

    def __init__(self) -> None:
        self.read: dict[ColumnRef, None] = {}
        self.derived: dict[ColumnRef, None] = {}
        self.filtered: dict[AssetKey, None] = {}

    @property
    def assets(self) -> dict[AssetKey, None]:
        return dict.fromkeys([*(ref.asset for ref in (*self.read, *self.derived)), *self.filtered])


def _changed(graph: AssetGraph) -> Iterable[tuple[Producer, AssetKey, SourceChange]]:
    """Changes with the producer and the asset that they are about."""
    by_item = {
        (asset.producer, ref.id): asset.key
        for asset in graph.assets.values()
        if asset.producer
        for ref in asset.seen_by
        if (ref.integration, ref.instance) == (asset.producer.integration, asset.producer.instance)
    }
    for producer in graph.producers.values():
        for change in producer.changes:
            key = by_item.get((producer.ref, change.item))
            if key is not None:
                yield producer, key, change


def _reached(graph: AssetGraph, edges: ColumnGraph, key: AssetKey, change: SourceChange) -> _Reached:
    found = _Reached()
    if change.kind is ChangeKind.COLUMN_ADDED or change.kind is ChangeKind.SETTING:
        return found
    columns = [change.column] if change.column else [column.name for column in graph.columns(key)]
    for column in columns:
        _walk(edges, ColumnRef(key, column), found)
    return found


def _walk(edges: ColumnGraph, start: ColumnRef, found: _Reached) -> None:
    """Follow edges to columns. One to a whole asset decides which rows there are, so all columns of that asset follow."""
    todo, seen = [(start, True)], {start}
    while todo:
        ref, first = todo.pop()
        for edge in edges.edges_out_of(ref):
            if edge.target.column:
                (found.read if first else found.derived).setdefault(edge.target)
                following = [edge.target]
            else:
                asset = edge.target.asset
                if asset in found.filtered:
                    continue
                found.filtered[asset] = None
                following = [ColumnRef(asset, column) for column in edges.columns_of(asset)]
            for one in following:
                if one not in seen:
                    seen.add(one)
                    todo.append((one, False))


def _below(graph: AssetGraph, start: list[AssetKey]) -> list[AssetKey]:
    found: dict[AssetKey, None] = {}
    todo = list(start)
    while todo:
        for key in graph.downstream.get(todo.pop(), ()):
            if key not in found:
                found[key] = None
                todo.append(key)
    return list(found)


def _told(graph: AssetGraph, reached: _Reached) -> Reach:
    shown = graph.names.shown
    columns: dict[AssetKey, set[str]] = {}
    for ref in (*reached.read, *reached.derived):
        columns.setdefault(ref.asset, set()).add(ref.column.casefold())
    checks = [
        check.name
        for key in reached.assets
        for check in graph.checks_of.get(key, ())
        if check.column is None
        or key in reached.filtered
        or check.column.casefold() in columns.get(key, set())
    ]
    exposures = [
        shown(below)
        for key in reached.assets
        for below in graph.downstream.get(key, ())
        if _shows(graph, below)
    ]
    return Reach(
        read=tuple(f"{shown(ref.asset)}.{ref.column}" for ref in reached.read),
        derived=tuple(
            f"{shown(ref.asset)}.{ref.column}"
            for ref in reached.derived
            if ref not in reached.read and not _shows(graph, ref.asset)
        ),
        filtered=tuple(shown(key) for key in reached.filtered),
        checks=tuple(dict.fromkeys(checks)),
        exposures=tuple(dict.fromkeys(exposures)),
    )


def _shows(graph: AssetGraph, key: AssetKey) -> bool:
    """Whether it is an exposure, which is told apart from the columns that it shows."""
    return key in graph.assets and graph.assets[key].kind is AssetKind.EXPOSURE
