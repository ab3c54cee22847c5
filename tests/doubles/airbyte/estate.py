"""What the stand-in holds: workspaces, sources, destinations, connections with their streams, jobs. Records only; no HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ACTIVE = "active"
TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(slots=True, kw_only=True)
class StreamRecord:
    """One stream of a source: its field paths, key and cursor, and the rows that a sync lands (a list of objects)."""

    name: str
    fields: list[list[str]]
    namespace: str | None = None
    primary_key: list[list[str]] = field(default_factory=list)
    cursor: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def document(self, *, with_modes: bool) -> dict[str, Any]:
        """As GET /streams shows it: `streamnamespace` with a small n, no types."""
        return {
            "streamName": self.name,
            "streamnamespace": self.namespace,
            "syncModes": ["full_refresh_overwrite", "full_refresh_append", "incremental_append"]
            if with_modes
            else None,
            "defaultCursorField": self.cursor,
            "sourceDefinedCursorField": bool(self.cursor),
            "sourceDefinedPrimaryKey": self.primary_key,
            "propertyFields": self.fields,
        }


@dataclass(slots=True, kw_only=True)
class ConnectionRecord:
    """One connection. `streams` is what `configurations.streams` shows; `extra` overrides any field of the answer."""

    id: str
    name: str
    source_id: str
    destination_id: str
    workspace_id: str
    streams: list[dict[str, Any]]
    status: str = ACTIVE
    schedule: dict[str, Any] = field(default_factory=lambda: {"scheduleType": "manual"})
    namespace_definition: str | None = "destination"
    namespace_format: str | None = None
    prefix: str | None = None
    tags: list[dict[str, Any]] = field(default_factory=list)
    created_at: float = 1_700_000_000.0
    extra: dict[str, Any] = field(default_factory=dict)
    sync_seconds: float = 0.2
    ends_as: str = "succeeded"
    visible_after: float = 0.0  # a job appears in lists and GET this many seconds after it was accepted
    rows_synced: int | None = None
    script: list[tuple[float, str]] | None = (
        None  # (seconds after acceptance, status): replaces the plain life cycle
    )

    def document(self) -> dict[str, Any]:
        """As GET /connections shows it. Null fields are left out, as the real server does."""
        told = {
            "connectionId": self.id,
            "name": self.name,
            "sourceId": self.source_id,
            "destinationId": self.destination_id,
            "workspaceId": self.workspace_id,
            "status": self.status,
            "schedule": self.schedule,
            "dataResidency": "auto",
            "configurations": {"streams": self.streams},
            "createdAt": int(self.created_at),
            "tags": self.tags,
            "namespaceDefinition": self.namespace_definition,
            "namespaceFormat": self.namespace_format,
            "nonBreakingSchemaUpdatesBehavior": "ignore",
            "prefix": self.prefix,
        } | self.extra
        return {key: value for key, value in told.items() if value is not None}


@dataclass(slots=True, kw_only=True)
class JobRecord:
    """One job. Its status follows from the clock: `script` holds (seconds after `created`, status), in order."""

    id: int
    connection_id: str
    kind: str
    created: float
    script: list[tuple[float, str]]
    visible_after: float = 0.0
    rows: int | None = None
    size_bytes: int | None = None
    cancelled: float | None = None
    by: str = "api"
    landed: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def status(self, now: float) -> str:
        """Where the script has come to; a cancel that came before the end wins."""
        if self.cancelled is not None and self.cancelled <= now:
            return "cancelled"
        reached = [status for after, status in self.script if now >= self.created + after]
        return reached[-1] if reached else "pending"

    def over(self, now: float) -> bool:
        return self.status(now) in TERMINAL

    def ended(self) -> float:
        """Epoch seconds of its last change."""
        return self.cancelled if self.cancelled is not None else self.created + self.script[-1][0]

    def document(self, now: float, skew: float, *, bare: bool = False) -> dict[str, Any]:
        """As GET /jobs/{id} shows it; `bare` as POST and DELETE answer, without counts. `skew`: seconds of the server's clock."""
        status = self.status(now)
        told: dict[str, Any] = {
            "jobId": self.id,
            "status": status,
            "jobType": self.kind,
            "startTime": stamp(self.created + skew),
            "connectionId": self.connection_id,
        }
        if self.over(now):
            told["lastUpdatedAt"] = stamp(self.ended() + skew)
            told["duration"] = f"PT{max(int(self.ended() - self.created), 0)}S"
        if not bare:
            done = status == "succeeded"
            told["bytesSynced"] = (self.size_bytes or 0) if done else 0
            told["rowsSynced"] = (self.rows or 0) if done else 0
        return {key: value for key, value in (told | self.extra).items() if value is not None}


@dataclass(slots=True, kw_only=True)
class Estate:
    """Everything that the server knows, in lists without an order of their own."""

    workspaces: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    destinations: list[dict[str, Any]] = field(default_factory=list)
    connections: list[ConnectionRecord] = field(default_factory=list)
    streams: dict[str, list[StreamRecord]] = field(default_factory=dict)  # by source id
    jobs: list[JobRecord] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    next_job: int = 1

    def connection(self, identity: str) -> ConnectionRecord | None:
        return next((one for one in self.connections if one.id == identity), None)

    def running(self, connection: str, now: float) -> JobRecord | None:
        """The job of that connection which is not over yet."""
        return next((job for job in self.jobs if job.connection_id == connection and not job.over(now)), None)

    def add_job(self, connection: ConnectionRecord, kind: str, now: float, *, by: str = "api") -> JobRecord:
        """A new job of that connection, which lives as the connection says."""
        script = connection.script or [
            (0.0, "pending"),
            (connection.sync_seconds * 0.2, "running"),
            (connection.sync_seconds, connection.ends_as),
        ]
        job = JobRecord(
            id=self.next_job,
            connection_id=connection.id,
            kind=kind,
            created=now,
            script=script,
            visible_after=connection.visible_after,
            rows=connection.rows_synced,
            size_bytes=None if connection.rows_synced is None else connection.rows_synced * 100,
            by=by,
        )
        self.next_job += 1
        self.jobs.append(job)
        return job


def stamp(at: float) -> str:
    """A time as Java prints an OffsetDateTime: zero seconds are dropped."""
    moment = datetime.fromtimestamp(int(at), UTC)
    return moment.strftime("%Y-%m-%dT%H:%MZ" if moment.second == 0 else "%Y-%m-%dT%H:%M:%SZ")
