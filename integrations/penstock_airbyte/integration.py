"""The entry point object: hands every call to the module that does it, so that little is imported until it is used."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import Definition, Observation
from penstock.integration import (
    Connection,
    Diagnosis,
    ObserveContext,
    RunContext,
    Runner,
    Warehouse,
    WarehouseContext,
)
from penstock_airbyte.config import AirbyteConfig


class AirbyteIntegration:
    """One instance is a set of connections, each from one source connector into one warehouse of penstock.yml."""

    name = "airbyte"
    config: type[msgspec.Struct] = AirbyteConfig

    def observe(self, context: ObserveContext) -> Observation:
        from penstock_airbyte.observe import observe

        return observe(context)

    def definitions(self, context: ObserveContext, ids: frozenset[str] | None = None) -> Iterable[Definition]:
        return ()

    def connection(self, context: ObserveContext) -> Connection | None:
        return None

    def runner(self, context: RunContext) -> Runner | None:
        from penstock_airbyte.runner import SyncRunner

        return SyncRunner(context)

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        return None

    def diagnose(self, context: ObserveContext) -> Iterable[Diagnosis]:
        from penstock_airbyte.diagnose import diagnose

        return diagnose(context)


INTEGRATION = AirbyteIntegration()
