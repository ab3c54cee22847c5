"""The coordinator of one run: holds its lease, starts what is ready, stops when asked, and says how it all came out.

It alone writes to the run. What it decides is in gating.py, what it remembers in board.py, how one step goes in steprun.py.
"""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from penstock.assets import AssetKey, Hold
from penstock.errors import PenstockError, StoreError
from penstock.integration import Outcome, Step
from penstock.plan import Plan
from penstock.run import ending
from penstock.run.admission import Rejected, admitted
from penstock.run.attempt import AttemptEnd
from penstock.run.batching import Batching
from penstock.run.board import Board, StepNow
from penstock.run.dispatch import Dispatch
from penstock.run.forming import StepForms
from penstock.run.gating import Gates, Unit
from penstock.run.launch import plan_of
from penstock.run.notifier import Listener, RunNotifier
from penstock.run.other_runs import OtherRuns
from penstock.run.policy import RemoteJob, RunPolicy, StopMode
from penstock.run.pools import Pools
from penstock.run.records import RunEventKind, RunResult, Waiting
from penstock.run.resume import refuse_ended, restore
from penstock.run.reuse import ReusedFromOtherRuns
from penstock.run.runner_pool import RunnerFor, RunnerPool
from penstock.run.schedule import improve
from penstock.run.watch import watch
from penstock.store import (
    ItemState,
    RunRecord,
    RunSession,
    RunState,
    RunStore,
)

_SLOTS = "max_steps"
_MORE_THAN_ANY_CHAIN = 1e9  # seconds of work


def _as_is(text: str) -> str:
    return text


class Coordinator:
    """Runs one plan to its end: `await coordinator.run()` inside an event loop. `request_stop` may be called any time.

    `runner_for` makes the runner of an instance once per run; `pools` gives the slots of each resource; `folder` is where
    attempts have their folders (`<folder>/<run id>/<step>/<attempt>`); `redact` takes secrets out of what is logged;
    `seconds` estimates how long items take, so that the longest chain of work goes first. With `settle_only`, what a run
    that was left still has going on is watched to its end, nothing new starts, and the run can be resumed afterwards.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        store: RunStore,
        run_id: str,
        runner_for: RunnerFor,
        folder: Path,
        policy: RunPolicy = RunPolicy(),  # noqa: B008  # frozen
        listener: Listener | None = None,
        pools: Mapping[str, int] | None = None,
        redact: Callable[[str], str] = _as_is,
        seconds: Mapping[AssetKey, float] | None = None,
        settle_only: bool = False,
    ) -> None:
        self.plan = plan
        self.run_id = run_id
        self.policy = policy
        self.redact = redact
        self.chance = random.Random()
        self.gates = Gates(plan, seconds)
        if seconds:
            improve(self.gates.units, pools or {}, policy.max_steps)
            self.gates.reorder()
        self.board = Board(plan, run_id)
        self.batching = Batching(self.gates, plan.batches, policy.max_per_batch)
        self.notifier = RunNotifier(self.board, listener)
        self.pools = Pools({**(pools or {}), **({_SLOTS: policy.max_steps} if policy.max_steps else {})})
        self.step_slot = (Hold(_SLOTS),) if policy.max_steps else ()
        self.forms = StepForms(plan)
        if policy.prefers:
            self._prefer()
        self.session: RunSession
        self.reused: ReusedFromOtherRuns
        self.store = store
        self.runners = RunnerPool(self, runner_for, folder)
        self._dispatch = Dispatch(self)
        self.stop_mode: StopMode | None = None
        self.stop_reason = ""
        self._asking = False
        self._held_back: str | None = None
        self._kept: dict[str, str] = {}
        self.settle_only = settle_only
        self.other_runs = OtherRuns(store, self.notifier, self._settle)
        self._over = asyncio.Event()
        self._error: BaseException | None = None
        self._admission: asyncio.Task[None] | None = None
        self._begun = 0.0
        self.nothing_lost_here = False
        self.live = False  # the run has been started in the store, and may be told of there

    def _prefer(self) -> None:
        """Priorities go before what is found by forecast."""
        for unit in self.gates.units:
            step = self.forms.make([unit], unit.batch)
            unit.rank -= self.policy.of(step).priority * _MORE_THAN_ANY_CHAIN
        self.gates.reorder()

    # ------------------------------------------------------------ the run

    async def run(self) -> RunResult:
        """Begin the run, or go on with one that was left. Raises UsageError when it has ended, RunHeld when another
        coordinator has it, and StoreError when the store fails (it can be resumed then)."""
        record = self.store.run(self.run_id)
        refuse_ended(record)
        opening = self.store.session(record, seconds=self.policy.lease_seconds)
        async with opening as session:
            with fewer_collections():
                return await self._run(record, session)

    async def _run(self, record: RunRecord, session: RunSession) -> RunResult:
        self.session = session
        beat = asyncio.get_running_loop().create_task(watch(self))
        try:
            await self._begin(record)
            self.poke()
            await self._over.wait()
            await self._dispatch.leave()
            if self._error is not None:
                raise self._error
            return await self._end(record)
        finally:
            beat.cancel()
            if self._admission is not None:
                self._admission.cancel()
            await self._dispatch.leave()
            await self.other_runs.close()
            await self.runners.close(goes_on=self.board.state is RunState.DETACHED or self._error is not None)

    async def _begin(self, record: RunRecord) -> None:
        if record.wanted == "detach":  # meant for the coordinator that is gone
            self.store.forget_request(self.run_id)
        under_way = (
            restore(self, self.store.detail(self.run_id)) if record.state is not RunState.QUEUED else []
        )
        for step in self.board.steps.values():
            if step.batch is not None:
                self.batching.begun(step.batch)
        if under_way or self.board.steps or self._reads_what_it_does_not_make():
            lying_there = self.store.latest_materializations(self.plan.environment)
            self.board.versions.found({key: made.data_version for key, made in lying_there.items()})
        self._begun = record.started_at or time.time()
        self.nothing_lost_here = self.runners.begin(self.run_id)
        self.reused = ReusedFromOtherRuns(self, record.created_at)
        event = self.board.run_event(
            "run.started", RunState.RUNNING, first=self._begun, fence=self.session.fence
        )
        await self.session.write([event])
        self.notifier.tell(RunEventKind.RUN, state=self.board.state.value)
        self.live = True
        if self.stop_mode is not None:
            self._say_stopping(self.stop_mode)
        for now in under_way:
            self._dispatch.go_on(now)
        if self.policy.group is not None and not self.settle_only:
            self._admission = asyncio.get_running_loop().create_task(self._be_admitted(self.policy.group))

    def _reads_what_it_does_not_make(self) -> bool:
        made = self.gates.items
        return any(above not in made for item in made.values() for above in item.upstream)

    async def _be_admitted(self, group: str) -> None:
        """Until then nothing new starts."""
        try:
            await admitted(
                group,
                self.plan.environment,
                self.policy.overlap,
                store=self.store,
                session=self.session,
                other_runs=self.other_runs,
                notifier=self.notifier,
            )
        except Rejected as words:
            self.request_stop(StopMode.CANCEL, str(words))
        except StoreError as error:
            self.fail(error)
        self.poke()

    @property
    def may_start(self) -> bool:
        waits = self._admission is not None and not self._admission.done()
        return not (self.closing or self.settle_only or waits)

    @property
    def closing(self) -> bool:
        """Nothing new starts any more: the run is being stopped, or a failure holds back what is left."""
        return self.stopping or self._held_back is not None

    async def _end(self, record: RunRecord) -> RunResult:
        message = self.stop_reason or "; ".join(self._kept.values()) or None
        if (
            self._kept
            or self.stop_mode in (StopMode.DETACH, StopMode.LOCAL)
            or (self.settle_only and self.gates.open)
        ):
            event = self.board.run_event(
                "run.detached", RunState.DETACHED, message=message, counts=ending.counts(self.board)
            )
            await self.session.end(
                [event], keep_assets=any(not now.settled for now in self.board.steps.values())
            )
        else:
            events = ending.close_open(self.board, self.notifier, self.stop_reason or None, self._held_back)
            state = RunState.CANCELLED if self.stop_mode else ending.verdict(self.board)
            events.append(
                self.board.run_event("run.ended", state, message=message, counts=ending.counts(self.board))
            )
            await self.session.end(events, keep_assets=False)
        self.notifier.tell(RunEventKind.RUN, state=self.board.state.value, message=message)
        return ending.result(self.board, record, time.time() - self._begun, message, self.notifier.failure)

    def poke(self) -> None:
        self._dispatch.poke()

    def look_for_end(self) -> None:
        """Nothing new can start now: is the run over?"""
        steps = self._dispatch.steps
        if self.stop_mode is StopMode.LOCAL and not self._asking and len(steps) == len(self.remote_steps()):
            self._over.set()  # what is local has stopped; the rest is left to itself
        if steps or (self._admission is not None and not self._admission.done() and not self.stopping):
            return
        if (
            self.gates.open == 0
            or self.closing
            or self.settle_only
            or (self._kept and not self.gates.ready_batches())
        ):
            self._over.set()
        elif self.gates.most_urgent() is None and not self.gates.ready_batches():
            names = [now.item.name for now in self.board.items.values() if not now.state.ended]
            self.fail(PenstockError(f"the run cannot go on: nothing leads to {', '.join(names[:5])}"))

    def fail(self, error: BaseException) -> None:
        """The run itself cannot go on (its store, its lease). What runs is left to a later coordinator."""
        if self._error is None:
            self._error = error
        self._over.set()

    # ------------------------------------------------------------ items that ended

    def committed(self, keys: Sequence[AssetKey], done: asyncio.Future[Any]) -> None:
        """The end of these items is in the store: what depends on them may go on, or never will."""
        if not done.cancelled() and done.exception() is None:
            for key in keys:
                self.item_over(key)

    def item_over(self, key: AssetKey) -> None:
        now = self.board.items[key]
        if not now.state.ended:
            return
        self.gates.ended(key, well=now.well)
        if not now.well and not self.stopping:
            self._doom(key)
            if self.policy.fail_fast or self.plan.fail_fast:
                self._held_back = self._held_back or now.item.name
        self.poke()

    def _doom(self, key: AssetKey) -> None:
        events = []
        for item in self.gates.doomed(key):
            cause, words = self.board.cause(item)
            events.append(self.board.ended_without("item.skipped", item.key, ItemState.SKIPPED, words, cause))
            self.gates.ended(item.key, well=False)
            self.notifier.item(item.key, time.time())
        if events:
            self.session.write(events)

    # ------------------------------------------------------------ stopping

    @property
    def stopping(self) -> bool:
        return self.stop_mode is not None

    def request_stop(self, mode: StopMode, reason: str | None = None, *, asking: bool = False) -> None:
        """Begin to stop. A later call may change LOCAL to CANCEL or DETACH, and CANCEL to DETACH.

        `asking` with LOCAL: remote jobs are watched until a later call says what becomes of them.
        """
        self._asking = asking
        if self.stop_mode is StopMode.DETACH or self.stop_mode is mode or self._over.is_set():
            self.poke()
            return
        if mode is StopMode.LOCAL and not self.remote_steps():
            mode = StopMode.CANCEL
        self.stop_mode, self.stop_reason = mode, reason or _REASONS[mode]
        if self.board.state is RunState.RUNNING and self.live:
            self._say_stopping(mode)
        if mode is StopMode.DETACH:
            self._over.set()
            return
        self._dispatch.stop(mode, self.stop_reason)
        if mode is StopMode.CANCEL:
            self._take_back_kept()
        self.poke()

    def _say_stopping(self, mode: StopMode) -> None:
        self.session.write([self.board.run_event("run.stopping", RunState.STOPPING, mode=mode.value)])
        self.notifier.tell(RunEventKind.RUN, state=self.board.state.value, message=self.stop_reason)

    def remote_steps(self, on_exit: RemoteJob | None = None) -> tuple[str, ...]:
        """Steps that run as jobs somewhere else now and would go on without us; of them those with that policy."""
        going_on = (step for step in self._dispatch.steps if not step.stops_with_us)
        return tuple(step.name for step in going_on if on_exit is None or step.on_exit is on_exit)

    def keep(self, now: StepNow, why: str) -> None:
        """The step's time is up, but its job goes on: the run can be resumed to see how it ends."""
        self._kept[now.step.id] = f"{now.step.id} {why}"
        self.notifier.tell(RunEventKind.STEP, step=now, state=now.state.value, message=why, level="warn")
        if self.stop_mode is StopMode.CANCEL:
            self._take_back_kept()

    def _take_back_kept(self) -> None:
        for identity in list(self._kept):
            del self._kept[identity]
            self._dispatch.go_on(self.board.steps[identity])

    def left_for_later(self, end: AttemptEnd) -> bool:
        """Whether what did not end well is kept for the run's next coordinator, which may try it again."""
        if self.settle_only:
            return not end.outcome.good
        return self.stop_mode is StopMode.LOCAL and end.outcome is Outcome.CANCELLED

    async def _settle(self, record: RunRecord) -> None:
        await Coordinator(
            plan_of(self.store, record.id),
            store=self.store,
            run_id=record.id,
            runner_for=self.runners.runner_for,
            folder=self.runners.folder,
            policy=self.policy,
            redact=self.redact,
            settle_only=True,
        ).run()

    # ------------------------------------------------------------ what steps and runners need

    def make_step(self, units: list[Unit], batch: str | None) -> Step:
        return self.forms.make(units, batch, last=batch is None or self.gates.open_in(batch) == len(units))

    def waiting(self) -> dict[AssetKey, tuple[Waiting, ...]]:
        """What every item that has not started waits for now."""
        at_work = {item.key: step.waiting for step in self._dispatch.steps for item in step.about}
        return ending.waits(self.board, at_work)


@contextmanager
def fewer_collections() -> Iterator[None]:
    """A run makes thousands of small records that live to its end: to look through them all again and again for circles
    is a sixth of its CPU."""
    before = gc.get_threshold()
    if before[0]:  # 0: somebody wants none at all
        gc.set_threshold(max(before[0], 50_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


_REASONS = {
    StopMode.CANCEL: "cancelled",
    StopMode.LOCAL: "stopped; remote jobs go on",
    StopMode.DETACH: "detached; what runs goes on",
}
