"""A PostgreSQL database as a warehouse. Opens a session inside a call only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from penstock.assets import Relation
from penstock.integration import (
    EVERYTHING,
    Cancellation,
    CatalogPage,
    ColumnSet,
    Connection,
    Content,
    Destination,
    QueryCancelled,
    RowCount,
    Scope,
    SqlCheck,
    SqlCheckResult,
    TableState,
    whole_of,
)
from penstock_postgres.address import address_of

# MiB of a table that a look reads whole; see `look_megabytes`.
_LOOKED_AT = 32


class PostgresWarehouse:
    """Implements Catalog, Freshness, OneState, Contents, Laid, Counts, Checks, Answers and Loadable of `penstock.integration`.

    Settings of a dbt profile that concern dbt alone are ignored.
    """

    def __init__(self, connection: Connection) -> None:
        self.address = address_of(connection)
        self._connection = connection

    def pages(
        self, scope: Scope = EVERYTHING, since: float | None = None, cancel: Cancellation | None = None
    ) -> Iterator[CatalogPage]:
        """PostgreSQL keeps no times of its relations, so that `since` leaves nothing out."""
        from penstock_postgres.catalog import pages
        from penstock_postgres.connect import opened

        with opened(self._connection, cancel=cancel, tag="catalog") as session:
            for tables in pages(session, scope, self.address, cancel):
                yield CatalogPage(tables=tables)

    def states(
        self, relations: Iterable[Relation], cancel: Cancellation | None = None
    ) -> dict[Relation, TableState]:
        """From counters of writes: a hint, see `penstock_postgres.states`."""
        from penstock_postgres.connect import opened
        from penstock_postgres.states import read_states

        with opened(self._connection, cancel=cancel, tag="states") as session:
            return read_states(session, self._own(relations))

    def state(self) -> TableState | None:
        """Which transactions are seen, of the whole server: see `penstock_postgres.states`."""
        from penstock_postgres.connect import opened
        from penstock_postgres.states import whole_state

        with opened(self._connection, tag="states") as session:
            return whole_state(session)

    def contents(
        self,
        wanted: Mapping[Relation, Iterable[ColumnSet | None]],
        cancel: Cancellation | None = None,
    ) -> dict[Relation, Content]:
        """A scan of each table that exists."""
        from penstock_postgres.connect import opened
        from penstock_postgres.contents import read_contents

        own = {relation: wanted[relation] for relation in self._own(wanted)}
        with opened(self._connection, cancel=cancel, tag="look") as session:
            return read_contents(session, own, self._looked_at(), cancel)

    def laid(self, relations: Iterable[Relation], cancel: Cancellation | None = None) -> dict[Relation, str]:
        """A scan, too, which reads no values."""
        from penstock_postgres.connect import opened
        from penstock_postgres.contents import read_laid

        with opened(self._connection, cancel=cancel, tag="look") as session:
            return read_laid(session, self._own(relations), self._looked_at(), cancel)

    def _looked_at(self) -> int:
        most = whole_of(self._connection.settings, "look_megabytes")
        return _LOOKED_AT if most is None else most

    def row_counts(
        self, relations: Iterable[Relation], *, exact: bool = True, cancel: Cancellation | None = None
    ) -> dict[Relation, RowCount]:
        """Counted; without `exact`, large tables have the planner's estimate."""
        from penstock_postgres.connect import opened
        from penstock_postgres.counts import row_counts

        with opened(self._connection, cancel=cancel, tag="counts") as session:
            return row_counts(session, self.address, self._own(relations), exact, cancel)

    def run_checks(
        self, checks: Sequence[SqlCheck], cancel: Cancellation | None = None
    ) -> Iterator[SqlCheckResult]:
        """One after the other in one session, which cannot write."""
        from penstock_postgres.checks import run_check
        from penstock_postgres.connect import opened

        with opened(self._connection, cancel=cancel, tag="checks") as session:
            for check in checks:
                if cancel is not None and cancel.wanted:
                    raise QueryCancelled
                yield from run_check(session, check)

    def answers(
        self, sql: str, *, most: int, cancel: Cancellation | None = None
    ) -> list[tuple[str | None, ...]]:
        """In a session that cannot write."""
        from penstock_postgres.checks import answered
        from penstock_postgres.connect import opened

        with opened(self._connection, cancel=cancel, tag="events") as session:
            return answered(session, sql, most)

    def destination(self) -> Destination:
        from penstock_postgres.destination import PostgresDestination

        return PostgresDestination(self._connection, self.address)

    def _own(self, relations: Iterable[Relation]) -> list[Relation]:
        """A session sees one database only."""
        database = self.address.database
        return [relation for relation in relations if relation.database in (None, database)]
