"""Counts, states and checks by SQL statements. Each needs a SQL warehouse that may have to start."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from penstock.assets import DataVersion, DataVersionKind, Relation
from penstock.integration import (
    Cancellation,
    RowCount,
    Signal,
    SqlCheck,
    SqlCheckResult,
    TableState,
    as_text,
    check_failed,
    check_results,
)
from penstock_databricks.statements import Rows, StatementFailed, Statements, quoted

_ABSENT = frozenset({"42P01", "42704", "3F000"})
# Of what makes a version of a Delta table, these alone leave for certain what is read of it as it was. What is not named here counts.
UPKEEP = frozenset({"OPTIMIZE", "VACUUM START", "VACUUM END", "ANALYZE", "COMPUTE STATS"})
# These may change what is read (of columns, or by a property), and bring no new rows: nothing has arrived.
_BRINGS_NONE = UPKEEP | {"SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "CHANGE COLUMN", "REORG"}
_HISTORY = 50


def row_counts(
    statements: Statements, relations: Iterable[Relation], cancel: Cancellation | None
) -> dict[Relation, RowCount]:
    """Counted, one statement per table. What does not exist is left out."""
    found: dict[Relation, RowCount] = {}
    for relation in relations:
        rows = _of_existing(statements, f"SELECT count(*) FROM {_name(relation)}", cancel)
        if rows is not None:
            found[relation] = RowCount(int(rows.rows[0][0] or 0), exact=True)
    return found


def states(
    statements: Statements, relations: Iterable[Relation], cancel: Cancellation | None
) -> dict[Relation, TableState]:
    """The newest version of each Delta table that holds new data. Views and other formats: nothing is known."""
    found: dict[Relation, TableState] = {}
    for relation in relations:
        try:
            rows = _history(statements, relation, cancel)
        except StatementFailed:
            found[relation] = TableState(signal=Signal.HISTORY)
            continue
        if rows is not None:
            found[relation] = _state(rows)
    return found


def history(
    statements: Statements, relation: Relation, cancel: Cancellation | None
) -> list[tuple[str, str, str]]:
    """Its newest versions: (version, time, operation), newest first. Raises StatementFailed where it has none."""
    rows = _history(statements, relation, cancel)
    if rows is None:
        return []
    at = [rows.columns.index(name) for name in ("version", "timestamp", "operation")]
    return [(str(row[at[0]]), str(row[at[1]]), str(row[at[2]])) for row in rows.rows]


def run_check(
    statements: Statements, check: SqlCheck, cancel: Cancellation | None
) -> tuple[SqlCheckResult, ...]:
    """What the check's one row says. It stands inside a query, where nothing that changes data may stand."""
    begun = time.monotonic()
    inside = check.sql.strip().rstrip(";")
    try:
        rows = statements.rows(f"SELECT * FROM (\n{inside}\n) LIMIT 2", cancel).rows
    except StatementFailed as error:
        return check_failed(check, error.what, time.monotonic() - begun)
    return check_results(check, rows[0] if len(rows) == 1 else None, time.monotonic() - begun)


def answered(
    statements: Statements, sql: str, most: int, cancel: Cancellation | None
) -> list[tuple[str | None, ...]]:
    """It stands inside a query, as a check does."""
    inside = sql.strip().rstrip(";")
    return as_text(statements.rows(f"SELECT * FROM (\n{inside}\n) LIMIT {most}", cancel).rows)


def _history(statements: Statements, relation: Relation, cancel: Cancellation | None) -> Rows | None:
    return _of_existing(statements, f"DESCRIBE HISTORY {_name(relation)} LIMIT {_HISTORY}", cancel)


def _of_existing(statements: Statements, sql: str, cancel: Cancellation | None) -> Rows | None:
    try:
        return statements.rows(sql, cancel)
    except StatementFailed as error:
        if error.sql_state in _ABSENT:
            return None
        raise


def _state(rows: Rows) -> TableState:
    at = {name: place for place, name in enumerate(rows.columns)}
    told = [
        (str(row[at["operation"]]), row[at["version"]], str(row[at["timestamp"]])) for row in rows.rows
    ]  # newest first
    newest = next((one for one in told if one[0] not in UPKEEP), None)
    brought = next((one for one in told if one[0] not in _BRINGS_NONE), None)
    if newest is None:
        return TableState(signal=Signal.HISTORY)
    return TableState(
        signal=Signal.HISTORY,
        # A table that is made anew starts at version 0 again: the time tells the two apart.
        version=DataVersion(DataVersionKind.TOKEN, f"{newest[1]}@{newest[2]}"),
        changed_at=epoch(brought[2]) if brought is not None else None,
        equal_means_same=True,
    )


def epoch(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _name(relation: Relation) -> str:
    return quoted(relation.database, relation.schema, relation.identifier)
