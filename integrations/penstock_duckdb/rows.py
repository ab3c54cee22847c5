"""The SELECT that turns a load's lines into rows of a table: texts, then types, then a note of what did not fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.integration import ColumnRole, LoadColumn, TableLoad
from penstock_duckdb.columns import sql_type, typed
from penstock_duckdb.connect import literal, quoted
from penstock_duckdb.lines import field_columns, texts


def typed_rows(table: TableLoad, rows: str) -> str:
    """SELECT of the table's columns: texts out of the JSON, then types, then what did not fit."""
    fields = field_columns(table)
    inner = "".join(f", {text} AS s{place}" for place, text in enumerate(texts(fields)))
    typing = "".join(
        f", {typed(column.type, f's{place}')} AS c{place}" for place, column in enumerate(fields)
    )
    places = {column.name: place for place, column in enumerate(fields)}
    outer = ", ".join(
        f"{_value(column, table, fields, places)} AS {quoted(column.name)}" for column in table.columns
    )
    return f"SELECT {outer} FROM (SELECT *{typing} FROM (SELECT emitted, own{inner} FROM ({rows})))"


def _value(column: LoadColumn, table: TableLoad, fields: Sequence[LoadColumn], places: dict[str, int]) -> str:
    match column.role:
        case ColumnRole.FIELD:
            return f"c{places[column.name]}"
        case ColumnRole.ROW_ID:
            return "CAST(uuid() AS VARCHAR)"
        case ColumnRole.EXTRACTED_AT:
            return "TRY(make_timestamptz(TRY_CAST(emitted * 1000 AS BIGINT)))"
        case ColumnRole.GENERATION:
            return f"CAST({table.generation} AS {sql_type(column)})"
        case ColumnRole.META:
            return _meta(table, fields)


def _meta(table: TableLoad, fields: Sequence[LoadColumn]) -> str:
    """What is noted of a row: what its source has changed, then what did not fit here."""
    whole = f'{{"changes":[],"sync_id":{table.sync_id}}}'
    lost = [
        (f"(s{place} IS NOT NULL AND c{place} IS NULL)", column.field or column.name)
        for place, column in enumerate(fields)
        if column.type not in ("string", "json")
    ]
    changes = ", ".join(
        f"CASE WHEN {test} THEN to_json({{'field': {literal(name)}, 'change': 'NULLED',"
        " 'reason': 'DESTINATION_SERIALIZATION_ERROR'}) END"
        for test, name in lost
    )
    ours = f"list_filter([{changes}], lambda c: c IS NOT NULL)" if lost else "[]"
    tests = " OR ".join(["own IS NOT NULL", *(test for test, _ in lost)])
    # The branch is evaluated only for the rows that need it.
    return (
        f"CASE WHEN {tests} THEN to_json({{'changes': list_concat(coalesce(from_json(own, '[\"JSON\"]'), []), {ours}),"
        f" 'sync_id': {table.sync_id}}}) ELSE CAST({literal(whole)} AS JSON) END"
    )
