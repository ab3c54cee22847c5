"""Observes one remote Airbyte: asks it where that is allowed, else tells what it said last, and how old that is."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from penstock.assets import Observation
from penstock.integration import Address, ObserveContext, given, not_asked
from penstock_airbyte.api.client import Client
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.api.describing import Locate, describe
from penstock_airbyte.api.gathered import Gathered, read_gathered, write_gathered
from penstock_airbyte.api.gathering import gather
from penstock_airbyte.api.problems import ApiProblem
from penstock_airbyte.api.transport import Transport
from penstock_airbyte.api.warehouses import address_of
from penstock_airbyte.config import SyncOptions
from penstock_manifests.airbyte.api import ApiActor


def client_of(config: ApiConfig) -> Client:
    """A client for this server; nothing is sent yet."""
    return Client(Transport(config.server, config.credentials))


def observe(context: ObserveContext[ApiConfig]) -> Observation:
    """The server as it is now, or as it was last seen. Raises ApiProblem when it cannot be asked and was never seen."""
    config: ApiConfig = context.config
    path = kept_file(context.state_dir, context.instance)
    before = read_gathered(path)
    gathered, problem = before, None
    if context.may_call and not _young(before, config, context.max_age):
        client = client_of(config)
        try:
            age = config.schemas_seconds if context.max_age else 0.0  # a refresh asks for everything
            fresh = given(context.options, SyncOptions).discover
            gathered = gather(client, config, before, schemas_age=age, fresh=fresh, progress=context.progress)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_gathered(path, gathered)
        except ApiProblem as error:
            if before is None:
                raise
            problem = error
        finally:
            client.transport.close()
    if gathered is None:
        message = f"Airbyte '{context.instance}' has not been asked yet"
        return not_asked("airbyte", context.instance, f"airbyte/{context.instance}", message)
    observation = describe(gathered, config, context.instance, _locator(context, config))
    if problem is None:
        return observation
    return msgspec.structs.replace(observation, stale=f"not refreshed: {problem.what}")


def kept_file(state_dir: Path, instance: str) -> Path:
    return state_dir / "airbyte" / instance / "server.msgpack"


def _young(before: Gathered | None, config: ApiConfig, max_age: float) -> bool:
    return before is not None and before.server == config.server and time.time() - before.taken_at < max_age


def _locator(context: ObserveContext[ApiConfig], config: ApiConfig) -> Locate:
    def locate(destination: ApiActor) -> tuple[Address | None, str]:
        return address_of(
            destination, config.destinations, context.connection, context.address, context.project_root
        )

    return locate
