"""What `init` writes about a remote Airbyte whose credentials are in the environment. Asks the server; writes no file."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.errors import PenstockError
from penstock.integration import Proposal
from penstock_airbyte.api.client import Client
from penstock_airbyte.api.config import CLOUD
from penstock_airbyte.api.tokens import Credentials
from penstock_airbyte.api.transport import Transport
from penstock_airbyte.api.warehouses import derived

_WAYS = (
    (("client_id", "AIRBYTE_CLIENT_ID"), ("client_secret", "AIRBYTE_CLIENT_SECRET")),
    (("token", "AIRBYTE_TOKEN"),),
    (("username", "AIRBYTE_USERNAME"), ("password", "AIRBYTE_PASSWORD")),
)


def propose(environ: Mapping[str, str]) -> Proposal | None:
    """An instance `cloud` by the names of the variables; its connections as comments. None without credentials."""
    way = next((way for way in _WAYS if all(environ.get(variable) for _, variable in way)), None)
    if way is None:
        return None
    server = environ.get("AIRBYTE_SERVER")
    lines = ["cloud:", "  type: api"]
    if server:
        lines.append("  server: ${AIRBYTE_SERVER}")
    lines += [f"  {setting}: ${{{variable}}}" for setting, variable in way]
    lines.append("  sync: ask    # a run starts a sync, which may be billed, only after a yes: never, always")
    credentials = Credentials(**{setting: environ[variable] for setting, variable in way})
    try:
        found, message = _asked(server or CLOUD, credentials)
    except PenstockError as problem:
        found, message = [], f"Airbyte could not be asked: {problem.what}"
    return Proposal(lines=(*lines, *found), message=message)


def _asked(server: str, credentials: Credentials) -> tuple[list[str], str]:
    client = Client(Transport(server, credentials), pause=lambda seconds: None)
    try:
        workspaces = [one.workspace_id for one in client.workspaces()]
        connections = client.connections(workspaces).rows
        destinations = client.destinations(workspaces)
    finally:
        client.transport.close()
    unknown = [one.name for one in destinations if derived(one) is None]
    lines = ["  # destinations:    # which warehouse of this file each one is"] if unknown else []
    lines += [f"  #   {name}: main" for name in unknown]
    lines += [f"  # connection: {one.name}, {len(one.streams)} streams, {one.status}" for one in connections]
    return lines, f"Airbyte at {server}: {len(connections)} connections"
