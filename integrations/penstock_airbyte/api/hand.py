"""A remote connection handled by hand: its last state checked, its streams discovered, its tables cleared. Each is one question
or one job there; what the public API cannot do is said."""

from __future__ import annotations

import time

from penstock.errors import ToolError, UsageError
from penstock.integration import Cleared, Diagnosis, ObserveContext, OfferedStream, RunContext
from penstock.integration.jobs import Pace
from penstock_airbyte.api.client import Client
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.api.describing import labels
from penstock_airbyte.api.diagnosing import connection_state
from penstock_airbyte.api.gathered import Gathered, KnownConnection, read_gathered
from penstock_airbyte.api.jobs import JobState, running_of, state_of
from penstock_airbyte.api.observing import client_of, kept_file
from penstock_airbyte.api.pace import pace_of
from penstock_airbyte.api.problems import ApiProblem
from penstock_manifests.airbyte.api import ApiConfiguredStream

Either = ObserveContext[ApiConfig] | RunContext[ApiConfig]


def connections(context: Either) -> tuple[str, ...]:
    """Those that were seen last."""
    gathered = read_gathered(kept_file(context.state_dir, context.instance))
    return tuple(labels(gathered)) if gathered else ()


def check(context: ObserveContext[ApiConfig], name: str) -> Diagnosis:
    """Its status and last job, as the server says now."""
    gathered, known = _known(context, name)
    client = client_of(context.config)
    try:
        connection = client.connection(known.connection.connection_id)
        jobs = client.jobs(known.connection.connection_id, limit=1)
    finally:
        client.transport.close()
    newest = jobs[0] if jobs else None
    return connection_state(context.instance, name, connection or known.connection, newest, gathered.offset)


def discover(context: ObserveContext[ApiConfig], name: str) -> tuple[OfferedStream, ...]:
    """The streams that the source offers now: Airbyte asks it anew, which is slow. The API gives no types."""
    _, known = _known(context, name)
    synced = {stream.name: stream for stream in known.connection.streams}
    client = client_of(context.config)
    try:
        offered = client.streams(known.connection.source_id, known.connection.destination_id, fresh=True)
    finally:
        client.transport.close()
    return tuple(
        OfferedStream(
            name=stream.stream_name,
            modes=stream.sync_modes,
            source_key=tuple(".".join(path) for path in stream.source_defined_primary_key),
            source_cursor=".".join(stream.default_cursor_field) or None,
            cursor_is_the_sources=stream.source_defined_cursor_field,
            fields=dict.fromkeys((".".join(path) for path in stream.property_fields), ""),
            sync_mode=synced[stream.stream_name].sync_mode if stream.stream_name in synced else None,
            primary_key=_key(synced.get(stream.stream_name)),
            cursor=_cursor(synced.get(stream.stream_name)),
        )
        for stream in offered
    )


def clear(context: RunContext[ApiConfig], name: str, streams: tuple[str, ...]) -> tuple[Cleared, ...]:
    """Empty all tables of the connection by a job of Airbyte, and wait for its end. Raises UsageError, ToolError."""
    if streams:
        raise UsageError(
            "Airbyte's public API clears a connection, not single streams", hint="clear the stream in Airbyte"
        )
    _, known = _known(context, name)
    client = client_of(context.config)
    try:
        _cleared(client, pace_of(context.environ), known.connection.connection_id, name)
    finally:
        client.transport.close()
    return tuple(Cleared(name=one.name, table=one.name, rows=None) for one in known.connection.streams)


def not_there(name: str, what: str) -> UsageError:
    """For what the public API does not offer."""
    return UsageError(f"{what} of '{name}' is not in Airbyte's public API", hint="do it in Airbyte itself")


def _cleared(client: Client, pace: Pace, connection: str, name: str) -> None:
    running = running_of(client.all_jobs(connection))
    if running is not None:
        raise UsageError(
            f"job {running.id} ({running.kind}) of '{name}' runs there now", hint="wait for its end"
        )
    job, asked = client.trigger(connection, "clear"), 0
    while state_of(job) is JobState.RUNNING:
        time.sleep(pace.pause(asked))
        asked += 1
        try:
            job = client.job(job.id)
        except ApiProblem as problem:
            if not problem.passing:
                raise
    if state_of(job) is not JobState.SUCCEEDED:
        raise ToolError(f"job {job.id}, which was to clear '{name}', ended as {job.status}")


def _known(context: Either, name: str) -> tuple[Gathered, KnownConnection]:
    gathered = read_gathered(kept_file(context.state_dir, context.instance))
    if gathered is not None:
        for label, known in zip(labels(gathered), gathered.connections, strict=True):
            if label == name:
                return gathered, known
    raise UsageError(f"no connection '{name}' was seen in {context.instance}", hint="penstock refresh")


def _key(stream: ApiConfiguredStream | None) -> tuple[str, ...]:
    return tuple(".".join(path) for path in stream.primary_key) if stream else ()


def _cursor(stream: ApiConfiguredStream | None) -> str | None:
    return ".".join(stream.cursor_field) or None if stream else None
