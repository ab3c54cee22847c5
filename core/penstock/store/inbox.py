"""Rows of the inbox: what other systems have told, each once. Whoever decides says what became of it, in its own transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.engine import Row

from penstock.store.database import Database
from penstock.store.listening import tell
from penstock.store.schema_inbox import inbox

_STEP = 1e-5  # seconds between two that arrive at one moment
_AT_ONCE = 100
AGAIN_SECONDS = 7 * 86_400.0  # a sender tries again for days: so long an id stays known


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One event; `name` as penstock.yml has it. `outcome`: what became of it; empty before anybody looked."""

    name: str
    id: str
    received_at: float
    kind: str = ""
    body: str = ""
    handled_at: float | None = None
    outcome: str = ""


class InboxStore:
    """Of one environment. Blocking; safe to use from several threads and processes."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def receive(self, name: str, identity: str, kind: str, body: str) -> bool:
        """Keep an event: when this returns, it is committed, and survives a power loss. False: it was known."""
        with self._database.errors(), self._database.writing_connection() as connection:
            self._database.durable(connection, True)
            try:
                with connection.begin():
                    one_at_a_time(self._database, connection, self._environment)
                    return keep(self._database, connection, self._environment, name, identity, kind, body)
            finally:
                self._database.durable(connection, False)

    def newest(self) -> float:
        """When the newest event arrived; 0 when none did."""
        with self._database.read() as connection:
            return _newest(connection, self._environment)

    def newest_handled(self) -> float:
        """When the newest of those that were looked at arrived."""
        query = select(func.max(inbox.c.received_at)).where(
            inbox.c.environment == self._environment, inbox.c.handled_at.is_not(None)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar() or 0.0

    def latest(self, limit: int) -> list[Arrival]:
        """Newest first."""
        query = select(inbox).where(inbox.c.environment == self._environment)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(inbox.c.received_at.desc()).limit(limit)).all()
        return [_arrival(row) for row in rows]


def keep(
    database: Database,
    connection: Connection,
    environment: str,
    name: str,
    identity: str,
    kind: str,
    body: str,
) -> bool:
    """Within a transaction that has the turn (`one_at_a_time`). False: it was known."""
    key = {"environment": environment, "name": name, "id": identity}
    same = [inbox.c[column] == value for column, value in key.items()]
    if connection.execute(select(inbox.c.id).where(*same)).first() is not None:
        return False
    at = max(database.now(connection), _newest(connection, environment) + _STEP)
    connection.execute(insert(inbox).values(**key, received_at=at, kind=kind, body=body, outcome=""))
    tell(connection)
    return True


def _newest(connection: Connection, environment: str) -> float:
    query = select(func.max(inbox.c.received_at)).where(inbox.c.environment == environment)
    return connection.execute(query).scalar() or 0.0


def one_at_a_time(database: Database, connection: Connection, environment: str) -> None:
    """SQLite has one writer anyway; on PostgreSQL decisions of one environment come one after the other, and none misses an event
    that is older than one that it has seen."""
    if not database.is_sqlite:
        words = "SELECT pg_advisory_xact_lock(7369748, hashtext(:environment))"
        connection.execute(text(words), {"environment": environment})


def unhandled(connection: Connection, environment: str) -> list[Arrival]:
    """Oldest first; at most as many as one look is to handle."""
    query = select(inbox).where(inbox.c.environment == environment, inbox.c.handled_at.is_(None))
    rows = connection.execute(query.order_by(inbox.c.received_at).limit(_AT_ONCE)).all()
    return [_arrival(row) for row in rows]


def handled(connection: Connection, environment: str, arrivals: Iterable[Arrival], now: float) -> None:
    for one in arrivals:
        connection.execute(
            update(inbox)
            .where(inbox.c.environment == environment, inbox.c.name == one.name, inbox.c.id == one.id)
            .values(handled_at=now, outcome=one.outcome)
        )


def forget(connection: Connection, environment: str | None, older_than: float) -> int:
    """Handled events that are older; none younger than a sender may try again. How many went."""
    before = time.time() - max(older_than, AGAIN_SECONDS)
    query = delete(inbox).where(inbox.c.handled_at.is_not(None), inbox.c.received_at < before)
    if environment is not None:
        query = query.where(inbox.c.environment == environment)
    return connection.execute(query).rowcount


def _arrival(row: Row[object]) -> Arrival:
    return Arrival(
        name=row.name,
        id=row.id,
        received_at=row.received_at,
        kind=row.kind,
        body=row.body,
        handled_at=row.handled_at,
        outcome=row.outcome,
    )
