"""What `doctor` shows about a remote Airbyte: reachable, permitted, each connection's state and joins, and what was not checked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from penstock.errors import nearest_names
from penstock.integration import Diagnosis, ObserveContext
from penstock_airbyte.api.config import ApiConfig, Chosen
from penstock_airbyte.api.gathered import Names, read_gathered
from penstock_airbyte.api.jobs import JobState, state_of
from penstock_airbyte.api.observing import client_of, kept_file
from penstock_airbyte.api.problems import ApiProblem
from penstock_manifests.airbyte.api import ApiConnection, ApiJob


def diagnose(context: ObserveContext[ApiConfig]) -> Iterable[Diagnosis]:
    """The server first; then one line per connection, from what it said last."""
    config: ApiConfig = context.config
    yield _server(context, config)
    gathered = read_gathered(kept_file(context.state_dir, context.instance))
    for known in gathered.connections if gathered else ():
        connection = known.connection
        job = gathered.jobs.get(connection.connection_id) if gathered else None
        offset = gathered.offset if gathered else 0.0
        yield connection_state(context.instance, connection.name, connection, job, offset)
    if gathered is not None and gathered.complete and gathered.names is not None:
        yield from unmet(context.instance, config, gathered.names)


def unmet(instance: str, config: ApiConfig, listed: Names) -> Iterator[Diagnosis]:
    """Names in penstock.yml that nothing in Airbyte has: what is said of them holds for nothing, `sync: never` too."""
    connections = [ApiConnection(connection_id=identity, name=name) for name, identity in listed.connections]
    names = [word for pair in listed.connections for word in pair]
    destinations = [word for pair in listed.destinations for word in pair]
    included = [
        word
        for word in config.connections.include
        if not any(Chosen(include=(word,)).has(one) for one in connections)
    ]
    for part, missing, known in (
        ("connections.include", included, names),
        ("overrides", [name for name in config.overrides if name not in names], names),
        ("destinations", [name for name in config.destinations if name not in destinations], destinations),
    ):
        for name in missing:
            near = nearest_names(name, known)
            yield Diagnosis(
                subject=f"airbyte/{instance}",
                ok=False,
                message=f"{part}: nothing in Airbyte is called {name!r}"
                + (f"; did you mean {near[0]!r}?" if near else ""),
                hint="what is said of it holds for nothing; where it is new in Airbyte: penstock refresh",
            )


def _server(context: ObserveContext[ApiConfig], config: ApiConfig) -> Diagnosis:
    subject = f"airbyte/{context.instance}"
    if not context.may_call:
        return Diagnosis(subject=subject, ok=True, message=f"{config.server}: not asked")
    client = client_of(config)
    try:
        workspaces = client.workspaces()
    except ApiProblem as problem:
        return Diagnosis(subject=subject, ok=False, message=str(problem.what), hint=problem.hint)
    finally:
        client.transport.close()
    names = ", ".join(one.name or one.workspace_id for one in workspaces)
    if not workspaces:
        return Diagnosis(
            subject=subject,
            ok=False,
            message=f"{config.server} answers, but shows no workspace",
            hint="give the application or user a role in the workspace",
        )
    missing = [
        name
        for name in config.workspaces
        if name not in {n for w in workspaces for n in (w.name, w.workspace_id)}
    ]
    if missing:
        return Diagnosis(
            subject=subject,
            ok=False,
            message=f"no workspace '{missing[0]}' is visible",
            hint=f"visible: {names}",
        )
    return Diagnosis(subject=subject, ok=True, message=f"{config.server}: workspaces {names}")


def connection_state(
    instance: str, name: str, connection: ApiConnection, job: ApiJob | None, offset: float
) -> Diagnosis:
    """One connection by its status and its newest job. `offset`: the server's clock minus ours, in seconds."""
    subject = f"airbyte/{instance}/{name}"
    if connection.status != "active":
        return Diagnosis(
            subject=subject,
            ok=False,
            message=f"has the status '{connection.status}' in Airbyte: no sync can start",
            hint="enable it in Airbyte, or leave it out: connections.exclude",
        )
    if job is None:
        return Diagnosis(subject=subject, ok=True, message="active; no job is known")
    at = job.updated if job.updated is not None else job.created
    ago = f", {(time.time() + offset - at) / 3600:.1f} h ago" if at is not None else ""
    failed = state_of(job) is JobState.FAILED
    return Diagnosis(
        subject=subject,
        ok=not failed,
        message=f"active; job {job.id} {job.status}{ago}",
        hint="its log in Airbyte says why" if failed else None,
        unchecked="whether its source can be reached: penstock drift --discover asks it",
    )
