"""One check in DuckDB's SQL, on an open connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from penstock.integration import SqlCheck, SqlCheckResult, Usage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def run_check(connection: DuckDBPyConnection, check: SqlCheck) -> SqlCheckResult:
    """What the check's one row says. An error of its SQL is its result; being interrupted is not."""
    import duckdb

    begun = time.monotonic()
    try:
        row = connection.execute(check.sql).fetchone()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        return _failed(check, str(error).strip().splitlines()[0], time.monotonic() - begun)
    seconds = time.monotonic() - begun
    if row is None or len(row) != 1 or isinstance(row[0], bool) or not isinstance(row[0], int):
        return _failed(check, f"a check gives one row with one whole number, this one gave {row!r}", seconds)
    return SqlCheckResult(id=check.id, failures=row[0], seconds=seconds, usage=Usage(seconds=seconds))


def missing_file(check: SqlCheck) -> SqlCheckResult:
    return _failed(check, "the DuckDB file does not exist yet", 0.0)


def _failed(check: SqlCheck, error: str, seconds: float) -> SqlCheckResult:
    return SqlCheckResult(id=check.id, failures=None, seconds=seconds, error=error)
