"""The state machine as a table: for every kind of event, from which states it is legal and where it leads.

docs/reference/states.md is made from this table. Nothing else in penstock decides which state follows which.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from penstock.errors import PenstockError
from penstock.integration import Outcome
from penstock.store import AttemptState, ItemState, RunState, StepState


class IllegalTransition(PenstockError):
    """An event came in a state in which it has no place: a defect of penstock. The facts are in the message."""

    def __init__(self, event: str, subject: str, state: str, to: str) -> None:
        super().__init__(f"{event} cannot lead {subject} from {state} to {to}", hint="please report this")
        self.event = event
        self.subject = subject
        self.state = state
        self.to = to


_RUN_OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.STOPPING, RunState.DETACHED)
_RUN_ENDS = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)
_STEP_OPEN = (StepState.WAITING, StepState.RUNNING, StepState.RETRYING)
_STEP_ENDS = (StepState.SUCCEEDED, StepState.FAILED, StepState.CANCELLED)
_ATTEMPT_OPEN = (AttemptState.INTENT, AttemptState.RUNNING, AttemptState.UNREADABLE)
_ATTEMPT_ENDS = (AttemptState.SUCCEEDED, AttemptState.FAILED, AttemptState.CANCELLED)
_ITEM_OPEN = (ItemState.PENDING, ItemState.RUNNING)
_ITEM_ENDS = tuple(ItemState(outcome.value) for outcome in Outcome)
_ITEM_BAD = tuple(state for state in _ITEM_ENDS if not Outcome(state.value).good)

# event kind -> (states in which it may come, states to which it may lead)
TRANSITIONS: Mapping[str, tuple[tuple[StrEnum, ...], tuple[StrEnum, ...]]] = {
    # A coordinator that finds RUNNING or STOPPING took the run over from one that is gone.
    "run.started": (_RUN_OPEN, (RunState.RUNNING,)),
    "run.stopping": ((RunState.RUNNING,), (RunState.STOPPING,)),
    "run.detached": ((RunState.RUNNING, RunState.STOPPING), (RunState.DETACHED,)),
    "run.ended": ((RunState.RUNNING, RunState.STOPPING), _RUN_ENDS),
    "step.retrying": ((StepState.RUNNING,), (StepState.RETRYING,)),
    "step.ended": (_STEP_OPEN, _STEP_ENDS),
    # An intent sets its step RUNNING in the same event.
    "attempt.intent": (_STEP_OPEN, (AttemptState.INTENT,)),
    "attempt.prepared": ((AttemptState.INTENT,), (AttemptState.INTENT,)),
    "attempt.started": ((AttemptState.INTENT, AttemptState.UNREADABLE), (AttemptState.RUNNING,)),
    "attempt.unreadable": (_ATTEMPT_OPEN, (AttemptState.UNREADABLE,)),
    "attempt.abandoned": (_ATTEMPT_OPEN, (AttemptState.ABANDONED,)),
    "attempt.ended": (_ATTEMPT_OPEN, _ATTEMPT_ENDS),
    "item.started": (_ITEM_OPEN, (ItemState.RUNNING,)),
    "item.finished": (_ITEM_OPEN, _ITEM_ENDS),
    "item.retried": ((ItemState.RUNNING, *_ITEM_BAD), (ItemState.PENDING,)),
    "item.skipped": ((ItemState.PENDING,), (ItemState.SKIPPED,)),
    # A check's verdict that stands is that verdict, and it was not run: it warns or fails as it did.
    "item.reused": ((ItemState.PENDING,), (ItemState.REUSED, ItemState.WARN, ItemState.FAIL)),
    "item.cancelled": (_ITEM_OPEN, (ItemState.CANCELLED,)),
}


def check(event: str, subject: str, state: StrEnum, to: StrEnum) -> None:
    """Raises IllegalTransition unless the table allows it."""
    before, after = TRANSITIONS[event]
    if state not in before or to not in after:
        raise IllegalTransition(event, subject, state.value, to.value)
