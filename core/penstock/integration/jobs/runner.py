"""The engine's view of jobs: decide, mark, start once, find again. Following a run is in `following`.

A trigger whose answer is lost is sent again with the same token: the service then tells the run that it has started already.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from penstock.errors import ToolError
from penstock.integration.events import StepEvent
from penstock.integration.jobs.attempt import (
    Mark,
    note_prepared,
    read_mark,
    token_of,
    was_prepared,
    write_mark,
)
from penstock.integration.jobs.deciding import Action, decide
from penstock.integration.jobs.following import Follower
from penstock.integration.jobs.pace import Pace
from penstock.integration.jobs.payload import JobPayload
from penstock.integration.jobs.remote import RemoteJobs
from penstock.integration.jobs.tracked import Tracked
from penstock.integration.outcome import Provenance, Reused, ReusedItem
from penstock.integration.running import (
    AnyRunContext,
    AttemptKey,
    BaseRunner,
    Handle,
    Intent,
    Step,
)
from penstock.integration.values import number_of


class JobRunner(BaseRunner):
    """Implements `penstock.integration.Runner` for the jobs of one service."""

    def __init__(self, context: AnyRunContext, api: RemoteJobs, pace: Pace) -> None:
        self._context = context
        self._api = api
        self._pace = pace
        self._followers: dict[AttemptKey, Follower] = {}

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        """The token is committed before anything is sent: another machine that goes on has it too."""
        now = time.time()
        token = token_of(attempt, f"{self._context.project_root}\0{now}")
        await asyncio.to_thread(note_prepared, self._context.folder(attempt))
        return Intent(remembered={"token": token, "at": now})

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        payload = step.decoded(JobPayload)
        tracked = _tracked(step, payload, intent)
        if read_mark(self._context.folder(attempt)) is not None:
            return self._handle(attempt, tracked)
        active, completed = await asyncio.to_thread(
            lambda: (
                self._api.active(payload.job),
                [] if payload.max_age is None else self._api.completed(payload.job),
            )
        )
        decision = decide(self._api.tool, payload, active, completed, time.time())
        match decision.action:
            case Action.REFUSE:
                raise ToolError(decision.message, hint=decision.hint)
            case Action.REUSE if decision.run is not None:
                run = decision.run
                return Reused(
                    provenance=Provenance(
                        job=f"run {run.id} of job {payload.name}",
                        by=run.by or "somebody else",
                        ended_at=run.ended_at,
                        url=run.url,
                    ),
                    items=tuple(ReusedItem(id=item.id) for item in step.items),
                )
            case Action.ADOPT if decision.run is not None:
                tracked = tracked.with_run(decision.run.id, ours=False)
        return self._handle(attempt, tracked)

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused | None:
        if not intent.remembered:
            return None
        tracked = _tracked(step, step.decoded(JobPayload), intent)
        folder = self._context.folder(attempt)
        mark = read_mark(folder)
        if mark is None:
            if was_prepared(folder):
                return None  # the mark is written before the trigger is sent
            # Another disk had this attempt, and its folder is not here: its trigger may have been sent. The token finds it.
            begun = number_of(intent.remembered, "at") or 0.0
            write_mark(folder, Mark(first_at=begun, last_at=time.time()))
            return self._handle(attempt, tracked)
        return self._handle(attempt, tracked if mark.run is None else tracked.with_run(mark.run, ours=True))

    def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        return self._follower(handle).events()

    async def cancel(self, handle: Handle) -> None:
        await self._follower(handle).cancel()

    async def close(self, *, detach: bool) -> None:
        """Stop following. Runs go on there; those that were to end have been cancelled by then."""
        for follower in self._followers.values():
            follower.leave()
        await asyncio.to_thread(self._api.close)

    def _follower(self, handle: Handle) -> Follower:
        if handle.attempt not in self._followers:
            tracked = Tracked.of(handle.external)
            folder = self._context.folder(handle.attempt)
            self._followers[handle.attempt] = Follower(self._api, self._pace, tracked, folder)
        return self._followers[handle.attempt]

    def _handle(self, attempt: AttemptKey, tracked: Tracked) -> Handle:
        return Handle(attempt=attempt, local=False, external=tracked.told())


def _tracked(step: Step, payload: JobPayload, intent: Intent) -> Tracked:
    return Tracked(
        payload=payload,
        items=tuple(item.id for item in step.items),
        token=str(intent.remembered["token"]),
    )
