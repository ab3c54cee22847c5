"""A Databricks workspace as a warehouse. Calls nothing before it is asked something."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.integration import EVERYTHING, Cancellation, CatalogPage, Connection, Scope
from penstock_databricks.address import address_of, catalog_of


class DatabricksWarehouse:
    """Implements Catalog of `penstock.integration`. Loads of local connectors into it are not built."""

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

    @property
    def catalogs(self) -> tuple[str, ...] | None:
        """Those that are read: named ones, else the connection's own, else all."""
        named = self._connection.settings.get("catalogs")
        own = catalog_of(self._connection.settings)
        return tuple(named) if named else (own,) if own else None
