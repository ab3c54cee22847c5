"""A statement that can be cancelled while it runs: started without waiting, asked about, stopped by its id."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import Cancellation, QueryCancelled

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_FIRST, _LONGEST = 0.05, 2.0
# RESTARTED and ABORTING are still going on, whatever the connector's own helpers say of them.
_RUNNING = frozenset(
    {
        "RUNNING",
        "ABORTING",
        "QUEUED",
        "RESUMING_WAREHOUSE",
        "QUEUED_REPARING_WAREHOUSE",
        "RESTARTED",
        "BLOCKED",
    }
)
_UNKNOWN_FOR = 60.0


def run(session: Session, sql: str, cancel: Cancellation | None) -> list[tuple[object, ...]]:
    """Its rows. Raises SqlError, ToolError, and QueryCancelled when it was stopped, which Snowflake was told of."""
    session.check()
    cursor = session.raw.cursor()
    try:
        query = str(cursor.execute_async(sql)["queryId"])
        try:
            _wait(session, query, cancel)
        except BaseException:
            with contextlib.suppress(Exception):
                cursor.abort_query(query)  # that it cannot be told now is less than why we stop
            raise
        cursor.get_results_from_sfqid(query)
        return [tuple(row) for row in cursor.fetchall()]
    except Exception as error:
        raise session.explained(error) from None
    finally:
        cursor.close()


def _wait(session: Session, query: str, cancel: Cancellation | None) -> None:
    """Until it runs no more. A query that Snowflake does not know for a minute is lost."""
    pause = _FIRST
    unknown_since: float | None = None
    while True:
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        status = _status(session, query)
        if status == "NO_DATA":
            unknown_since = unknown_since or time.monotonic()
            if time.monotonic() - unknown_since > _UNKNOWN_FOR:
                raise ToolError(
                    f"{session.place}: Snowflake does not know the query {query} that it accepted"
                )
        elif status not in _RUNNING:
            return
        time.sleep(pause)
        pause = min(_LONGEST, pause * 1.5)


def _status(session: Session, query: str) -> str:
    try:
        return str(session.raw.get_query_status(query).name)
    except KeyError:
        return "RUNNING"  # a word that this connector does not know yet: its result will tell
