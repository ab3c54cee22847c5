"""The entry point object: hands every call to the module that does it, so that the SDK is imported only when used."""

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
from penstock_databricks.config import DatabricksConfig, connection_of


class DatabricksIntegration(BaseIntegration[DatabricksConfig]):
    """A warehouse of penstock.yml is a workspace's catalog; an instance below `databricks:` is jobs of a workspace."""

    name = "databricks"
    config: type[msgspec.Struct] = DatabricksConfig

    def observe(self, context: ObserveContext[DatabricksConfig]) -> Observation:
        if context.config.warehouse is not None:
            from penstock_databricks.jobs.observe import observe as observe_jobs

            return observe_jobs(context)
        from penstock_databricks.observe import observe

        return observe(context)

    def definitions(
        self, context: ObserveContext[DatabricksConfig], ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        if context.config.warehouse is not None:
            return ()
        from penstock_databricks.observe import definitions

        return definitions(context, ids)

    def definitions_mark(self, context: ObserveContext[DatabricksConfig]) -> str:
        if context.config.warehouse is not None:
            return ""
        from penstock_databricks.observe import definitions_mark

        return definitions_mark(context)

    def runner(self, context: RunContext[DatabricksConfig]) -> Runner | None:
        if context.config.warehouse is None:
            return None
        from penstock.integration.jobs import JobRunner, Pace
        from penstock_databricks.client import Client
        from penstock_databricks.jobs.api import JobsApi

        client = Client(context.connection(context.config.warehouse))
        return JobRunner(context, JobsApi(client), Pace.of(context.environ, "PENSTOCK_DATABRICKS_PACE"))

    def connection(self, context: ObserveContext[DatabricksConfig]) -> Connection | None:
        if context.config.warehouse is not None:
            return context.connection(context.config.warehouse)
        return connection_of(context)

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        if context.connection.type != "databricks":
            return None
        from penstock_databricks.warehouse import DatabricksWarehouse

        return DatabricksWarehouse(context.connection)

    def diagnose(self, context: ObserveContext[DatabricksConfig]) -> Iterable[Diagnosis]:
        if context.config.warehouse is not None:
            return ()  # the warehouse is diagnosed, and what is wrong with a job is a finding
        from penstock_databricks.observe import diagnose

        return diagnose(context)


INTEGRATION = DatabricksIntegration()
