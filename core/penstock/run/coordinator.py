"""The coordinator of one run: holds its lease, starts what is ready, stops when asked, and says how it all came out.

It alone writes to the run. What it decides is in gating.py, what it remembers in board.py, how one step goes in steprun.py.
"""

from __future__ import annotations

import asyncio
import gc
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from penstock.assets import AssetKey, Hold
from penstock.errors import PenstockError, StoreError
from penstock.integration import AttemptKey, Outcome, Runner, Step
from penstock.plan import Plan
from penstock.run import ending
from penstock.run.admission import Rejected, admitted
from penstock.run.attempt import AttemptEnd
from penstock.run.batching import Batching
from penstock.run.board import Board
from penstock.run.borrowed import Borrowed
from penstock.run.forming import StepForms, further_holds
from penstock.run.gating import Gates, Unit
from penstock.run.launch import plan_of
from penstock.run.logs import LOG_NAME, AttemptLog
from penstock.run.neighbours import Neighbours
from penstock.run.policy import RunPolicy, StopMode
from penstock.run.pools import Pools
from penstock.run.records import RunEventKind, RunResult, Waiting
from penstock.run.resume import go_on, refuse_ended, restore
from penstock.run.schedule import improve
from penstock.run.steprun import StepRun
from penstock.run.voice import Listener, Voice
from penstock.store import (
    ItemState,
    LeaseLost,
    RunRecord,
    RunSession,
    RunState,
    RunStore,
)

HoldFn = Callable[[AttemptKey, str], AbstractAsyncContextManager[None]]
FolderFn = Callable[[AttemptKey], Path]


@runtime_checkable
class Connected(Protocol):
    """A runner whose steps run elsewhere: what it leaves there goes on, or has ended, without it."""

    async def disconnect(self) -> None: ...


RunnerFor = Callable[[str, str, HoldFn, FolderFn], Runner | None]

_SLOTS = "max_steps"


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
        self.board = Board(plan)
        self.batching = Batching(self.gates, plan.batches, policy.max_per_batch)
        self.voice = Voice(self.board, listener)
        self.pools = Pools({**(pools or {}), **({_SLOTS: policy.max_steps} if policy.max_steps else {})})
        self.step_slot = (Hold(_SLOTS),) if policy.max_steps else ()
        self.forms = StepForms(plan)
        self.session: RunSession
        self.borrowed: Borrowed
        self.store = store
        self._runner_for = runner_for
        self._folder = folder
        self._runners: dict[tuple[str, str], Runner | None] = {}
        self._tasks: dict[asyncio.Task[None], StepRun] = {}
        self._batches: dict[str, list[StepRun]] = {}
        self._stop: StopMode | None = None
        self.stop_reason = ""
        self._asking = False
        self._held_back: str | None = None
        self._settle_only = settle_only
        self.neighbours = Neighbours(store, self.voice, self._settle)
        self._poked = False
        self._over = asyncio.Event()
        self._error: BaseException | None = None
        self._admission: asyncio.Task[None] | None = None
        self._begun = 0.0
        self._live = False  # the run has been started in the store, and may be told of there

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
        beat = asyncio.get_running_loop().create_task(self._beat())
        try:
            await self._begin(record)
            self.poke()
            await self._over.wait()
            await self._leave_tasks()
            if self._error is not None:
                raise self._error
            return await self._end(record)
        finally:
            beat.cancel()
            if self._admission is not None:
                self._admission.cancel()
            await self._leave_tasks()
            await self.neighbours.close()
            await self._close_runners(
                goes_on=self.board.state is RunState.DETACHED or self._error is not None
            )

    async def _begin(self, record: RunRecord) -> None:
        if record.wanted == "detach":  # meant for the coordinator that is gone
            self.store.forget_request(self.run_id)
        under_way = (
            restore(self, self.store.detail(self.run_id)) if record.state is not RunState.QUEUED else []
        )
        for step in self.board.steps.values():
            if step.batch is not None:
                self.batching.begun(step.batch)
        self._begun = record.started_at or time.time()
        self.borrowed = Borrowed(self, record.created_at)
        event = self.board.run_event(
            "run.started", RunState.RUNNING, first=self._begun, fence=self.session.fence
        )
        await self.session.write([event])
        self.voice.tell(RunEventKind.RUN, state=self.board.state.value)
        self._live = True
        if self._stop is not None:
            self._say_stopping(self._stop)
        for now in under_way:
            again = StepRun(self, now.batch, list)
            if now.batch is not None:
                self._batches.setdefault(now.batch, []).append(again)
            self._start(again, go_on(self, again, now))
        if self.policy.group is not None and not self._settle_only:
            self._admission = asyncio.get_running_loop().create_task(self._be_admitted(self.policy.group))

    async def _be_admitted(self, group: str) -> None:
        """Until then nothing new starts."""
        try:
            await admitted(
                group,
                self.policy.overlap,
                store=self.store,
                session=self.session,
                neighbours=self.neighbours,
                voice=self.voice,
            )
        except Rejected as words:
            self.request_stop(StopMode.CANCEL, str(words))
        except StoreError as error:
            self._fail(error)
        self.poke()

    @property
    def _may_start(self) -> bool:
        waits = self._admission is not None and not self._admission.done()
        return not (self.stopping or self._settle_only or waits or self._held_back is not None)

    async def _end(self, record: RunRecord) -> RunResult:
        message = self.stop_reason or None
        if self._stop in (StopMode.DETACH, StopMode.LOCAL) or (self._settle_only and self.gates.open):
            event = self.board.run_event(
                "run.detached", RunState.DETACHED, message=message, counts=ending.counts(self.board)
            )
            await self.session.end(
                [event], keep_assets=any(not now.settled for now in self.board.steps.values())
            )
        else:
            events = ending.close_open(self.board, self.voice, self.stop_reason or None, self._held_back)
            state = RunState.CANCELLED if self._stop else ending.verdict(self.board)
            events.append(
                self.board.run_event("run.ended", state, message=message, counts=ending.counts(self.board))
            )
            await self.session.end(events, keep_assets=False)
        self.voice.tell(RunEventKind.RUN, state=self.board.state.value, message=message)
        return ending.result(self.board, record, time.time() - self._begun, message)

    # ------------------------------------------------------------ starting what is ready

    def poke(self) -> None:
        """Look for what may start, once everything that happens at this moment has happened."""
        if not self._poked:
            self._poked = True
            asyncio.get_running_loop().call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._poked = False
        if not self._live:
            return
        if self._may_start:
            for batch in self.gates.ready_batches():
                self._start_batch(batch)
            while (unit := self.gates.most_urgent()) is not None:
                self.gates.take([unit])
                self._start(StepRun(self, None, partial(self._pick_unit, unit)))
        self._look_for_end()

    def _start_batch(self, batch: str) -> None:
        steps = self._batches.setdefault(batch, [])
        if len(steps) >= self.batching.at_once(batch) or any(step.picking for step in steps):
            return
        idle = not self._tasks and self.gates.most_urgent() is None
        delay = self.batching.delay(batch, self._pick(batch), beside=bool(steps), idle=idle)
        if delay > 0:
            if delay < math.inf:
                asyncio.get_running_loop().call_later(delay, self.poke)
            return
        step = StepRun(self, batch, lambda: self._pick(batch))
        steps.append(step)
        self._start(step)

    def _pick_unit(self, unit: Unit) -> list[Unit]:
        gone = self.stopping or self._held_back is not None or not unit.open_items
        return [] if gone else [unit]

    def _pick(self, batch: str) -> list[Unit]:
        if self.stopping or self._held_back is not None:
            return []
        return self.gates.with_followers(self.gates.ready_in(batch))

    def _start(self, step: StepRun, work: Any = None) -> None:
        task = asyncio.get_running_loop().create_task(work or step.run())
        self._tasks[task] = step
        if self._stop is not None:
            step.stop(self._stop, self.stop_reason)
        task.add_done_callback(self._step_over)

    def _step_over(self, task: asyncio.Task[None]) -> None:
        step = self._tasks.pop(task)
        if step.batch is not None and step in self._batches.get(step.batch, ()):
            self._batches[step.batch].remove(step)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)
        self.poke()

    def _look_for_end(self) -> None:
        if self._stop is StopMode.LOCAL and not self._asking and len(self._tasks) == len(self.remote_steps()):
            self._over.set()  # what is local has stopped; the rest is left to itself
        if self._tasks:
            return
        if self._admission is not None and not self._admission.done() and not self.stopping:
            return
        if self.gates.open == 0 or self.stopping or self._held_back is not None or self._settle_only:
            self._over.set()
        elif self.gates.most_urgent() is None and not self.gates.ready_batches():
            names = [now.item.name for now in self.board.items.values() if not now.state.ended]
            self._fail(PenstockError(f"the run cannot go on: nothing leads to {', '.join(names[:5])}"))

    def _fail(self, error: BaseException) -> None:
        """The run itself cannot go on (its store, its lease). What runs is left to a later coordinator."""
        if self._error is None:
            self._error = error
        self._over.set()

    async def _leave_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

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
            self.voice.item(item.key, time.time())
        if events:
            self.session.write(events)

    # ------------------------------------------------------------ stopping

    @property
    def stopping(self) -> bool:
        return self._stop is not None

    def request_stop(self, mode: StopMode, reason: str | None = None, *, asking: bool = False) -> None:
        """Begin to stop. A later call may change LOCAL to CANCEL or DETACH, and CANCEL to DETACH.

        `asking` with LOCAL: remote jobs are watched until a later call says what becomes of them.
        """
        self._asking = asking
        if self._stop is StopMode.DETACH or self._stop is mode or self._over.is_set():
            self.poke()
            return
        if mode is StopMode.LOCAL and not self.remote_steps():
            mode = StopMode.CANCEL
        self._stop, self.stop_reason = mode, reason or _REASONS[mode]
        if self.board.state is RunState.RUNNING and self._live:
            self._say_stopping(mode)
        if mode is StopMode.DETACH:
            self._over.set()
            return
        for step in self._tasks.values():
            step.stop(mode, self.stop_reason)
        self.poke()

    def _say_stopping(self, mode: StopMode) -> None:
        self.session.write([self.board.run_event("run.stopping", RunState.STOPPING, mode=mode.value)])
        self.voice.tell(RunEventKind.RUN, state=self.board.state.value, message=self.stop_reason)

    def remote_steps(self) -> tuple[str, ...]:
        """Steps that run as jobs somewhere else now."""
        return tuple(s.name for s in self._tasks.values() if s.attempt is not None and not s.attempt.local)

    def left_for_later(self, end: AttemptEnd) -> bool:
        """Whether what did not end well is kept for the run's next coordinator, which may try it again."""
        if self._settle_only:
            return not end.outcome.good
        return self._stop is StopMode.LOCAL and end.outcome is Outcome.CANCELLED

    @property
    def settle_only(self) -> bool:
        return self._settle_only

    async def _settle(self, record: RunRecord) -> None:
        await Coordinator(
            plan_of(self.store, record.id),
            store=self.store,
            run_id=record.id,
            runner_for=self._runner_for,
            folder=self._folder,
            policy=self.policy,
            redact=self.redact,
            settle_only=True,
        ).run()

    # ------------------------------------------------------------ the lease, and wishes from elsewhere

    async def _beat(self) -> None:
        due = time.monotonic() + self.policy.lease_seconds / 4
        while True:
            await asyncio.sleep(self.policy.poll_seconds)
            try:
                wanted = await asyncio.to_thread(self.store.requested, self.run_id)
                if wanted == "cancel":
                    self.request_stop(StopMode.CANCEL, "cancelled from another terminal")
                elif wanted == "detach":
                    await asyncio.to_thread(self.store.forget_request, self.run_id)
                    self.request_stop(StopMode.DETACH)
                if time.monotonic() > due:
                    await self.session.renew()
                    due = time.monotonic() + self.policy.lease_seconds / 4
            except StoreError as error:
                if isinstance(error, LeaseLost) or time.monotonic() > due + self.policy.lease_seconds:
                    self._fail(error)
                    return

    # ------------------------------------------------------------ what steps and runners need

    def make_step(self, units: list[Unit], batch: str | None) -> Step:
        return self.forms.make(units, batch, last=batch is None or self.gates.open_in(batch) == len(units))

    def runner(self, integration: str, instance: str) -> Runner | None:
        key = (integration, instance)
        if key not in self._runners:
            self._runners[key] = self._runner_for(integration, instance, self._hold, self.attempt_folder)
        return self._runners[key]

    async def _close_runners(self, *, goes_on: bool) -> None:
        """What goes on keeps its runner's children; only a connection to elsewhere is closed."""
        for runner in self._runners.values():
            if isinstance(runner, Connected):
                await runner.disconnect()
            elif runner is not None and not goes_on:
                await runner.close()

    def attempt_folder(self, key: AttemptKey) -> Path:
        folder = self._folder / key.run / key.step / str(key.attempt)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def log(self, key: AttemptKey) -> AttemptLog:
        return AttemptLog(f"{self._folder}/{self.log_path(key)}", self.redact, self.policy.tail_lines)

    def log_path(self, key: AttemptKey) -> str:
        """Relative to the folder of all runs, so that a project may be moved."""
        return f"{key.run}/{key.step}/{key.attempt}/{LOG_NAME}"

    @asynccontextmanager
    async def _hold(self, attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
        now = self.board.steps[attempt.step]
        holds = further_holds(now.step, phase)
        if not holds:
            yield
            return
        request = self.pools.request(now.step.id, holds, nested=True)
        if not self.pools.try_take(request):
            self.voice.waiting(now.step.id, now.items, self.pools.waiting(request))
            await self.pools.take(request)
        try:
            yield
        finally:
            self.pools.give_back(request)

    def waiting(self) -> dict[AssetKey, tuple[Waiting, ...]]:
        """What every item that has not started waits for now."""
        at_work = {item.key: step.waiting for step in self._tasks.values() for item in step.about}
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
