"""One check in PostgreSQL's SQL, in a session that cannot write."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from penstock.integration import SqlCheck, SqlCheckResult, Usage
from penstock_postgres.connect import first_line

if TYPE_CHECKING:
    from penstock_postgres.connect import Session


def run_check(session: Session, check: SqlCheck) -> SqlCheckResult:
    """What the check's one row says. An error of its SQL is its result; being cancelled, or losing the server, is not."""
    import psycopg

    begun = time.monotonic()
    try:
        row = session.execute(check.sql).fetchone()
    except (psycopg.errors.QueryCanceled, psycopg.OperationalError):
        raise
    except psycopg.Error as error:
        return _failed(check, first_line(error), time.monotonic() - begun)
    seconds = time.monotonic() - begun
    if row is None or len(row) != 1 or isinstance(row[0], bool) or not isinstance(row[0], int):
        return _failed(check, f"a check gives one row with one whole number, this one gave {row!r}", seconds)
    return SqlCheckResult(id=check.id, failures=row[0], seconds=seconds, usage=Usage(seconds=seconds))


def _failed(check: SqlCheck, error: str, seconds: float) -> SqlCheckResult:
    return SqlCheckResult(id=check.id, failures=None, seconds=seconds, error=error)
