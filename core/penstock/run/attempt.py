"""One try of a step: started or adopted through its runner, watched to its end, stopped when asked. Writes no store."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import msgspec

from penstock.errors import PenstockError, UsageError
from penstock.integration import (
    AttemptKey,
    Beside,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    ItemProgress,
    LogLine,
    Outcome,
    Phase,
    Reused,
    Runner,
    Step,
    StepEvent,
    satisfied,
)
from penstock.run.logs import AttemptLog
from penstock.run.policy import RemoteJob, StepPolicy


class StopCause(StrEnum):
    """Why we stop a try: somebody asked for it, or its time is up. Only the second is a failure, and may be tried again."""

    ASKED = "asked"
    TIME_UP = "time_up"

    @property
    def outcome(self) -> Outcome:
        return Outcome.ERROR if self is StopCause.TIME_UP else Outcome.CANCELLED


class Stop(msgspec.Struct, frozen=True):
    """That we stop a try: why, and the sentence for it."""

    cause: StopCause
    message: str


class AttemptEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a try ended. `kept`: its time is up, and its remote job goes on; `lost`: what did the work is gone without saying
    how it ended."""

    outcome: Outcome
    message: str | None
    retryable: bool
    kept: bool = False
    lost: bool = False
    beside: tuple[Beside, ...] = ()


class Attempt:
    """`on_started` and `on_event` are called as things happen; log lines go to `log` first. `on_prepared` commits what the runner
    must remember before it triggers anything."""

    def __init__(
        self,
        step: Step,
        key: AttemptKey,
        runner: Runner,
        policy: StepPolicy,
        log: AttemptLog,
        *,
        on_prepared: Callable[[Intent], Awaitable[None]],
        on_started: Callable[[Handle], None],
        on_event: Callable[[StepEvent], None],
    ) -> None:
        self.step = step
        self.key = key
        self.log = log
        self.handle: Handle | None = None
        self.stopped: Stop | None = None
        self.kept: str | None = None
        self._runner = runner
        self._policy = policy
        self._on_prepared = on_prepared
        self._on_started = on_started
        self._on_event = on_event
        self._intent = Intent()
        self._heard = time.monotonic()
        self._known: asyncio.Future[None] | None = None  # made when somebody waits for the handle
        self._started = False
        self._stopping: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._up: asyncio.Future[None] | None = None

    @property
    def local(self) -> bool:
        """Whether it works on this machine, or as a job somewhere else."""
        return self.handle is None or self.handle.local

    async def run(self, adopted: Handle | Reused | None = None) -> AttemptEnd:
        """To its end, whatever happens. Only being cancelled (detaching) leaves it going on by itself."""
        try:
            return await self._run(adopted)
        except PenstockError as error:
            self.log.line(time.time(), "error", str(error))
            return self._failed(str(error), retryable=not isinstance(error, UsageError))
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            return self._failed(f"{place}{error.strerror or error}", retryable=True)
        except Exception as error:  # a runner is somebody else's code: its defect must not end the run
            self.log.line(time.time(), "error", traceback.format_exc())
            return self._failed(
                f"internal error in {self.step.integration}: {type(error).__name__}: {error}", retryable=False
            )
        finally:
            self._tell_known()
            if self._watch is not None:
                self._watch.cancel()
            self.log.flush()

    async def _run(self, adopted: Handle | Reused | None) -> AttemptEnd:
        self._watch_over()
        begun = adopted if adopted is not None else await self._start()
        if isinstance(begun, Reused):
            return self._satisfied(begun)
        self.handle = begun
        if adopted is None:
            self._on_started(begun)
        self._tell_known()
        end = await self._read(begun)
        if self.kept is not None:
            return AttemptEnd(outcome=Outcome.ERROR, message=self.kept, retryable=False, kept=True)
        if self._stopping is not None:
            await self._stopping
        if end is None:
            return self._failed(f"{self.step.integration} ended without saying how", retryable=True)
        return self._ended(end, end.outcome)

    def _satisfied(self, reused: Reused) -> AttemptEnd:
        """Nothing was started: somebody else's job made all of it."""
        now = time.time()
        for event in satisfied((item.id for item in self.step.items), reused, now):
            self._on_event(event)
        words = f"satisfied by {reused.provenance.told(now)}"
        return AttemptEnd(outcome=Outcome.REUSED, message=words, retryable=False)

    async def _read(self, handle: Handle) -> Finished | None:
        """Its last event; or None when its time is up and it is to be kept."""
        if self._policy.on_timeout is not RemoteJob.KEEP or self._watch is None:
            return await self._listen(handle)
        self._up = asyncio.get_running_loop().create_future()
        reading = asyncio.ensure_future(self._listen(handle))
        both: set[asyncio.Future[Any]] = {reading, self._up}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return reading.result() if reading.done() else None
        finally:
            if not reading.done():
                reading.cancel()
                await asyncio.wait({reading})

    async def _listen(self, handle: Handle) -> Finished | None:
        end: Finished | None = None
        async for event in self._runner.events(handle):
            self._heard = time.monotonic()
            if isinstance(event, Finished):
                end = event
            elif isinstance(event, LogLine):
                clean = self.log.line(event.at, event.level, event.message)
                self._on_event(msgspec.structs.replace(event, message=clean))
            else:
                self._on_event(self._as_we_know_it(event))
        return end

    def _as_we_know_it(self, event: StepEvent) -> StepEvent:
        """What the tool calls cancelled was stopped by us, and we know why: a time that is up is an error."""
        if isinstance(event, ItemProgress | Phase):
            return msgspec.structs.replace(event, message=self.log.clean(event.message))
        if not isinstance(event, ItemFinished):
            return event
        message = self.log.clean(event.message)
        if event.outcome is not Outcome.CANCELLED or self.stopped is None:
            return msgspec.structs.replace(event, message=message)
        return msgspec.structs.replace(
            event, outcome=self.stopped.cause.outcome, message=self.stopped.message
        )

    async def _start(self) -> Handle | Reused:
        starting = self._trigger()
        if self._policy.start_timeout is None:
            return await starting
        try:
            return await asyncio.wait_for(starting, self._policy.start_timeout)
        except TimeoutError:
            return await self._late(f"did not start within {self._policy.start_timeout:g} s")

    async def _trigger(self) -> Handle | Reused:
        intent = await self._runner.prepare(self.step, self.key)
        if intent.remembered:
            await self._on_prepared(intent)
            self._intent = intent
        return await self._runner.start(self.step, self.key, self._intent)

    async def _late(self, words: str) -> Handle | Reused:
        """It may have been triggered all the same: then it is stopped, and only what never was may be tried again."""
        try:
            handle = await self._runner.find(self.step, self.key, self._intent)
        except PenstockError as error:
            raise UsageError(f"{words}, and cannot be asked whether it runs: {error.what}") from None
        if handle is None:
            raise PenstockError(words)
        if isinstance(handle, Reused):
            return handle
        self.stop(f"timed out: {words}", StopCause.TIME_UP)
        return handle

    def _ended(self, end: Finished, outcome: Outcome) -> AttemptEnd:
        if self.stopped is not None and not outcome.good:
            return _stopped(self.stopped)
        return AttemptEnd(
            outcome=outcome,
            message=self.log.clean(end.message),
            retryable=end.retryable,
            lost=end.lost is not None,
            beside=tuple(
                msgspec.structs.replace(one, message=self.log.clean(one.message)) for one in end.beside
            ),
        )

    def _failed(self, message: str, *, retryable: bool) -> AttemptEnd:
        if self.stopped is not None:
            return _stopped(self.stopped)
        return AttemptEnd(outcome=Outcome.ERROR, message=self.log.clean(message), retryable=retryable)

    def _tell_known(self) -> None:
        self._started = True
        if self._known is not None and not self._known.done():
            self._known.set_result(None)

    # ------------------------------------------------------------ stopping

    def stop(self, why: str, cause: StopCause = StopCause.ASKED) -> None:
        """Ask the runner to stop it; `run` then ends when it has. Asking twice is asking once."""
        if self.stopped is None:
            self.stopped = Stop(cause, why)
            self._stopping = asyncio.get_running_loop().create_task(self._stop())

    async def _stop(self) -> None:
        if not self._started:
            self._known = asyncio.get_running_loop().create_future()
            await self._known
        if self.handle is None:
            return
        try:
            await self._runner.cancel(self.handle)
        except PenstockError as error:
            self.log.line(time.time(), "error", f"could not be stopped: {error}")

    def _watch_over(self) -> None:
        policy = self._policy
        if policy.heartbeat_timeout is not None or policy.total_timeout is not None:
            self._watch = asyncio.get_running_loop().create_task(self._watched())

    async def _watched(self) -> None:
        policy, begun = self._policy, time.monotonic()
        self._heard = begun
        while self.stopped is None:
            now, due = time.monotonic(), []
            if policy.total_timeout is not None:
                due.append((begun + policy.total_timeout, f"timed out after {policy.total_timeout:g} s"))
            if policy.heartbeat_timeout is not None:
                quiet = f"timed out: nothing heard for {policy.heartbeat_timeout:g} s"
                due.append((self._heard + policy.heartbeat_timeout, quiet))
            first, why = min(due)
            if first <= now:
                if self._up is not None and not self.local:
                    self.kept = f"{why}; the job goes on"
                    self._up.set_result(None)
                else:
                    self.stop(why, StopCause.TIME_UP)
                return
            await asyncio.sleep(first - now)


def _stopped(stop: Stop) -> AttemptEnd:
    retryable = stop.cause is StopCause.TIME_UP
    return AttemptEnd(outcome=stop.cause.outcome, message=stop.message, retryable=retryable)
