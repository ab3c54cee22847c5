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
    RunContext,
    Runner,
    Warehouse,
    WarehouseContext,
)
from penstock_snowflake.config import SnowflakeConfig, connection_of


class SnowflakeIntegration(BaseIntegration[SnowflakeConfig]):
    """A warehouse of penstock.yml is an account's catalog; an instance below `snowflake:` is tasks of an account."""

    name = "snowflake"
    config: type[msgspec.Struct] = SnowflakeConfig

    def observe(self, context: ObserveContext[SnowflakeConfig]) -> Observation:
        if context.config.runs_tasks:
            from penstock_snowflake.tasks.observe import observe as observe_tasks

            return observe_tasks(context)
        from penstock_snowflake.observe import observe

        return observe(context)

    def definitions(
        self, context: ObserveContext[SnowflakeConfig], ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        if context.config.runs_tasks:
            return ()
        from penstock_snowflake.observe import definitions

        return definitions(context, ids)

    def definitions_mark(self, context: ObserveContext[SnowflakeConfig]) -> str:
        if context.config.runs_tasks:
            return ""
        from penstock_snowflake.observe import definitions_mark

        return definitions_mark(context)

    def runner(self, context: RunContext[SnowflakeConfig]) -> Runner | None:
        if not context.config.runs_tasks:
            return None
        from penstock.integration.jobs import JobRunner, Pace
        from penstock_snowflake.tasks.api import TasksApi

        pace = Pace.of(context.environ, "PENSTOCK_SNOWFLAKE_PACE")
        return JobRunner(
            context, TasksApi(context.connection(context.config.warehouse or ""), pace.doubt), pace
        )

    def connection(self, context: ObserveContext[SnowflakeConfig]) -> Connection | None:
        if context.config.runs_tasks:
            return context.connection(context.config.warehouse or "")
        return connection_of(context)

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        if context.connection.type != "snowflake":
            return None
        from penstock_snowflake.warehouse import SnowflakeWarehouse

        return SnowflakeWarehouse(context.connection)

    def diagnose(self, context: ObserveContext[SnowflakeConfig]) -> Iterable[Diagnosis]:
        if context.config.runs_tasks:
            return ()  # the warehouse is diagnosed, and what is wrong with a task is a finding
        from penstock_snowflake.observe import diagnose

        return diagnose(context)


INTEGRATION = SnowflakeIntegration()
