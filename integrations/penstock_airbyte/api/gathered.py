"""All that one server has told, kept between observations: so that what did not change is not asked again. Records and a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from penstock.system.files import write_private
from penstock_manifests.airbyte.api import ApiActor, ApiConnection, ApiJob, ApiStream, ApiWorkspace


class KnownStreams(msgspec.Struct, frozen=True, kw_only=True):
    """What a source offers, when it was read (epoch seconds, our clock). `before` is what it offered until `changed_at` (server's
    clock), kept until a sync has loaded the change."""

    taken_at: float
    streams: tuple[ApiStream, ...]
    before: tuple[ApiStream, ...] | None = None
    changed_at: float | None = None
    problem: str = ""


class KnownConnection(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as last seen. `changed_at`: when its definition was first seen to differ (epoch seconds, server's clock);
    `before`: the definition before that."""

    connection: ApiConnection
    digest: str
    changed_at: float | None = None
    before: ApiConnection | None = None


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Names and ids of everything that was listed, also of what was not chosen: what penstock.yml says of that is no mistake."""

    connections: tuple[tuple[str, str], ...] = ()
    destinations: tuple[tuple[str, str], ...] = ()


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """One observation of a server. `offset`: its clock minus ours, in seconds. `jobs`: the newest sync per connection id. `names` is
    None in what an older version has kept."""

    server: str
    taken_at: float
    offset: float = 0.0
    workspaces: tuple[ApiWorkspace, ...] = ()
    sources: tuple[ApiActor, ...] = ()
    destinations: tuple[ApiActor, ...] = ()
    connections: tuple[KnownConnection, ...] = ()
    streams: dict[str, KnownStreams] = {}
    jobs: dict[str, ApiJob] = {}
    jobs_read: dict[str, float] = {}  # connection id -> when its jobs were asked for last
    notes: tuple[str, ...] = ()
    names: Names | None = None
    complete: bool = True


def is_loaded(job: ApiJob | None, changed_at: float | None) -> bool:
    """Whether a change that was first seen then has been loaded: by a sync that was accepted later and has succeeded."""
    if changed_at is None:
        return True
    done = job is not None and job.kind == "sync" and job.status == "succeeded"
    return done and job is not None and job.created is not None and job.created > changed_at


def digest_of(connection: ApiConnection) -> str:
    """Changes when what a sync makes can change: streams, modes, fields, mappers, names; not the schedule or the status."""
    parts = (
        connection.source_id,
        connection.destination_id,
        connection.namespace_definition,
        connection.namespace_format,
        connection.prefix,
        connection.streams,
    )
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()[:16]


def read_gathered(path: Path) -> Gathered | None:
    """What was kept; None when there is nothing, or nothing that this version can read."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Gathered)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def write_gathered(path: Path, gathered: Gathered) -> None:
    write_private(path, msgspec.msgpack.encode(gathered))
