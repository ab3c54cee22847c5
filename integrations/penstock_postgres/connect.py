"""Opening a session with PostgreSQL: tagged, with time-outs, cancellable; its errors in plain words. psycopg is imported here only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from penstock.errors import PenstockError, ToolError, ToolMissing, WarehouseBusy
from penstock.integration import Cancellation, Connection, QueryCancelled, number_of, text_of, whole_of
from penstock_postgres.address import database_of

if TYPE_CHECKING:
    import psycopg

    Session = psycopg.Connection[tuple[Any, ...]]

INTERNAL_SCHEMA = "_penstock"
APPLICATION = "penstock"
# A read that waits for a table's lock so long gives up: another session changes the table in a transaction that is still open.
_READ_LOCK = 10.0
_WRITE_LOCK = 60.0


# A session that waits for rows must not be forgotten on its way: between here and there, what is silent for minutes is cut off.
_KEPT_ALIVE = 60


class NoConnectionLeft(ToolError):
    """The server, or its limit for this role or database, has no room for another session."""


def quoted(*parts: str) -> str:
    """An SQL identifier, every part quoted."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A text constant; `standard_conforming_strings` is on in every session opened here."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def opened(
    connection: Connection, *, write: bool = False, cancel: Cancellation | None = None, tag: str = ""
) -> Iterator[Session]:
    """A session, closed on exit. Reading ones cannot write, and end a statement after `statement_seconds`.

    Not in a transaction: `session.transaction()` begins one. Raises ToolError, WarehouseBusy, QueryCancelled.
    """
    import psycopg

    place = place_of(connection)
    session = _connect(connection, tag)
    try:
        if cancel is None:
            _prepare(session, connection, write)
            yield session
        else:
            with cancel.interrupting(session.cancel):
                _prepare(session, connection, write)
                yield session
    except psycopg.errors.QueryCanceled:
        if cancel is not None and cancel.wanted:
            raise QueryCancelled from None
        limit = connection.settings.get("statement_seconds", 300)
        raise ToolError(
            f"{place}: a query took longer than {limit} s", hint="allow more: statement_seconds"
        ) from None
    except psycopg.Error as error:
        if cancel is not None and cancel.wanted:
            raise QueryCancelled from None
        raise explained(place, error) from None
    finally:
        session.close()


def place_of(connection: Connection) -> str:
    """The database for people: host:port/name."""
    settings = connection.settings
    return f"{settings.get('host') or 'localhost'}:{settings.get('port') or 5432}/{database_of(connection) or ''}"


def explained(place: str, error: psycopg.Error) -> PenstockError:
    """A server's error as ours: what, where, what next. A row that is too large, and a full disk, are told by a server that is there."""
    import psycopg

    first = first_line(error)
    if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
        return WarehouseBusy(
            f"{place}: a table is locked by another session", hint="wait, or end that session"
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return ToolError(f"{place}: {first}", hint="the grants that penstock needs: docs/how-to/postgres.md")
    if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08")[:2] in ("08", "57"):
        return ToolError(
            f"{place}: the connection was lost: {first}", hint="is the server running? then try again"
        )
    return ToolError(f"{place}: {first}")


def first_line(error: psycopg.Error) -> str:
    """The server's message without its context, in one line."""
    return str(error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]


def _connect(connection: Connection, tag: str) -> Session:
    try:
        import psycopg
    except ImportError:
        raise ToolMissing(
            "the Python package psycopg is not installed", hint="pip install 'penstock[postgres]'"
        ) from None
    settings = connection.settings
    try:
        return psycopg.connect(
            host=text_of(settings, "host"),
            port=whole_of(settings, "port") or 5432,
            user=text_of(settings, "user"),
            password=text_of(settings, "password") or text_of(settings, "pass"),
            dbname=database_of(connection),
            connect_timeout=whole_of(settings, "connect_timeout") or 10,
            application_name=f"{APPLICATION} {tag}".strip()[:63],
            client_encoding="utf8",
            autocommit=True,
            keepalives_idle=whole_of(settings, "keepalives_idle") or _KEPT_ALIVE,
            sslmode=text_of(settings, "sslmode"),
            sslcert=_file(connection, "sslcert"),
            sslkey=_file(connection, "sslkey"),
            sslrootcert=_file(connection, "sslrootcert"),
        )
    except (psycopg.Error, UnicodeError, ValueError) as error:
        raise _unreachable(connection, str(error)) from None


def _file(connection: Connection, name: str) -> str | None:
    """A file that a setting names; `system` names none."""
    named = text_of(connection.settings, name)
    return named if named in (None, "system") else str(connection.base / named)


_FULL = ("too many clients", "too many connections", "remaining connection slots")
_REASONS = (
    ("password authentication failed", "the password or the user is wrong", "check user and password"),
    ("no password supplied", "the server wants a password", "set password"),
    ("does not exist", "{first}", "check dbname, user and role"),
    ("no pg_hba.conf entry", "the server lets this user not in from here", "allow it in pg_hba.conf"),
    *((words, "the server has no connection left", "wait, or raise max_connections") for words in _FULL),
    ("timeout expired", "no answer in time", "check host, port and firewall"),
    ("Connection refused", "nothing listens there", "is the server running? check host and port"),
    ("could not translate host name", "the host is not known", "check host"),
    ("failed to resolve host", "the host is not known", "check host"),
    ("starting up", "the server is starting", "try again in a moment"),
)


def _unreachable(connection: Connection, message: str) -> ToolError:
    lines = [line.strip() for line in message.splitlines() if line.strip()] or ["no reason given"]
    first = next((line for line in lines if "FATAL" in line), lines[0]).rpartition("FATAL:")[2].strip()
    for sign, told, hint in _REASONS:
        if sign in message:
            kind = NoConnectionLeft if sign in _FULL else ToolError
            return kind(f"PostgreSQL at {place_of(connection)}: {told.format(first=first)}", hint=hint)
    return ToolError(
        f"PostgreSQL at {place_of(connection)} cannot be used: {first}",
        hint="check the connection's settings",
    )


def _prepare(session: Session, connection: Connection, write: bool) -> None:
    """Settings by statement, not by start-up options: connection poolers refuse those."""
    settings = connection.settings
    limit = whole_of(settings, "statement_seconds")
    seconds = 0 if write else 300 if limit is None else limit
    patience = (number_of(settings, "lock_seconds") or _WRITE_LOCK) if write else _READ_LOCK
    session.execute(
        "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false),"
        " set_config('standard_conforming_strings', 'on', false), set_config('lock_timeout', %s, false),"
        " set_config('statement_timeout', %s, false), set_config('idle_in_transaction_session_timeout', '0', false)",
        [f"{round(patience * 1000)}ms", str(seconds * 1000)],
    )
    if role := text_of(settings, "role"):
        session.execute(f"SET ROLE {quoted(role)}")
    if path := text_of(settings, "search_path"):
        session.execute("SELECT set_config('search_path', %s, false)", [path])
    if not write:
        session.execute("SET default_transaction_read_only = on")
