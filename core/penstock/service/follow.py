"""`lineage`: an asset or a column followed up and down, as a tree for people and as edges for machines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from penstock.assets import AssetKey, AssetKind, ColumnEdge, ColumnRef, EdgeType, comparable
from penstock.errors import AmbiguousAsset, UnknownAsset, UsageError, nearest_names
from penstock.graph import AssetGraph
from penstock.graph.listing import made_by
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.service.columnrecords import Columns

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
    """What was asked for: an asset, a column of it or None, and the field below the column or ""."""

    asset: AssetKey
    column: str | None
    path: str = ""


class UnknownField(UsageError):
    """The column has no such field, as far as is known. `column` and `path` were asked for."""

    def __init__(self, column: str, path: str, known: tuple[str, ...]) -> None:
        self.column = column
        self.path = path
        told = (
            f"its fields: {', '.join(known)}"
            if known
            else f"follow the whole column: penstock lineage {column}"
        )
        super().__init__(f"{column} has no field '{path}'", hint=told)


class Shaping(msgspec.Struct, frozen=True):
    """An INDIRECT edge: `asset`.`column` decides which rows there are, or in which order, not what a value is."""

    asset: str
    column: str
    subtype: str
    expression: str | None
    certainty: str
    kind: str = ""
    made_by: str = ""


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
    path: str | None = None
    edges: tuple[EdgeDocument, ...]


def find_place(
    graph: AssetGraph, columns: Columns | None, text: str, within: Collection[AssetKey] | None = None
) -> Place:
    """What `ASSET`, `ASSET.COLUMN` or `ASSET.COLUMN.FIELD` means. Raises UnknownAsset, AmbiguousAsset, UnknownColumn, UnknownField.
    `within`: these assets alone have names; for somebody who sees no others."""
    plain = text.removeprefix("column:")
    if (key := _called(graph, plain, within)) is not None:
        return Place(key, None)
    name, dot, _ = plain.rpartition(".")
    while dot:
        if (key := _called(graph, name, within)) is not None:
            return column_place(graph, columns, key, plain[len(name) + 1 :])
        name, dot, _ = name.rpartition(".")
    if within is not None:
        raise UnknownAsset(plain)
    if columns is not None and (found := _external_place(graph, columns, plain)) is not None:
        return found
    head = plain.partition(".")[0]
    outside = [one.key for one in columns.external] if columns else []
    names = [name_of(graph, key) for key in (*graph.assets, *outside)]
    raise UnknownAsset(plain, nearest_names(plain, names) or nearest_names(head, names))


def _called(graph: AssetGraph, name: str, within: Collection[AssetKey] | None) -> AssetKey | None:
    found = [one.key for one in graph.names.lookup(name) if within is None or one.key in within]
    if len(found) > 1:
        raise AmbiguousAsset(name, sorted(graph.names.shown(key) for key in found))
    return found[0] if found else None


def _external_place(graph: AssetGraph, columns: Columns, text: str) -> Place | None:
    """An external relation by its name, or a column of one."""
    named = {name_of(graph, one.key).casefold(): one.key for one in columns.external}
    key = named.get(text.casefold())
    if key is not None:
        return Place(key, None)
    name, dot, _ = text.rpartition(".")
    while dot:
        key = named.get(name.casefold())
        if key is not None:
            return column_place(graph, columns, key, text[len(name) + 1 :])
        name, dot, _ = name.rpartition(".")
    return None


def name_of(graph: AssetGraph, key: AssetKey) -> str:
    """The shortest name of an asset; an external relation is called what SQL calls it."""
    if key in graph.assets:
        return graph.names.shown(key)
    return str(key) if graph.names.lookup(key.name) else key.name


def column_place(graph: AssetGraph, columns: Columns | None, key: AssetKey, column: str) -> Place:
    """A column of that asset, or a field of one, as it is known. Raises UnknownColumn, UnknownField."""
    asset = graph.assets.get(key)
    known = [c.name for c in graph.columns(key)]
    if columns is not None:
        known += [name for name in columns.edges.columns_of(key) if name not in known]
    dialect = asset.relation.dialect if asset and asset.relation else ""
    for wanted, path in ((column, ""), (column.partition(".")[0], column.partition(".")[2])):
        named = [name for name in known if comparable(dialect, name) == comparable(dialect, wanted)]
        folded = [name for name in known if name.casefold() == wanted.casefold()]
        found = wanted if wanted in known else named[0] if named else folded[0] if len(folded) == 1 else None
        if found is not None:
            return Place(key, found, _known_field(graph, columns, key, found, path))
    raise UnknownColumn(name_of(graph, key), column, tuple(known))


def _known_field(graph: AssetGraph, columns: Columns | None, key: AssetKey, column: str, path: str) -> str:
    """The field as it was asked for, if something reads it or the column's type names it."""
    if not path:
        return ""
    fields = columns.edges.fields_of(key, column) if columns is not None else ()
    types = " ".join(one.type or "" for one in graph.columns(key) if one.name == column)
    read = any(
        one.casefold() == path.casefold() or one.casefold().startswith(f"{path.casefold()}.")
        for one in fields
    )
    words = re.split(r"\W+", types.casefold())
    if read or all(step.casefold() in words for step in path.split(".")):
        return path
    raise UnknownField(f"{name_of(graph, key)}.{column}", path, fields)


def called(graph: AssetGraph, key: AssetKey, column: str | None) -> Branch:
    asset = graph.assets.get(key)
    if asset is None:
        return Branch(
            name=name_of(graph, key), column=column, kind="external relation", made_by="no asset here"
        )
    return Branch(name=name_of(graph, key), column=column, kind=asset.kind.value, made_by=made_by(asset))


class ColumnTrails:
    """Trees of columns over one graph. `direct` leaves out what only shapes the rows."""

    def __init__(self, graph: AssetGraph, columns: ColumnGraph, *, depth: int | None, direct: bool) -> None:
        self._graph = graph
        self._columns = columns
        self._depth = depth
        self._direct = direct

    def trail(self, place: Place, *, upstream: bool, downstream: bool) -> Trail:
        start = ColumnRef(place.asset, place.column or "", place.path)
        shaped = self._shaping(start) if upstream else ()
        return Trail(
            start=msgspec.structs.replace(self._branch(start), column=_written(start), shaped_by=shaped),
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
        found: dict[Shaping, None] = {}
        for edge in self._columns.edges_into(ref):
            if edge.type is EdgeType.INDIRECT:
                source = called(self._graph, edge.source.asset, edge.source.column)
                how = (edge.subtype.value, edge.expression, edge.certainty.value)
                found[Shaping(source.name, edge.source.column, *how, source.kind, source.made_by)] = None
        return tuple(found)

    def _branch(self, ref: ColumnRef) -> Branch:
        asset = self._graph.assets.get(ref.asset)
        shown_whole = asset is not None and asset.kind in (AssetKind.EXPOSURE, AssetKind.METRIC)
        whole = shown_whole or not ref.column
        return called(
            self._graph, ref.asset, None if whole else ref.column + (f".{ref.path}" if ref.path else "")
        )

    def edges(self, place: Place, *, upstream: bool, downstream: bool) -> Iterator[EdgeDocument]:
        start = ColumnRef(place.asset, place.column or "", place.path)
        for up in [True] * upstream + [False] * downstream:
            for hop in self._columns.walk(start, upstream=up, depth=self._depth, direct=self._direct):
                yield self._document(hop.edge, hop.distance, "upstream" if up else "downstream")

    def _document(self, edge: ColumnEdge, distance: int, direction: str) -> EdgeDocument:
        return EdgeDocument(
            direction=direction,
            distance=distance,
            source_asset=name_of(self._graph, edge.source.asset),
            source_column=edge.source.column or None,
            target_asset=name_of(self._graph, edge.target.asset),
            target_column=edge.target.column or None,
            type=edge.type.value,
            subtype=edge.subtype.value,
            certainty=edge.certainty.value,
            path=edge.source.path or None,
            expression=edge.expression,
            candidates=tuple(name_of(self._graph, key) for key in edge.candidates),
            masking=edge.masking,
        )


def _written(ref: ColumnRef) -> str | None:
    return f"{ref.column}.{ref.path}" if ref.path else ref.column or None


def _spot(ref: ColumnRef) -> tuple[AssetKey, str]:
    return (ref.asset, ref.column)


def _once(edges: list[ColumnEdge], up: bool) -> list[ColumnEdge]:
    """One edge per other end and subtype: the first way in which a column is used stands for the others."""
    found: dict[tuple[AssetKey, str, str], ColumnEdge] = {}
    for edge in edges:
        end = edge.source if up else edge.target
        found.setdefault((end.asset, end.column, edge.subtype.value), edge)
    return list(found.values())
