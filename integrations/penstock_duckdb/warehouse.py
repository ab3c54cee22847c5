"""A DuckDB file as a warehouse: catalog, states, counts, checks, and the destination of loads. Opens the file inside a call only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import DataVersion, DataVersionKind, Relation
from penstock.errors import ToolError
from penstock.integration import (
    EVERYTHING,
    Cancellation,
    CatalogPage,
    ColumnSet,
    Connection,
    Content,
    Destination,
    RowCount,
    Scope,
    Signal,
    SqlCheck,
    SqlCheckResult,
    TableState,
)
from penstock_duckdb.address import address_of, attached_of, file_of, is_file

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckdbWarehouse:
    """Implements Catalog, Freshness, Contents, Counts, Checks, Answers and Loadable of `penstock.integration`.

    Settings of a dbt profile that concern dbt alone are ignored.
    """

    def __init__(self, connection: Connection, project_root: Path) -> None:
        self.address = address_of(connection, project_root)
        self._connection = connection

    def place_of_copy(self, folder: Path) -> Connection:
        """See `penstock.integration.Copyable`. The file keeps its name: it is the name of the database too."""
        from msgspec.structs import replace

        settings = self._connection.settings
        moved = {**settings, "path": str(folder / file_of(self._connection).name)}
        attached = settings.get("attach")
        if isinstance(attached, list):  # what else the base works with is read, and not written
            moved["attach"] = [
                {**one, "read_only": True} if isinstance(one, dict) else one for one in attached
            ]
        return replace(self._connection, settings=moved)

    def copy_into(self, folder: Path) -> None:
        """See `penstock.integration.Copyable`."""
        from penstock_duckdb.copying import copy_file

        copy_file(file_of(self._connection), folder)

    def pages(
        self, scope: Scope = EVERYTHING, since: float | None = None, cancel: Cancellation | None = None
    ) -> Iterator[CatalogPage]:
        """One page per schema. A file keeps no times of its tables, so that `since` leaves nothing out."""
        from penstock_duckdb.catalog import read_catalog, schemas

        with self._reading(cancel) as connection:
            if connection is None:
                return
            for database in self._files:
                address = msgspec.structs.replace(self.address, database=database)
                for tables in read_catalog(connection, address, schemas(connection, address, scope)):
                    yield CatalogPage(tables=tuple(table for table in tables if scope.has(table.relation)))

    def states(
        self, relations: Iterable[Relation], cancel: Cancellation | None = None
    ) -> dict[Relation, TableState]:
        """All tables have the state of their file: equal proves the same data, different says nothing of one table."""
        with self._reading(cancel) as connection:
            if connection is None:
                return {}
            found = self._existing(connection, relations)
        states = {name: _state_of(self._files[name]) for name in {place[0] for place in found.values()}}
        return {relation: states[place[0]] for relation, place in found.items()}

    def state(self) -> TableState | None:
        """That of its file; with others attached it is not told at once."""
        file = file_of(self._connection) if is_file(self._connection) else None
        if file is None or attached_of(self._connection) or not file.exists():
            return None
        return _state_of(file)

    def row_counts(
        self, relations: Iterable[Relation], *, exact: bool = True, cancel: Cancellation | None = None
    ) -> dict[Relation, RowCount]:
        """Always counted: DuckDB counts from its own headers, and its estimate does not fall after deletes."""
        from penstock_duckdb.catalog import count_rows

        with self._reading(cancel) as connection:
            if connection is None:
                return {}
            wanted = self._existing(connection, relations)
            counts = {
                (database, *name): count
                for database in self._files
                for name, count in count_rows(
                    connection, database, {place[1:] for place in wanted.values() if place[0] == database}
                ).items()
            }
        return {relation: RowCount(counts[place], exact=True) for relation, place in wanted.items()}

    def contents(
        self,
        wanted: Mapping[Relation, Iterable[ColumnSet | None]],
        cancel: Cancellation | None = None,
    ) -> dict[Relation, Content]:
        """A scan of each table that exists."""
        from penstock_duckdb.contents import content_of

        with self._reading(cancel) as connection:
            if connection is None:
                return {}
            places = self._existing(connection, wanted)
            return {
                relation: content_of(connection, *place, wanted[relation])
                for relation, place in places.items()
            }

    def run_checks(
        self, checks: Sequence[SqlCheck], cancel: Cancellation | None = None
    ) -> Iterator[SqlCheckResult]:
        """The file is open for reading only: a check cannot change it. Held until the last result is taken."""
        from penstock_duckdb.checks import missing_file, run_check

        with self._reading(cancel) as connection:
            if connection is not None:
                connection.execute("SET TimeZone = 'UTC'")
            for check in checks:
                yield from missing_file(check) if connection is None else run_check(connection, check)

    def answers(
        self, sql: str, *, most: int, cancel: Cancellation | None = None
    ) -> list[tuple[str | None, ...]]:
        """The file is open for reading only."""
        from penstock_duckdb.checks import answered

        with self._reading(cancel) as connection:
            if connection is None:
                raise ToolError("the DuckDB file does not exist yet")
            return answered(connection, sql, most)

    def destination(self) -> Destination:
        from penstock_duckdb.destination import DuckdbDestination

        return DuckdbDestination(file_of(self._connection), self.address)

    @contextmanager
    def _reading(self, cancel: Cancellation | None) -> Iterator[DuckDBPyConnection | None]:
        """None when there is nothing to read: an in-memory database, or a file that no load has made yet."""
        from penstock_duckdb.connect import opened, stoppable

        file = file_of(self._connection) if is_file(self._connection) else None
        if file is None or not file.exists():
            yield None
            return
        with (
            opened(file, attached=attached_of(self._connection)) as connection,
            stoppable(connection, cancel),
        ):
            yield connection

    @property
    def _files(self) -> dict[str, Path]:
        """Its own file and the attached ones, by the names of their databases."""
        own = self.address.database or ""
        return {own: file_of(self._connection)} | attached_of(self._connection)

    def _existing(
        self, connection: DuckDBPyConnection, relations: Iterable[Relation]
    ) -> dict[Relation, tuple[str, str, str]]:
        """Database, schema and name as stored."""
        from penstock_duckdb.catalog import existing

        stored = {
            (database.lower(), *place): (database, *names)
            for database in self._files
            for place, names in existing(connection, database).items()
        }
        own = self.address.database or ""
        places = {
            relation: (
                (relation.database or own).lower(),
                (relation.schema or "main").lower(),
                relation.identifier.lower(),
            )
            for relation in relations
        }
        return {relation: stored[place] for relation, place in places.items() if place in stored}


def _state_of(file: Path) -> TableState:
    found = file.stat()
    wal = Path(f"{file}.wal")
    written = wal.stat().st_size if wal.exists() else 0
    return TableState(
        signal=Signal.FILE,
        version=DataVersion(
            DataVersionKind.FILE, f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}-{written}"
        ),
        changed_at=found.st_mtime,
        equal_means_same=True,
    )
