"""What a former coordinator had going on: found again, and seen through or made anew.

Nothing that ended is run again. An attempt whose intent is in the store may have been triggered: its runner is asked, and
only what was certainly never started, or has left nothing, is tried anew.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from penstock.errors import PenstockError, UsageError
from penstock.integration import AttemptKey, Handle, Reused
from penstock.plan import PlanItem
from penstock.run.board import Board, StepNow
from penstock.run.notifier import RunNotifier
from penstock.run.policy import LOOK_FIRST, RunPolicy
from penstock.run.records import RunEventKind, Waiting, WaitKind
from penstock.run.runner_pool import RunnerPool
from penstock.run.steprun import StepRun
from penstock.store import AttemptState, RunRecord, RunSession
from penstock.store.payloads import Said

_FIRST_PATIENCE = 1.0
_MOST_PATIENCE = 30.0
_UNKNOWN = "it had begun, and nothing of it can be found here: whether it was done is not known"


def refuse_ended(record: RunRecord) -> None:
    if record.state.ended:
        raise UsageError(
            f"run {record.number} has ended ({record.state.value}); only a run that was left can be resumed",
            hint=f"run again what failed: penstock retry {record.number}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """Of one run. `nothing_lost_here`: all that the former coordinator wrote on this disk is there."""

    run_id: str
    board: Board
    session: RunSession
    notifier: RunNotifier
    policy: RunPolicy
    runners: RunnerPool
    nothing_lost_here: bool
    settle_only: bool

    async def go_on(self, step: StepRun, now: StepNow) -> None:
        """Find the step's last attempt and see it through, or make a new one."""
        if now.attempt_state is None or now.attempt_state.ended:
            if not self.settle_only:
                await step.adopt(now, None, None)
            return
        occupied, goes_on = step.occupy(now), False
        try:
            handle = await self._found(now)
            goes_on = handle is not None or (await self._abandoned(step, now) and not self.settle_only)
        finally:
            if not goes_on:
                step.let_go(occupied)
        if goes_on:
            await step.adopt(now, handle, occupied)

    async def _abandoned(self, step: StepRun, now: StepNow) -> bool:
        """Nothing is left of its last attempt. Whether a new one may be made."""
        if now.attempt_state is AttemptState.RUNNING or not self.nothing_lost_here:
            doubtful = self._doubtful(now)
            left = any(not self.board.items[item.key].state.ended for item in now.items)
            words = f"{_UNKNOWN}; {LOOK_FIRST}"
            if (doubtful or not left) and not await step.give_up(now, doubtful, words):
                return False
            message = f"{_UNKNOWN}; made again"
            self.notifier.tell(
                RunEventKind.STEP, step=now, state=now.state.value, message=message, level="warn"
            )
        said = Said(message="certainly never started, or nothing is left of it")
        await self.session.write(
            [self.board.attempt_event("attempt.abandoned", now, AttemptState.ABANDONED, said)]
        )
        return True

    def _doubtful(self, now: StepNow) -> tuple[PlanItem, ...]:
        """What is not to be made again before somebody has looked."""
        policy = self.policy.of(now.step)
        items = (item for item in now.items if not self.board.items[item.key].state.ended)
        return tuple(item for item in items if not policy.repeats(appends=item.appends))

    async def _found(self, now: StepNow) -> Handle | Reused | None:
        key = AttemptKey(self.run_id, now.step.id, now.attempt)
        runner = self.runners.runner(now.step.integration, now.step.instance)
        if runner is None:
            raise UsageError(
                f"step {now.step.id} was left by {now.step.integration}/{now.step.instance}, which cannot be asked here",
                hint="resume it where that integration is configured",
            )
        patience = _FIRST_PATIENCE
        while True:
            try:
                return await runner.find(now.step, key, now.intent)
            except UsageError:
                raise
            except PenstockError as error:
                await self._unreadable(now, error)
                await asyncio.sleep(patience)
                patience = min(_MOST_PATIENCE, patience * 2)

    async def _unreadable(self, now: StepNow, error: PenstockError) -> None:
        """Neither failed nor running: it is asked again until it answers."""
        if now.attempt_state is not AttemptState.UNREADABLE:
            event = self.board.attempt_event(
                "attempt.unreadable", now, AttemptState.UNREADABLE, Said(message=error.what)
            )
            await self.session.write([event])
        words = f"cannot ask what became of it: {error.what}"
        self.notifier.tell(RunEventKind.STEP, step=now, state=now.state.value, message=words, level="warn")
        self.notifier.waiting(now.step.id, now.items, (Waiting(WaitKind.TOOL, now.step.integration),))
