"""The SELECT that turns a load's lines into rows of a table: texts, then types, then a note of what did not fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.integration import ColumnRole, LoadColumn, TableLoad
from penstock_duckdb.columns import sql_type, typed
from penstock_duckdb.connect import literal, quoted
from penstock_duckdb.lines import field_columns, texts
from penstock_duckdb.moments import shortened
from penstock_duckdb.newest import is_keyed
from penstock_duckdb.numbers import exact_name, exact_text, number_places


def typed_rows(table: TableLoad, rows: str) -> str:
    """SELECT of the table's columns: texts out of the JSON, then types, then what did not fit."""
    fields = field_columns(table)
    inner = "".join(f", {text} AS s{place}" for place, text in enumerate(texts(fields)))
    typing = "".join(
        f", {typed(column.type, f's{place}')} AS c{place}" for place, column in enumerate(fields)
    )
    exact = "".join(
        f", {exact_text(f's{place}', f'c{place}')} AS x{place}"
        for place, column in enumerate(fields)
        if column.type == "number"
    )
    places = {column.name: place for place, column in enumerate(fields)}
    outer = ", ".join(
        f"{_value(column, table, fields, places)} AS {quoted(column.name)}" for column in table.columns
    )
    outer += "".join(
        f", x{places[table.columns[place].name]} AS {quoted(exact_name(place))}"
        for place in number_places(table)
    )
    return f"SELECT {outer} FROM (SELECT *{exact} FROM (SELECT *{typing} FROM (SELECT emitted, own{inner} FROM ({rows}))))"


def _value(column: LoadColumn, table: TableLoad, fields: Sequence[LoadColumn], places: dict[str, int]) -> str:
    match column.role:
        case ColumnRole.FIELD:
            return f"c{places[column.name]}"
        case ColumnRole.ROW_ID:
            return "CAST(uuid() AS VARCHAR)"
        case ColumnRole.EXTRACTED_AT:
            # Of rows that are kept by key, those without a time wait for that of a neighbour (see `newest`).
            told = "TRY(make_timestamptz(TRY_CAST(emitted * 1000 AS BIGINT)))"
            return told if is_keyed(table) else f"COALESCE({told}, now())"
        case ColumnRole.GENERATION:
            return f"CAST({table.generation} AS {sql_type(column)})"
        case ColumnRole.META:
            return _meta(table, fields)


def unchanged(sync_id: int) -> str:
    """The meta of a row whose values are all as the source has them."""
    return f'{{"changes":[],"sync_id":{sync_id}}}'


def _meta(table: TableLoad, fields: Sequence[LoadColumn]) -> str:
    """What is noted of a row: what its source has changed, then what did not fit here."""
    whole = unchanged(table.sync_id)
    lost = [
        change
        for place, column in enumerate(fields)
        if column.type not in ("string", "json")
        for change in _lost(place, column)
    ]
    tests = " OR ".join(["own IS NOT NULL", *(test for test, _ in lost)])
    # The branch is evaluated only for the rows that need it.
    return (
        f"CASE WHEN {tests} THEN {noted('own', lost, table.sync_id)} ELSE CAST({literal(whole)} AS JSON) END"
    )


def _lost(place: int, column: LoadColumn) -> list[tuple[str, str]]:
    """(test, the change as SQL) for what one field's value can lose."""
    name = column.taken_from
    kept = f" AND x{place} IS NULL" if column.type == "number" else ""
    changes = [(f"(s{place} IS NOT NULL AND c{place} IS NULL{kept})", change_of(name, "NULLED"))]
    if column.type == "date" or "time" in column.type:
        part = f"(c{place} IS NOT NULL AND {shortened(column.type, f's{place}')})"
        changes.append((part, change_of(name, "TRUNCATED")))
    return changes


def change_of(field: str, change: str) -> str:
    """SQL of one change that is made here, as JSON."""
    return f"to_json({{'field': {literal(field)}, 'change': '{change}', 'reason': 'DESTINATION_SERIALIZATION_ERROR'}})"


def noted(own: str, lost: Sequence[tuple[str, str]], sync_id: int) -> str:
    """SQL of a row's meta: the JSON list `own`, and of `lost` the changes whose test holds."""
    cases = ", ".join(f"CASE WHEN {test} THEN {change} END" for test, change in lost)
    ours = (
        f"list_transform(list_filter([{cases}], lambda c: c IS NOT NULL), lambda c: to_json(c))"
        if lost
        else "[]"
    )
    return (
        f"to_json({{'changes': list_concat(coalesce(from_json({own}, '[\"JSON\"]'), []), {ours}),"
        f" 'sync_id': {sync_id}}})"
    )
