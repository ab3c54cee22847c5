"""A Snowflake account as a warehouse. Opens a session inside a call only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from penstock.assets import Relation
from penstock.integration import (
    EVERYTHING,
    Cancellation,
    CatalogPage,
    Connection,
    Content,
    JobRun,
    RowCount,
    Scope,
    SqlCheck,
    SqlCheckResult,
    TableState,
    UsageRow,
)
from penstock_snowflake.address import account_of, address_of


class SnowflakeWarehouse:
    """Implements Catalog, Freshness, Sleeping, StateMarks, Counts, Checks, Jobs and UsageReports of `penstock.integration`.

    Settings of a dbt profile that concern dbt alone are ignored.
    """

    def __init__(self, connection: Connection) -> None:
        self.address = address_of(connection)
        self._connection = connection

    def pages(
        self, scope: Scope = EVERYTHING, since: float | None = None, cancel: Cancellation | None = None
    ) -> Iterator[CatalogPage]:
        """SHOW keeps no times of changes, so that `since` leaves nothing out."""
        from penstock_snowflake.catalog import CatalogReader
        from penstock_snowflake.connect import opened
        from penstock_snowflake.kept import Kept

        with opened(self._connection, "catalog", cancel=cancel) as session:
            kept = Kept(account=account_of(self._connection))
            for tables in CatalogReader(session, self._connection, self.address, kept).pages(scope):
                yield CatalogPage(tables=tables)

    def states(
        self, relations: Iterable[Relation], cancel: Cancellation | None = None
    ) -> dict[Relation, TableState]:
        """From the commit token of each table, see `penstock_snowflake.states`."""
        from penstock_snowflake.connect import opened
        from penstock_snowflake.states import read_states

        with opened(self._connection, "states", cancel=cancel) as session:
            return read_states(session, relations, self.address.database)

    def asleep(self, *, queries: bool = False, cancel: Cancellation | None = None) -> str | None:
        """States need no warehouse; queries do."""
        from penstock_snowflake.connect import opened
        from penstock_snowflake.waking import why_not

        if not queries:
            return None
        with opened(self._connection, "events", cancel=cancel) as session:
            return why_not(session, self._connection)

    def marked(
        self, relations: Iterable[Relation], *, wake: bool = False, cancel: Cancellation | None = None
    ) -> dict[Relation, Content]:
        """See `penstock_snowflake.marks`. INFORMATION_SCHEMA, where the times of DDL are, needs a warehouse."""
        from penstock_snowflake.connect import opened
        from penstock_snowflake.marks import read_marks

        with opened(self._connection, "states", cancel=cancel) as session:
            return read_marks(session, self._connection, relations, self.address.database, wake=wake)

    def row_counts(
        self, relations: Iterable[Relation], *, exact: bool = True, cancel: Cancellation | None = None
    ) -> dict[Relation, RowCount]:
        """From metadata, which is exact for tables; a view is counted only with `exact`."""
        from penstock_snowflake.connect import opened
        from penstock_snowflake.counts import row_counts

        with opened(self._connection, "counts", kept_results=True, cancel=cancel) as session:
            return row_counts(session, relations, self.address.database, exact=exact)

    def run_checks(
        self, checks: Sequence[SqlCheck], cancel: Cancellation | None = None
    ) -> Iterator[SqlCheckResult]:
        """One after the other in one session; one that runs is cancelled in Snowflake too."""
        from penstock_snowflake.checks import run_check
        from penstock_snowflake.connect import opened

        with opened(self._connection, "checks", kept_results=True, cancel=cancel) as session:
            for check in checks:
                yield from run_check(session, check, cancel)

    def answers(
        self, sql: str, *, most: int, cancel: Cancellation | None = None
    ) -> list[tuple[str | None, ...]]:
        """See `penstock.integration.Answers`. It starts the warehouse of the connection where that sleeps."""
        from penstock_snowflake.checks import answered
        from penstock_snowflake.connect import opened

        with opened(self._connection, "events", kept_results=True, cancel=cancel) as session:
            return answered(session, sql, most, cancel)

    def job_runs(self, since: float, cancel: Cancellation | None = None) -> Iterator[JobRun]:
        """Runs of tasks in the connection's database, of the last seven days at most."""
        from penstock_snowflake.connect import opened
        from penstock_snowflake.jobs import read_runs

        if self.address.database is None:
            return
        with opened(self._connection, "jobs", cancel=cancel) as session:
            yield from read_runs(session, self._connection, self.address.database, since)

    def usage(self, since: float, until: float, cancel: Cancellation | None = None) -> Iterator[UsageRow]:
        """From ACCOUNT_USAGE, see `penstock_snowflake.usage`."""
        from penstock_snowflake.connect import opened
        from penstock_snowflake.usage import read_usage

        with opened(self._connection, "usage", cancel=cancel) as session:
            yield from read_usage(session, self._connection, since, until)
