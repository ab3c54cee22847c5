"""The coordinator of one run: holds its lease, starts what is ready, stops when asked, and says how it all came out.

It alone writes to the run. It makes the parts and gives each what that one uses; none of them knows it. What may start is decided
in gating.py and dispatch.py, what is remembered is in board.py, how one step goes in steprun.py.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from penstock.assets import AssetKey, Hold
from penstock.errors import PenstockError, StoreError
from penstock.plan import Plan
from penstock.run import ending
from penstock.run.admission import Rejected, admitted
from penstock.run.batching import Batching
from penstock.run.board import Board, StepNow
from penstock.run.cutoff import CutOff, Decide
from penstock.run.dispatch import Dispatch, Pick
from penstock.run.downstream import Downstream
from penstock.run.forming import StepForms
from penstock.run.garbage import fewer_collections
from penstock.run.gating import Gates
from penstock.run.halt import Halt
from penstock.run.launch import plan_of
from penstock.run.notifier import Listener, RunNotifier
from penstock.run.other_runs import OtherRuns
from penstock.run.policy import RemoteJob, RunPolicy, StopMode
from penstock.run.pools import Pools
from penstock.run.recorder import Recording
from penstock.run.records import RunEventKind, RunResult
from penstock.run.restore import restore
from penstock.run.resume import Resumption, refuse_ended
from penstock.run.reuse import ReusedFromOtherRuns
from penstock.run.runner_pool import RunnerFor, RunnerPool
from penstock.run.schedule import improve, prefer
from penstock.run.steprun import StepParts, StepRun
from penstock.run.watch import watch
from penstock.store import RunRecord, RunSession, RunState, RunStore
from penstock.store.payloads import RunStarted, RunStopping

_SLOTS = "max_steps"


def _as_is(text: str) -> str:
    return text


class Coordinator:
    """Runs one plan to its end: `await coordinator.run()` inside an event loop. `request_stop` may be called any time.

    `runner_for` makes the runner of an instance once per run; `pools` gives the slots of each resource; `folder` is where
    attempts have their folders (`<folder>/<run id>/<step>/<attempt>`); `redact` takes secrets out of what is logged;
    `seconds` estimates how long items take, so that the longest chain of work goes first; `decide` looks again at what was to be
    decided when what is above it is done. With `settle_only`, what a run
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
        decide: Decide | None = None,
    ) -> None:
        self._plan = plan
        self._decide = decide
        self.run_id = run_id
        self._policy = policy
        self._redact = redact
        self._halt = Halt()
        self._gates = Gates(plan, seconds)
        if seconds:
            improve(self._gates.units, pools or {}, policy.max_steps)
            self._gates.reorder()
        self._board = Board(plan, run_id)
        self._batching = Batching(self._gates, plan.batches, policy.max_per_batch)
        self._notifier = RunNotifier(self._board, listener)
        self._pools = Pools({**(pools or {}), **({_SLOTS: policy.max_steps} if policy.max_steps else {})})
        self._forms = StepForms(plan)
        if policy.prefers:
            prefer(self._gates.units, self._forms, policy)
            self._gates.reorder()
        self._store = store
        self._runners = RunnerPool(
            runner_for,
            folder,
            board=self._board,
            pools=self._pools,
            notifier=self._notifier,
            redact=redact,
            tail_lines=policy.tail_lines,
        )
        self._dispatch = Dispatch(self, self._gates, self._batching, self._halt)
        self._asking = False
        self._kept: dict[str, str] = {}
        self._settle_only = settle_only
        self._other_runs = OtherRuns(store, self._notifier, self._settle)
        self._over = asyncio.Event()
        self._error: BaseException | None = None
        self._admission: asyncio.Task[None] | None = None
        self._begun = 0.0
        self._live = False  # the run has been started in the store, and may be told of there
        self._session: RunSession  # these three from the moment on that it has been taken
        self._step_parts: StepParts
        self._resumption: Resumption

    # ------------------------------------------------------------ the run

    async def run(self) -> RunResult:
        """Begin the run, or go on with one that was left. Raises UsageError when it has ended, RunHeld when another
        coordinator has it, and StoreError when the store fails (it can be resumed then)."""
        record = self._store.run(self.run_id)
        refuse_ended(record)
        opening = self._store.session(record, seconds=self._policy.lease_seconds)
        async with opening as session:
            with fewer_collections():
                return await self._run(record, session)

    async def _run(self, record: RunRecord, session: RunSession) -> RunResult:
        self._session = session
        beat = asyncio.get_running_loop().create_task(
            watch(self._store, session, self._policy, stop=self.request_stop, fail=self.fail)
        )
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
            await self._other_runs.close()
            await self._runners.close(
                goes_on=self._board.state is RunState.DETACHED or self._error is not None
            )

    async def _begin(self, record: RunRecord) -> None:
        if record.wanted == StopMode.DETACH:  # meant for the coordinator that is gone
            self._store.forget_request(self.run_id)
        downstream = self._downstream()
        under_way = self._restored(downstream) if record.state is not RunState.QUEUED else []
        for step in self._board.steps.values():
            if step.batch is not None:
                self._batching.begun(step.batch)
        if under_way or self._board.steps or self._gates.reads_what_it_does_not_make():
            lying_there = self._store.latest_materializations(self._plan.environment)
            self._board.versions.found({key: made.data_version for key, made in lying_there.items()})
        self._begun = record.started_at or time.time()
        self._step_parts = self._parts_of_steps(record, downstream)
        self._resumption = self._new_resumption(under_way=bool(under_way))
        event = self._board.run_event(
            "run.started", RunState.RUNNING, RunStarted(first=self._begun, fence=self._session.fence)
        )
        await self._session.write([event])
        self._notifier.tell(RunEventKind.RUN, state=self._board.state.value)
        self._live = True
        if self._halt.mode is not None:
            self._say_stopping(self._halt.mode)
        for now in under_way:
            self._dispatch.go_on(now)
        if self._policy.group is not None and not self._settle_only:
            self._admission = asyncio.get_running_loop().create_task(self._be_admitted(self._policy.group))

    async def _be_admitted(self, group: str) -> None:
        """Until then nothing new starts."""
        try:
            await admitted(
                group,
                self._plan.environment,
                self._policy.overlap,
                store=self._store,
                session=self._session,
                other_runs=self._other_runs,
                notifier=self._notifier,
            )
        except Rejected as words:
            self.request_stop(StopMode.CANCEL, str(words))
        except StoreError as error:
            self.fail(error)
        self.poke()

    def may_start(self) -> bool:
        return self._live and not (self._halt.closing or self._settle_only or self._waits_for_admission())

    def _waits_for_admission(self) -> bool:
        return self._admission is not None and not self._admission.done()

    async def _end(self, record: RunRecord) -> RunResult:
        message = self._halt.reason or "; ".join(self._kept.values()) or None
        stays = self._halt.mode in (StopMode.DETACH, StopMode.LOCAL) or (
            self._settle_only and self._gates.open
        )
        if self._kept or stays:
            await ending.leave(self._board, self._session, message)
        else:
            await ending.end(self._board, self._session, self._notifier, self._halt, message)
        self._notifier.tell(RunEventKind.RUN, state=self._board.state.value, message=message)
        return ending.result(self._board, record, time.time() - self._begun, message, self._notifier.failure)

    def poke(self) -> None:
        self._dispatch.poke()

    def nothing_more_starts(self) -> None:
        """Nothing new can start now: is the run over?"""
        if not self._live:
            return
        steps = self._dispatch.steps
        if self._halt.mode is StopMode.LOCAL and not self._asking and len(steps) == len(self.remote_steps()):
            self._over.set()  # what is local has stopped; the rest is left to itself
        if steps or (self._waits_for_admission() and not self._halt.stopping):
            return
        if (
            self._gates.open == 0
            or self._halt.closing
            or self._settle_only
            or (self._kept and not self._gates.ready_batches())
        ):
            self._over.set()
        elif self._gates.most_urgent() is None and not self._gates.ready_batches():
            names = [now.item.name for now in self._board.items.values() if not now.state.ended]
            self.fail(PenstockError(f"the run cannot go on: nothing leads to {', '.join(names[:5])}"))

    def fail(self, error: BaseException) -> None:
        """The run itself cannot go on (its store, its lease). What runs is left to a later coordinator."""
        if self._error is None:
            self._error = error
        self._over.set()

    # ------------------------------------------------------------ stopping

    def request_stop(self, mode: StopMode, reason: str | None = None, *, asking: bool = False) -> None:
        """Begin to stop. A later call may change LOCAL to CANCEL or DETACH, and CANCEL to DETACH.

        `asking` with LOCAL: remote jobs are watched until a later call says what becomes of them.
        """
        self._asking = asking
        if self._halt.mode is StopMode.DETACH or self._halt.mode is mode or self._over.is_set():
            self.poke()
            return
        if mode is StopMode.LOCAL and not self.remote_steps():
            mode = StopMode.CANCEL
        self._halt.mode, self._halt.reason = mode, reason or _REASONS[mode]
        if self._board.state is RunState.RUNNING and self._live:
            self._say_stopping(mode)
        if mode is StopMode.DETACH:
            self._over.set()
            return
        self._dispatch.stop(mode, self._halt.reason)
        if mode is StopMode.CANCEL:
            self._take_back_kept()
        self.poke()

    def _say_stopping(self, mode: StopMode) -> None:
        self._session.write(
            [self._board.run_event("run.stopping", RunState.STOPPING, RunStopping(mode=mode.value))]
        )
        self._notifier.tell(RunEventKind.RUN, state=self._board.state.value, message=self._halt.reason)

    def remote_steps(self, on_exit: RemoteJob | None = None) -> tuple[str, ...]:
        """Steps that run as jobs somewhere else now and would go on without us; of them those with that policy."""
        going_on = (step for step in self._dispatch.steps if not step.stops_with_us)
        return tuple(step.name for step in going_on if on_exit is None or step.on_exit is on_exit)

    def _keep(self, now: StepNow, why: str) -> None:
        """The step's time is up, but its job goes on: the run can be resumed to see how it ends."""
        self._kept[now.step.id] = f"{now.step.id} {why}"
        self._notifier.tell(RunEventKind.STEP, step=now, state=now.state.value, message=why, level="warn")
        if self._halt.mode is StopMode.CANCEL:
            self._take_back_kept()

    def _take_back_kept(self) -> None:
        for identity in list(self._kept):
            del self._kept[identity]
            self._dispatch.go_on(self._board.steps[identity])

    async def _settle(self, record: RunRecord) -> None:
        await Coordinator(
            plan_of(self._store, record.id),
            store=self._store,
            run_id=record.id,
            runner_for=self._runners.runner_for,
            folder=self._runners.folder,
            policy=self._policy,
            redact=self._redact,
            settle_only=True,
        ).run()

    # ------------------------------------------------------------ the parts

    def _downstream(self) -> Downstream:
        return Downstream(
            self._board,
            self._gates,
            self._session,
            self._notifier,
            self._halt,
            fail_fast=self._policy.fail_fast or self._plan.fail_fast,
            changed=self.poke,
        )

    def _restored(self, downstream: Downstream) -> list[StepNow]:
        return restore(
            self._store.detail(self.run_id),
            self._store.remaining(self.run_id),
            self._plan,
            board=self._board,
            gates=self._gates,
            forms=self._forms,
            downstream=downstream,
        )

    def _parts_of_steps(self, record: RunRecord, downstream: Downstream) -> StepParts:
        recording = Recording(
            board=self._board,
            session=self._session,
            notifier=self._notifier,
            policy=self._policy,
            batching=self._batching,
            downstream=downstream,
            halt=self._halt,
            settle_only=self._settle_only,
            chance=random.Random(),
        )
        reused = ReusedFromOtherRuns(
            self._plan,
            record,
            store=self._store,
            board=self._board,
            other_runs=self._other_runs,
            downstream=downstream,
        )
        return StepParts(
            run_id=self.run_id,
            board=self._board,
            session=self._session,
            notifier=self._notifier,
            policy=self._policy,
            batching=self._batching,
            gates=self._gates,
            pools=self._pools,
            forms=self._forms,
            runners=self._runners,
            reused=reused,
            cutoff=CutOff(self._decide, downstream, self._pools, self._gates, self._batching),
            other_runs=self._other_runs,
            halt=self._halt,
            recording=recording,
            step_slot=(Hold(_SLOTS),) if self._policy.max_steps else (),
            keep=self._keep,
            begun=self.poke,
        )

    def _new_resumption(self, *, under_way: bool) -> Resumption:
        return Resumption(
            run_id=self.run_id,
            board=self._board,
            session=self._session,
            notifier=self._notifier,
            policy=self._policy,
            runners=self._runners,
            nothing_lost_here=self._runners.begin(self.run_id, under_way=under_way),
            settle_only=self._settle_only,
        )

    def new_step(self, batch: str | None, pick: Pick) -> StepRun:
        return StepRun(self._step_parts, batch, pick)

    async def go_on(self, step: StepRun, now: StepNow) -> None:
        await self._resumption.go_on(step, now)


_REASONS = {
    StopMode.CANCEL: "cancelled",
    StopMode.LOCAL: "stopped; remote jobs go on",
    StopMode.DETACH: "detached; what runs goes on",
}
