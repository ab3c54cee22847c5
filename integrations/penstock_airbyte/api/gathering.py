"""Asks one server for everything that an observation needs, and as little as that takes. What it means is in `describing`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from penstock.errors import UsageError
from penstock_airbyte.api.client import Client
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.api.gathered import (
    Gathered,
    KnownConnection,
    KnownStreams,
    Names,
    digest_of,
    is_loaded,
)
from penstock_airbyte.api.jobs import newest_first
from penstock_airbyte.api.problems import ApiProblem
from penstock_manifests.airbyte.api import ApiConnection, ApiJob, ApiWorkspace

_AT_ONCE = 4  # requests at one time: servers limit users, not applications
_OVERLAP = 600.0  # seconds that two readings of changed jobs overlap: clocks and late writes
_FIRST_LOOK = 7 * 86400.0  # how far back the first reading of jobs goes


def gather(
    client: Client,
    config: ApiConfig,
    before: Gathered | None,
    *,
    schemas_age: float,
    fresh: bool = False,
    progress: Callable[[str], None],
) -> Gathered:
    """Everything now. Fields of streams younger than `schemas_age` seconds are taken from `before`; with `fresh` the server asks
    every source anew, which is slow. Raises ApiProblem."""
    now = time.time()
    before = before if before is not None and before.server == config.server else None
    progress("Airbyte: connections")
    workspaces = _wanted(client.workspaces(), config.workspaces)
    ids = [one.workspace_id for one in workspaces]
    listed = client.connections(ids)
    chosen = tuple(one for one in listed.rows if config.connections.has(one) and _lives(one))
    known = _known(chosen, before, client.now())
    sources, destinations = client.sources(ids), client.destinations(ids)
    progress(f"Airbyte: jobs and streams of {len(chosen)} connections")
    jobs, jobs_read = _jobs(client, ids, chosen, before, now)
    return Gathered(
        server=config.server,
        taken_at=now,
        offset=client.offset,
        workspaces=workspaces,
        sources=tuple(one for one in sources if one.id in {c.source_id for c in chosen}),
        destinations=tuple(one for one in destinations if one.id in {c.destination_id for c in chosen}),
        connections=known,
        streams=_streams(client, known, before, now, schemas_age, jobs, fresh=fresh),
        jobs=jobs,
        jobs_read=jobs_read,
        notes=listed.notes,
        names=Names(
            connections=tuple((one.name, one.connection_id) for one in listed.rows if _lives(one)),
            destinations=tuple((one.name, one.id) for one in destinations),
        ),
        complete=listed.complete,
    )


def _lives(connection: ApiConnection) -> bool:
    return connection.status != "deprecated"


def _wanted(workspaces: Iterable[ApiWorkspace], names: tuple[str, ...]) -> tuple[ApiWorkspace, ...]:
    """Those that are named, or all. Raises UsageError for a name that is not there: without it, all of them would be listed."""
    there = tuple(workspaces)
    for name in names:
        if all(name not in (one.name, one.workspace_id) for one in there):
            shown = ", ".join(one.name or one.workspace_id for one in there) or "none"
            raise UsageError(f"no workspace '{name}' is visible in Airbyte", hint=f"visible: {shown}")
    return tuple(one for one in there if not names or one.name in names or one.workspace_id in names)


def _known(
    connections: tuple[ApiConnection, ...], before: Gathered | None, now: float
) -> tuple[KnownConnection, ...]:
    earlier = {one.connection.connection_id: one for one in before.connections} if before else {}
    found = []
    for connection in connections:
        digest, old = digest_of(connection), earlier.get(connection.connection_id)
        if old is None:
            made = KnownConnection(connection=connection, digest=digest)
        elif old.digest == digest:
            made = msgspec.structs.replace(old, connection=connection)
        else:
            job = before.jobs.get(connection.connection_id) if before else None
            open_still = old.before is not None and not is_loaded(job, old.changed_at)
            made = KnownConnection(
                connection=connection,
                digest=digest,
                changed_at=now,
                before=old.before if open_still else old.connection,
            )
        found.append(made)
    return tuple(found)


# ---------------------------------------------------------------- streams


def _streams(
    client: Client,
    connections: tuple[KnownConnection, ...],
    before: Gathered | None,
    now: float,
    max_age: float,
    jobs: dict[str, ApiJob],
    *,
    fresh: bool,
) -> dict[str, KnownStreams]:
    """By source id. Read again when old, or when one of the source's connections has changed since."""
    earlier = before.streams if before else {}
    pairs: dict[str, str] = {}
    for one in connections:
        pairs.setdefault(one.connection.source_id, one.connection.destination_id)
    changed = {
        one.connection.source_id
        for one in connections
        if one.changed_at is not None and one.changed_at >= client.now() - 1
    }

    def read(source: str) -> KnownStreams:
        old = earlier.get(source)
        if (
            old is not None
            and not fresh
            and not old.problem
            and now - old.taken_at < max_age
            and source not in changed
        ):
            return old
        try:
            streams = client.streams(source, pairs[source], fresh=fresh)
        except ApiProblem as problem:
            kept = old.streams if old else ()
            failed = KnownStreams(taken_at=now, streams=kept, problem=problem.what)
            return _since(failed, old)
        if old is None or old.streams == streams:
            return _since(KnownStreams(taken_at=now, streams=streams), old)
        open_still = old.before is not None and not loaded(source, old.changed_at)
        return KnownStreams(
            taken_at=now,
            streams=streams,
            before=old.before if open_still else old.streams,
            changed_at=client.now(),
        )

    def loaded(source: str, changed_at: float | None) -> bool:
        users = [one.connection.connection_id for one in connections if one.connection.source_id == source]
        return all(is_loaded(jobs.get(one), changed_at) for one in users)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(pairs, pool.map(read, pairs), strict=True))


def _since(now: KnownStreams, old: KnownStreams | None) -> KnownStreams:
    """With the change that is still open from before."""
    if old is None:
        return now
    return msgspec.structs.replace(now, before=old.before, changed_at=old.changed_at)


# ---------------------------------------------------------------- jobs


def _jobs(
    client: Client,
    workspaces: list[str],
    connections: tuple[ApiConnection, ...],
    before: Gathered | None,
    now: float,
) -> tuple[dict[str, ApiJob], dict[str, float]]:
    """The newest job per connection: what changed since last time for the workspaces at once, then one request for each
    connection that nothing is known of yet (a page holds a hundred jobs: quiet connections fall off)."""
    jobs = dict(before.jobs) if before else {}
    read = dict(before.jobs_read) if before else {}
    since = (before.taken_at + before.offset - _OVERLAP) if before else client.now() - _FIRST_LOOK
    wanted = {one.connection_id for one in connections}
    for job in reversed(newest_first(client.jobs_since(workspaces, since))):
        if job.connection_id in wanted:
            jobs[job.connection_id] = job
            read[job.connection_id] = now
    unknown = [one for one in wanted if one not in read]

    def ask(connection: str) -> ApiJob | None:
        found = newest_first(client.jobs(connection, limit=1))
        return found[0] if found else None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for connection, newest in zip(unknown, pool.map(ask, unknown), strict=True):
            read[connection] = now
            if newest is not None:
                jobs[connection] = newest
    return (
        {one: job for one, job in jobs.items() if one in wanted},
        {one: at for one, at in read.items() if one in wanted},
    )
