"""A DuckDB file as a warehouse: catalog, row counts, and the destination of loads. Opens the file only inside a call."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from penstock.assets import Relation
from penstock.integration import CatalogTable, Connection, Destination
from penstock_duckdb.address import address_of, file_of, is_file


class DuckdbWarehouse:
    """Implements `penstock.integration.Warehouse`. Settings of a dbt profile that concern dbt alone are ignored."""

    def __init__(self, connection: Connection, project_root: Path) -> None:
        self.address = address_of(connection, project_root)
        self._connection = connection

    def catalog(self) -> tuple[CatalogTable, ...]:
        from penstock_duckdb.catalog import read_catalog
        from penstock_duckdb.connect import opened

        file = self._existing_file()
        if file is None:
            return ()
        with opened(file) as connection:
            return read_catalog(connection, self.address)

    def row_counts(self, relations: Iterable[Relation]) -> dict[Relation, int]:
        from penstock_duckdb.catalog import count_rows, existing
        from penstock_duckdb.connect import opened

        file = self._existing_file()
        if file is None:
            return {}
        database = self.address.database or ""
        with opened(file) as connection:
            stored = existing(connection, database)
            wanted = {
                relation: stored[place]
                for relation in relations
                if (place := ((relation.schema or "main").lower(), relation.identifier.lower())) in stored
            }
            counts = count_rows(connection, database, set(wanted.values()))
        return {relation: counts[name] for relation, name in wanted.items()}

    def destination(self) -> Destination:
        from penstock_duckdb.destination import DuckdbDestination

        return DuckdbDestination(file_of(self._connection), self.address)

    def _existing_file(self) -> Path | None:
        """None when there is nothing to read: an in-memory database, or a file that no load has made yet."""
        if not is_file(self._connection):
            return None
        file = file_of(self._connection)
        return file if file.exists() else None
