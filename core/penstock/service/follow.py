"""`lineage`: an asset or a column followed up and down, as a tree for people and as edges for machines."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from penstock.assets import AssetKey, AssetKind, ColumnEdge, ColumnRef, EdgeType, comparable
from penstock.errors import UnknownAsset, UsageError, nearest_names
from penstock.graph import AssetGraph
from penstock.graph.listing import made_by
from penstock.lineage.columns import ColumnGraph

FORMAT = 1


class UnknownColumn(UsageError):
    """The asset has no such column. `asset` and `column` were asked for, `nearest` are the closest that exist."""

    def __init__(self, asset: str, column: str, known: tuple[str, ...]) -> None:
        self.asset = asset
        self.column = column
        self.nearest = nearest_names(column, known)
        guess = f"; did you mean '{self.nearest[0]}'?" if self.nearest else ""
        hint = (
            f"its columns: {', '.join(known)}" if known else "none of its columns are known: penstock refresh"
        )
        super().__init__(f"{asset} has no column '{column}'{guess}", hint=hint)


class Place(msgspec.Struct, frozen=True):
    """What was asked for: an asset, and a column of it or None."""

    asset: AssetKey
    column: str | None


class Shaping(msgspec.Struct, frozen=True):
    """An INDIRECT edge: `asset`.`column` decides which rows there are, or in which order, not what a value is."""

    asset: str
    column: str
    subtype: str
    expression: str | None
    certainty: str


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the tree. `subtype` and `expression` tell how it is tied to the one above; `again`: it stands above already."""

    name: str
    column: str | None
    kind: str
    made_by: str
    subtype: str | None = None
    expression: str | None = None
    certainty: str | None = None
    again: bool = False
    shaped_by: tuple[Shaping, ...] = ()
    branches: tuple[Branch, ...] = ()


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """Both directions from one place; None where a direction was not asked for."""

    start: Branch
    upstream: tuple[Branch, ...] | None
    downstream: tuple[Branch, ...] | None


class EdgeDocument(msgspec.Struct, frozen=True, kw_only=True):
    direction: str
    distance: int
    source_asset: str
    source_column: str | None
    target_asset: str
    target_column: str | None
    type: str | None
    subtype: str | None
    certainty: str | None
    path: str | None
    expression: str | None
    candidates: tuple[str, ...]
    masking: bool = False


class LineageDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`penstock lineage --json`. `target_column` null: the edge concerns every column. Types are OpenLineage's."""

    format: int
    asset: str
    column: str | None
    edges: tuple[EdgeDocument, ...]


def find_place(graph: AssetGraph, columns: ColumnGraph | None, text: str) -> Place:
    """What `ASSET` or `ASSET.COLUMN` means. Raises UnknownAsset, AmbiguousAsset, UnknownColumn."""
    plain = text.removeprefix("column:")
    if graph.names.lookup(plain):
        return Place(graph.find(plain).key, None)
    name, dot, _ = plain.rpartition(".")
    while dot:
        if graph.names.lookup(name):
            return _column_place(graph, columns, graph.find(name).key, plain[len(name) + 1 :])
        name, dot, _ = name.rpartition(".")
    head = plain.partition(".")[0]
    names = [graph.names.shown(key) for key in graph.assets]
    raise UnknownAsset(plain, nearest_names(plain, names) or nearest_names(head, names))


def _column_place(graph: AssetGraph, columns: ColumnGraph | None, key: AssetKey, column: str) -> Place:
    asset = graph.assets[key]
    known = [c.name for c in graph.columns(key)]
    if columns is not None:
        known += [name for name in columns.columns_of(key) if name not in known]
    dialect = asset.relation.dialect if asset.relation else ""
    for wanted in (column, column.partition(".")[0]):
        for name in known:
            if name == wanted or comparable(dialect, name) == comparable(dialect, wanted):
                return Place(key, name)
        folded = [name for name in known if name.casefold() == wanted.casefold()]
        if len(folded) == 1:
            return Place(key, folded[0])
    raise UnknownColumn(graph.names.shown(key), column, tuple(known))


# ---------------------------------------------------------------- assets


def asset_trail(
    graph: AssetGraph, place: Place, *, upstream: bool, downstream: bool, depth: int | None
) -> Trail:
    start = _asset_branch(graph, place.asset)
    return Trail(
        start=start,
        upstream=_asset_branches(graph, place.asset, True, depth, {place.asset}) if upstream else None,
        downstream=_asset_branches(graph, place.asset, False, depth, {place.asset}) if downstream else None,
    )


def _asset_branches(
    graph: AssetGraph, key: AssetKey, up: bool, depth: int | None, seen: set[AssetKey]
) -> tuple[Branch, ...]:
    if depth == 0:
        return ()
    found = []
    for other in (graph.upstream if up else graph.downstream).get(key, ()):
        again = other in seen
        seen.add(other)
        below = () if again else _asset_branches(graph, other, up, None if depth is None else depth - 1, seen)
        found.append(
            msgspec.structs.replace(
                _asset_branch(graph, other),
                branches=below,
                again=again and bool((graph.upstream if up else graph.downstream).get(other)),
            )
        )
    return tuple(found)


def _asset_branch(graph: AssetGraph, key: AssetKey) -> Branch:
    asset = graph.assets[key]
    return Branch(name=graph.names.shown(key), column=None, kind=asset.kind.value, made_by=made_by(asset))


# ---------------------------------------------------------------- columns


class ColumnTrails:
    """Trees of columns over one graph. `direct` leaves out what only shapes the rows."""

    def __init__(self, graph: AssetGraph, columns: ColumnGraph, *, depth: int | None, direct: bool) -> None:
        self._graph = graph
        self._columns = columns
        self._depth = depth
        self._direct = direct

    def trail(self, place: Place, *, upstream: bool, downstream: bool) -> Trail:
        start = ColumnRef(place.asset, place.column or "")
        shaped = self._shaping(start) if upstream else ()
        return Trail(
            start=msgspec.structs.replace(self._branch(start), column=start.column or None, shaped_by=shaped),
            upstream=self._branches(start, True, self._depth, {_spot(start)}) if upstream else None,
            downstream=self._branches(start, False, self._depth, {_spot(start)}) if downstream else None,
        )

    def _branches(
        self, ref: ColumnRef, up: bool, depth: int | None, seen: set[tuple[AssetKey, str]]
    ) -> tuple[Branch, ...]:
        if depth == 0:
            return ()
        found = []
        for edge in self._tied(ref, up):
            end = edge.source if up else edge.target
            is_direct = edge.type is EdgeType.DIRECT
            again = _spot(end) in seen
            seen.add(_spot(end))
            go_on = is_direct and not again
            found.append(
                msgspec.structs.replace(
                    self._branch(end),
                    subtype=edge.subtype.value,
                    expression=edge.expression,
                    certainty=edge.certainty.value,
                    again=again and is_direct and bool(self._tied(end, up)),
                    shaped_by=self._shaping(end) if up and go_on else (),
                    branches=self._branches(end, up, None if depth is None else depth - 1, seen)
                    if go_on
                    else (),
                )
            )
        return tuple(found)

    def _tied(self, ref: ColumnRef, up: bool) -> list[ColumnEdge]:
        """Upstream the DIRECT edges (the others are told as `shaped_by`), downstream all that were asked for."""
        edges = self._columns.edges_into(ref) if up else self._columns.edges_out_of(ref)
        return _once([e for e in edges if e.type is EdgeType.DIRECT or (not up and not self._direct)], up)

    def _shaping(self, ref: ColumnRef) -> tuple[Shaping, ...]:
        if self._direct:
            return ()
        shown = self._graph.names.shown
        found = dict.fromkeys(
            Shaping(
                shown(edge.source.asset),
                edge.source.column,
                edge.subtype.value,
                edge.expression,
                edge.certainty.value,
            )
            for edge in self._columns.edges_into(ref)
            if edge.type is EdgeType.INDIRECT
        )
        return tuple(found)

    def _branch(self, ref: ColumnRef) -> Branch:
        asset = self._graph.assets[ref.asset]
        whole = asset.kind in (AssetKind.EXPOSURE, AssetKind.METRIC) or not ref.column
        column = None if whole else ref.column + (f".{ref.path}" if ref.path else "")
        return Branch(
            name=self._graph.names.shown(ref.asset),
            column=column,
            kind=asset.kind.value,
            made_by=made_by(asset),
        )

    def edges(self, place: Place, *, upstream: bool, downstream: bool) -> Iterator[EdgeDocument]:
        start = ColumnRef(place.asset, place.column or "")
        for up in [True] * upstream + [False] * downstream:
            for hop in self._columns.walk(start, upstream=up, depth=self._depth, direct=self._direct):
                yield self._document(hop.edge, hop.distance, "upstream" if up else "downstream")

    def _document(self, edge: ColumnEdge, distance: int, direction: str) -> EdgeDocument:
        shown = self._graph.names.shown
        return EdgeDocument(
            direction=direction,
            distance=distance,
            source_asset=shown(edge.source.asset),
            source_column=edge.source.column or None,
            target_asset=shown(edge.target.asset),
            target_column=edge.target.column or None,
            type=edge.type.value,
            subtype=edge.subtype.value,
            certainty=edge.certainty.value,
            path=edge.source.path or None,
            expression=edge.expression,
            candidates=tuple(shown(key) for key in edge.candidates),
            masking=edge.masking,
        )


def _spot(ref: ColumnRef) -> tuple[AssetKey, str]:
    return (ref.asset, ref.column)


def _once(edges: list[ColumnEdge], up: bool) -> list[ColumnEdge]:
    """One edge per other end and subtype: the first way in which a column is used stands for the others."""
    found: dict[tuple[AssetKey, str, str], ColumnEdge] = {}
    for edge in edges:
        end = edge.source if up else edge.target
        found.setdefault((end.asset, end.column, edge.subtype.value), edge)
    return list(found.values())


def asset_edges(
    graph: AssetGraph, place: Place, *, upstream: bool, downstream: bool, depth: int | None
) -> Iterator[EdgeDocument]:
    """The edges between assets, for `--json` without a column."""
    shown = graph.names.shown
    for up in [True] * upstream + [False] * downstream:
        reached = graph.walk([place.asset], upstream=up, depth=depth)
        for key, distance in reached.items():
            if depth is not None and distance >= depth:
                continue
            for other in (graph.upstream if up else graph.downstream).get(key, ()):
                source, target = (other, key) if up else (key, other)
                yield EdgeDocument(
                    direction="upstream" if up else "downstream",
                    distance=distance + 1,
                    source_asset=shown(source),
                    source_column=None,
                    target_asset=shown(target),
                    target_column=None,
                    type=None,
                    subtype=None,
                    certainty=None,
                    path=None,
                    expression=None,
                    candidates=(),
                )
