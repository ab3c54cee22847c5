"""The entry point object: hands every call to the module that does it, so that the connector is imported only when used."""

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
from penstock_snowflake.config import SnowflakeConfig, connection_of


class SnowflakeIntegration(BaseIntegration[SnowflakeConfig]):
    """One Snowflake account per instance. It has no steps of its own, and loads nothing: builds come through dbt."""

    name = "snowflake"
    config: type[msgspec.Struct] = SnowflakeConfig

    def observe(self, context: ObserveContext[SnowflakeConfig]) -> Observation:
        from penstock_snowflake.observe import observe

        return observe(context)

    def definitions(
        self, context: ObserveContext[SnowflakeConfig], ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        from penstock_snowflake.observe import definitions

        return definitions(context, ids)

    def definitions_mark(self, context: ObserveContext[SnowflakeConfig]) -> str:
        from penstock_snowflake.observe import definitions_mark

        return definitions_mark(context)

    def connection(self, context: ObserveContext[SnowflakeConfig]) -> Connection | None:
        return connection_of(context)

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        if context.connection.type != "snowflake":
            return None
        from penstock_snowflake.warehouse import SnowflakeWarehouse

        return SnowflakeWarehouse(context.connection)

    def diagnose(self, context: ObserveContext[SnowflakeConfig]) -> Iterable[Diagnosis]:
        from penstock_snowflake.observe import diagnose

        return diagnose(context)


INTEGRATION = SnowflakeIntegration()
