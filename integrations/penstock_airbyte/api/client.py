"""What penstock asks an Airbyte: lists read to their end, jobs triggered, followed and cancelled. Transport is `transport`.

Reads are tried again with growing, jittered pauses; a trigger or cancel never is: the caller looks up what became of it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from penstock.integration.jobs import ProblemKind
from penstock_airbyte.api.problems import ApiProblem
from penstock_airbyte.api.transport import Answer, Transport
from penstock_manifests.airbyte.api import (
    ApiActor,
    ApiConnection,
    ApiJob,
    ApiStream,
    ApiWorkspace,
    Read,
    read_actors,
    read_connection,
    read_connections,
    read_job,
    read_jobs,
    read_streams,
    read_workspaces,
)

PAGE = 100  # the server's own limit
_TRIES = 4
_FIRST_PAUSE = 0.5  # seconds
_LIMITED_PAUSE = 60.0  # a server that limits does not say for how long
_PASSES = 12  # how often a list that moved while it was read is read again


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A whole list. `notes` are oddities; `complete` is false when it kept moving and rows may be missing."""

    rows: tuple[Any, ...]
    notes: tuple[str, ...] = ()
    complete: bool = True


class Client:
    """One server. Blocking and thread-safe. `pause` sleeps (seconds); `offset` is the server's clock minus ours."""

    def __init__(self, transport: Transport, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.transport = transport
        self._pause = pause
        self.offset = 0.0

    # ------------------------------------------------------------ lists

    def workspaces(self) -> tuple[ApiWorkspace, ...]:
        return self._all("workspaces", "list_workspaces", {}, read_workspaces, "workspace_id").rows

    def sources(self, workspaces: Iterable[str]) -> tuple[ApiActor, ...]:
        return self._plain("/sources", workspaces, lambda body: read_actors(body, "source"))

    def destinations(self, workspaces: Iterable[str]) -> tuple[ApiActor, ...]:
        return self._plain("/destinations", workspaces, lambda body: read_actors(body, "destination"))

    def connections(self, workspaces: Iterable[str]) -> Listed:
        wanted = {"workspace_ids": list(workspaces)}
        return self._all("connections", "list_connections", wanted, read_connections, "connection_id")

    def connection(self, identity: str) -> ApiConnection | None:
        """None when the answer could not be read. Raises ApiProblem FORBIDDEN when it is gone."""
        found, _ = read_connection(
            self._read("connections", "get_connection", {"connection_id": identity}).body
        )
        return found

    def streams(self, source: str, destination: str | None, *, fresh: bool = False) -> tuple[ApiStream, ...]:
        """What the source offers, from the server's cache unless `fresh` (which makes the server run a discover: slow)."""
        wanted: dict[str, object] = {"source_id": source, "destination_id": destination}
        if fresh:
            wanted["ignore_cache"] = True
        request = {key: value for key, value in wanted.items() if value is not None}
        found: Read = read_streams(self._read("streams", "get_stream_properties", request).body)
        return found.rows

    # ------------------------------------------------------------ jobs

    def jobs(
        self, connection: str, *, kind: str | None = None, limit: int = PAGE, offset: int = 0
    ) -> tuple[ApiJob, ...]:
        """The connection's newest jobs first: syncs and resets, or those of one `kind`."""
        wanted: dict[str, object] = {
            "connection_id": connection,
            "limit": limit,
            "offset": offset,
            "order_by": "createdAt|DESC",
        }
        if kind is not None:
            wanted["job_type"] = kind
        return read_jobs(self._read("jobs", "list_jobs", wanted).body).rows

    def all_jobs(self, connection: str) -> list[ApiJob]:
        """The newest jobs of every kind: a list without a kind leaves refreshes and clears out."""
        found = {job.id: job for job in self.jobs(connection)}
        for kind in ("refresh", "clear"):
            try:
                found |= {job.id: job for job in self.jobs(connection, kind=kind, limit=20)}
            except ApiProblem as problem:
                if problem.kind is not ProblemKind.REJECTED:
                    raise
                # An older server does not know this kind, so there is no job of it.
        return list(found.values())

    def jobs_since(self, workspaces: Iterable[str], since: float, limit: int = 2000) -> tuple[ApiJob, ...]:
        """Jobs of those workspaces that changed since (epoch seconds by the server's clock), newest first, at most `limit`."""
        from datetime import UTC, datetime

        jobs: dict[int, ApiJob] = {}
        at = datetime.fromtimestamp(since, UTC)
        spaces = list(workspaces)
        for offset in range(0, limit, PAGE):
            wanted: dict[str, object] = {
                "limit": PAGE,
                "offset": offset,
                "order_by": "updatedAt|DESC",
                "updated_at_start": at,
                "workspace_ids": spaces,
            }
            page: Read = read_jobs(self._read("jobs", "list_jobs", wanted).body)
            jobs |= {job.id: job for job in page.rows}
            if page.count < PAGE:
                break
        return tuple(jobs.values())

    def job(self, identity: int) -> ApiJob:
        """Its state now. Raises ApiProblem CONFLICT for an id that the server does not know."""
        found = read_job(self._read("jobs", "get_job", {"job_id": identity}).body)
        if found is None:
            raise ApiProblem(ProblemKind.FOREIGN, f"the answer about job {identity} names no job")
        return found

    def trigger(self, connection: str, kind: str = "sync") -> ApiJob:
        """Start a job: one POST, never repeated here. Any ApiProblem leaves open whether the job exists."""
        answer = self.transport.call("jobs", "create_job", {"connection_id": connection, "job_type": kind})
        self._clock(answer)
        found = read_job(answer.body)
        if found is None:
            raise ApiProblem(ProblemKind.FOREIGN, "the answer to the trigger names no job")
        return found

    def cancel(self, identity: int) -> None:
        """Ask the server to stop. It stops whatever its connection runs now, so the caller has looked which job that is."""
        self.transport.call("jobs", "cancel_job", {"job_id": identity})

    # ------------------------------------------------------------ reading

    def _read(self, group: str, operation: str, request: dict[str, object]) -> Answer:
        return self._patiently(lambda: self.transport.call(group, operation, request))

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        for attempt in range(1, _TRIES + 1):
            try:
                answer = ask()
                self._clock(answer)
                return answer
            except ApiProblem as problem:
                if not problem.passing or attempt == _TRIES:
                    raise
                limited = problem.kind is ProblemKind.LIMITED
                first = _LIMITED_PAUSE if limited else _FIRST_PAUSE
                self._pause(first * 2 ** (attempt - 1) * random.uniform(1.0, 1.5))
        raise AssertionError("the loop returns or raises")

    def _clock(self, answer: Answer) -> None:
        if answer.date is not None:
            self.offset = answer.date - time.time()

    def now(self) -> float:
        """Epoch seconds by the server's clock, as its last answer told."""
        return time.time() + self.offset

    def _plain(
        self, path: str, workspaces: Iterable[str], read: Callable[[bytes], Read]
    ) -> tuple[ApiActor, ...]:
        """A list whose SDK module costs seconds to import: the same request, sent without it."""
        spaces = ",".join(workspaces)

        def page(limit: int, offset: int) -> Read:
            params = {"limit": limit, "offset": offset, "workspaceIds": spaces or None}
            return read(self._patiently(lambda: self.transport.get(path, params)).body)

        return whole(page, lambda row: row.id).rows

    def _all(
        self, group: str, operation: str, wanted: dict[str, Any], read: Callable[[bytes], Read], identity: str
    ) -> Listed:
        def page(limit: int, offset: int) -> Read:
            return read(self._read(group, operation, {**wanted, "limit": limit, "offset": offset}).body)

        return whole(page, lambda row: getattr(row, identity))


def whole(page: Callable[[int, int], Read], identity: Callable[[Any], str]) -> Listed:
    """Every row of a list that the server does not sort: rows may come and go, or change places, between two pages.

    The offset is counted here (the server's `next` is wrong). Each page begins with the last row of the page before: another
    row there shows that the list moved. A list that moved is read again until two passes in a row bring nothing new;
    `complete` is false when it never came to rest.
    """
    found: dict[str, object] = {}
    notes: dict[str, None] = {}
    quiet = 0
    for passes in range(_PASSES):
        before = len(found)
        moved = _one_pass(page, identity, found, notes)
        quiet = quiet + 1 if passes and len(found) == before else 0
        if (not moved and not passes) or quiet == 2:
            return Listed(rows=tuple(found.values()), notes=tuple(notes))
    return Listed(rows=tuple(found.values()), notes=tuple(notes), complete=False)


def _one_pass(
    page: Callable[[int, int], Read],
    identity: Callable[[object], str],
    found: dict[str, object],
    notes: dict[str, None],
) -> bool:
    """Read to the first short page, into `found`. Returns whether the list moved meanwhile."""
    offset, moved = 0, False
    last: str | None = None
    seen: set[str] = set()
    while True:
        got = page(PAGE, offset)
        notes |= dict.fromkeys(got.notes)
        names = [identity(row) for row in got.rows]
        if last is not None:
            moved |= not names or names[0] != last
            names_new = names[1:]
        else:
            names_new = names
        moved |= len(set(names)) != len(names) or bool(seen & set(names_new))
        seen |= set(names)
        found |= zip(names, got.rows, strict=True)
        if got.count < PAGE:
            return moved
        last = names[-1] if names else None
        offset += PAGE - 1
