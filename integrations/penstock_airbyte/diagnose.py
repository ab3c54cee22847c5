"""What `doctor` shows about connections: whether the connector is there, its configuration right, its source reachable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from penstock.errors import PenstockError
from penstock.integration import Diagnosis, ObserveContext
from penstock_airbyte.config import AirbyteConfig, ConnectionConfig
from penstock_airbyte.environment import installed_command, refuse_missing
from penstock_airbyte.naming import rule_of
from penstock_airbyte.source import Source

_AT_A_TIME = 4  # each check is a process that imports for seconds


def diagnose(context: ObserveContext[AirbyteConfig]) -> Iterable[Diagnosis]:
    """One line per connection. Connectors are installed and started only when `may_call`; else each line says what that leaves
    unchecked."""
    config: AirbyteConfig = context.config
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        yield from pool.map(lambda one: diagnosis_of(context, *one), config.connections.items())


def diagnosis_of(
    context: ObserveContext[AirbyteConfig], name: str, connection: ConnectionConfig
) -> Diagnosis:
    subject = f"{context.instance}/{name}"
    source = Source(context, name, connection.source)
    try:
        rule_of(context.address(context.connection(connection.destination)).dialect)
        if context.may_call:
            return _called(subject, source, context)
        return _looked_at(subject, source, context)
    except PenstockError as error:
        return Diagnosis(
            subject=subject, ok=False, message=context.secrets.redact(error.what), hint=error.hint
        )


def _looked_at(subject: str, source: Source, context: ObserveContext[AirbyteConfig]) -> Diagnosis:
    refuse_missing(source.config, context.environ, context.project_root)
    there = installed_command(source.config, context.cache_dir) is not None
    state = "is there" if there else "is not installed yet (the first sync does it)"
    return Diagnosis(
        subject=subject,
        ok=True,
        message=f"{source.config.title} {state}",
        unchecked="whether the package exists, its configuration, its source"
        if not there
        else "its configuration, its source",
    )


def _called(subject: str, source: Source, context: ObserveContext[AirbyteConfig]) -> Diagnosis:
    title = source.config.title
    status = source.connector(context.progress).check(source.current_config())
    if status.status == "SUCCEEDED":
        unchecked = "; ".join(_short(source)) or None
        return Diagnosis(subject=subject, ok=True, message=f"{title} reaches its source", unchecked=unchecked)
    said = (status.message or "it gives no reason").strip()
    return Diagnosis(
        subject=subject,
        ok=False,
        message=f"{title}: check failed: {context.secrets.redact(said)[:500]}",
        hint=f"what is wrong is in {source.place}.config, or with the source itself",
    )


def _short(source: Source) -> Iterator[str]:
    for note in source.notes:
        yield note.removeprefix(f"{source.place}.config").lstrip(": ")
