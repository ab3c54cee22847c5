"""Parsing a load's rows into a DuckDB file of the attempt's own. The warehouse is not touched, and memory stays flat."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.integration import ColumnRole, Load, LoadColumn, TableLoad, WriteMode
from penstock_duckdb.columns import sql_type, typed
from penstock_duckdb.connect import literal, quoted
from penstock_duckdb.lines import Lines, execute, field_columns, texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STAGE_FILE = "stage.duckdb"
# Each thread of the JSON reader has buffers of its own.
_THREADS = min(4, os.cpu_count() or 1)
_MEMORY = "400MB"
# Small groups are written by several threads, and cost less in all: the default of 122,880 rows leaves most syncs to one.
_ROW_GROUP = 8192


def staged(load: Load) -> Path:
    """The staging file with one table `t<n>` per table of the load; made whole or not at all."""
    target = load.staging / STAGE_FILE
    if target.exists():
        return target
    load.staging.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    Path(f"{part}.wal").unlink(missing_ok=True)
    connection = scratch(load.staging)
    try:
        connection.execute(f"ATTACH {literal(str(part))} AS stage (ROW_GROUP_SIZE {_ROW_GROUP})")
        for until, tables in _by_end(load.tables):
            _stage_group(connection, load, tables, until)
        connection.execute("DETACH stage")
    finally:
        connection.close()
    part.rename(target)
    return target


def scratch(folder: Path) -> DuckDBPyConnection:
    """An in-memory connection that spills into `folder` and uses a bounded part of the machine."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": _THREADS,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
    }
    connection = duckdb.connect(config=config)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _by_end(tables: Sequence[TableLoad]) -> Iterator[tuple[int | None, list[tuple[int, TableLoad]]]]:
    """Tables (with their place in the load) grouped by where their rows end, the farthest first."""

    def key(entry: tuple[int, TableLoad]) -> tuple[str, float]:
        rows = entry[1].rows
        return (str(rows.path), -(float("inf") if rows.until is None else rows.until))

    ordered = sorted(enumerate(tables), key=key)
    for _, group in itertools.groupby(ordered, key):
        members = list(group)
        yield members[0][1].rows.until, members


def _stage_group(
    connection: DuckDBPyConnection, load: Load, tables: list[tuple[int, TableLoad]], until: int | None
) -> None:
    path = tables[0][1].rows.path
    head = load.staging / "head.jsonl"
    if until is not None and until < path.stat().st_size:
        path = _copy_head(path, until, head)
    lines = Lines(path, [table for _, table in tables])
    lines.prepare(connection)
    for place, table in tables:
        name = f"stage.main.t{place}"
        execute(connection, functools.partial(_create, name, table, lines))
        if table.primary_key and table.mode in (WriteMode.MERGE, WriteMode.REPLACE):
            keep_newest(connection, name, table)
    lines.forget(connection)
    head.unlink(missing_ok=True)


def _create(name: str, table: TableLoad, lines: Lines, limit: int) -> str:
    return f"CREATE OR REPLACE TABLE {name} AS {_typed_rows(table, lines.of(table, limit))}"


def _copy_head(path: Path, until: int, head: Path) -> Path:
    """The first `until` bytes as a file: DuckDB's reader knows no end but the file's."""
    with path.open("rb") as source, head.open("wb") as target:
        left = until
        while left and (block := source.read(min(left, 8 << 20))):
            target.write(block)
            left -= len(block)
        shutil.copystat(path, head)
    return head


def _typed_rows(table: TableLoad, rows: str) -> str:
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
    return f"SELECT {outer} FROM (SELECT *{typing} FROM (SELECT emitted{inner} FROM ({rows})))"


def _value(column: LoadColumn, table: TableLoad, fields: Sequence[LoadColumn], places: dict[str, int]) -> str:
    match column.role:
        case ColumnRole.FIELD:
            return f"c{places[column.name]}"
        case ColumnRole.ROW_ID:
            return "CAST(uuid() AS VARCHAR)"
        case ColumnRole.EXTRACTED_AT:
            return "make_timestamptz(CAST(emitted * 1000 AS BIGINT))"
        case ColumnRole.GENERATION:
            return f"CAST({table.generation} AS {sql_type(column)})"
        case ColumnRole.META:
            return _meta(table, fields)


def _meta(table: TableLoad, fields: Sequence[LoadColumn]) -> str:
    whole = f'{{"changes":[],"sync_id":{table.sync_id}}}'
    lost = [
        (f"(s{place} IS NOT NULL AND c{place} IS NULL)", column.field or column.name)
        for place, column in enumerate(fields)
        if column.type not in ("string", "json")
    ]
    if not lost:
        return f"CAST({literal(whole)} AS JSON)"
    changes = ", ".join(
        f"CASE WHEN {test} THEN {{'field': {literal(name)}, 'change': 'NULLED',"
        " 'reason': 'DESTINATION_SERIALIZATION_ERROR'} END"
        for test, name in lost
    )
    # The branch is evaluated only for the rows that need it.
    return (
        f"CASE WHEN {' OR '.join(test for test, _ in lost)}"
        f" THEN to_json({{'changes': list_filter([{changes}], lambda c: c IS NOT NULL), 'sync_id': {table.sync_id}}})"
        f" ELSE CAST({literal(whole)} AS JSON) END"
    )


def keep_newest(connection: DuckDBPyConnection, name: str, table: TableLoad) -> None:
    """Of the rows of one key keep the newest: by cursor, then time of extraction, then place in the file."""
    keys = ", ".join(quoted(column) for column in table.primary_key)
    order = ", ".join(f"{quoted(column)} DESC NULLS LAST" for column in newest_by(table))
    connection.execute(
        f"DELETE FROM {name} WHERE rowid NOT IN (SELECT rid FROM (SELECT rowid AS rid, row_number() OVER"
        f" (PARTITION BY {keys} ORDER BY {order}{', ' if order else ''}rowid DESC) AS place FROM {name})"
        " WHERE place = 1)"
    )


def newest_by(table: TableLoad) -> tuple[str, ...]:
    """The columns that tell which of two rows of one key is newer, most telling first."""
    times = [column.name for column in table.columns if column.role is ColumnRole.EXTRACTED_AT]
    return ((table.cursor,) if table.cursor else ()) + tuple(times)
