"""The compiled SQL of one asset, with the places in its text that make each column. Reads what builds have left; compiles nothing."""

from __future__ import annotations

import msgspec

from penstock.assets import AssetKey, EdgeType
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.service.compiled import compiled_texts
from penstock.service.workspace import Workspace

FORMAT = 1
_NO_SQL = "it is not made by SQL that is known here"
_NOT_COMPILED = "its SQL was not compiled yet: a build, or penstock lineage, compiles it"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Characters `start` to `end` of the text make `column` (None: they decide rows, and so concern every column)."""

    column: str | None
    start: int
    end: int
    kind: str


class SqlDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`sql` None: there is none, and `missing` says why. `kind` of a mark: identity, transformation, aggregation, indirect."""

    format: int
    name: str
    path: str | None
    dialect: str | None
    sql: str | None
    missing: str | None
    marks: tuple[Mark, ...]


def sql_document(workspace: Workspace, graph: AssetGraph, key: AssetKey) -> SqlDocument:
    asset = graph.assets[key]
    found = compiled_texts(workspace, graph, [key]).get(key)
    sql, dialect = found if found is not None else (None, None)
    missing = (
        None if sql is not None else _NO_SQL if asset.producer is None or not asset.path else _NOT_COMPILED
    )
    return SqlDocument(
        format=FORMAT,
        name=graph.names.shown(key),
        path=asset.path,
        dialect=dialect,
        sql=sql,
        missing=missing,
        marks=_marks(graph, key, sql, dialect) if sql is not None and dialect is not None else (),
    )


def _marks(graph: AssetGraph, key: AssetKey, sql: str, dialect: str) -> tuple[Mark, ...]:
    """None at all where the text cannot be followed."""
    from penstock.lineage import column_lineage

    known: dict[str | tuple[str, ...], dict[str, str | None]] = {}
    for up in graph.upstream.get(key, ()):
        relation = graph.assets[up].relation if up in graph.assets else None
        columns = {column.name: column.type for column in graph.columns(up)}
        if relation is not None and columns:
            known[tuple(relation.parts)] = columns
    try:
        edges = column_lineage(sql, dialect=dialect, schema=known).edges
    except PenstockError:
        return ()
    found = {
        Mark(
            column=edge.output,
            start=edge.span[0],
            end=edge.span[1],
            kind="indirect" if edge.type is EdgeType.INDIRECT else edge.subtype.value.lower(),
        )
        for edge in edges
        if edge.span is not None
    }
    return tuple(sorted(found, key=lambda mark: (mark.start, -mark.end, mark.column or "", mark.kind)))
