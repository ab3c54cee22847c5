"""An asset drawn with its columns: each column's own edges beside it, and further away what lies between two assets, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from penstock.assets import AssetKey, ColumnEdge, ColumnRef, EdgeSubtype, EdgeType
from penstock.graph import AssetGraph
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.service.drawing import Edge, Picture, picture
from penstock.service.follow import Place, Trail, called, name_of

_STRONGEST = (EdgeSubtype.AGGREGATION, EdgeSubtype.TRANSFORMATION, EdgeSubtype.IDENTITY)


def asset_picture(
    graph: AssetGraph, columns: ColumnGraph, place: Place, trail: Trail, *, direct: bool
) -> Picture:
    """The trail of an asset with types and expressions. `direct` leaves out what only decides rows."""
    drawn = picture(trail)
    levels = {asset: level for (asset, _), level in drawn.levels.items()}
    kinds = dict(drawn.kinds)
    start = name_of(graph, place.asset)
    near = list(_near(graph, columns, place.asset, drawn.levels, direct=direct))
    tied = {frozenset((edge.source[0], edge.target[0])) for edge in near}
    places = {(start, ""): 0}
    places.update({(start, name): 0 for name in _ordered(graph, columns, place.asset)})
    for edge in near:
        for asset, column in (edge.source, edge.target):
            places.setdefault((asset, column), levels.get(asset, 0))
    places.update({(asset, ""): level for asset, level in levels.items()})
    counted = _counted(graph, columns)
    edges = dict.fromkeys(near)
    for edge in drawn.edges:
        if frozenset((edge.source[0], edge.target[0])) not in tied:
            edges[_summed(edge, counted.get((edge.source[0], edge.target[0]), Counter()), direct=direct)] = (
                None
            )
    return Picture(places, kinds, tuple(edges))


def _near(
    graph: AssetGraph,
    columns: ColumnGraph,
    asset: AssetKey,
    drawn: dict[tuple[str, str], int],
    *,
    direct: bool,
) -> Iterator[Edge]:
    """The column edges of the asset itself, to and from assets that are drawn."""
    refs = [ColumnRef(asset, column) for column in (*_ordered(graph, columns, asset), "")]
    found: dict[ColumnEdge, None] = {}
    for ref in refs:
        found.update(
            dict.fromkeys(edge for edge in columns.edges_into(ref) if edge.target.column == ref.column)
        )
        found.update(dict.fromkeys(columns.edges_out_of(ref)))
    for edge in found:
        if direct and edge.type is EdgeType.INDIRECT:
            continue
        ends = tuple(_drawn(graph, end) for end in (edge.source, edge.target))
        if all((name, "") in drawn for name, _ in ends):
            yield Edge(ends[0], ends[1], edge.subtype.value, edge.expression)


def _drawn(graph: AssetGraph, end: ColumnRef) -> tuple[str, str]:
    return called(graph, end.asset, None).name, end.column


def _ordered(graph: AssetGraph, columns: ColumnGraph, asset: AssetKey) -> list[str]:
    """The asset's columns, in its own order as far as that is known."""
    known = [column.name for column in graph.columns(asset)] if asset in graph.assets else []
    return list(dict.fromkeys([*known, *columns.columns_of(asset)]))


def _counted(graph: AssetGraph, columns: ColumnGraph) -> dict[tuple[str, str], Counter[EdgeSubtype]]:
    return {
        (name_of(graph, source), name_of(graph, target)): count
        for (source, target), count in columns.between().items()
    }


def _summed(edge: Edge, counts: Counter[EdgeSubtype], *, direct: bool) -> Edge:
    """One edge for all between two assets: drawn as the strongest of them, told as what they are."""
    kept = {one: count for one, count in counts.items() if not direct or one.type is EdgeType.DIRECT}
    if not kept:
        return Edge(edge.source, edge.target, None, None, "no column followed")
    leading = next((one for one in _STRONGEST if one in kept), max(kept, key=lambda one: kept[one]))
    note = ", ".join(
        f"{count} {one.value.lower()}" for one, count in sorted(kept.items(), key=lambda e: -e[1])
    )
    return Edge(edge.source, edge.target, leading.value, None, note)
