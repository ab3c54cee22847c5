"""What jobs and statements used, from the system tables: DBU by list price, hours late. Needs a SQL warehouse that runs already.

A run of a job has rows of its own. A SQL warehouse is billed by the hour: each statement has its part of the hour by its time,
so that idle time is spread over the statements of the hour. Corrections are rows too: all are summed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from penstock.errors import ToolError
from penstock.integration import Cancellation, Connection, Usage, UsageRow, number_of, text_of, whole_of
from penstock_databricks.statements import Cell, StatementFailed, Statements
from penstock_databricks.waking import why_asleep

_COMMENT = re.compile(r"/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
_Row = dict[str, Cell]
_DAY = 86_400.0
_LATE = 86_400.0
_PRICED = """
SELECT u.usage_metadata.job_run_id AS job_run, u.usage_metadata.warehouse_id AS warehouse,
  cast(unix_timestamp(u.usage_start_time) AS bigint) AS begun, cast(unix_timestamp(u.usage_end_time) AS bigint) AS ended,
  sum(u.usage_quantity) AS dbu, sum(u.usage_quantity * p.pricing.effective_list.`default`) AS money,
  max(p.currency_code) AS currency
FROM system.billing.usage AS u LEFT JOIN system.billing.list_prices AS p
  ON p.cloud = u.cloud AND p.sku_name = u.sku_name AND p.usage_unit = u.usage_unit
  AND u.usage_end_time >= p.price_start_time AND (p.price_end_time IS NULL OR u.usage_end_time < p.price_end_time)
WHERE u.usage_date >= date '{day}' AND u.usage_end_time >= timestamp '{since}' AND u.usage_end_time < timestamp '{until}'
  AND (u.usage_metadata.job_run_id IS NOT NULL OR u.usage_metadata.warehouse_id IS NOT NULL)
GROUP BY 1, 2, 3, 4"""
_STATEMENTS = """
SELECT q.statement_id AS statement, q.compute.warehouse_id AS warehouse, q.total_duration_ms AS milliseconds,
  q.read_bytes AS bytes, cast(unix_timestamp(q.end_time) AS bigint) AS ended,
  CASE WHEN q.statement_text LIKE '%"app": "dbt"%' THEN left(q.statement_text, 2000) END AS head,
  CASE WHEN q.statement_text LIKE '%"app": "dbt"%' THEN right(q.statement_text, 1000) END AS tail
FROM system.query.history AS q
WHERE q.end_time >= timestamp '{since}' AND q.end_time < timestamp '{until}' AND q.compute.warehouse_id IS NOT NULL"""


class _DbtComment(msgspec.Struct):
    """dbt's query comment, as far as it names what the statement was for."""

    app: str = ""
    node_id: str | None = None


def read_usage(
    connection: Connection, since: float, until: float, cancel: Cancellation | None
) -> Iterator[UsageRow]:
    """See `UsageReports.usage`. Raises ToolError where the tables may not be read, or only by starting a warehouse."""
    asleep = why_asleep(connection)
    if asleep is not None:
        raise ToolError(f"what was used is not known: {asleep}", hint="`wake: true` lets penstock start it")
    statements = Statements(connection, "usage")
    hours: dict[tuple[str, int], Usage] = {}
    for row in _asked(statements, _PRICED, since, until, cancel):
        used = Usage(
            money=number_of(row, "money"),
            slots=number_of(row, "dbu"),
            currency=text_of(row, "currency") or "USD",
        )
        if row["job_run"] is not None:
            yield UsageRow(
                query=f"run {row['job_run']}",
                at=_at(row),
                usage=used,
                job_run=str(row["job_run"]),
                apart=True,
                list_price=True,
            )
        else:
            hour = str(row["warehouse"]), int(number_of(row, "begun") or 0) // 3600
            hours[hour] = _both(hours[hour], used) if hour in hours else used
            yield UsageRow(query=str(row["warehouse"]), at=_at(row), usage=used, whole=True, list_price=True)
    yield from _shared(_asked(statements, _STATEMENTS, since, until, cancel), hours)


def _both(one: Usage, other: Usage) -> Usage:
    """An hour may be billed in parts."""
    told = [usage.money for usage in (one, other) if usage.money is not None]
    return msgspec.structs.replace(one, money=sum(told) if told else None)


def _shared(rows: list[_Row], hours: dict[tuple[str, int], Usage]) -> Iterator[UsageRow]:
    """Each statement with its part of its hour. An hour that is not billed yet is pending."""
    busy: dict[tuple[str, int], float] = {}
    for row in rows:
        hour = str(row["warehouse"]), int(_at(row)) // 3600
        busy[hour] = busy.get(hour, 0.0) + (number_of(row, "milliseconds") or 0.0)
    for row in rows:
        hour = str(row["warehouse"]), int(_at(row)) // 3600
        bill, milliseconds = hours.get(hour), (number_of(row, "milliseconds") or 0.0)
        part = milliseconds / busy[hour] if busy[hour] else 0.0
        yield UsageRow(
            query=str(row["statement"]),
            at=_at(row),
            usage=Usage(
                seconds=milliseconds / 1000,
                bytes=whole_of(row, "bytes"),
                money=None if bill is None or bill.money is None else bill.money * part,
                currency=bill.currency if bill else None,
            ),
            tag=_node(text_of(row, "head"), text_of(row, "tail")),
            pending=bill is None and time.time() - _at(row) < _LATE,
            list_price=bill is not None,
        )


def _node(*texts: str | None) -> str | None:
    for text in texts:
        for found in _COMMENT.finditer(text or ""):
            try:
                comment = msgspec.json.decode(found[1], type=_DbtComment)
            except msgspec.MsgspecError:
                continue
            if comment.app == "dbt" and comment.node_id:
                return comment.node_id
    return None


def _asked(
    statements: Statements, query: str, since: float, until: float, cancel: Cancellation | None
) -> list[_Row]:
    words = {"day": _text(since - _DAY)[:10], "since": _text(since), "until": _text(until)}
    try:
        found = statements.rows(query.format(**words), cancel)
    except StatementFailed as error:
        raise ToolError(
            f"what was used is not known: {error.what}",
            hint="GRANT SELECT on system.billing and system.query: docs/how-to/databricks.md",
        ) from None
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def _text(moment: float) -> str:
    return datetime.fromtimestamp(max(0.0, moment), UTC).strftime("%Y-%m-%d %H:%M:%S")


def _at(row: _Row) -> float:
    return number_of(row, "ended") or 0.0
