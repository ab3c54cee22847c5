"""The entry point object: hands every call to the module that does it, so that little is imported until it is used."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import Observation
from penstock.integration import (
    BaseIntegration,
    Diagnosis,
    ObserveContext,
    RunContext,
    Runner,
)
from penstock_airbyte.config import AirbyteConfig


class AirbyteIntegration(BaseIntegration[AirbyteConfig]):
    """One instance is a set of connections, each from one source connector into one warehouse of penstock.yml."""

    name = "airbyte"
    config: type[msgspec.Struct] = AirbyteConfig

    def observe(self, context: ObserveContext[AirbyteConfig]) -> Observation:
        from penstock_airbyte.observe import observe

        return observe(context)

    def runner(self, context: RunContext[AirbyteConfig]) -> Runner | None:
        from penstock_airbyte.runner import SyncRunner

        return SyncRunner(context)

    def diagnose(self, context: ObserveContext[AirbyteConfig]) -> Iterable[Diagnosis]:
        from penstock_airbyte.diagnose import diagnose

        return diagnose(context)


INTEGRATION = AirbyteIntegration()
