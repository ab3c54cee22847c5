"""One check, or one query, in DuckDB's SQL, on an open connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import SqlCheck, SqlCheckResult, as_text, check_failed, check_results

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def run_check(connection: DuckDBPyConnection, check: SqlCheck) -> tuple[SqlCheckResult, ...]:
    """What the check's one row says. An error of its SQL is its result; being interrupted is not."""
    import duckdb

    begun = time.monotonic()
    try:
        row = connection.execute(check.sql).fetchone()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        return check_failed(check, str(error).strip().splitlines()[0], time.monotonic() - begun)
    seconds = time.monotonic() - begun
    return check_results(check, row, seconds)


def missing_file(check: SqlCheck) -> tuple[SqlCheckResult, ...]:
    return check_failed(check, "the DuckDB file does not exist yet", 0.0)


def answered(connection: DuckDBPyConnection, sql: str, most: int) -> list[tuple[str | None, ...]]:
    """One statement, which is a query: a session that cannot write its database can still write files."""
    import duckdb

    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
            raise ToolError("it is not one query")
        connection.execute("SET TimeZone = 'UTC'")
        return as_text(connection.execute(statements[0]).fetchmany(most))
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise ToolError(str(error).strip().splitlines()[0]) from None
