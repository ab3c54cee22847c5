"""What queries used, from ACCOUNT_USAGE: credits by Snowflake's own attribution, six to eight hours late, without idle time.

A query of penstock or dbt that has no credits yet is told without money: it is pending, or was too short to be attributed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from penstock.errors import ToolError
from penstock.integration import Connection, Usage, UsageRow, number_of, text_of, whole_of
from penstock_snowflake.connect import DENIED, SqlError
from penstock_snowflake.naming import instant
from penstock_snowflake.shows import Row
from penstock_snowflake.waking import why_not

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_DAY = 86_400.0
_COMMENT = re.compile(r"/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
_PAGE = 86_400.0  # seconds of history in one statement
_QUERIES = """
WITH billed AS (
  SELECT query_id, SUM(credits_attributed_compute + COALESCE(credits_used_query_acceleration, 0)) AS credits
  FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY WHERE start_time >= {begun} GROUP BY query_id
)
SELECT q.query_id AS query_id, t.run_group AS run_group, DATE_PART(EPOCH_SECOND, q.end_time) AS at, b.credits AS credits,
  q.total_elapsed_time AS milliseconds, q.bytes_scanned AS bytes, q.query_tag AS tag,
  CASE WHEN q.query_text LIKE '%"app": "dbt"%' THEN LEFT(q.query_text, 2000) END AS head,
  CASE WHEN q.query_text LIKE '%"app": "dbt"%' THEN RIGHT(q.query_text, 1000) END AS tail
FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY AS q LEFT JOIN billed AS b ON b.query_id = q.query_id
LEFT JOIN (
  SELECT query_id, MAX(graph_run_group_id) AS run_group FROM SNOWFLAKE.ACCOUNT_USAGE.TASK_HISTORY
  WHERE completed_time >= {begun} GROUP BY query_id
) AS t ON t.query_id = q.query_id
WHERE q.end_time >= {since} AND q.end_time < {until}
  AND (b.credits IS NOT NULL OR t.run_group IS NOT NULL OR q.query_tag LIKE '%"app":"penstock"%' OR q.query_text LIKE '%"app": "dbt"%')
ORDER BY q.end_time"""

_METERED = """
SELECT warehouse_name AS warehouse, DATE_PART(EPOCH_SECOND, end_time) AS at, credits_used_compute AS credits
FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY WHERE end_time >= {since} AND end_time < {until}"""
_LATE = 8 * 3600.0  # attribution is told so long after a query; what has none by then was too short for it


class _DbtComment(msgspec.Struct):
    """dbt's query comment, as far as it names what the query was for."""

    app: str = ""
    node_id: str | None = None


def read_usage(session: Session, connection: Connection, since: float, until: float) -> Iterator[UsageRow]:
    """See `UsageReports.usage`. Raises ToolError where the history may not be read, or only by resuming a warehouse."""
    reason = why_not(session, connection)
    if reason is not None:
        raise ToolError(
            f"{session.place}: what queries used is not known: {reason}", hint="set warehouse, or wake"
        )
    for row in _asked(session, _METERED, since, until):
        used = Usage(money=number_of(row, "credits") or 0.0, currency="credits")
        yield UsageRow(query=str(row["warehouse"]), at=_at(row), usage=used, whole=True)
    start, now = since, time.time()
    while start < until:
        end = min(until, start + _PAGE)
        yield from (_row(row, now) for row in _asked(session, _QUERIES, start, end))
        start = end


def _asked(session: Session, query: str, since: float, until: float) -> list[Row]:
    sql = query.format(begun=instant(since - _DAY), since=instant(since), until=instant(until))
    try:
        return session.rows(sql)
    except SqlError as error:
        if error.code != DENIED:
            raise
        raise ToolError(
            f"{session.place}: this role may not read SNOWFLAKE.ACCOUNT_USAGE",
            hint="GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER: docs/how-to/snowflake.md",
        ) from None


def _row(row: Row, now: float) -> UsageRow:
    credits, milliseconds = number_of(row, "credits"), number_of(row, "milliseconds")
    return UsageRow(
        query=str(row["query_id"]),
        at=_at(row),
        usage=Usage(
            seconds=None if milliseconds is None else milliseconds / 1000,
            bytes=whole_of(row, "bytes"),
            money=credits,
            currency="credits",
        ),
        tag=tag_of(text_of(row, "tag"), text_of(row, "head"), text_of(row, "tail")),
        job_run=text_of(row, "run_group"),
        pending=credits is None and now - _at(row) < _LATE,
    )


def _at(row: Row) -> float:
    return number_of(row, "at") or 0.0


def tag_of(tag: str | None, head: str | None, tail: str | None) -> str | None:
    """What the query was for: dbt's node by the comment that dbt puts in front of it or behind it, else its query tag."""
    for text in (head, tail):
        for found in _COMMENT.finditer(text or ""):
            try:
                comment = msgspec.json.decode(found[1], type=_DbtComment)
            except msgspec.MsgspecError:
                continue
            if comment.app == "dbt" and comment.node_id:
                return comment.node_id
    return tag or None
