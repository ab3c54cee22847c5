"""Runs of Snowflake's own tasks, from TASK_HISTORY: seven days back. Nothing is started here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import Connection, JobRun, Outcome, number_of, text_of, whole_of
from penstock_snowflake.naming import instant, quoted
from penstock_snowflake.shows import Row
from penstock_snowflake.waking import why_not

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_KEPT = 7 * 86_400.0 - 60
_LONGEST = 86_400.0  # a run that began so long before may still go on
_MOST = 10_000
# What is SCHEDULED has not begun, EXECUTING still runs; a word that is not known is no verdict.
_OUTCOMES = {
    "SUCCEEDED": Outcome.SUCCESS,
    "FAILED": Outcome.ERROR,
    "FAILED_AND_AUTO_SUSPENDED": Outcome.ERROR,
    "CANCELLED": Outcome.CANCELLED,
    "SKIPPED": Outcome.SKIPPED,
}


def read_runs(session: Session, connection: Connection, database: str, since: float) -> Iterator[JobRun]:
    """See `Jobs.job_runs`, for one database. Raises ToolError where only resuming a warehouse would tell."""
    reason = why_not(session, connection)
    if reason is not None:
        raise ToolError(
            f"{session.place}: runs of tasks are not known: {reason}", hint="set warehouse, or wake"
        )
    begun = max(since - _LONGEST, time.time() - _KEPT)
    rows = session.rows(
        "SELECT name, database_name, schema_name, state, query_id, error_message, graph_run_group_id, attempt_number,"
        " scheduled_from, DATE_PART(EPOCH_SECOND, scheduled_time) AS scheduled_at,"
        " DATE_PART(EPOCH_SECOND, query_start_time) AS started_at, DATE_PART(EPOCH_SECOND, completed_time) AS ended_at"
        f" FROM TABLE({quoted(database)}.INFORMATION_SCHEMA.TASK_HISTORY("
        f"SCHEDULED_TIME_RANGE_START => {instant(begun)}, RESULT_LIMIT => {_MOST}))"
        " WHERE state <> 'SCHEDULED' ORDER BY scheduled_time"
    )
    for row in _last_attempts(rows):
        run = _run(row)
        if run.ended_at is None or run.ended_at >= since:
            yield run


def _last_attempts(rows: list[Row]) -> list[Row]:
    """A graph that is tried again keeps its group and raises its number: only the last attempt of a task counts."""
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        group = row["graph_run_group_id"] or row["query_id"]
        key = (row["database_name"], row["schema_name"], row["name"], group)
        if key not in found or _attempt(row) >= _attempt(found[key]):
            found[key] = row
    return list(found.values())


def _attempt(row: Row) -> int:
    return whole_of(row, "attempt_number") or 0


def _run(row: Row) -> JobRun:
    by = text_of(row, "scheduled_from")
    return JobRun(
        job=f"{row['database_name']}.{row['schema_name']}.{row['name']}",
        run=str(row["query_id"] or f"{row['graph_run_group_id']}/{row['attempt_number']}"),
        outcome=_OUTCOMES.get(str(row["state"])),
        started_at=number_of(row, "started_at"),
        ended_at=number_of(row, "ended_at"),
        by=None if by is None else by.lower().replace("_", " "),
        message=text_of(row, "error_message"),
    )
