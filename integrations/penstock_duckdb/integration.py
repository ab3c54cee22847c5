"""The entry point object: hands every call to the module that does it, so that duckdb is imported only when used."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import Definition, Observation
from penstock.integration import (
    BaseIntegration,
    Connection,
    Diagnosis,
    ObserveContext,
    Warehouse,
    WarehouseContext,
)
from penstock_duckdb.config import DuckdbConfig, connection_of


class DuckdbIntegration(BaseIntegration[DuckdbConfig]):
    """One DuckDB file per instance. It has no steps of its own: loads come through `Destination`, builds through dbt."""

    name = "duckdb"
    config: type[msgspec.Struct] = DuckdbConfig

    def observe(self, context: ObserveContext[DuckdbConfig]) -> Observation:
        from penstock_duckdb.observe import observe

        return observe(context)

    def definitions(
        self, context: ObserveContext[DuckdbConfig], ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        from penstock_duckdb.observe import definitions

        return definitions(context, ids)

    def connection(self, context: ObserveContext[DuckdbConfig]) -> Connection | None:
        return connection_of(context)

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        if context.connection.type != "duckdb":
            return None
        from penstock_duckdb.warehouse import DuckdbWarehouse

        return DuckdbWarehouse(context.connection, context.project_root)

    def diagnose(self, context: ObserveContext[DuckdbConfig]) -> Iterable[Diagnosis]:
        from penstock_duckdb.observe import diagnose

        return diagnose(context)


INTEGRATION = DuckdbIntegration()
