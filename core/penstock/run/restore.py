"""The board of a run that a former coordinator left, rebuilt from the store. Asks no tool."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.assets import AssetKey
from penstock.integration import Intent
from penstock.plan import Plan
from penstock.run.board import Board, StepNow
from penstock.run.downstream import Downstream
from penstock.run.forming import StepForms, of_items
from penstock.run.gating import Gates
from penstock.store import AttemptRecord, RunDetail, RunState, StepRecord


def restore(
    detail: RunDetail,
    remaining: Mapping[AssetKey, str],
    plan: Plan,
    *,
    board: Board,
    gates: Gates,
    forms: StepForms,
    downstream: Downstream,
) -> list[StepNow]:
    """Put the store's state on the board; `remaining` is what is left of items that were made in part. Returns the steps that
    were under way."""
    if detail.run.state is not RunState.QUEUED:
        board.state = RunState.DETACHED if detail.run.state is RunState.DETACHED else RunState.RUNNING
    for row in detail.items:
        now = board.items[row.key]
        now.state, now.step, now.attempt = row.state, row.step, row.attempt
        now.seconds, now.rows, now.message, now.cause = row.seconds, row.rows, row.message, row.cause
        now.ended_at = row.ended_at
    for key, left in remaining.items():
        board.items[key].remaining = left
    last = {record.step: record for record in detail.attempts}  # they come in the order of their intents
    under_way = []
    for record in detail.steps:
        step = _step_now(record, last.get(record.id), plan, board)
        board.steps[record.id] = step
        forms.take(record.id)
        if not record.state.ended:
            gates.take(
                {gates.unit_of[item.key].index: gates.unit_of[item.key] for item in step.items}.values()
            )
            under_way.append(step)
    _settle(board, gates, downstream)
    return under_way


def _step_now(record: StepRecord, last: AttemptRecord | None, plan: Plan, board: Board) -> StepNow:
    items = tuple(board.items[AssetKey.parse(key)].item for key in record.items)
    step = StepNow(of_items(plan, record.id, items, record.batch), items, record.batch)
    step.state, step.message = record.state, record.message
    step.waited = dict(record.waited)
    if last is not None:
        step.intent = Intent(remembered=last.intent)
        step.attempt, step.attempt_state, step.log, step.tail = last.attempt, last.state, last.log, last.tail
    return step


def _settle(board: Board, gates: Gates, downstream: Downstream) -> None:
    """Pass on what ended. What failed in a step that is still open may be tried again: it is not settled yet."""
    settled = []
    for key, now in board.items.items():
        if key not in gates.unit_of or not now.state.ended:
            continue
        step = board.steps.get(now.step) if now.step else None
        if now.well or step is None or step.state.ended:
            gates.ended(key, well=now.well)
            settled.append(key)
    for key in settled:  # only now: what stood below a failure may have been skipped already
        downstream.item_over(key)
