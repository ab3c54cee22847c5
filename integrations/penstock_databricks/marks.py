"""The marks of states that reuse rests on: the newest version of each Delta table that may hold other rows; of a view its SQL.

Each operation that modifies a table makes a version of it, and a table that is made anew under the same name has another id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import msgspec

from penstock.assets import Relation
from penstock.errors import WarehouseAsleep
from penstock.integration import UNSEEN, Cancellation, Connection, Content, clock_ahead, text_of, whole_of
from penstock.integration.jobs import ProblemKind, RemoteProblem
from penstock_databricks.catalog import KINDS
from penstock_databricks.client import Client
from penstock_databricks.reading import UPKEEP, epoch, history
from penstock_databricks.statements import StatementFailed, Statements
from penstock_databricks.waking import why_asleep

_PLAIN = frozenset({"table", "external table"})  # others are filled by something else, or elsewhere
_AT_ONCE = 8  # a history is one statement per table


class _Newest(msgspec.Struct, frozen=True):
    mark: str
    at: float | None


def read_marks(
    connection: Connection, relations: Iterable[Relation], cancel: Cancellation | None, *, wake: bool
) -> dict[Relation, Content]:
    """See `StateMarks.marked`. What exists is asked of the catalog, so that nothing is started where nothing is there."""
    wanted = list(relations)
    client = Client(connection)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = zip(wanted, pool.map(lambda one: _told(client, one), wanted), strict=True)
        listed = {relation: told for relation, told in answers if told is not None}
        there = {relation: told for relation, told in listed.items() if not isinstance(told, Content)}
        found = {relation: told for relation, told in listed.items() if isinstance(told, Content)}
        reason = None if wake or not there else why_asleep(connection)
        if reason is not None:
            raise WarehouseAsleep(f"{reason}; a run starts it, and looks")
        if there:
            reader = _Reader(connection, cancel)
            found |= zip(there, pool.map(reader.content, there, there.values()), strict=True)
    return found


def _told(client: Client, relation: Relation) -> dict[str, object] | Content | None:
    """By Unity Catalog; None of what does not exist."""
    name = quote(".".join((relation.database or "", relation.schema or "", relation.identifier)), safe="")
    try:
        return client.get(f"/api/2.1/unity-catalog/tables/{name}")
    except RemoteProblem as problem:
        if problem.kind is ProblemKind.FORBIDDEN:
            return Content(kind=UNSEEN, columns=())
        if problem.kind is ProblemKind.NOT_FOUND:
            return None
        raise


class _Reader:
    """Used by several threads."""

    def __init__(self, connection: Connection, cancel: Cancellation | None) -> None:
        self._statements = Statements(connection, "states")
        self._cancel = cancel
        self._ahead = clock_ahead(self._now)

    def content(self, relation: Relation, told: dict[str, object]) -> Content:
        kind = KINDS.get(str(told.get("table_type")), "")
        columns = _columns(told)
        if kind == "view":
            sql, updated = text_of(told, "view_definition"), whole_of(told, "updated_at")
            return Content(
                kind="view" if sql and columns else "a view whose SQL is not shown",
                columns=columns,
                definition=_digest(f"{sql}\0{_read_by(told)}"),
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

    def _newest(self, relation: Relation) -> _Newest | None:
        """None: its history is not told (no Delta table), or no more than upkeep of it."""
        try:
            versions = history(self._statements, relation, self._cancel)
        except StatementFailed:
            return None
        for version, moment, operation in versions:
            if operation not in UPKEEP:
                return _Newest(f"{version}@{moment}", epoch(moment))
        return None


def _read_by(told: dict[str, object]) -> str:
    """By what its SQL is read: the catalog and schema that names without one stand in, and settings, are those of its CREATE."""
    properties = told.get("properties")
    kept = properties.items() if isinstance(properties, dict) else ()
    own = sorted((str(name), str(value)) for name, value in kept if str(name).startswith("view."))
    return json.dumps([own, told.get("sql_path"), told.get("view_dependencies")], sort_keys=True, default=str)


def _columns(told: dict[str, object]) -> tuple[tuple[str, str], ...]:
    listed = told.get("columns")
    rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    rows.sort(key=lambda one: int(one.get("position") or 0))
    return tuple((str(one["name"]), str(one.get("type_text") or "")) for one in rows)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
