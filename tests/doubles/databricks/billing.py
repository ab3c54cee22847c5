"""The system tables of the stand-in (what was used, what was read and written): made empty, filled by a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.doubles.databricks.server import DatabricksDouble

_TABLES = (
    "ATTACH ':memory:' AS system_tables",
    "CREATE SCHEMA system_tables.billing",
    "CREATE SCHEMA system_tables.query",
    "CREATE SCHEMA system_tables.access",
    """CREATE TABLE system_tables.access.table_lineage (entity_type VARCHAR, entity_id VARCHAR, event_date DATE,
      source_table_catalog VARCHAR, source_table_schema VARCHAR, source_table_name VARCHAR,
      target_table_catalog VARCHAR, target_table_schema VARCHAR, target_table_name VARCHAR)""",
    "CREATE SCHEMA system_tables.tags",
    """CREATE TABLE system_tables.tags.table_tags (catalog_name VARCHAR, schema_name VARCHAR, table_name VARCHAR,
      tag_name VARCHAR, tag_value VARCHAR)""",
    """CREATE TABLE system_tables.tags.column_tags (catalog_name VARCHAR, schema_name VARCHAR, table_name VARCHAR,
      column_name VARCHAR, tag_name VARCHAR, tag_value VARCHAR)""",
    """CREATE TABLE system_tables.billing.usage (cloud VARCHAR, sku_name VARCHAR, usage_unit VARCHAR, record_type VARCHAR,
      usage_date DATE, usage_start_time TIMESTAMP, usage_end_time TIMESTAMP, usage_quantity DOUBLE,
      usage_metadata STRUCT(job_id VARCHAR, job_run_id VARCHAR, warehouse_id VARCHAR))""",
    """CREATE TABLE system_tables.billing.list_prices (cloud VARCHAR, sku_name VARCHAR, usage_unit VARCHAR, currency_code VARCHAR,
      price_start_time TIMESTAMP, price_end_time TIMESTAMP, pricing STRUCT(effective_list STRUCT("default" DOUBLE)))""",
    """CREATE TABLE system_tables.query.history (statement_id VARCHAR, statement_text VARCHAR, total_duration_ms BIGINT,
      read_bytes BIGINT, start_time TIMESTAMP, end_time TIMESTAMP, compute STRUCT(type VARCHAR, warehouse_id VARCHAR))""",
    """INSERT INTO system_tables.billing.list_prices VALUES
      ('AWS', 'JOBS', 'DBU', 'USD', TIMESTAMP '2020-01-01', TIMESTAMP '2021-01-01', {'effective_list': {'default': 99.0}}),
      ('AWS', 'JOBS', 'DBU', 'USD', TIMESTAMP '2021-01-01', NULL, {'effective_list': {'default': 0.5}})""",
)


def open_tables(double: DatabricksDouble) -> None:
    for sql in _TABLES:
        double.sql.execute(sql)


def bill(
    double: DatabricksDouble,
    begun: float,
    dbu: float,
    *,
    run: int | None = None,
    warehouse: str | None = None,
    record: str = "ORIGINAL",
) -> None:
    """A row of an hour. A correction is a row of its own, with a negative quantity."""
    metadata = f"{{'job_id': '11', 'job_run_id': {_text(run)}, 'warehouse_id': {_text(warehouse)}}}"
    double.sql.execute(
        f"INSERT INTO system_tables.billing.usage SELECT 'AWS', 'JOBS', 'DBU', '{record}', b::DATE, b, b + INTERVAL 1 HOUR, {dbu},"
        f" {metadata} FROM (SELECT make_timestamp({int(begun * 1e6)}) AS b)"
    )


def statement(
    double: DatabricksDouble, name: str, text: str, ended: float, milliseconds: int, warehouse: str
) -> None:
    told = text.replace("'", "''")
    double.sql.execute(
        f"INSERT INTO system_tables.query.history SELECT '{name}', '{told}', {milliseconds}, 100, e, e,"
        f" {{'type': 'WAREHOUSE', 'warehouse_id': '{warehouse}'}} FROM (SELECT make_timestamp({int(ended * 1e6)}) AS e)"
    )


def lineage(double: DatabricksDouble, job: int, source: str | None, target: str | None) -> None:
    """What a run of the job has read and written today, as far as it was inferred."""
    parts = [
        _text(part) for name in (source, target) for part in (name.split(".") if name else (None, None, None))
    ]
    double.sql.execute(
        f"INSERT INTO system_tables.access.table_lineage VALUES ('JOB', '{job}', current_date, {', '.join(parts)})"
    )


def tag(double: DatabricksDouble, table: str, name: str, value: str = "", column: str | None = None) -> None:
    """A tag on a table `catalog.schema.name`, or on a column of it. Without a value the server keeps an empty text."""
    parts = [*table.split(".", 2), *([column] if column else []), name, value]
    view = "column_tags" if column else "table_tags"
    double.sql.execute(f"INSERT INTO system_tables.tags.{view} VALUES ({', '.join(map(_text, parts))})")


def _text(value: object) -> str:
    return "NULL" if value is None else f"'{value}'"
