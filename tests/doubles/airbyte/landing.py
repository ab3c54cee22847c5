"""Lands a finished sync's rows in a DuckDB file, as Airbyte's DuckDB destination lays them out. For examples and end-to-end tests."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import duckdb

from tests.doubles.airbyte.estate import ConnectionRecord, Estate, JobRecord, StreamRecord


def land_in_duckdb(estate: Estate, job: JobRecord) -> None:
    """Overwrite the tables of the job's connection. The destination's `destination_path` says where, `schema` in which schema."""
    connection = estate.connection(job.connection_id)
    if connection is None:
        return
    destination = next(
        row for row in estate.destinations if row["destinationId"] == connection.destination_id
    )
    place = destination["configuration"]
    chosen = {stream["name"]: stream for stream in connection.streams}
    rows = 0
    with _opened(Path(place["destination_path"])) as database:
        schema = str(place.get("schema") or "main").lower()
        database.execute(f'create schema if not exists "{schema}"')
        for stream in estate.streams.get(connection.source_id, ()):
            if stream.name in chosen:
                rows += _write(database, schema, connection, stream, chosen[stream.name])
    if job.rows is None:
        job.rows, job.size_bytes = rows, rows * 100


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The file, once whoever holds it lets go."""
    until = time.monotonic() + 120
    while True:
        try:
            return duckdb.connect(str(path))
        except duckdb.IOException:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _write(
    database: duckdb.DuckDBPyConnection,
    schema: str,
    connection: ConnectionRecord,
    stream: StreamRecord,
    configured: dict[str, Any],
) -> int:
    selected = [field["fieldPath"][0] for field in configured.get("selectedFields") or ()]
    fields = [path[0] for path in stream.fields if len(path) == 1 and (not selected or path[0] in selected)]
    table = f'"{schema}"."{((connection.prefix or "") + stream.name).lower()}"'
    columns = ", ".join(f'"{field.lower()}" {_type(stream.rows, field)}' for field in fields)
    meta = "_airbyte_raw_id varchar, _airbyte_extracted_at timestamptz, _airbyte_meta json"
    database.execute(f"create or replace table {table} ({meta}{', ' if columns else ''}{columns})")
    marks = ", ".join("?" for _ in fields)
    for row in stream.rows:
        values = [_value(row.get(field)) for field in fields]
        database.execute(
            f"insert into {table} values (?, now(), '{{\"changes\":[]}}'{', ' if marks else ''}{marks})",
            [str(uuid.uuid4()), *values],
        )
    return len(stream.rows)


def _type(rows: list[dict[str, Any]], field: str) -> str:
    kinds = {type(row[field]) for row in rows if row.get(field) is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "bigint"
    if kinds and kinds <= {int, float}:
        return "double"
    return "json" if kinds & {dict, list} else "varchar"


def _value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
