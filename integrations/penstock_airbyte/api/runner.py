"""The engine's view of remote syncs: decide, mark, trigger once, find again. Following a job is in `following`.

An answer that does not come leaves open whether a job exists: it is looked up, never triggered again on suspicion.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import msgspec

from penstock.errors import ToolError
from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Handle,
    Intent,
    Provenance,
    Reused,
    ReusedItem,
    RunContext,
    Step,
    StepEvent,
    number_of,
    whole_of,
)
from penstock.integration.jobs import Pace, ProblemKind, note_prepared, was_prepared
from penstock_airbyte.api.attempt import Mark, read_mark, write_mark
from penstock_airbyte.api.client import Client
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.api.deciding import Action, Decision, decide
from penstock_airbyte.api.following import Follower, Tracked
from penstock_airbyte.api.payload import SyncPayload
from penstock_airbyte.api.problems import ApiProblem
from penstock_manifests.airbyte.api import ApiJob

T = TypeVar("T")

# Answers that prove that the server has made no job. Anything else leaves it open.
_REFUSED = frozenset(
    {
        ProblemKind.UNAUTHORIZED,
        ProblemKind.FORBIDDEN,
        ProblemKind.NOT_FOUND,
        ProblemKind.REJECTED,
        ProblemKind.LIMITED,
    }
)


class ApiRunner(BaseRunner):
    """Implements `penstock.integration.Runner` for one server."""

    def __init__(self, context: RunContext[ApiConfig], client: Client, pace: Pace) -> None:
        self._context = context
        self._client = client
        self._pace = pace
        self._followers: dict[AttemptKey, Follower] = {}

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        """The highest job id so far: a job of ours can only be above it."""
        payload = step.decoded(SyncPayload)
        jobs = await self._thread(lambda: self._client.all_jobs(payload.connection))
        await asyncio.to_thread(note_prepared, self._context.folder(attempt))
        return Intent(remembered={"baseline": max((job.id for job in jobs), default=0), "at": time.time()})

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        payload = step.decoded(SyncPayload)
        tracked = _tracked(step, payload, intent)
        if read_mark(self._context.folder(attempt)) is not None:
            return self._handle(attempt, tracked)  # called again: the trigger is not repeated
        decision = await self._thread(lambda: self._decide(payload))
        if decision.action is Action.REFUSE:
            raise ToolError(decision.message, hint=decision.hint)
        if decision.satisfied is not None:
            return _reused(step, payload, decision, self._client.offset)
        if decision.job is not None and decision.action is Action.ADOPT:
            return self._handle(attempt, tracked.with_job(decision.job.id, ours=False))
        if decision.action is Action.TRIGGER:
            try:
                job = await self.trigger(attempt, payload, tracked.baseline)
            except ApiProblem as problem:
                if problem.kind is not ProblemKind.LIMITED:
                    raise
                return self._handle(attempt, msgspec.structs.replace(tracked, limited=True))
            if job is not None:
                return self._handle(attempt, tracked.with_job(job.id, ours=True))
        return self._handle(attempt, tracked)

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused | None:
        if not intent.remembered:
            return None
        payload = step.decoded(SyncPayload)
        tracked = _tracked(step, payload, intent)
        folder = self._context.folder(attempt)
        mark = read_mark(folder)
        if mark is None:
            if was_prepared(folder):
                return None  # the mark is written before the POST
            # Another disk had this attempt, and its folder is not here: its trigger may have been sent.
            write_mark(folder, Mark(at=number_of(intent.remembered, "at") or 0.0, baseline=tracked.baseline))
            return self._handle(attempt, tracked)
        return self._handle(attempt, tracked if mark.job is None else tracked.with_job(mark.job, ours=True))

    def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        return self._follower(handle).events()

    async def cancel(self, handle: Handle) -> None:
        await self._follower(handle).cancel()

    async def close(self, *, detach: bool) -> None:
        """Stop following. Jobs go on in Airbyte; those that were to end have been cancelled by then."""
        for follower in self._followers.values():
            follower.leave()
        await asyncio.to_thread(self._client.transport.close)

    # ------------------------------------------------------------ triggering

    async def trigger(self, attempt: AttemptKey, payload: SyncPayload, baseline: int) -> ApiJob | None:
        """One POST. None: nobody knows whether it made a job. Raises ApiProblem when it certainly did not."""
        folder = self._context.folder(attempt)
        mark = Mark(at=time.time(), baseline=baseline)
        await asyncio.to_thread(write_mark, folder, mark)
        try:
            job = await self._thread(lambda: self._client.trigger(payload.connection))
        except ApiProblem as problem:
            if problem.kind in _REFUSED:
                (folder / "trigger.json").unlink(missing_ok=True)
                raise
            return None
        if job.id <= baseline:
            # The server answered with a job that was there before: somebody else's, queued already.
            (folder / "trigger.json").unlink(missing_ok=True)
            return None
        await asyncio.to_thread(write_mark, folder, Mark(at=mark.at, baseline=baseline, job=job.id))
        return job

    # ------------------------------------------------------------ parts

    def _decide(self, payload: SyncPayload) -> Decision:
        connection = self._client.connection(payload.connection)
        if connection is None:
            raise ToolError(f"Airbyte's answer about the connection '{payload.name}' cannot be read")
        jobs = self._client.all_jobs(payload.connection)
        return decide(payload, connection, jobs, self._client.now())

    def _follower(self, handle: Handle) -> Follower:
        if handle.attempt not in self._followers:
            tracked = Tracked.of(handle.external)
            folder = self._context.folder(handle.attempt)

            async def trigger() -> ApiJob | None:
                return await self.trigger(handle.attempt, tracked.payload, tracked.baseline)

            self._followers[handle.attempt] = Follower(self._client, self._pace, tracked, folder, trigger)
        return self._followers[handle.attempt]

    def _handle(self, attempt: AttemptKey, tracked: Tracked) -> Handle:
        return Handle(attempt=attempt, local=False, external=tracked.told())

    async def _thread(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)


def _tracked(step: Step, payload: SyncPayload, intent: Intent) -> Tracked:
    return Tracked(
        payload=payload,
        items=tuple(item.id for item in step.items),
        baseline=whole_of(intent.remembered, "baseline") or 0,
    )


def _reused(step: Step, payload: SyncPayload, decision: Decision, offset: float) -> Reused:
    satisfied = decision.satisfied
    assert satisfied is not None
    job = satisfied.job
    ended = job.updated if job.updated is not None else job.created
    rows, size = (job.rows, job.size_bytes) if len(step.items) == 1 else (None, None)
    return Reused(
        provenance=Provenance(
            job=f"job {job.id}",
            by="schedule" if payload.scheduled else "somebody else",
            ended_at=None if ended is None else ended - offset,
        ),
        items=tuple(ReusedItem(id=item.id, rows=rows, size_bytes=size) for item in step.items),
    )
