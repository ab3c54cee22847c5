"""The entry point object: hands every call to the module that does it, so that little is imported until it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from penstock.assets import Observation
from penstock.integration import (
    BaseIntegration,
    Cleared,
    Diagnosis,
    ObserveContext,
    OfferedStream,
    Proposal,
    RunContext,
    Runner,
)
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.config import AirbyteConfig, SyncOptions

Config = AirbyteConfig | ApiConfig


class AirbyteIntegration(BaseIntegration[Config]):
    """One instance is a set of connections: local ones, whose connectors run here, or those of a server (`type: api`)."""

    name = "airbyte"
    config: Any = Config
    options = SyncOptions
    default_type = "local"

    def observe(self, context: ObserveContext[Config]) -> Observation:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api.observing import observe as observe_server

            return observe_server(cast(ObserveContext[ApiConfig], context))
        from penstock_airbyte.observe import observe

        return observe(cast(ObserveContext[AirbyteConfig], context))

    def runner(self, context: RunContext[Config]) -> Runner | None:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api.observing import client_of
            from penstock_airbyte.api.pace import pace_of
            from penstock_airbyte.api.runner import ApiRunner

            return ApiRunner(
                cast(RunContext[ApiConfig], context), client_of(context.config), pace_of(context.environ)
            )
        from penstock_airbyte.runner import SyncRunner

        return SyncRunner(cast(RunContext[AirbyteConfig], context))

    def diagnose(self, context: ObserveContext[Config]) -> Iterable[Diagnosis]:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api.diagnosing import diagnose as diagnose_server

            return diagnose_server(cast(ObserveContext[ApiConfig], context))
        from penstock_airbyte.diagnose import diagnose

        return diagnose(cast(ObserveContext[AirbyteConfig], context))

    # By hand: see `penstock.integration.ByHand`.

    def connections(self, context: ObserveContext[Config]) -> tuple[str, ...]:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api import hand as remote

            return remote.connections(cast(ObserveContext[ApiConfig], context))
        return tuple(context.config.connections)

    def check(self, context: ObserveContext[Config], connection: str) -> Diagnosis:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api import hand as remote

            return remote.check(cast(ObserveContext[ApiConfig], context), connection)
        from penstock_airbyte import hand

        return hand.check(cast(ObserveContext[AirbyteConfig], context), connection)

    def discover(self, context: ObserveContext[Config], connection: str) -> tuple[OfferedStream, ...]:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api import hand as remote

            return remote.discover(cast(ObserveContext[ApiConfig], context), connection)
        from penstock_airbyte import hand

        return hand.discover(cast(ObserveContext[AirbyteConfig], context), connection)

    def state(self, context: RunContext[Config], connection: str) -> bytes:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api import hand as remote

            raise remote.not_there(connection, "the state")
        from penstock_airbyte import hand

        return hand.state(cast(RunContext[AirbyteConfig], context), connection)

    def set_state(self, context: RunContext[Config], connection: str, state: bytes) -> None:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api import hand as remote

            raise remote.not_there(connection, "the state")
        from penstock_airbyte import hand

        hand.set_state(cast(RunContext[AirbyteConfig], context), connection, state)

    def clear(
        self, context: RunContext[Config], connection: str, streams: Sequence[str]
    ) -> tuple[Cleared, ...]:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api import hand as remote

            return remote.clear(cast(RunContext[ApiConfig], context), connection, tuple(streams))
        from penstock_airbyte import hand

        return hand.clear(cast(RunContext[AirbyteConfig], context), connection, streams)

    def items(self, context: RunContext[Config], connection: str, streams: Sequence[str]) -> tuple[str, ...]:
        if isinstance(context.config, ApiConfig):
            from penstock_airbyte.api import hand as remote

            raise remote.not_there(connection, "a refresh")
        from penstock_airbyte import hand

        return hand.items(cast(RunContext[AirbyteConfig], context), connection, streams)

    def from_scratch(self, items: Sequence[str]) -> dict[str, object]:
        return {"from_scratch": list(items)}

    def propose(self, environ: Mapping[str, str]) -> Proposal | None:
        from penstock_airbyte.api.proposing import propose

        return propose(environ)


INTEGRATION = AirbyteIntegration()
