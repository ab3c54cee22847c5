"""One attempt at a job, followed to its end: started with the attempt's token, polled, cancelled where it is ours.

A problem of the API never changes a run's state: it is shown, and the run is asked for again until patience ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from penstock.errors import ToolError
from penstock.integration.events import ItemStarted, LogLine, Phase, StepEvent
from penstock.integration.jobs.asking import Asking, GaveUp
from penstock.integration.jobs.attempt import Mark, read_mark, remove_mark, write_mark
from penstock.integration.jobs.ending import Ending, ended, events_of, failed, left
from penstock.integration.jobs.pace import Pace
from penstock.integration.jobs.problems import REFUSED, ProblemKind, RemoteProblem
from penstock.integration.jobs.remote import RemoteJobs, RemoteRun, RunState, Trigger
from penstock.integration.jobs.tracked import Tracked


class Follower:
    """Follows one attempt."""

    def __init__(self, api: RemoteJobs, pace: Pace, tracked: Tracked, folder: Path) -> None:
        self._api = api
        self._pace = pace
        self._tracked = tracked
        self._payload = tracked.payload
        self._folder = folder
        # Once that is stopped, the run itself goes on.
        self._asking = Asking(
            api.tool, pace, tracked.payload.patience, self._going_on, frozenset({ProblemKind.NOT_FOUND})
        )
        self._over = asyncio.Event()
        self._starting = asyncio.Lock()
        self._begun = False
        self._asked_to_cancel = False
        self._settled = asyncio.Event()  # a cancel knows by now whether there is a run of ours
        # A trigger may have been accepted whose answer never came: only then does a refusal leave open whether there is a run.
        self._doubt = tracked.run is None and read_mark(folder) is not None

    # ------------------------------------------------------------ the engine's side

    async def events(self) -> AsyncIterator[StepEvent]:
        """From the beginning to Finished."""
        self._begun = True
        ending: Ending | None = None
        try:
            for item in self._tracked.items:
                yield ItemStarted(at=time.time(), item=item)
            async for found in self._followed():
                if isinstance(found, RemoteRun):
                    ending = ended(self._api.tool, found, self._asked_to_cancel)
                else:
                    yield found
            ending = ending or left(self._api.tool, self._tracked.run, ours=self._tracked.ours)
        except GaveUp as gone:
            ending = failed(str(gone), retryable=False)
        except ToolError as error:
            ending = failed(error.what)
        finally:
            self._over.set()
        for event in events_of(ending, self._tracked.items, time.time()):
            yield event

    async def cancel(self) -> None:
        """Cancel the run where it is ours; else leave it to go on. Waits for the end."""
        self._asked_to_cancel = True
        async with self._starting:
            sent = read_mark(self._folder) is not None
        if sent and self._tracked.run is None:
            await self._find_to_cancel()
        self._settled.set()
        if self._tracked.ours and self._tracked.run is not None:
            await self._cancel_ours(self._tracked.run)
        else:
            self._asking.stop.set()
        if self._begun:
            await self._over.wait()

    def leave(self) -> None:
        """Stop following; whatever runs goes on."""
        self._asking.stop.set()

    # ------------------------------------------------------------ following

    async def _followed(self) -> AsyncIterator[StepEvent | RemoteRun]:
        """Events, and at last the run as it ended; nothing when it was left."""
        if self._tracked.run is None and read_mark(self._folder) is None:
            async for event in self._waited():
                yield event
        while self._tracked.run is None and not self._asking.stop.is_set() and not self._asked_to_cancel:
            try:
                await self._start()
            except RemoteProblem as problem:
                yield Phase(at=time.time(), message=self._asking.silent(problem))
                await self._asking.sleep(1, limited=problem.kind is ProblemKind.LIMITED)
        if self._asked_to_cancel:
            await self._settled.wait()
        if self._tracked.run is not None:
            async for found in self._polled(self._tracked.run):
                yield found

    async def _waited(self) -> AsyncIterator[StepEvent]:
        """Until no run of the job goes on that somebody else has started: it may not have read what was made meanwhile."""
        asked, said = 0, ""
        while not self._asking.stop.is_set() and not self._asked_to_cancel:
            active: list[RemoteRun] | None = None
            async for found in self._asking.answer(lambda: self._api.active(self._payload.job)):
                if isinstance(found, Phase):
                    yield found
                else:
                    active = found
            if not active:
                return
            if active[0].id != said:
                said = active[0].id
                yield Phase(at=time.time(), message=f"waiting for run {said}, which somebody else started")
            await self._asking.sleep(asked)
            asked += 1

    async def _start(self) -> None:
        """One trigger with the attempt's token. Raises RemoteProblem when asking again may help, ToolError when it cannot."""
        async with self._starting:
            if self._tracked.run is not None or self._asked_to_cancel:
                return
            await self._send()

    async def _send(self) -> None:
        payload = self._payload
        try:
            run = await asyncio.to_thread(self._sent)
        except RemoteProblem as problem:
            if problem.passing:
                self._doubt = self._doubt or problem.kind not in REFUSED
                raise
            if self._doubt:
                raise GaveUp(f"{problem.what}; a run may go on there: an earlier answer was lost") from None
            await asyncio.to_thread(remove_mark, self._folder)
            raise ToolError(
                f"the job '{payload.name}' was not started: {problem.what}", hint=problem.hint
            ) from None
        self._asking.answered()
        self._tracked = self._tracked.with_run(run, ours=True)

    def _sent(self) -> str:
        """The run: of an earlier trigger whose answer was lost, else of one that is sent now. The mark is on disk before it."""
        if (run := self._earlier()) is not None:
            return run
        before, now = read_mark(self._folder), time.time()
        mark = Mark(first_at=now if before is None else before.first_at, last_at=now)
        write_mark(self._folder, mark)
        try:
            run = self._api.start(self._trigger(mark))
        except RemoteProblem:
            # It may have waited long for an answer: the trigger can have arrived until now.
            write_mark(self._folder, msgspec.structs.replace(mark, last_at=time.time()))
            raise
        write_mark(self._folder, msgspec.structs.replace(mark, run=run))
        return run

    def _earlier(self) -> str | None:
        """The run of a trigger whose answer was lost."""
        before = read_mark(self._folder)
        run = self._api.earlier(self._trigger(before)) if before is not None else None
        if before is not None and run is not None:
            write_mark(self._folder, msgspec.structs.replace(before, run=run))
        return run

    def _trigger(self, mark: Mark) -> Trigger:
        return Trigger(
            job=self._payload.job,
            token=self._tracked.token,
            parameters=self._payload.parameters,
            first_at=mark.first_at,
            last_at=mark.last_at,
        )

    async def _polled(self, identity: str) -> AsyncIterator[StepEvent | RemoteRun]:
        """Events while it runs, then the run as it ended."""
        asked, said, odd = 0, "", ""
        while not self._asking.stop.is_set():
            run: RemoteRun | None = None
            async for found in self._asking.answer(lambda: self._api.run(self._payload.job, identity)):
                if isinstance(found, Phase):
                    yield found
                else:
                    run = found
            if run is None:
                return
            if not run.understood and run.word != odd:
                odd = run.word
                message = f"run {run.id} has the state '{odd}', unknown here: taken as running"
                yield LogLine(at=time.time(), message=message, level="warn")
            if run.state is not RunState.RUNNING:
                yield run
                return
            word = f"run {run.id} {run.word.lower()}" + (f" ({run.why})" if run.why else "")
            if word != said:
                said = word
                yield Phase(at=time.time(), message=word)
            await self._asking.sleep(asked)
            asked += 1

    def _going_on(self) -> str:
        run = self._tracked.run
        return f"run {run} may still go on there" if run else "a run may go on there"

    # ------------------------------------------------------------ cancelling

    async def _find_to_cancel(self) -> None:
        """The answer to the trigger is lost: the token tells the run, which then is cancelled. Where sending it again could start a first
        one, it is only looked for."""
        until = time.monotonic() + min(self._payload.patience, 300.0)
        while self._tracked.run is None and time.monotonic() < until and not self._asking.stop.is_set():
            try:
                if not self._api.once:
                    run = await asyncio.to_thread(self._earlier)
                    self._tracked = self._tracked if run is None else self._tracked.with_run(run, ours=True)
                    return
                await self._send()
            except RemoteProblem:
                await asyncio.sleep(self._pace.pause(1))  # it is asked again: a run of ours may go on
            except (ToolError, GaveUp):
                return

    async def _cancel_ours(self, identity: str) -> None:
        """Cancelling is asynchronous and may be lost: again until the run has ended."""
        sent, asked = float("-inf"), 0
        until = time.monotonic() + self._payload.patience
        while time.monotonic() < until and not self._asking.stop.is_set() and not self._over.is_set():
            try:
                if (
                    await asyncio.to_thread(self._api.run, self._payload.job, identity)
                ).state is not RunState.RUNNING:
                    return
                if time.monotonic() - sent >= self._pace.recancel:
                    await asyncio.to_thread(self._api.cancel, self._payload.job, identity)
                    sent = time.monotonic()
            except RemoteProblem as problem:
                if problem.kind is ProblemKind.NOT_FOUND:
                    return
            await asyncio.sleep(self._pace.pause(min(asked, 2)))
            asked += 1
        self._asking.stop.set()
