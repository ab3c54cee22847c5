"""One step from its place in the line to its end: resources, leases, intent, attempts, and what each of them did.

The order is the point. Resources are free, then the intent is committed (with full durability, and together with the
leases), then the tool is triggered, then its handle is committed. An item that ended is committed before anything that
depends on it may start.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from penstock.assets import Hold
from penstock.integration import (
    AttemptKey,
    Handle,
    Outcome,
    Reused,
    Step,
)
from penstock.plan import PlanItem
from penstock.run.attempt import Attempt, AttemptEnd
from penstock.run.batching import Batching
from penstock.run.board import Board, StepNow
from penstock.run.cutoff import CutOff
from penstock.run.forming import ALL, StepForms, holds_of, narrowed, without
from penstock.run.gating import Gates, Unit
from penstock.run.halt import Halt
from penstock.run.notifier import RunNotifier
from penstock.run.other_runs import OtherRuns
from penstock.run.policy import RemoteJob, RunPolicy, StopMode
from penstock.run.pools import Pools, SlotRequest
from penstock.run.recorder import Recording, StepRecorder
from penstock.run.records import RunEventKind, Waiting, WaitKind
from penstock.run.reuse import ReusedFromOtherRuns
from penstock.run.runner_pool import RunnerPool
from penstock.store import AttemptState, LeaseRecord, RunSession


class Stopped(Exception):
    """The run is being stopped while this step waits for something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepParts:
    """What the steps of a run work with. `step_slot` is what each holds of the run's own limit.

    `keep` leaves a step whose time is up, and whose job goes on, to the run's next coordinator; `begun` is called when a step
    has taken its items, so that another one of its batch may be looked for.
    """

    run_id: str
    board: Board
    session: RunSession
    notifier: RunNotifier
    policy: RunPolicy
    batching: Batching
    gates: Gates
    pools: Pools
    forms: StepForms
    runners: RunnerPool
    reused: ReusedFromOtherRuns
    cutoff: CutOff
    other_runs: OtherRuns
    halt: Halt
    recording: Recording
    step_slot: tuple[Hold, ...]
    keep: Callable[[StepNow, str], None]
    begun: Callable[[], None]

    def make_step(self, units: Sequence[Unit], batch: str | None) -> Step:
        last = batch is None or self.gates.open_in(batch) == len(units)
        return self.forms.make(units, batch, last=last)


class StepRun:
    """`pick` gives the units that the step would have now; it is asked again when the resources are there."""

    def __init__(self, parts: StepParts, batch: str | None, pick: Callable[[], list[Unit]]) -> None:
        self._parts = parts
        self._pick = pick
        self.batch = batch
        self.attempt: Attempt | None = None
        self.wants: SlotRequest | None = None
        self.picking = True
        self.name = ""
        self._stop: asyncio.Future[None] | None = None
        self._waited: dict[str, float] = {}
        self._recorder: StepRecorder | None = None
        self.about: tuple[PlanItem, ...] = ()

    # ------------------------------------------------------------ a new step

    async def run(self) -> None:
        try:
            while True:
                holders = await self._try_to_begin()
                if not holders:
                    return
                await self._wait_for_runs(holders)
        except Stopped:
            return

    async def _try_to_begin(self) -> tuple[LeaseRecord, ...]:
        """Wait for resources, then begin and see it through; or return which other runs are in the way."""
        units = self._pick()
        if not units:
            return ()
        step = self._parts.make_step(units, self.batch)
        self.name, self.about = step.id, tuple(item for unit in units for item in unit.items)
        request = await self._take(step, units)
        try:
            before, units = units, self._pick()
            if await self._parts.reused.take(units):
                units = self._pick()
            while await self._parts.cutoff.take(units, request.needs):
                units = self._pick()
            if not units:
                return ()
            fuller = step if units == before else self._parts.make_step(units, self.batch)
            if set(fuller.holds) != set(step.holds):
                return await self._again(request)
            holders = await self._begin(fuller, units)
            if holders:
                return holders
            self.picking = False
            self._parts.begun()
            await self._attempts(request)
            return ()
        finally:
            self._release(request)

    async def _again(self, request: SlotRequest) -> tuple[LeaseRecord, ...]:
        """What became ready meanwhile needs other resources: back to the line, with the larger wish."""
        self._release(request)
        return await self._try_to_begin()

    async def _begin(self, step: Step, units: Sequence[Unit]) -> tuple[LeaseRecord, ...]:
        """Commit the step's intent. Where other runs make some of it now, begin with the rest; all of it: they are returned."""
        parts = self._parts
        parts.gates.take(units)
        holders = await self._commit_intent(step, units)
        self._parts.reused.contest(holders)
        if not holders or self.batch is None:
            return holders
        parts.gates.put_back(units)
        free = without(units, {lease.name for lease in holders})
        return await self._begin(parts.make_step(free, self.batch), free) if free else holders

    async def _commit_intent(self, step: Step, units: Sequence[Unit]) -> tuple[LeaseRecord, ...]:
        parts = self._parts
        items = tuple(item for unit in units for item in unit.items)
        now = StepNow(step, items, self.batch)
        now.waited = self._waited
        key = AttemptKey(parts.run_id, step.id, 1)
        parts.forms.take(step.id)
        events = [
            parts.board.formed(now),
            parts.board.intent(now, key, None, parts.session.fence, parts.runners.log_path(key)),
        ]
        holders = await parts.session.claim(now.leases, step.id, events)
        if holders:
            parts.board.unform(now)
            parts.forms.give_back(step.id, self.batch)
            return holders
        if self.batch is not None:
            parts.batching.begun(self.batch)
        self._recorder, self.about = StepRecorder(parts.recording, now), items
        parts.notifier.tell(RunEventKind.STEP, step=now, state=now.state)
        return ()

    def occupy(self, now: StepNow) -> SlotRequest:
        """What the attempt of a former coordinator may still be using, while its runner is asked: nobody else begins with it."""
        request = self._parts.pools.request(now.step.id, self._holds(now.step))
        self._parts.pools.seize(request)
        return request

    def let_go(self, occupied: SlotRequest) -> None:
        self._parts.pools.give_back(occupied)

    async def adopt(self, now: StepNow, handle: Handle | Reused | None, occupied: SlotRequest | None) -> None:
        """Go on with a step of a former coordinator: its running attempt by `handle`, or else with a new attempt, which stands in line."""
        self._see_through(now)
        if handle is not None and occupied is not None:
            request = self.wants = occupied
        else:
            if occupied is not None:
                self.let_go(occupied)
            request = self._parts.pools.request(self.name, self._holds(now.step))
        try:
            if request is not occupied:
                await self._taken(request)
            await self._attempts(request, handle)
        except Stopped:
            return
        finally:
            self._release(request)

    async def give_up(self, now: StepNow, items: Sequence[PlanItem], why: str) -> bool:
        """Those of a former coordinator's step are not tried again, whatever came of them. Returns whether others are left."""
        recorder = self._see_through(now)
        await recorder.fail(items, why)
        if recorder.unfinished():
            return True
        await recorder.record(AttemptEnd(outcome=Outcome.ERROR, message=why, retryable=False))
        return False

    def _see_through(self, now: StepNow) -> StepRecorder:
        self._recorder = self._recorder or StepRecorder(self._parts.recording, now)
        self.name, self.picking, self.about = now.step.id, False, now.items
        return self._recorder

    # ------------------------------------------------------------ attempts

    async def _attempts(self, request: SlotRequest, handle: Handle | Reused | None = None) -> None:
        """Tries until one settles it."""
        now = self._own().now
        if handle is None and now.attempt_state is not AttemptState.INTENT:
            await self._next_intent()
        while True:
            end = await self._attempt(handle)
            handle = None
            if end.kept:
                self._parts.keep(now, end.message or "")
                return
            pause = await self._own().record(end)
            if pause is None:
                return
            if pause:
                self._release(request)
                await self._pause(pause)
                await self._taken(request)
            await self._next_intent()

    async def _next_intent(self) -> None:
        """The intent of a further attempt. A run that was left may have had to give its assets away meanwhile."""
        if self._parts.halt.stopping:
            raise Stopped
        parts, now = self._parts, self._own().now
        key = AttemptKey(parts.run_id, now.step.id, now.attempt + 1)
        names, items = now.leases, self._own().unfinished()
        before = now.state, now.attempt, now.attempt_state, now.log
        while True:
            event = parts.board.intent(now, key, items, parts.session.fence, parts.runners.log_path(key))
            holders = await parts.session.claim(names, now.step.id, [event])
            if not holders:
                break
            now.state, now.attempt, now.attempt_state, now.log = before
            await self._wait_for_runs(holders)
        parts.notifier.tell(RunEventKind.STEP, step=now, state=now.state)

    async def _attempt(self, handle: Handle | Reused | None) -> AttemptEnd:
        parts, recorder, now = self._parts, self._own(), self._own().now
        key = AttemptKey(parts.run_id, now.step.id, now.attempt)
        step = (
            now.step if key.attempt == 1 else narrowed(now.step, recorder.unfinished(), parts.board.remaining)
        )
        runner = parts.runners.runner(step.integration, step.instance)
        if runner is None:
            words = f"{step.integration}/{step.instance} cannot be run from here"
            return AttemptEnd(outcome=Outcome.ERROR, message=words, retryable=False)
        log = recorder.log = parts.runners.log(key)
        self.attempt = Attempt(
            step,
            key,
            runner,
            parts.policy.of(step),
            log,
            on_prepared=recorder.on_prepared,
            on_started=recorder.on_started,
            on_event=recorder.on_event,
        )
        if self._stop is not None and self._stop.done():
            self.attempt.stop(parts.halt.reason)
        recorder.adopted = handle is not None
        try:
            if isinstance(handle, Handle):
                recorder.on_adopted(handle)
            return await self.attempt.run(handle)
        finally:
            now.tail = log.tail
            self.attempt = recorder.log = None

    def _own(self) -> StepRecorder:
        assert self._recorder is not None
        return self._recorder

    # ------------------------------------------------------------ waiting

    async def _take(self, step: Step, units: Sequence[Unit]) -> SlotRequest:
        rank = min(unit.rank for unit in units)
        request = self._parts.pools.request(step.id, self._holds(step), rank)
        await self._taken(request)
        return request

    def _holds(self, step: Step) -> tuple[Hold, ...]:
        return (*holds_of(step, ALL), *self._parts.policy.of(step).holds, *self._parts.step_slot)

    async def _taken(self, request: SlotRequest) -> None:
        pools = self._parts.pools
        if self._parts.halt.stopping:
            raise Stopped
        if not pools.try_take(request):
            try:
                await self._waits(pools.waiting(request), pools.line_up(request))
            except BaseException:
                pools.abandon(request)
                raise
        self.wants = request

    def _release(self, request: SlotRequest) -> None:
        """Given back when what became ready just now stands in line too: it may be more urgent than who stands there."""
        if self.wants is request:
            self.wants = None
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._parts.pools.give_back, request)

    async def _wait_for_runs(self, holders: tuple[LeaseRecord, ...]) -> None:
        waits = self._parts.other_runs.waiting(holders)
        await self._waits(waits, self._parts.other_runs.patience(holders))

    async def _pause(self, seconds: float) -> None:
        await self._waits(
            (Waiting(WaitKind.RETRY, f"the next try in {seconds:.0f} s"),), asyncio.sleep(seconds)
        )

    async def _waits(self, waits: tuple[Waiting, ...], patience: Awaitable[Any]) -> None:
        """Wait, tell for what, and keep how long. Raises Stopped when the run is being stopped."""
        self._parts.notifier.waiting(self.name, self.about, waits)
        begun = time.monotonic()
        task = asyncio.ensure_future(patience)
        stop = self._stopping()
        both: set[asyncio.Future[Any]] = {task, stop}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Stopped
            task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            for wait in waits:
                self._waited[wait.name] = self._waited.get(wait.name, 0.0) + time.monotonic() - begun

    def _stopping(self) -> asyncio.Future[None]:
        if self._stop is None:
            self._stop = asyncio.get_running_loop().create_future()
        return self._stop

    def stop(self, mode: StopMode, why: str) -> None:
        """Give up waiting, and stop the attempt that runs (in mode LOCAL only if it works on this machine)."""
        stop = self._stopping()
        if not stop.done():
            stop.set_result(None)
        if self.attempt is not None and (mode is StopMode.CANCEL or self.stops_with_us):
            self.attempt.stop(why)

    @property
    def stops_with_us(self) -> bool:
        """What it runs works on this machine, or is to be cancelled when the run is stopped here."""
        attempt = self.attempt
        return attempt is None or attempt.local or self.on_exit is RemoteJob.CANCEL

    @property
    def on_exit(self) -> RemoteJob:
        return self._parts.policy.of(self._own().now.step).on_exit
