"""One attempt at a remote sync, followed to its end: its job looked up where it is not known, polled, cancelled where it is ours.

A problem of the API never changes a job's state: it is shown, and the job is asked for again until patience ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec

from penstock.errors import ToolError
from penstock.integration import ItemStarted, LogLine, Outcome, Phase, StepEvent
from penstock.integration.jobs import Asking, GaveUp, Pace, ProblemKind
from penstock_airbyte.api.attempt import read_mark
from penstock_airbyte.api.client import Client
from penstock_airbyte.api.ending import Ending, ended, events_of
from penstock_airbyte.api.jobs import (
    SYNC,
    JobState,
    candidate,
    newest_first,
    running_of,
    state_of,
    understood,
)
from penstock_airbyte.api.payload import SyncPayload
from penstock_airbyte.api.problems import ApiProblem
from penstock_manifests.airbyte.api import ApiJob

Trigger = Callable[[], Awaitable[ApiJob | None]]


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """What a handle holds. `job` None: to be looked up or triggered. `ours`: this attempt's own POST made it, for certain."""

    payload: SyncPayload
    items: tuple[str, ...]
    baseline: int
    job: int | None = None
    ours: bool = False
    limited: bool = False  # the server has just refused the trigger because of too many requests

    def with_job(self, job: int, *, ours: bool) -> Tracked:
        return msgspec.structs.replace(self, job=job, ours=ours)

    def told(self) -> dict[str, object]:
        found: dict[str, object] = msgspec.to_builtins(self)
        return found

    @classmethod
    def of(cls, told: dict[str, object]) -> Tracked:
        return msgspec.convert(told, cls)


class Follower:
    """Follows one attempt. `trigger` sends the attempt's POST: the job, or None when nobody knows."""

    def __init__(self, client: Client, pace: Pace, tracked: Tracked, folder: Path, trigger: Trigger) -> None:
        self._client = client
        self._pace = pace
        self._tracked = tracked
        self._payload = tracked.payload
        self._folder = folder
        self._trigger = trigger
        # Once that is stopped, the job itself goes on.
        self._asking = Asking("Airbyte", pace, tracked.payload.patience, self._going_on)
        self._asked_to_cancel = False
        self._over = asyncio.Event()
        self._begun = False
        self._notes: list[LogLine] = []

    # ------------------------------------------------------------ the engine's side

    async def events(self) -> AsyncIterator[StepEvent]:
        """From the beginning to Finished."""
        self._begun = True
        try:
            for item in self._tracked.items:
                yield ItemStarted(at=time.time(), item=item)
            job = None
            async for found in self._followed():
                if isinstance(found, ApiJob):
                    job = found
                else:
                    yield found
            for event in self._last(job):
                yield event
        except (ToolError, GaveUp) as error:
            retryable = not isinstance(error, GaveUp)
            ending = Ending(outcome=Outcome.ERROR, message=str(error.args[0]), retryable=retryable)
            for event in events_of(ending, self._tracked.items, time.time()):
                yield event
        finally:
            self._over.set()

    async def cancel(self) -> None:
        """Cancel the job where it is certainly ours and the one that runs; else leave it to go on. Waits for the end."""
        self._asked_to_cancel = True
        if not self._tracked.ours or self._tracked.job is None:
            self._asking.stop.set()
        else:
            await self._cancel_ours(self._tracked.job)
        if self._begun:
            await self._over.wait()

    def leave(self) -> None:
        """Stop following; whatever runs goes on."""
        self._asking.stop.set()

    # ------------------------------------------------------------ following

    async def _followed(self) -> AsyncIterator[StepEvent | ApiJob]:
        """Events, and at last the job as it ended; nothing when it was left."""
        if self._tracked.job is None:
            async for event in self._obtained():
                yield event
        while self._tracked.job is not None:
            job: ApiJob | None = None
            async for found in self._polled(self._tracked.job):
                if isinstance(found, ApiJob):
                    job = found
                else:
                    yield found
            if job is None:
                return
            successor = await self._successor(job)
            if successor is None:
                yield job
                return
            yield self._line(
                f"job {job.id} ended as {job.status}; job {successor.id} has taken its place", "warn"
            )
            self._tracked = self._tracked.with_job(successor.id, ours=False)

    async def _obtained(self) -> AsyncIterator[StepEvent]:
        """Find out which job it is: look up what a lost trigger may have made, wait for what is in the way, trigger."""
        asked, quiet_since, said = 0, None, ""
        limited_until = time.monotonic() + self._pace.limited if self._tracked.limited else 0.0
        while not self._asking.stop.is_set():
            jobs = None
            # An answer tells of the moment it was asked at, or later: one that took long does not end the doubt.
            asked_at = time.monotonic()
            async for found in self._asking.answer(lambda: self._client.all_jobs(self._payload.connection)):
                if isinstance(found, Phase):
                    yield found
                else:
                    jobs = found
            if jobs is None:
                return
            mark = read_mark(self._folder)
            running = running_of(jobs)
            if mark is not None:
                job = candidate(jobs, mark.baseline)
                if job is not None:
                    yield self._line(
                        f"job {job.id} is presumed to be ours: the answer to its trigger was lost"
                    )
                    self._tracked = self._tracked.with_job(job.id, ours=False)
                    return
                quiet_since = time.monotonic() if quiet_since is None else quiet_since
                doubt = running is not None or asked_at - quiet_since < self._pace.doubt
                word = "looking for the job that the trigger may have made"
            else:
                if running is not None and running.kind == SYNC and self._payload.adopt:
                    self._tracked = self._tracked.with_job(running.id, ours=False)
                    yield Phase(at=time.time(), message=f"following job {running.id}, which runs already")
                    return
                doubt = running is not None or time.monotonic() < limited_until
                word = (
                    f"waiting for job {running.id} ({running.kind})"
                    if running
                    else "waiting: Airbyte limits requests"
                )
            if not doubt:
                quiet_since = None
                try:
                    job = await self._trigger()
                except ApiProblem as problem:
                    if problem.kind is not ProblemKind.LIMITED:
                        raise
                    limited_until = time.monotonic() + self._pace.limited
                    job = None
                if job is not None:
                    self._tracked = self._tracked.with_job(job.id, ours=True)
                    return
            elif word != said:
                said = word
                yield Phase(at=time.time(), message=word)
            await self._asking.sleep(asked)
            asked += 1

    async def _polled(self, identity: int) -> AsyncIterator[StepEvent | ApiJob]:
        """Events while it runs, then the job as it ended."""
        asked, said, odd = 0, "", ""
        while not self._asking.stop.is_set():
            job: ApiJob | None = None
            async for found in self._asking.answer(lambda: self._client.job(identity)):
                if isinstance(found, Phase):
                    yield found
                else:
                    job = found
            if job is None:
                return
            for note in self._taken():
                yield note
            if not understood(job) and job.status != odd:
                odd = job.status
                yield self._line(
                    f"job {identity} has the status '{odd}', unknown here: taken as running", "warn"
                )
            if state_of(job) is not JobState.RUNNING:
                yield job
                return
            word = f"job {identity} {'running' if job.status == 'incomplete' else job.status or 'running'}"
            if word != said:
                said = word
                yield Phase(at=time.time(), message=word)
            await self._asking.sleep(asked)
            asked += 1

    async def _successor(self, job: ApiJob) -> ApiJob | None:
        """A newer sync of the connection, when this one was ended by somebody else: Airbyte may replace a job by another."""
        if state_of(job) is JobState.SUCCEEDED or self._asked_to_cancel or not self._payload.adopt:
            return None
        try:
            jobs = await asyncio.to_thread(lambda: self._client.jobs(self._payload.connection, limit=20))
        except ApiProblem:
            return None  # the job's own end is known, and is what is told
        newer = [other for other in newest_first(jobs) if other.id > job.id and other.kind == SYNC]
        alive = [o for o in newer if state_of(o) in (JobState.RUNNING, JobState.SUCCEEDED)]
        return alive[0] if alive else None

    # ------------------------------------------------------------ cancelling

    async def _cancel_ours(self, identity: int) -> None:
        """DELETE stops whatever the connection runs, so it is sent only while that is our job; again if nothing happens."""
        sent, asked = float("-inf"), 0
        until = time.monotonic() + self._payload.patience
        while time.monotonic() < until and not self._asking.stop.is_set() and not self._over.is_set():
            try:
                job = await asyncio.to_thread(self._client.job, identity)
                if state_of(job) is not JobState.RUNNING:
                    break
                jobs = await asyncio.to_thread(self._client.all_jobs, self._payload.connection)
                running = running_of(jobs)
                ours = running is not None and running.id == identity
                if ours and time.monotonic() - sent >= self._pace.recancel:
                    sent = time.monotonic()
                    await asyncio.to_thread(self._client.cancel, identity)
            except ApiProblem as problem:
                if problem.kind is not ProblemKind.CONFLICT:
                    self._notes.append(
                        self._line(f"job {identity} is not cancelled yet: {problem.what}", "warn")
                    )
            await asyncio.sleep(self._pace.pause(min(asked, 2)))
            asked += 1
        else:
            if not self._over.is_set():
                self._asking.stop.set()

    # ------------------------------------------------------------ words

    def _last(self, job: ApiJob | None) -> list[StepEvent]:
        now = time.time()
        if job is None:
            return events_of(self._left_ending(), self._tracked.items, now)
        return [*self._taken(), *events_of(ended(job, self._asked_to_cancel), self._tracked.items, now)]

    def _left_ending(self) -> Ending:
        job = f"job {self._tracked.job} goes on in Airbyte" if self._tracked.job else "no job is known"
        why = "" if self._tracked.ours else ", started by somebody else" if self._tracked.job else ""
        return Ending(outcome=Outcome.CANCELLED, message=f"not awaited any longer: {job}{why}")

    def _going_on(self) -> str:
        job = self._tracked.job
        return f"job {job} may still run there" if job else "a job may run there"

    def _line(self, message: str, level: str = "info") -> LogLine:
        return LogLine(at=time.time(), message=message, level=level)

    def _taken(self) -> list[LogLine]:
        notes, self._notes = self._notes, []
        return notes
