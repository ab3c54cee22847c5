"""A run that a former coordinator left: its board rebuilt from the store, and what may still run found again.

Nothing that ended is run again. An attempt whose intent is in the store may have been triggered: its runner is asked, and
only what was certainly never started, or has left nothing, is tried anew.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from penstock.assets import AssetKey
from penstock.errors import PenstockError, UsageError
from penstock.integration import AttemptKey, Handle, Intent, Reused
from penstock.plan import PlanItem
from penstock.run.board import StepNow
from penstock.run.forming import of_items
from penstock.run.policy import LOOK_FIRST
from penstock.run.records import RunEventKind, Waiting
from penstock.run.steprun import StepRun
from penstock.store import AttemptRecord, AttemptState, RunDetail, RunRecord, RunState, StepRecord

if TYPE_CHECKING:
    from penstock.run.coordinator import Coordinator

_FIRST_PATIENCE = 1.0
_MOST_PATIENCE = 30.0
_UNKNOWN = "it had begun, and nothing of it can be found here: whether it was done is not known"


def refuse_ended(record: RunRecord) -> None:
    if record.state.ended:
        raise UsageError(
            f"run {record.number} has ended ({record.state.value}); only a run that was left can be resumed",
            hint=f"run again what failed: penstock retry {record.number}",
        )


def restore(host: Coordinator, detail: RunDetail) -> list[StepNow]:
    """Put the store's state on the board. Returns the steps that were under way; `go_on` continues each."""
    board, gates = host.board, host.gates
    if detail.run.state is not RunState.QUEUED:
        board.state = RunState.DETACHED if detail.run.state is RunState.DETACHED else RunState.RUNNING
    for row in detail.items:
        now = board.items[row.key]
        now.state, now.step, now.attempt = row.state, row.step, row.attempt
        now.seconds, now.rows, now.message, now.cause = row.seconds, row.rows, row.message, row.cause
        now.ended_at = row.ended_at
    for key, remaining in host.store.remaining(detail.run.id).items():
        board.items[key].remaining = remaining
    last = {record.step: record for record in detail.attempts}  # they come in the order of their intents
    under_way = []
    for record in detail.steps:
        step = _step_now(host, record, last.get(record.id))
        board.steps[record.id] = step
        host.forms.take(record.id)
        if not record.state.ended:
            gates.take(
                {gates.unit_of[item.key].index: gates.unit_of[item.key] for item in step.items}.values()
            )
            under_way.append(step)
    _settle(host)
    return under_way


def _step_now(host: Coordinator, record: StepRecord, last: AttemptRecord | None) -> StepNow:
    items = tuple(host.board.items[AssetKey.parse(key)].item for key in record.items)
    step = StepNow(of_items(host.plan, record.id, items, record.batch), items, record.batch)
    step.state, step.message = record.state, record.message
    step.waited = dict(record.waited)
    if last is not None:
        step.intent = Intent(remembered=last.intent)
        step.attempt, step.attempt_state, step.log, step.tail = last.attempt, last.state, last.log, last.tail
    return step


def _settle(host: Coordinator) -> None:
    """Pass on what ended. What failed in a step that is still open may be tried again: it is not settled yet."""
    settled = []
    for key, now in host.board.items.items():
        if key not in host.gates.unit_of or not now.state.ended:
            continue
        step = host.board.steps.get(now.step) if now.step else None
        if now.well or step is None or step.state.ended:
            host.gates.ended(key, well=now.well)
            settled.append(key)
    for key in settled:  # only now: what stood below a failure may have been skipped already
        host.item_over(key)


async def go_on(host: Coordinator, step: StepRun, now: StepNow) -> None:
    """Find the step's last attempt and see it through, or make a new one."""
    handle = None
    if now.attempt_state is not None and not now.attempt_state.ended:
        handle = await _found(host, now)
        unsure = now.attempt_state is AttemptState.RUNNING or not host.nothing_lost_here
        if handle is None and unsure:
            doubtful = _doubtful(host, now)
            left = any(not host.board.items[item.key].state.ended for item in now.items)
            words = f"{_UNKNOWN}; {LOOK_FIRST}"
            if (doubtful or not left) and not await step.give_up(now, doubtful, words):
                return
            message = f"{_UNKNOWN}; made again"
            host.notifier.tell(
                RunEventKind.STEP, step=now, state=now.state.value, message=message, level="warn"
            )
        if handle is None:
            words = "certainly never started, or nothing is left of it"
            await host.session.write(
                [host.board.attempt_event("attempt.abandoned", now, AttemptState.ABANDONED, message=words)]
            )
    if handle is not None or not host.settle_only:
        await step.adopt(now, handle)


def _doubtful(host: Coordinator, now: StepNow) -> tuple[PlanItem, ...]:
    """What is not to be made again before somebody has looked."""
    policy = host.policy.of(now.step)
    items = (item for item in now.items if not host.board.items[item.key].state.ended)
    return tuple(item for item in items if not policy.repeats(appends=item.appends))


async def _found(host: Coordinator, now: StepNow) -> Handle | Reused | None:
    key = AttemptKey(host.run_id, now.step.id, now.attempt)
    runner = host.runners.runner(now.step.integration, now.step.instance)
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
            await _unreadable(host, now, error)
            await asyncio.sleep(patience)
            patience = min(_MOST_PATIENCE, patience * 2)


async def _unreadable(host: Coordinator, now: StepNow, error: PenstockError) -> None:
    """Neither failed nor running: it is asked again until it answers."""
    if now.attempt_state is not AttemptState.UNREADABLE:
        event = host.board.attempt_event(
            "attempt.unreadable", now, AttemptState.UNREADABLE, message=error.what
        )
        await host.session.write([event])
    words = f"cannot ask what became of it: {error.what}"
    host.notifier.tell(RunEventKind.STEP, step=now, state=now.state.value, message=words, level="warn")
    host.notifier.waiting(now.step.id, now.items, (Waiting("tool", now.step.integration),))
