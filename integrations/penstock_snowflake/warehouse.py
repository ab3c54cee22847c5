"""A Snowflake account as a warehouse. Opens a session inside a call only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from penstock.assets import Relation
from penstock.integration import (
    EVERYTHING,
    Cancellation,
    CatalogPage,
    Connection,
    RowCount,
    Scope,
    SqlCheck,
    SqlCheckResult,
    TableState,
)
from penstock_snowflake.address import account_of, address_of


class SnowflakeWarehouse:
    """Implements Catalog, Freshness, Counts and Checks of `penstock.integration`.

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

    def row_counts(
        self, relations: Iterable[Relation], *, exact: bool = True, cancel: Cancellation | None = None
    ) -> dict[Relation, RowCount]:
        """From metadata, which is exact for tables; a view is counted only with `exact`."""
        from penstock_snowflake.connect import opened
        from penstock_snowflake.counts import row_counts

        with opened(self._connection, "counts", cancel=cancel) as session:
            return row_counts(session, relations, self.address.database, exact=exact)

    def run_checks(
        self, checks: Sequence[SqlCheck], cancel: Cancellation | None = None
    ) -> Iterator[SqlCheckResult]:
        """One after the other in one session; one that runs is cancelled in Snowflake too."""
        from penstock_snowflake.checks import run_check
        from penstock_snowflake.connect import opened

        with opened(self._connection, "checks", cancel=cancel) as session:
            for check in checks:
                yield from run_check(session, check, cancel)
