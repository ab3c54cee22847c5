"""PostgreSQL's own word that somebody has committed: LISTEN on a connection of its own, NOTIFY in the transactions that others wait for.

A hint and no truth: whoever listens also looks, for a pooler passes nothing on and a connection may fall silent.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    import psycopg

    Driver = psycopg.Connection[tuple[object, ...]]

CHANNEL = "penstock_commits"
# As a column of a statement that is sent anyway. PostgreSQL tells it once per transaction, when that is committed.
TELLING = f"pg_notify('{CHANNEL}', '')"
_FIRST, _LONGEST = 1.0, 60.0  # seconds between two tries to listen


def tell(connection: Connection) -> None:
    """Within a transaction: who listens is told of it when it is committed."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


class Listening:
    """`fd` is readable while something was told that was not `heard`; below 0 while nobody can tell. One thread uses it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Driver | None = None
        self._next = 0.0
        self._pause = _FIRST

    @property
    def fd(self) -> int:
        with suppress(*_troubles()):
            return -1 if self._connection is None else int(self._connection.fileno())
        return -1

    def heard(self) -> bool:
        """Whether anything was told since this was asked last. Never raises: a connection that is lost is made again."""
        connection = self._connection or self._listens()
        if connection is None:
            return False
        found = False
        try:
            connection.pgconn.consume_input()
            while connection.pgconn.notifies() is not None:
                found = True
        except _troubles():
            self.close()
            return True  # what was told meanwhile is lost: look
        return found

    def loud(self) -> bool:
        """As long as there is a connection it is listened to: a notice arrives a moment after its commit can be seen."""
        return self._connection is not None

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_troubles()):
                connection.close()

    def _listens(self) -> Driver | None:
        if time.monotonic() < self._next:
            return None
        try:
            pooled = self._engine.raw_connection()
            connection: Driver | None = pooled.driver_connection
            assert connection is not None
            pooled.detach()
            self._connection = connection
            connection.rollback()
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
        except _troubles():
            self.close()
            self._next = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, _LONGEST)
            return None
        self._pause = _FIRST
        return connection


def _troubles() -> tuple[type[Exception], ...]:
    """What a server that is away, or does not let anybody listen, may cause."""
    import psycopg

    return (SQLAlchemyError, psycopg.Error, OSError)
