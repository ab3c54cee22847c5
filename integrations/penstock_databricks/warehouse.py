"""A Databricks workspace as a warehouse. Calls nothing before it is asked something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from penstock.assets import Relation
from penstock.integration import (
    EVERYTHING,
    Cancellation,
    CatalogPage,
    Connection,
    Content,
    QueryCancelled,
    RowCount,
    Scope,
    SqlCheck,
    SqlCheckResult,
    TableState,
    UsageRow,
)
from penstock_databricks.address import address_of, catalog_of


class DatabricksWarehouse:
    """Implements Catalog, Freshness, Sleeping, StateMarks, Counts, Checks and UsageReports of `penstock.integration`. Only the catalog does without a SQL
    warehouse.

    Loads of local connectors into it are not built.
    """

    def __init__(self, connection: Connection) -> None:
        self.address = address_of(connection)
        self._connection = connection

    def pages(
        self, scope: Scope = EVERYTHING, since: float | None = None, cancel: Cancellation | None = None
    ) -> Iterator[CatalogPage]:
        """The API cannot leave out what is unchanged, so that `since` leaves nothing out."""
        from penstock_databricks.catalog import Reading
        from penstock_databricks.client import Client

        reading = Reading(Client(self._connection), self.address, self.catalogs)
        for tables in reading.pages(scope, cancel):
            yield CatalogPage(tables=tables)

    def states(
        self, relations: Iterable[Relation], cancel: Cancellation | None = None
    ) -> dict[Relation, TableState]:
        """From the log of each Delta table."""
        from penstock_databricks.reading import states
        from penstock_databricks.statements import Statements

        return states(Statements(self._connection, "states"), relations, cancel)

    def asleep(self, *, queries: bool = False, cancel: Cancellation | None = None) -> str | None:
        """States are asked of a SQL warehouse, as queries are."""
        from penstock_databricks.waking import why_asleep

        return why_asleep(self._connection)

    def marked(
        self, relations: Iterable[Relation], *, wake: bool = False, cancel: Cancellation | None = None
    ) -> dict[Relation, Content]:
        """See `penstock_databricks.marks`."""
        from penstock_databricks.marks import read_marks

        return read_marks(self._connection, relations, cancel, wake=wake)

    def row_counts(
        self, relations: Iterable[Relation], *, exact: bool = True, cancel: Cancellation | None = None
    ) -> dict[Relation, RowCount]:
        """Without `exact` nothing: no number costs nothing here, a SQL warehouse would have to start."""
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        if not exact:
            return {}
        from penstock_databricks.reading import row_counts
        from penstock_databricks.statements import Statements

        return row_counts(Statements(self._connection, "counts"), relations, cancel)

    def run_checks(
        self, checks: Sequence[SqlCheck], cancel: Cancellation | None = None
    ) -> Iterator[SqlCheckResult]:
        """One after the other."""
        from penstock_databricks.reading import run_check
        from penstock_databricks.statements import Statements

        statements = Statements(self._connection, "checks")
        for check in checks:
            yield from run_check(statements, check, cancel)

    def answers(
        self, sql: str, *, most: int, cancel: Cancellation | None = None
    ) -> list[tuple[str | None, ...]]:
        """See `penstock.integration.Answers`. It starts the SQL warehouse where that sleeps."""
        from penstock_databricks.reading import answered
        from penstock_databricks.statements import Statements

        return answered(Statements(self._connection, "events"), sql, most, cancel)

    def usage(self, since: float, until: float, cancel: Cancellation | None = None) -> Iterator[UsageRow]:
        """From the system tables, see `penstock_databricks.usage`."""
        from penstock_databricks.usage import read_usage

        return read_usage(self._connection, since, until, cancel)

    @property
    def catalogs(self) -> tuple[str, ...] | None:
        """Those that are read: named ones, else the connection's own, else all."""
        named = self._connection.settings.get("catalogs")
        own = catalog_of(self._connection.settings)
        if isinstance(named, list | tuple) and named:
            return tuple(str(name) for name in named)
        return (own,) if own else None
