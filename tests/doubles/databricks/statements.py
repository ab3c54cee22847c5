"""The stand-in's SQL warehouse: statements on DuckDB, in threads of their own. Backticks are the only Databricks SQL it knows."""

from __future__ import annotations

import itertools
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import duckdb

from tests.doubles.databricks.estate import Estate

_HISTORY = re.compile(r"DESCRIBE HISTORY (\S+) LIMIT (\d+)")
_TYPES = {"BIGINT": "LONG", "INTEGER": "INT", "HUGEINT": "LONG", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN"}
_CHUNK = 1000


@dataclass(slots=True)
class Statement:
    """One statement as it goes on. `names` and `rows` are there when it has succeeded."""

    identity: str
    connection: duckdb.DuckDBPyConnection
    state: str = "RUNNING"
    error: str = ""
    sql_state: str = ""
    names: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False

    def document(self) -> dict[str, Any]:
        status: dict[str, Any] = {"state": self.state}
        document: dict[str, Any] = {"statement_id": self.identity, "status": status}
        if self.state == "FAILED":
            status["error"] = {"error_code": "BAD_REQUEST", "message": self.error}
            status["sql_state"] = self.sql_state
        if self.state == "SUCCEEDED":
            columns = [
                {"name": name, "type_name": kind, "type_text": kind, "position": at}
                for at, (name, kind) in enumerate(self.names)
            ]
            document["manifest"] = {"schema": {"columns": columns}, "truncated": False}
            document["result"] = self.chunk(0)
        return document

    def chunk(self, index: int) -> dict[str, Any]:
        start = index * _CHUNK
        found: dict[str, Any] = {"chunk_index": index, "data_array": self.rows[start : start + _CHUNK]}
        if start + _CHUNK < len(self.rows):
            found["next_chunk_index"] = index + 1
        return found


def _translated(sql: str) -> str:
    """Backticks, and the catalog `system`, which DuckDB keeps for itself: its tables are in `system_tables`."""
    told = re.sub(r"\bsystem\.(billing|query|access|lakeflow)\.", r"system_tables.\1.", sql.replace("`", '"'))
    told = re.sub(r"\bsystem\.information_schema\.(\w+_tags)\b", r"system_tables.tags.\1", told)
    return re.sub(r"\bunix_millis\(", "epoch_ms(", re.sub(r"\bunix_timestamp\(", "epoch(", told))


class SqlWarehouse:
    """`execute` prepares tables; `posted` counts what was sent."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._base = duckdb.connect(":memory:")
        self._known: dict[str, Statement] = {}
        self._numbers = itertools.count(1)
        self.posted: list[str] = []

    def execute(self, sql: str) -> None:
        self._base.cursor().execute(sql)

    def post(self, told: dict[str, Any]) -> dict[str, Any]:
        self.posted.append(told["statement"])
        statement = Statement(f"statement-{next(self._numbers)}", self._base.cursor())
        self._known[statement.identity] = statement
        threading.Thread(target=self._run, args=(statement, told["statement"]), daemon=True).start()
        statement.done.wait(float(told.get("wait_timeout", "10s").removesuffix("s")))
        return statement.document()

    def get(self, identity: str) -> Statement | None:
        return self._known.get(identity)

    def cancel(self, identity: str) -> None:
        statement = self._known.get(identity)
        if statement is not None and not statement.done.is_set():
            statement.cancelled = True
            statement.connection.interrupt()

    def _run(self, statement: Statement, sql: str) -> None:
        try:
            if found := _HISTORY.fullmatch(sql.strip()):
                self._history(statement, found[1].replace("`", ""), int(found[2]))
            else:
                cursor = statement.connection.execute(_translated(sql))
                statement.names = [
                    (one[0], _TYPES.get(str(one[1]), "STRING")) for one in cursor.description or ()
                ]
                statement.rows = [
                    [None if value is None else str(value) for value in row] for row in cursor.fetchall()
                ]
            statement.state = "SUCCEEDED"
        except duckdb.Error as error:
            statement.state = "CANCELED" if statement.cancelled else "FAILED"
            statement.error = str(error)
            statement.sql_state = "42P01" if isinstance(error, duckdb.CatalogException) else "42601"
        statement.done.set()

    def _history(self, statement: Statement, name: str, limit: int) -> None:
        if name not in self._estate.history:
            raise duckdb.CatalogException(f"[TABLE_OR_VIEW_NOT_FOUND] {name}")
        statement.names = [("version", "LONG"), ("timestamp", "TIMESTAMP"), ("operation", "STRING")]
        newest = reversed(self._estate.history[name][-limit:])
        statement.rows = [[str(version), moment, operation] for version, moment, operation in newest]
