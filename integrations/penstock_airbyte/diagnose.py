"""What `doctor` shows about connections: whether the connector is there, its configuration right, its source reachable."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.errors import PenstockError
from penstock.integration import Diagnosis, ObserveContext
from penstock_airbyte.config import AirbyteConfig, ConnectionConfig
from penstock_airbyte.environment import installed_command
from penstock_airbyte.secrets import hidden
from penstock_airbyte.source import Source


def diagnose(context: ObserveContext) -> Iterable[Diagnosis]:
    """One line per connection. Connectors are started only when `may_call`."""
    config: AirbyteConfig = context.config
    for name, connection in config.connections.items():
        yield _of(context, name, connection)


def _of(context: ObserveContext, name: str, connection: ConnectionConfig) -> Diagnosis:
    subject = f"{context.instance}/{name}"
    place = f"airbyte.{context.instance}.connections.{name}.source"
    source = Source(connection.source, place, context.cache_dir, context.environ, context.project_root)
    try:
        if not context.may_call:
            there = installed_command(connection.source, context.cache_dir) is not None
            state = "installed" if there else "not installed yet (the first sync does it)"
            return Diagnosis(subject=subject, ok=True, message=f"{connection.source.title}: {state}")
        connector = source.connector(context.progress)
        status = connector.check(connection.source.config)
        if status.status == "SUCCEEDED":
            return Diagnosis(
                subject=subject, ok=True, message=f"{connection.source.title} reaches its source"
            )
        said = status.message or "no reason given"
        return Diagnosis(
            subject=subject, ok=False, message=f"{connection.source.title}: {hidden(said, connector.secrets)}"
        )
    except PenstockError as error:
        return Diagnosis(subject=subject, ok=False, message=str(error.what), hint=error.hint)
