"""One step from its place in the line to its end: resources, leases, intent, attempts, and what each of them did.

The order is the point. Resources are free, then the intent is committed (with full durability, and together with the
leases), then the tool is triggered, then its handle is committed. An item that ended is committed before anything that
depends on it may start.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from penstock.assets import AssetKey, Hold
from penstock.integration import (
    AttemptKey,
    EventKind,
    Handle,
    ItemKind,
    Outcome,
    Runner,
    Step,
    StepEvent,
    StepItem,
)
from penstock.plan import PlanItem
from penstock.run.attempt import Attempt, AttemptEnd
from penstock.run.board import StepNow
from penstock.run.gating import Unit
from penstock.run.policy import StopMode
from penstock.run.pools import Request
from penstock.run.records import RunEventKind, Waiting
from penstock.store import AttemptState, ItemState, LeaseRecord, NewEvent, StepState

if TYPE_CHECKING:
    from penstock.run.coordinator import Coordinator

T = TypeVar("T")
ALL = "all"
_LEASE_POLL = 0.5


class Stopped(Exception):
    """The run is being stopped while this step waits for something."""


class StepRun:
    """`pick` gives the units that the step would have now; it is asked again when the resources are there."""

    def __init__(self, host: Coordinator, batch: str | None, pick: Callable[[], list[Unit]]) -> None:
        self._host = host
        self._pick = pick
        self.batch = batch
        self.now: StepNow | None = None
        self.attempt: Attempt | None = None
        self.waiting: tuple[Waiting, ...] = ()
        self.wants: Request | None = None
        self.picking = True
        self.name = ""
        self._runner: Runner | None = None
        self._writes: list[asyncio.Future[Any]] = []
        self._stop: asyncio.Future[None] | None = None
        self._waited: dict[str, float] = {}
        self._items_by_id: dict[str, list[PlanItem]] = {}
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
        step = self._host.make_step(units, self.batch)
        self.name, self.about = step.id, tuple(item for unit in units for item in unit.items)
        request = await self._take(step, units)
        try:
            before, units = units, self._pick()
            if not units:
                return ()
            fuller = step if units == before else self._host.make_step(units, self.batch)
            if set(fuller.holds) != set(step.holds):
                return await self._again(request)
            self._host.gates.take(units)
            holders = await self._begin(fuller, units)
            if holders:
                self._host.gates.put_back(units)
                return holders
            self.picking = False
            self._host.poke()
            await self._attempts(request)
            return ()
        finally:
            self._release(request)

    async def _again(self, request: Request) -> tuple[LeaseRecord, ...]:
        """What became ready meanwhile needs other resources: back to the line, with the larger wish."""
        self._release(request)
        return await self._try_to_begin()

    async def _begin(self, step: Step, units: Sequence[Unit]) -> tuple[LeaseRecord, ...]:
        host = self._host
        items = tuple(item for unit in units for item in unit.items)
        now = StepNow(step, items, self.batch)
        now.waited = self._waited
        key = AttemptKey(host.run_id, step.id, 1)
        host.forms.take(step.id)
        events = [
            host.board.formed(now),
            host.board.intent(now, key, None, host.session.fence, host.log_path(key)),
        ]
        holders = await host.session.claim(_lease_names(units), step.id, events)
        if holders:
            host.board.unform(now)
            return holders
        self.now = now
        host.voice.tell(RunEventKind.STEP, step=now, state=now.state.value)
        return ()

    async def adopt(self, now: StepNow, handle: Handle | None) -> None:
        """Go on with a step of a former coordinator: its running attempt by `handle`, or else with a new attempt."""
        self.now, self.name, self.picking, self.about = now, now.step.id, False, now.items
        request = self._host.pools.request(self.name, holds_of(now.step, ALL))
        try:
            if handle is None:
                await self._taken(request)
            else:
                self._host.pools.seize(request)
                self.wants = request
            await self._attempts(request, handle)
        except Stopped:
            return
        finally:
            self._release(request)

    # ------------------------------------------------------------ attempts

    async def _attempts(self, request: Request, handle: Handle | None = None) -> None:
        """Tries until one settles it."""
        now = self._settled_step()
        if handle is None and now.attempt_state is not AttemptState.INTENT:
            await self._next_intent()
        while True:
            end = await self._attempt(handle)
            handle = None
            pause = await self._record(end)
            if pause is None:
                return
            self._release(request)
            await self._pause(pause)
            await self._taken(request)
            await self._next_intent()

    async def _next_intent(self) -> None:
        host, now = self._host, self._settled_step()
        key = AttemptKey(host.run_id, now.step.id, now.attempt + 1)
        items = self._unfinished()
        await host.session.write(
            [host.board.intent(now, key, items, host.session.fence, host.log_path(key))], durable=True
        )
        host.voice.tell(RunEventKind.STEP, step=now, state=now.state.value)

    def _unfinished(self) -> tuple[PlanItem, ...]:
        now = self._settled_step()
        return tuple(item for item in now.items if not self._host.board.items[item.key].state.ended)

    async def _attempt(self, handle: Handle | None) -> AttemptEnd:
        host, now = self._host, self._settled_step()
        key = AttemptKey(host.run_id, now.step.id, now.attempt)
        self._items_by_id = _by_id(now.items)
        step = now.step if key.attempt == 1 else narrowed(now.step, self._unfinished())
        runner = host.runner(step.integration, step.instance)
        if runner is None:
            words = f"{step.integration}/{step.instance} cannot be run from here"
            return AttemptEnd(outcome=Outcome.ERROR, message=words, retryable=False)
        log = host.log(key)
        self.attempt = Attempt(
            step, key, runner, host.policy.of(step), log, on_started=self._on_started, on_event=self._on_event
        )
        if self._stop is not None and self._stop.done():
            self.attempt.stop(host.stop_reason)
        try:
            if handle is not None:
                self._on_adopted(handle)
            return await self.attempt.run(handle)
        finally:
            now.tail = log.tail
            self.attempt = None

    def _on_started(self, handle: Handle) -> None:
        now = self._settled_step()
        event = self._host.board.attempt_event(
            "attempt.started", now, AttemptState.RUNNING, external=handle.external
        )
        self._host.voice.tell(RunEventKind.ATTEMPT, step=now, state=AttemptState.RUNNING.value)
        self._write(event)

    def _on_adopted(self, handle: Handle) -> None:
        now = self._settled_step()
        if now.attempt_state is AttemptState.RUNNING:
            event = NewEvent("attempt.adopted", time.time(), None, now.step.id, now.attempt)
            self._write(event)
        else:
            self._on_started(handle)

    # ------------------------------------------------------------ what happens in an attempt

    def _on_event(self, event: StepEvent) -> None:
        host, now = self._host, self._settled_step()
        if event.kind is EventKind.LOG:
            host.voice.tell(RunEventKind.LOG, step=now, message=event.message, level=event.level, at=event.at)
        elif event.kind is EventKind.PHASE:
            host.voice.tell(RunEventKind.PHASE, step=now, message=event.message, at=event.at)
            self._write(
                NewEvent(
                    "step.phase", event.at, None, now.step.id, now.attempt, None, {"phase": event.message}
                )
            )
        else:
            self._on_items(event)

    def _on_items(self, event: StepEvent) -> None:
        told = self._items_by_id.get(event.item or "", ())
        for item in told:
            self._on_item(item, event)
        if not told and self.attempt is not None:
            words = f"{event.item} is no part of this step, but was reported as {event.outcome or event.kind}"
            self.attempt.log.line(event.at, "warn", words)

    def _on_item(self, item: PlanItem, event: StepEvent) -> None:
        host, now = self._host, self._settled_step()
        state = host.board.items[item.key].state
        if state.ended:
            return  # an adopted attempt tells everything from its beginning
        if event.kind is EventKind.ITEM_STARTED:
            if state is ItemState.PENDING:
                self._write(host.board.started(item.key, event.at, now))
                host.voice.item(item.key, event.at)
        elif event.kind is EventKind.ITEM_PROGRESS:
            host.voice.progress(item, now, event)
        elif event.kind is EventKind.ITEM_FINISHED and event.outcome is not None:
            to = ItemState(event.outcome.value)
            written = self._write(host.board.finished(item.key, to, now, event))
            host.voice.item(item.key, event.at)
            if host.board.items[item.key].well or not self._may_retry():
                written.add_done_callback(partial(host.committed, item.key))

    def _write(self, event: NewEvent) -> asyncio.Future[Any]:
        written = self._host.session.write([event])
        self._writes.append(written)
        return written

    def _may_retry(self) -> bool:
        now = self._settled_step()
        return now.attempt < self._host.policy.of(now.step).attempts and not self._host.stopping

    # ------------------------------------------------------------ the end of an attempt

    async def _record(self, end: AttemptEnd) -> float | None:
        """Write how the attempt ended. Returns the seconds until the next one, or None when the step is settled."""
        writes, self._writes = self._writes, []
        for written in writes:
            await written
        if self._host.left_for_later(end):
            await self._record_left(end)
            return None
        if end.outcome in (Outcome.ERROR, Outcome.PARTIAL) and end.retryable and self._may_retry():
            return await self._record_retry(end)
        await self._record_settled(end)
        return None

    async def _record_retry(self, end: AttemptEnd) -> float:
        host, now = self._host, self._settled_step()
        policy = host.policy.of(now.step)
        pause = policy.pause(now.attempt, host.chance)
        await host.session.write(self._reopened(end))
        words = (
            f"{end.message or 'failed'}; next try in {pause:.0f} s ({now.attempt + 1} of {policy.attempts})"
        )
        host.voice.tell(RunEventKind.STEP, step=now, state=now.state.value, message=words)
        return pause

    async def _record_left(self, end: AttemptEnd) -> None:
        """Stopped with the run, which will be resumed: the step stays open, a new attempt will do what is left."""
        await self._host.session.write(self._reopened(end))

    def _reopened(self, end: AttemptEnd) -> list[NewEvent]:
        board, now = self._host.board, self._settled_step()
        events = [self._attempt_ended(end)]
        for item in now.items:
            state = board.items[item.key].state
            if state is not ItemState.PENDING and not board.items[item.key].well:
                events.append(board.retried(item.key, now))
        events.append(board.step_event("step.retrying", now, StepState.RETRYING, end.message))
        return events

    async def _record_settled(self, end: AttemptEnd) -> None:
        host, now = self._host, self._settled_step()
        unheard = self._unfinished()
        events = []
        for item in unheard:
            outcome, told = self._unreported(item, end)
            events.append(host.board.finished(item.key, ItemState(outcome.value), now, told))
        bad = [item.key for item in now.items if not host.board.items[item.key].well]
        events.append(self._attempt_ended(end))
        events.append(host.board.step_event("step.ended", now, _step_state(end, bad), end.message))
        await host.session.write(events, release=_item_leases(now))
        for item in unheard:
            host.voice.item(item.key, time.time())
        host.voice.tell(RunEventKind.STEP, step=now, state=now.state.value, message=end.message)
        for item in now.items:
            host.item_over(item.key)

    def _attempt_ended(self, end: AttemptEnd) -> NewEvent:
        now = self._settled_step()
        data: dict[str, Any] = {"outcome": end.outcome.value}
        if end.message:
            data["message"] = end.message
        state = AttemptState.SUCCEEDED
        if not end.outcome.good:
            state = AttemptState.CANCELLED if end.outcome is Outcome.CANCELLED else AttemptState.FAILED
            data["retryable"], data["tail"] = end.retryable, list(now.tail)
        return self._host.board.attempt_event("attempt.ended", now, state, **data)

    def _unreported(self, item: PlanItem, end: AttemptEnd) -> tuple[Outcome, StepEvent]:
        """What to say of an item that should have been made and of which nothing was heard."""
        integration = self._settled_step().step.integration
        outcome, words = Outcome.ERROR, end.message
        if end.outcome is Outcome.CANCELLED:
            outcome, words = Outcome.CANCELLED, end.message or "cancelled"
        elif end.outcome.good:
            words = f"{integration} ended well but reported nothing about it"
        elif end.outcome is Outcome.FAIL:
            words = f"{integration} reported nothing about it"
        told = StepEvent(
            kind=EventKind.ITEM_FINISHED, at=time.time(), item=item.ref.id, outcome=outcome, message=words
        )
        return outcome, told

    def _settled_step(self) -> StepNow:
        assert self.now is not None
        return self.now

    # ------------------------------------------------------------ waiting

    async def _take(self, step: Step, units: Sequence[Unit]) -> Request:
        rank = min(unit.rank for unit in units)
        holds = (*holds_of(step, ALL), *self._host.step_slot)
        request = self._host.pools.request(step.id, holds, rank)
        await self._taken(request)
        return request

    async def _taken(self, request: Request) -> None:
        pools = self._host.pools
        if self._host.stopping:
            raise Stopped
        if not pools.try_take(request):
            await self._waits(pools.waiting(request), pools.take(request))
        self.wants = request

    def _release(self, request: Request) -> None:
        if self.wants is request:
            self.wants = None
            self._host.pools.give_back(request)

    async def _wait_for_runs(self, holders: tuple[LeaseRecord, ...]) -> None:
        waits = tuple(
            Waiting("run", name, (f"run {run}",))
            for run, name in {lease.run: lease.name for lease in holders}.items()
        )
        await self._waits(waits, asyncio.sleep(_LEASE_POLL))

    async def _pause(self, seconds: float) -> None:
        await self._waits((Waiting("retry", f"the next try in {seconds:.0f} s"),), asyncio.sleep(seconds))

    async def _waits(self, waits: tuple[Waiting, ...], patience: Coroutine[Any, Any, T]) -> T:
        """Wait, tell for what, and keep how long. Raises Stopped when the run is being stopped."""
        self.waiting = waits
        self._host.voice.waiting(self.name, self.about, waits)
        begun = time.monotonic()
        task = asyncio.get_running_loop().create_task(patience)
        stop = self._stopping()
        both: set[asyncio.Future[Any]] = {task, stop}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Stopped
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            for wait in waits:
                self._waited[wait.name] = self._waited.get(wait.name, 0.0) + time.monotonic() - begun
            self.waiting = ()

    def _stopping(self) -> asyncio.Future[None]:
        if self._stop is None:
            self._stop = asyncio.get_running_loop().create_future()
        return self._stop

    def stop(self, mode: StopMode, why: str) -> None:
        """Give up waiting, and stop the attempt that runs (in mode LOCAL only if it works on this machine)."""
        stop = self._stopping()
        if not stop.done():
            stop.set_result(None)
        if self.attempt is not None and (mode is StopMode.CANCEL or self.attempt.local):
            self.attempt.stop(why)


def _by_id(items: Sequence[PlanItem]) -> dict[str, list[PlanItem]]:
    found: dict[str, list[PlanItem]] = {}
    for item in items:
        found.setdefault(item.ref.id, []).append(item)
    return found


def narrowed(step: Step, items: Sequence[PlanItem]) -> Step:
    """The same step over fewer items."""
    return Step(
        id=step.id,
        integration=step.integration,
        instance=step.instance,
        kind=step.kind,
        items=step_items(items),
        holds=step.holds,
        options=step.options,
    )


def step_items(items: Sequence[PlanItem]) -> tuple[StepItem, ...]:
    return tuple(dict.fromkeys(StepItem(item.ref.id, item.kind) for item in items))


def holds_of(step: Step, phase: str) -> tuple[Hold, ...]:
    return tuple(hold for hold in step.holds if hold.phase == phase)


def further_holds(step: Step, phase: str) -> tuple[Hold, ...]:
    """What the step needs in a phase beyond that which it has all the time: nobody waits for himself."""
    has = {hold.resource: hold.slots for hold in holds_of(step, ALL)}
    more = (
        Hold(hold.resource, hold.phase, hold.slots - has.get(hold.resource, 0)) for hold in holds_of(step, phase)
    )
    return tuple(hold for hold in more if hold.slots > 0)


def _lease_names(units: Sequence[Unit]) -> list[str]:
    """What two runs must not make at once: each asset, and a producer whose one step makes several."""
    items = [item for unit in units for item in unit.items]
    names = [str(item.key) for item in items if item.kind is ItemKind.ASSET]
    names += [f"unit:{unit.items[0].unit}" for unit in units if unit.batch is None and unit.items[0].unit]
    return list(dict.fromkeys(names))


def _item_leases(now: StepNow) -> list[str]:
    names = [str(item.key) for item in now.items if item.kind is ItemKind.ASSET]
    if now.batch is None:
        names += [f"unit:{item.unit}" for item in now.items if item.unit]
    return list(dict.fromkeys(names))


def _step_state(end: AttemptEnd, bad: Sequence[AssetKey]) -> StepState:
    if end.outcome is Outcome.CANCELLED:
        return StepState.CANCELLED
    return StepState.SUCCEEDED if end.outcome.good and not bad else StepState.FAILED
