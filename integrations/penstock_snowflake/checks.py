"""One check, or one query, in Snowflake's SQL. A session cannot be made read-only: only a query is run, and only one statement."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import (
    Cancellation,
    SqlCheck,
    SqlCheckResult,
    as_text,
    check_failed,
    check_results,
)
from penstock_snowflake.connect import SqlError
from penstock_snowflake.running import run

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_COMMENT = re.compile(r"\s+|--[^\n]*(?:\n|$)|//[^\n]*(?:\n|$)|/\*.*?\*/", re.DOTALL)
_QUERY = re.compile(r"\(*\s*(select|with)\b", re.IGNORECASE)


def run_check(session: Session, check: SqlCheck, cancel: Cancellation | None) -> tuple[SqlCheckResult, ...]:
    """What the check's one row says. An error of its SQL is its result; being cancelled, or losing the account, is not."""
    begun = time.monotonic()
    if not is_query(check.sql):
        return check_failed(check, "a check is one query: it begins with SELECT or WITH", 0.0)
    try:
        rows = run(session, check.sql, cancel)
    except SqlError as error:
        return check_failed(check, error.what, time.monotonic() - begun)
    seconds = time.monotonic() - begun
    return check_results(check, [_whole(value) for value in rows[0]] if rows else None, seconds)


def answered(
    session: Session, sql: str, most: int, cancel: Cancellation | None
) -> list[tuple[str | None, ...]]:
    """Of one query. Snowflake runs one statement at a time."""
    if not is_query(sql):
        raise ToolError("it is not one query: it begins with SELECT or WITH")
    return as_text(run(session, f"SELECT * FROM (\n{sql.strip().rstrip(';')}\n) LIMIT {most}", cancel))


def is_query(sql: str) -> bool:
    """Whether it begins, after its comments, as a query does."""
    place = 0
    while (found := _COMMENT.match(sql, place)) and found.end() > place:
        place = found.end()
    return _QUERY.match(sql, place) is not None


def _whole(value: object) -> object:
    """Snowflake's sums are decimals."""
    whole = isinstance(value, Decimal) and value == value.to_integral_value()
    return int(value) if whole and isinstance(value, Decimal) else value
