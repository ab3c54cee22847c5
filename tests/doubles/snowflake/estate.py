"""What the stand-in's account holds: objects with their metadata in DuckDB tables, and their data in DuckDB databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from tests.doubles.snowflake.tasks import Tasks

_META = """
CREATE TABLE meta.tables (table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, table_owner VARCHAR,
  table_type VARCHAR, kind VARCHAR, is_dynamic VARCHAR, row_count BIGINT, bytes BIGINT, created DOUBLE, last_altered DOUBLE,
  last_ddl TIMESTAMPTZ, comment VARCHAR, token BIGINT);
CREATE TABLE meta.columns (table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, column_name VARCHAR,
  ordinal_position BIGINT, data_type VARCHAR, character_maximum_length BIGINT, numeric_precision BIGINT, numeric_scale BIGINT,
  is_nullable VARCHAR, comment VARCHAR);
CREATE TABLE meta.views (table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, view_definition VARCHAR,
  is_secure VARCHAR);
CREATE TABLE meta.tasks (database_name VARCHAR, schema_name VARCHAR, name VARCHAR, id VARCHAR, owner VARCHAR,
  warehouse VARCHAR, schedule VARCHAR, predecessors VARCHAR, state VARCHAR, definition VARCHAR, comment VARCHAR);
CREATE TABLE meta.task_history (name VARCHAR, database_name VARCHAR, schema_name VARCHAR, state VARCHAR, query_id VARCHAR,
  scheduled_time TIMESTAMPTZ, query_start_time TIMESTAMPTZ, completed_time TIMESTAMPTZ, error_message VARCHAR, graph_run_group_id VARCHAR,
  attempt_number BIGINT, scheduled_from VARCHAR, config VARCHAR, root_task_id VARCHAR, live BOOLEAN);
CREATE TABLE meta.tag_references (tag_database VARCHAR, tag_schema VARCHAR, tag_name VARCHAR, tag_value VARCHAR,
  object_database VARCHAR, object_schema VARCHAR, object_name VARCHAR, object_deleted TIMESTAMPTZ, domain VARCHAR, column_name VARCHAR);
CREATE TABLE meta.query_history_by_user (query_id VARCHAR, query_text VARCHAR, query_tag VARCHAR, execution_status VARCHAR,
  start_time TIMESTAMPTZ, end_time TIMESTAMPTZ);
CREATE TABLE meta.query_history (query_id VARCHAR, query_text VARCHAR, query_tag VARCHAR, user_name VARCHAR,
  warehouse_name VARCHAR, start_time TIMESTAMPTZ, end_time TIMESTAMPTZ, total_elapsed_time BIGINT, bytes_scanned BIGINT);
CREATE TABLE meta.warehouse_metering_history (warehouse_name VARCHAR, start_time TIMESTAMPTZ, end_time TIMESTAMPTZ,
  credits_used_compute DOUBLE);
CREATE TABLE meta.query_attribution_history (query_id VARCHAR, query_tag VARCHAR, warehouse_name VARCHAR, start_time TIMESTAMPTZ,
  end_time TIMESTAMPTZ, credits_attributed_compute DOUBLE, credits_used_query_acceleration DOUBLE);
"""
_STORED = {"NUMBER": "BIGINT", "FLOAT": "DOUBLE", "TEXT": "VARCHAR", "BOOLEAN": "BOOLEAN", "DATE": "DATE"}
Column = tuple[str, str]


@dataclass
class Warehouse:
    """A virtual warehouse. `wakes` counts how often a statement has resumed it."""

    name: str
    state: str = "STARTED"
    wakes: int = 0


@dataclass
class Estate:
    """One account. Names are as stored; `denied` schemas exist and are not granted."""

    account: str = "acme-main"
    users: dict[str, str] = field(default_factory=lambda: {"PENSTOCK": "secret-of-the-double"})
    tokens: set[str] = field(default_factory=set)
    keys: dict[str, bytes] = field(default_factory=dict)  # user -> public key (DER)
    roles: set[str] = field(default_factory=lambda: {"PUBLIC", "READER"})
    warehouses: dict[str, Warehouse] = field(default_factory=lambda: {"WH": Warehouse("WH")})
    denied: set[tuple[str, str]] = field(default_factory=set)
    account_usage: bool = True
    shared: set[str] = field(default_factory=set)  # databases that another account shares
    replicas: dict[str, str] = field(default_factory=dict)  # database -> account that has a copy of it
    show_limit: int = 10_000
    schema_query_limit: int = 100_000  # rows of one INFORMATION_SCHEMA query before error 90030
    history_tells_config: bool = True  # whether TASK_HISTORY has a column CONFIG
    vanishes: tuple[str, str, str] | None = None  # dropped right after the next SHOW has listed it

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.duck = duckdb.connect()
        self.duck.execute("ATTACH ':memory:' AS meta")
        self.duck.execute(_META.replace("CREATE TABLE meta.", "CREATE TABLE meta.main."))
        self.tasks = Tasks(self._listed_tasks)
        self.databases: set[str] = set()
        self.schemas: set[tuple[str, str]] = set()

    def schema(self, database: str, schema: str) -> None:
        with self.lock:
            if database not in self.databases:
                self.databases.add(database)
                self.duck.execute(f"ATTACH ':memory:' AS {_quoted(database)}")
            if (database, schema) not in self.schemas:
                self.schemas.add((database, schema))
                self.duck.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(database, schema)}")

    def table(
        self,
        place: tuple[str, str, str],
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]] = (),
        *,
        kind: str = "TABLE",
        sql: str | None = None,
        comment: str | None = None,
        owner: str = "LOADER",
        size: int = 1024,
        comments: dict[str, str] | None = None,
    ) -> None:
        """Make a table with data, or (with `sql`, the CREATE statement) a view or dynamic table whose content is `rows`."""
        self.schema(place[0], place[1])
        now = time.time()
        types = ", ".join(f"{_quoted(name)} {_STORED.get(kind, 'VARCHAR')}" for name, kind in columns)
        with self.lock:
            self.duck.execute(f"CREATE OR REPLACE TABLE {_quoted(*place)} ({types})")
            if rows:
                marks = ", ".join("?" for _ in columns)
                self.duck.executemany(f"INSERT INTO {_quoted(*place)} VALUES ({marks})", rows)
            view = kind in ("VIEW", "MATERIALIZED VIEW", "SECURE VIEW")
            self.drop(place, data=False)
            self._insert(
                "tables",
                *place,
                owner,
                "VIEW" if view else "BASE TABLE",
                kind,
                "YES" if kind == "DYNAMIC TABLE" else "NO",
                None if view else len(rows),
                None if view else size,
                now,
                now,
                datetime.now(UTC),
                comment,
                int(now * 1e9),
            )
            for position, (name, data_type) in enumerate(columns, 1):
                told = (comments or {}).get(name)
                numbers = (38, 0) if data_type == "NUMBER" else (None, None)
                length = 16_777_216 if data_type == "TEXT" else None
                self._insert("columns", *place, name, position, data_type, length, *numbers, "YES", told)
            if sql is not None:
                secure = "YES" if kind == "SECURE VIEW" else "NO"
                self._insert("views", *place, sql, secure)

    def drop(self, place: tuple[str, str, str], *, data: bool = True) -> None:
        with self.lock:
            for kind in ("tables", "columns", "views"):
                self.duck.execute(
                    f"DELETE FROM meta.main.{kind} WHERE table_catalog = ? AND table_schema = ? AND table_name = ?",
                    list(place),
                )
            if data:
                self.duck.execute(f"DROP TABLE IF EXISTS {_quoted(*place)}")

    def write(self, place: tuple[str, str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows: the counters, LAST_ALTERED and the commit token move."""
        with self.lock:
            marks = ", ".join("?" for _ in rows[0])
            self.duck.executemany(f"INSERT INTO {_quoted(*place)} VALUES ({marks})", rows)
            self.duck.execute(
                "UPDATE meta.main.tables SET row_count = row_count + ?, last_altered = ?, token = token + 1"
                " WHERE table_catalog = ? AND table_schema = ? AND table_name = ?",
                [len(rows), time.time(), *place],
            )

    def task(self, place: tuple[str, str, str], definition: str, **words: Any) -> None:
        told = {
            "owner": "LOADER",
            "warehouse": "WH",
            "schedule": "60 MINUTE",
            "predecessors": "[]",
            "state": "started",
            "comment": None,
        } | words
        self.schema(place[0], place[1])
        self._insert(
            "tasks",
            *place,
            f"id-{place[2]}",
            told["owner"],
            told["warehouse"],
            told["schedule"],
            told["predecessors"],
            told["state"],
            definition,
            told["comment"],
        )

    def _listed_tasks(self, place: tuple[str, str, str]) -> list[dict[str, Any]]:
        sql = "SELECT name, id, predecessors, state FROM meta.main.tasks WHERE database_name = ? AND schema_name = ?"
        names = ("name", "id", "predecessors", "state")
        return [dict(zip(names, row, strict=True)) for row in self.rows(sql, place[:2])]

    def replace_rows(self, table: str, where: str, rows: Iterable[dict[str, Any]]) -> None:
        """Rows that are made from what goes on now, before somebody reads them."""
        with self.lock:
            self.duck.execute(f"DELETE FROM meta.main.{table} WHERE {where}")
            for row in rows:
                self.record(table, **row)

    def record(self, table: str, **values: Any) -> None:
        """A row of a history (task_history, query_history, query_attribution_history); times are epoch seconds."""
        told = {
            name: datetime.fromtimestamp(value, UTC)
            if name.endswith("_time") and isinstance(value, float)
            else value
            for name, value in values.items()
        }
        with self.lock:
            names = ", ".join(values)
            marks = ", ".join("?" for _ in values)
            self.duck.execute(
                f"INSERT INTO meta.main.{table} ({names}) VALUES ({marks})", list(told.values())
            )

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        with self.lock:
            return self.duck.execute(sql, list(values)).fetchall()

    def close(self) -> None:
        with self.lock:
            self.duck.close()

    def _insert(self, table: str, *values: Any) -> None:
        with self.lock:
            marks = ", ".join("?" for _ in values)
            self.duck.execute(f"INSERT INTO meta.main.{table} VALUES ({marks})", list(values))


def _quoted(*parts: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
