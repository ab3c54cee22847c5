"""How many columns each column of an asset is made from, and read by: as `lineage` of each would count them."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from penstock.assets import AssetKey, ColumnEdge, ColumnRef
from penstock.graph import AssetGraph
from penstock.service.columnrecords import Columns
from penstock.service.follow import UnknownColumn, column_place


class ColumnNear(msgspec.Struct, frozen=True, kw_only=True):
    """`upstream`: columns above, however far. `used_by`: edges to what reads it next."""

    name: str
    upstream: int
    used_by: int


def column_counts(
    graph: AssetGraph, columns: Columns, key: AssetKey, visible: Collection[AssetKey] | None
) -> tuple[ColumnNear, ...]:
    """Of what may be seen (None: all). A column that no SQL and no catalog tells of is left out."""
    found = []
    for column in graph.columns(key):
        try:
            place = column_place(graph, columns, key, column.name)
        except UnknownColumn:
            continue
        start = ColumnRef(key, place.column or "")
        above, below = (_near(columns, start, visible, upstream=up) for up in (True, False))
        sources = {(edge.source.asset, edge.source.column) for edge in above if edge.source.column}
        found.append(ColumnNear(name=column.name, upstream=len(sources), used_by=len(below)))
    return tuple(found)


def _near(
    columns: Columns, start: ColumnRef, visible: Collection[AssetKey] | None, *, upstream: bool
) -> list[ColumnEdge]:
    hops = columns.edges.walk(start, upstream=upstream, depth=None if upstream else 1)
    edges = [hop.edge for hop in hops]
    if visible is None:
        return edges
    return [edge for edge in edges if edge.source.asset in visible and edge.target.asset in visible]
