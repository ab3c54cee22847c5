"""The entry point object: hands every call to the module that does it, so that psycopg is imported only when used."""

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
from penstock_postgres.config import PostgresConfig, connection_of


class PostgresIntegration(BaseIntegration[PostgresConfig]):
    """One PostgreSQL database per instance. It has no steps of its own: loads come through `Destination`, builds through dbt."""

    name = "postgres"
    config: type[msgspec.Struct] = PostgresConfig

    def observe(self, context: ObserveContext[PostgresConfig]) -> Observation:
        from penstock_postgres.observe import observe

        return observe(context)

    def definitions(
        self, context: ObserveContext[PostgresConfig], ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        from penstock_postgres.observe import definitions

        return definitions(context, ids)

    def connection(self, context: ObserveContext[PostgresConfig]) -> Connection | None:
        return connection_of(context)

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        if context.connection.type != "postgres":
            return None
        from penstock_postgres.warehouse import PostgresWarehouse

        return PostgresWarehouse(context.connection)

    def diagnose(self, context: ObserveContext[PostgresConfig]) -> Iterable[Diagnosis]:
        from penstock_postgres.observe import diagnose

        return diagnose(context)


INTEGRATION = PostgresIntegration()
