"""Opening a session with Snowflake: tagged, with time-outs; its errors in plain words. The connector is imported here only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from penstock.errors import PenstockError, ToolError, ToolMissing
from penstock.integration import Cancellation, Connection, QueryCancelled, text_of, whole_of
from penstock_snowflake.address import account_of
from penstock_snowflake.credentials import login_of

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

APPLICATION = "penstock"
NO_COLUMN = 904  # invalid identifier
DENIED = 2003  # does not exist or not authorized: Snowflake does not tell which
TOO_MUCH = 90030  # an INFORMATION_SCHEMA query would return too much
_CANCELLED = 604
_TIMED_OUT = 630
_PASSED = ("role", "warehouse", "database", "schema", "host", "port", "protocol", "proxy_host", "proxy_port",
           "proxy_user", "proxy_password")  # fmt: skip


class SqlError(ToolError):
    """Snowflake refused a statement. `code` is its number."""

    def __init__(self, what: str, code: int, hint: str | None = None) -> None:
        super().__init__(what, hint=hint)
        self.code = code


class LoginRefused(ToolError):
    """Snowflake answers, and does not let us in."""


class Session:
    """An open session. Statements that must be cancellable go through `penstock_snowflake.running`."""

    def __init__(self, raw: SnowflakeConnection, place: str, cancel: Cancellation | None) -> None:
        self.raw = raw
        self.place = place
        self._cancel = cancel

    def rows(self, sql: str, *, tag: str | None = None) -> list[dict[str, object]]:
        """All rows of a statement, by lower-case column names; `tag` is its own. Raises SqlError, ToolError, QueryCancelled."""
        self.check()
        try:
            cursor = self.raw.cursor()
            tagged = None if tag is None else {"QUERY_TAG": query_tag(tag)}
            cursor.execute(sql, _statement_params=tagged)
            names = [column[0].lower() for column in cursor.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            cursor.close()
        except Exception as error:
            raise self.explained(error) from None
        return found

    def stream(self, sql: str) -> Iterator[tuple[object, ...]]:
        """The rows of a statement as they come. Raises as `rows`."""
        self.check()
        try:
            with self.raw.cursor() as cursor:
                cursor.execute(sql)
                yield from cursor
        except Exception as error:
            raise self.explained(error) from None

    def close(self) -> None:
        """An end that cannot be told is less than why it ends."""
        with suppress(Exception):
            self.raw.close()

    def check(self) -> None:
        """Raises QueryCancelled once somebody wants the work stopped."""
        if self._cancel is not None and self._cancel.wanted:
            raise QueryCancelled

    def explained(self, error: Exception) -> PenstockError:
        """The connector's error as ours. An error that is none of the connector's is given back as a ToolError too."""
        import snowflake.connector.errors as errors

        self.check()
        if isinstance(error, PenstockError):
            return error
        if not isinstance(error, errors.Error):
            raise error
        return explained(self.place, error)


@contextmanager
def opened(
    connection: Connection, tag: str, *, kept_results: bool = False, cancel: Cancellation | None = None
) -> Iterator[Session]:
    """A session, closed on exit. `kept_results`: an earlier answer of the same query may stand for a new one, which rows of tables allow;
    what functions of the system tell it may leave as it was. Raises ToolError, ConfigError, QueryCancelled."""
    if cancel is not None and cancel.wanted:
        raise QueryCancelled
    raw = _connect(connection, tag, kept_results=kept_results)
    try:
        yield Session(raw, place_of(connection), cancel)
    finally:
        raw.close()


def open_session(connection: Connection, tag: str) -> Session:
    """A session that whoever asked for it closes. Raises ToolError, ConfigError."""
    return Session(_connect(connection, tag), place_of(connection), None)


def place_of(connection: Connection) -> str:
    """The account for people."""
    return f"Snowflake {account_of(connection)}"


def query_tag(words: str) -> str:
    """What is said of a statement in the query history: by whom, and for what (`catalog`, or an attempt's key)."""
    return json.dumps({"app": APPLICATION, "for": words}, separators=(",", ":"))


def _connect(connection: Connection, tag: str, *, kept_results: bool = False) -> SnowflakeConnection:
    try:
        import snowflake.connector as connector
    except ImportError:
        raise ToolMissing(
            "the Python package snowflake-connector-python is not installed",
            hint="pip install 'penstock[snowflake]'",
        ) from None
    settings = connection.settings
    given = {name: settings[name] for name in _PASSED if text_of(settings, name)}
    login = login_of(connection)
    seconds = whole_of(settings, "statement_seconds") or 300
    patience = whole_of(settings, "connect_seconds") or 30
    try:
        return connector.connect(
            account=account_of(connection),
            application=APPLICATION,
            login_timeout=patience,
            session_parameters={
                "QUERY_TAG": query_tag(tag),
                "STATEMENT_TIMEOUT_IN_SECONDS": seconds,
                "TIMEZONE": "UTC",
                "USE_CACHED_RESULT": kept_results,
            },
            **_for_version(connector.__version__, seconds, patience),
            **login,
            **given,
        )
    except connector.errors.Error as error:
        raise _refused(connection, error) from None
    except (ValueError, TypeError) as error:
        raise ToolError(
            f"{place_of(connection)}: the connection's settings are not understood: {type(error).__name__}",
            hint="check the connection's settings",
        ) from None


def _for_version(version: str, seconds: int, patience: int) -> dict[str, object]:
    """The connector's fifth version has other words for time-outs, and wants to be told how sessions end."""
    if int(version.partition(".")[0]) < 5:
        return {"network_timeout": seconds + patience}
    return {
        "query_timeout": seconds + patience,
        "request_timeout": patience,
        "server_session_keep_alive": False,
        "enable_server_session_keep_alive_auto_detection": False,
    }


_HINTS = {
    DENIED: "the grants that penstock needs: docs/how-to/snowflake.md",
    3001: "the grants that penstock needs: docs/how-to/snowflake.md",
    606: "set `warehouse`, and grant USAGE on it",
    _TIMED_OUT: "allow more: statement_seconds",
}


def explained(place: str, error: object) -> PenstockError:
    """A statement's error: what, where, what next."""
    code = int(getattr(error, "errno", None) or 0)
    if code == _CANCELLED:
        return SqlError(f"{place}: the query was cancelled by somebody else", code)
    return SqlError(f"{place}: {first_line(error)}", code, _HINTS.get(code))


def first_line(error: object) -> str:
    """Snowflake's message in one line: without the connector's prefix, and without the `SQL compilation error:` above it."""
    text = str(getattr(error, "raw_msg", None) or getattr(error, "msg", None) or error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    while len(lines) > 1 and lines[0].endswith("error:"):
        lines.pop(0)
    return lines[0] if lines else type(error).__name__


_NO_ANSWER = frozenset({"resolve", "refused", "timed out", "timeout"})
_REASONS = (
    ("390100", "the user or the password is wrong", "check user and password"),
    ("Incorrect username or password", "the user or the password is wrong", "check user and password"),
    ("390144", "the key does not fit the user", "register its public key: ALTER USER ... SET RSA_PUBLIC_KEY"),
    ("JWT token is invalid", "the key does not fit the user", "register its public key: ALTER USER ... SET RSA_PUBLIC_KEY"),
    ("token has expired", "the token has expired", "make a new token"),
    ("Invalid OAuth access token", "the token is refused", "make a new token"),
    ("token is invalid", "the token is refused", "make a new token"),
    ("Role '", "the role does not exist, or this user may not use it", "check role"),
    ("404", "there is no such account", "check account (organisation-account) and host"),
    ("resolve", "the host is not known", "check account and host"),
    ("refused", "nothing listens there", "check host and port"),
    ("timed out", "no answer in time", "check the network, account and host"),
    ("timeout", "no answer in time", "check the network, account and host"),
)  # fmt: skip


def _refused(connection: Connection, error: object) -> ToolError:
    message = str(error)
    for sign, told, hint in _REASONS:
        if sign.lower() in message.lower():
            kind = ToolError if sign in _NO_ANSWER else LoginRefused
            return kind(f"{place_of(connection)}: {told}", hint=hint)
    return ToolError(
        f"{place_of(connection)} cannot be used: {first_line(error)}", hint="check the connection's settings"
    )
