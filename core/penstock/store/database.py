"""The two databases behind one door: opening, transactions, clocks, and their errors as one clear sentence."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from penstock.errors import ConfigError, StoreError, ToolMissing
from penstock.system.files import settled

_WRITES = "penstock_writes"
_BUSY_SECONDS = 15.0


class StoreMissing(StoreError):
    """There is no store at that place yet: nothing has ever run here."""


class StoreReplaced(StoreError):
    """Another file is where this process has opened the store: it can go on with neither."""


class Database:
    """A SQLite file or a PostgreSQL database. `place` names it for people, without any secret."""

    def __init__(self, url: URL, place: str, *, reading: bool = False) -> None:
        self.place = place
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.path = Path(url.database or "") if self.is_sqlite else None
        self._inode: int | None = None
        self.engine = _sqlite_engine(url, reading) if self.is_sqlite else _postgres_engine(url, reading)

    def refuse_missing(self) -> None:
        """Raises StoreMissing when the file was taken away: open connections would go on writing where nobody looks. Nor is
        another file in its place written to: what open connections have not put into the first would get into it."""
        if self.path is None:
            return
        try:
            found = self.path.stat().st_ino
        except OSError:
            raise StoreMissing(
                "the run store is not there any more", where=self.place, hint="put it back, or start again"
            ) from None
        self._inode = self._inode or found
        if self._inode != found:
            raise StoreReplaced(
                "another file is in the place of the run store", where=self.place, hint="start penstock again"
            )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: one consistent view, never in the way of the writer."""
        with self.errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end of the block."""
        with self.errors(), self.engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def writing_connection(self) -> Connection:
        """A connection of the caller's own whose transactions are for writing."""
        with self.errors():
            return self.engine.connect().execution_options(**{_WRITES: True})

    def durable(self, connection: Connection, on: bool) -> None:
        """Whether the next transaction of this connection must survive a power loss. Call it between transactions."""
        if self.is_sqlite:
            raw: Any = connection.connection.dbapi_connection
            raw.execute(f"PRAGMA synchronous={'FULL' if on else 'NORMAL'}")

    def now(self, connection: Connection) -> float:
        """The clock that leases go by: the store's own, so that hosts need not agree on the time."""
        if self.is_sqlite:
            return time.time()
        stamp: float = connection.execute(
            text("SELECT extract(epoch FROM clock_timestamp())::double precision")
        ).scalar_one()
        return stamp

    @contextmanager
    def errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise translated(error, self.place) from error

    def dispose(self) -> None:
        self.engine.dispose()


def database(url: str, root: Path, *, reading: bool = False) -> Database:
    """Read a store's URL; a SQLite path is relative to `root`. `reading`: the database itself refuses every write."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise ConfigError("the store's URL cannot be read", hint=_FORMS) from None
    if backend == "sqlite":
        if "\0" in (parsed.database or ""):
            raise ConfigError("the store's URL cannot be read", hint=_FORMS)
        path = settled(root, parsed.database or ".penstock/penstock.db")
        if parsed.host or parsed.username or parsed.password or parsed.port:
            raise ConfigError("a SQLite store is a file and has no host", hint=_FORMS)
        return Database(
            parsed.set(drivername="sqlite", database=str(path), query={}), str(path), reading=reading
        )
    if backend in ("postgresql", "postgres"):
        return Database(
            parsed.set(drivername="postgresql+psycopg"),
            parsed.render_as_string(hide_password=True),
            reading=reading,
        )
    raise ConfigError(f"penstock cannot keep its runs in {backend!r}", hint=_FORMS)


_FORMS = "sqlite:///.penstock/penstock.db or postgresql://user:password@host/database"


def _sqlite_engine(url: URL, reading: bool) -> Engine:
    engine = create_engine(url, creator=lambda: _connected(Path(url.database or "")))

    def connected(connection: Any, _record: object) -> None:
        # Transactions are begun below; sqlite3's own habit of beginning them late would let readers become writers.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")
        if reading:
            connection.execute("PRAGMA query_only=ON")

    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _connected(path: Path) -> sqlite3.Connection:
    """SQLite writes beside the file even for whoever reads it. Where it may not, it is told that nobody writes; with a log of what was
    not put into the file yet, it reads that where a writer left it."""
    place, uri = str(path), False
    if path.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
        nobody_writes = not path.with_name(path.name + "-wal").exists()
        place, uri = f"file:{quote(str(path))}?mode=ro" + "&immutable=1" * nobody_writes, True
    return sqlite3.connect(place, timeout=_BUSY_SECONDS, check_same_thread=False, uri=uri)


def _postgres_engine(url: URL, reading: bool) -> Engine:
    arguments = {"application_name": "penstock"}
    if reading:
        arguments["options"] = "-c default_transaction_read_only=on"
    try:
        return create_engine(url, pool_pre_ping=True, connect_args=arguments)
    except ImportError:
        raise ToolMissing(
            "a PostgreSQL store needs psycopg, which is not installed",
            hint="pip install 'penstock[postgres]'",
        ) from None


def disconnected(error: SQLAlchemyError) -> bool:
    """Whether the database went away; it may come back."""
    if not isinstance(error, DBAPIError) or not hasattr(error.orig, "sqlstate"):
        return False
    code = getattr(error.orig, "sqlstate", None) or ""  # none at all when no server answered
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and (not code or code.startswith(("57P", "08")))
    )


def locked(error: SQLAlchemyError) -> bool:
    """Whether another process was writing all the time that SQLite waited; nothing was written then."""
    return isinstance(error, DBAPIError) and "database is locked" in str(error.orig)


_SAYINGS = (
    (
        "database is locked",
        "another process holds the run store and does not let go",
        "try again in a moment",
    ),
    (
        "database or disk is full",
        "the disk is full: the run store cannot be written",
        "free some space, then resume",
    ),
    ("disk i/o error", "the disk refused to read or write the run store", "check the disk"),
    (
        "readonly database",
        "the run store may not be written by this user",
        "check the rights of the file and its folder",
    ),
    (
        "unable to open database file",
        "the run store cannot be opened",
        "check that its folder exists and is yours",
    ),
    (
        "file is not a database",
        "this file is not a run store",
        "move it away, or set `store:` in penstock.yml",
    ),
    ("malformed", "the run store is damaged", "restore a copy, or move it away to begin a new one"),
    ("password authentication failed", "PostgreSQL refused the password", "check `store:` in penstock.yml"),
    ("no space left on device", "the disk of the PostgreSQL server is full", "free some space, then resume"),
)


def translated(error: DBAPIError, place: str) -> StoreError:
    """The database's error as one sentence; the driver's words are kept where they say more than we know."""
    words = str(error.orig).strip()
    for mark, what, hint in _SAYINGS:
        if mark in words.lower():
            return StoreError(what, where=place, hint=hint)
    first = words.splitlines()[0] if words else type(error.orig).__name__
    if disconnected(error) or "connection" in first.lower():
        return StoreError(
            f"PostgreSQL cannot be reached: {first}", where=place, hint="is the server running?"
        )
    return StoreError(f"the run store gave an error: {first}", where=place)
