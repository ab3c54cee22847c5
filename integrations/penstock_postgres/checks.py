"""One check, or one query, in PostgreSQL's SQL, in a session that cannot write."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import SqlCheck, SqlCheckResult, as_text, check_failed, check_results
from penstock_postgres.connect import first_line

if TYPE_CHECKING:
    from penstock_postgres.connect import Session


def run_check(session: Session, check: SqlCheck) -> tuple[SqlCheckResult, ...]:
    """What the check's one row says. An error of its SQL is its result; being cancelled, or losing the server, is not."""
    import psycopg

    begun = time.monotonic()
    try:
        row = session.execute(check.sql).fetchone()
    except (psycopg.errors.QueryCanceled, psycopg.OperationalError):
        raise
    except psycopg.Error as error:
        return check_failed(check, first_line(error), time.monotonic() - begun)
    seconds = time.monotonic() - begun
    return check_results(check, row, seconds)


def answered(session: Session, sql: str, most: int) -> list[tuple[str | None, ...]]:
    """It stands inside a query, where nothing that changes data may stand."""
    import psycopg

    try:
        session.execute("SET TimeZone = 'UTC'")
        inside = sql.strip().rstrip(";")
        return as_text(session.execute(f"SELECT * FROM (\n{inside}\n) AS asked LIMIT {most}").fetchall())
    except (psycopg.errors.QueryCanceled, psycopg.OperationalError):
        raise
    except psycopg.Error as error:
        raise ToolError(first_line(error)) from None
