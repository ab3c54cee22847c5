"""What the end of a try means for its step and its items, as events for the store. Pure: changes the board only."""

from __future__ import annotations

import time
from collections.abc import Iterable

from penstock.assets import AssetKey
from penstock.integration import ItemFinished, Outcome
from penstock.plan import PlanItem
from penstock.run.attempt import AttemptEnd
from penstock.run.board import Board, StepNow
from penstock.store import AttemptState, ItemState, NewEvent, StepState
from penstock.store.payloads import AttemptEnded


def attempt_ended(board: Board, now: StepNow, end: AttemptEnd) -> NewEvent:
    good = end.outcome.good
    state = AttemptState.SUCCEEDED
    if not good:
        state = AttemptState.CANCELLED if end.outcome is Outcome.CANCELLED else AttemptState.FAILED
    data = AttemptEnded(
        outcome=end.outcome.value,
        message=end.message or None,
        retryable=good or end.retryable,
        tail=None if good else now.tail,
    )
    return board.attempt_event("attempt.ended", now, state, data)


def undo(board: Board, now: StepNow, final: Iterable[AssetKey], events: list[NewEvent]) -> list[AssetKey]:
    """What ended badly in this attempt is pending again, but for what is `final` and what stands on that: it is returned."""
    held: list[AssetKey] = []
    bad = {key for key in final if not board.items[key].well}
    for item in now.items:
        told = board.items[item.key]
        if item.key in bad or told.well or (told.state.ended and told.attempt != now.attempt):
            continue
        if told.state is not ItemState.PENDING:
            events.append(board.retried(item.key, now))
        if not bad.isdisjoint(item.depends_on):
            bad.add(item.key)
            held.append(item.key)
            skipped = item_ended(item, Outcome.SKIPPED, None)
            events.append(board.finished(item.key, ItemState.SKIPPED, now, skipped))
    return held


def unreported(now: StepNow, item: PlanItem, end: AttemptEnd) -> ItemFinished:
    """What to say of an item that should have been made and of which nothing was heard."""
    integration = now.step.integration
    outcome, words = Outcome.ERROR, end.message
    if end.outcome is Outcome.CANCELLED:
        outcome, words = Outcome.CANCELLED, end.message or "cancelled"
    elif end.outcome.good:
        words = f"{integration} ended well but reported nothing about it"
    elif end.outcome is Outcome.FAIL:
        words = f"{integration} reported nothing about it"
    return item_ended(item, outcome, words)


def item_ended(item: PlanItem, outcome: Outcome, message: str | None) -> ItemFinished:
    return ItemFinished(at=time.time(), item=item.ref.id, outcome=outcome, message=message)


def step_state(end: AttemptEnd, *, bad: bool, adopted: bool) -> StepState:
    """`bad`: something of the step is not made. `adopted`: a former coordinator began the attempt."""
    if end.outcome is Outcome.CANCELLED:
        return StepState.CANCELLED
    if end.lost and adopted and not bad:
        return StepState.SUCCEEDED  # it died with its coordinator, after the last of its items
    # FAIL without a bad item: a check of severity warn, which holds nothing up.
    failed = bad or not (end.outcome.good or end.outcome is Outcome.FAIL)
    return StepState.FAILED if failed else StepState.SUCCEEDED
