"""SQL on a SQL warehouse of the workspace: sent once, polled, cancelled with the run. For reading only.

A statement has no idempotency token: one whose answer is lost may go on there, which costs time and changes nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from penstock.errors import ToolError
from penstock.integration import Cancellation, Connection, QueryCancelled, number_of, text_of
from penstock.integration.jobs import ProblemKind, RemoteProblem
from penstock_databricks.address import host_of
from penstock_databricks.client import Client

_ROOT = "/api/2.0/sql/statements"
_WAREHOUSE = re.compile(r"/sql/1\.0/(?:warehouses|endpoints)/([0-9A-Za-z]+)")
_WAIT = "5s"  # the least that the API takes beside 0s
_WHOLE = frozenset({"BYTE", "SHORT", "INT", "LONG"})
_ALIVE = frozenset({"PENDING", "RUNNING"})
_TRIES = 4
Cell = str | int | None  # whole numbers are int, everything else is text as the server writes it


class StatementFailed(ToolError):
    """The SQL was refused or failed. `sql_state` is the server's, "" where it gives none."""

    def __init__(self, message: str, sql_state: str) -> None:
        super().__init__(message)
        self.sql_state = sql_state


class _Column(msgspec.Struct, frozen=True):
    name: str
    type_name: str = ""


class _Schema(msgspec.Struct, frozen=True):
    columns: list[_Column] = []


class _Manifest(msgspec.Struct, frozen=True):
    schema: _Schema = _Schema()
    truncated: bool = False


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    error_code: str = ""


class _Status(msgspec.Struct, frozen=True):
    state: str = ""
    error: _Error | None = None
    sql_state: str | None = None


class _Chunk(msgspec.Struct, frozen=True):
    data_array: list[list[str | None]] | None = None
    next_chunk_index: int | None = None


class _Answer(msgspec.Struct, frozen=True):
    statement_id: str
    status: _Status
    manifest: _Manifest | None = None
    result: _Chunk | None = None


class Rows(msgspec.Struct, frozen=True):
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


class Statements:
    """One SQL warehouse. Raises ToolError where the connection names none."""

    def __init__(self, connection: Connection, tag: str) -> None:
        self._client = Client(connection)
        self._tag = tag
        self._seconds = number_of(connection.settings, "statement_seconds") or 300.0
        self._warehouse = warehouse_of(connection)

    def rows(self, sql: str, cancel: Cancellation | None = None) -> Rows:
        """Every row. Raises StatementFailed, QueryCancelled, RemoteProblem."""
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        answer = self._posted(sql)
        with self._cancelling(answer.statement_id, cancel):
            answer = self._ended(answer, cancel)
        status = answer.status
        if status.state != "SUCCEEDED":
            if cancel is not None and cancel.wanted:
                raise QueryCancelled
            told = (
                status.error.message if status.error else ""
            ).strip() or f"the statement was {status.state}"
            raise StatementFailed(
                f"{self._client.place}: {told.splitlines()[0][:400]}", status.sql_state or ""
            )
        manifest = answer.manifest or _Manifest()
        if manifest.truncated:
            raise ToolError(f"{self._client.place}: the result is too large, and was cut off")
        columns = manifest.schema.columns
        whole = [column.type_name in _WHOLE for column in columns]
        return Rows(
            tuple(column.name for column in columns),
            [_typed(row, whole) for row in self._values(answer)],
        )

    def _posted(self, sql: str) -> _Answer:
        body = {
            "statement": sql,
            "warehouse_id": self._warehouse,
            "wait_timeout": _WAIT,
            "on_wait_timeout": "CONTINUE",
            "disposition": "INLINE",
            "format": "JSON_ARRAY",
            "query_tags": [{"key": "penstock", "value": self._tag}],
        }
        for attempt in range(1, _TRIES + 1):
            try:
                return _read(self._client.post(_ROOT, body))
            except RemoteProblem as problem:
                # Too many requests: certainly not begun. Everything else is not repeated.
                if problem.kind is not ProblemKind.LIMITED or attempt == _TRIES:
                    raise
                time.sleep(0.2 * 2**attempt)
        raise AssertionError("unreachable")

    def _ended(self, answer: _Answer, cancel: Cancellation | None) -> _Answer:
        until = time.monotonic() + self._seconds
        pause = 0.1
        while answer.status.state in _ALIVE:
            if time.monotonic() > until:
                self._cancel(answer.statement_id)
                raise ToolError(
                    f"{self._client.place}: a query took longer than {self._seconds:.0f} s",
                    hint="allow more: statement_seconds",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)
            if cancel is not None and cancel.wanted:
                raise QueryCancelled
            answer = _read(self._client.get(f"{_ROOT}/{answer.statement_id}"))
        return answer

    @contextmanager
    def _cancelling(self, statement: str, cancel: Cancellation | None) -> Iterator[None]:
        if cancel is None:
            yield
            return
        if cancel.wanted:
            self._cancel(statement)
        with cancel.interrupting(lambda: self._cancel(statement)):
            yield

    def _cancel(self, statement: str) -> None:
        """It may do nothing there; whoever cancels does not wait for it."""
        try:
            self._client.post(f"{_ROOT}/{statement}/cancel", {})
        except RemoteProblem:
            return  # it reads only, and ends at the warehouse's own time-out

    def _values(self, answer: _Answer) -> Iterator[list[str | None]]:
        chunk = answer.result or _Chunk()
        yield from chunk.data_array or ()
        while chunk.next_chunk_index is not None:
            path = f"{_ROOT}/{answer.statement_id}/result/chunks/{chunk.next_chunk_index}"
            chunk = msgspec.convert(self._client.get(path), _Chunk)
            yield from chunk.data_array or ()


def warehouse_of(connection: Connection) -> str:
    """The id of the connection's SQL warehouse. Raises ToolError where it names none."""
    found = _WAREHOUSE.search(text_of(connection.settings, "http_path") or "")
    if found is None:
        raise ToolError(
            f"{host_of(connection.settings)}: the connection names no SQL warehouse",
            hint="give http_path, such as /sql/1.0/warehouses/abc123; a cluster's path does not do",
        )
    return found[1]


def quoted(*parts: str | None) -> str:
    """An SQL identifier, every part quoted."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts if part)


def _typed(row: list[str | None], whole: list[bool]) -> tuple[Cell, ...]:
    return tuple(
        int(value) if is_whole and value is not None else value
        for value, is_whole in zip(row, whole, strict=True)
    )


def _read(raw: object) -> _Answer:
    try:
        return msgspec.convert(raw, _Answer)
    except msgspec.ValidationError as wrong:
        raise RemoteProblem(
            ProblemKind.REJECTED, f"an answer of the SQL API is not understood: {wrong}"
        ) from None
