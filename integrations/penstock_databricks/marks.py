"""The marks of states that reuse rests on: the newest version of each Delta table that may hold other rows; of a view its SQL.

Each operation that modifies a table makes a version of it, and a table that is made anew under the same name has another id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import msgspec

from penstock.assets import Relation
from penstock.errors import ToolError
from penstock.integration import Cancellation, Connection, Content, clock_ahead, text_of, whole_of
from penstock.integration.jobs import ProblemKind, RemoteProblem
from penstock_databricks.catalog import KINDS
from penstock_databricks.client import Client
from penstock_databricks.reading import epoch, history
from penstock_databricks.statements import StatementFailed, Statements
from penstock_databricks.waking import why_asleep

# Of what makes a version, these alone leave all rows as they are; what changes columns or properties may not.
_KEEPS_ROWS = frozenset({"OPTIMIZE", "VACUUM START", "VACUUM END", "ANALYZE", "COMPUTE STATS"})
_PLAIN = frozenset({"table", "external table"})  # others are filled by something else, or elsewhere
_NOT_SEEN = frozenset({ProblemKind.NOT_FOUND, ProblemKind.FORBIDDEN})
_AT_ONCE = 8  # a history is one statement per table


class _Newest(msgspec.Struct, frozen=True):
    mark: str
    at: float | None


def read_marks(
    connection: Connection, relations: Iterable[Relation], cancel: Cancellation | None, *, wake: bool
) -> dict[Relation, Content]:
    """See `StateMarks.marked`. What may not be seen is left out, as what does not exist."""
    reason = None if wake else why_asleep(connection)
    if reason is not None:
        raise ToolError(f"{reason}; a run starts it, and looks")
    reader = _Reader(connection, cancel)
    wanted = list(relations)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(wanted, pool.map(reader.content, wanted), strict=True))
    return {relation: content for relation, content in found.items() if content is not None}


class _Reader:
    """Used by several threads."""

    def __init__(self, connection: Connection, cancel: Cancellation | None) -> None:
        self._client = Client(connection)
        self._statements = Statements(connection, "states")
        self._cancel = cancel
        self._ahead = clock_ahead(self._now)

    def content(self, relation: Relation) -> Content | None:
        told = self._told(relation)
        if told is None:
            return None
        kind = KINDS.get(str(told.get("table_type")), "")
        columns = _columns(told)
        if kind == "view":
            sql, updated = text_of(told, "view_definition"), whole_of(told, "updated_at")
            return Content(
                kind="view" if sql and columns else "a view whose SQL is not shown",
                columns=columns,
                definition=_digest(sql or ""),
                changed_at=None if updated is None else updated / 1000 + self._ahead,
            )
        newest = self._newest(relation) if kind in _PLAIN else None
        identity = text_of(told, "table_id")
        known = newest is not None and identity is not None and bool(columns)
        return Content(
            kind="table" if kind in _PLAIN else kind or "something else",
            columns=columns,
            state=_digest(f"{identity}\0{newest.mark}") if known and newest is not None else "",
            changed_at=newest.at + self._ahead if newest is not None and newest.at is not None else None,
        )

    def _now(self) -> float:
        (row,) = self._statements.rows("SELECT unix_millis(now())", self._cancel).rows
        return int(row[0] or 0) / 1000

    def _told(self, relation: Relation) -> dict[str, object] | None:
        name = quote(".".join((relation.database or "", relation.schema or "", relation.identifier)), safe="")
        try:
            return self._client.get(f"/api/2.1/unity-catalog/tables/{name}")
        except RemoteProblem as problem:
            if problem.kind in _NOT_SEEN:
                return None
            raise

    def _newest(self, relation: Relation) -> _Newest | None:
        """None: its history is not told (no Delta table), or no more than upkeep of it."""
        try:
            versions = history(self._statements, relation, self._cancel)
        except StatementFailed:
            return None
        for version, moment, operation in versions:
            if operation not in _KEEPS_ROWS:
                return _Newest(f"{version}@{moment}", epoch(moment))
        return None


def _columns(told: dict[str, object]) -> tuple[tuple[str, str], ...]:
    listed = told.get("columns")
    rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    rows.sort(key=lambda one: int(one.get("position") or 0))
    return tuple((str(one["name"]), str(one.get("type_text") or "")) for one in rows)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
