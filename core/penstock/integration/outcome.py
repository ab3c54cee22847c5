"""What a step tells while it runs, and how it ends."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class Outcome(StrEnum):
    """How an item or a step ended. FAIL is a check's verdict, ERROR means that it could not be done."""

    SUCCESS = "success"
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"
    PARTIAL = "partial"  # some batches of a microbatch model failed
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    NO_OP = "no_op"

    @property
    def good(self) -> bool:
        """Whether what depends on it may go on."""
        return self in (Outcome.SUCCESS, Outcome.WARN, Outcome.NO_OP)


class Lost(StrEnum):
    """What is known of work whose process is gone: it was certainly not done, or nobody knows."""

    UNDONE = "undone"
    UNKNOWN = "unknown"


class EventKind(StrEnum):
    ITEM_STARTED = "item_started"
    ITEM_PROGRESS = "item_progress"
    ITEM_FINISHED = "item_finished"
    PHASE = "phase"  # the step itself entered a phase: installing, reading, waiting for ..., committing
    LOG = "log"
    FINISHED = "finished"  # always the last event of a step


class StepEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened in a step. `at` is epoch seconds; `item` the tool's id for item events.

    `retryable` on FINISHED: false when trying again without a change cannot help.
    `lost` on FINISHED: what did the work is gone and did not say how it ended (killed, its machine restarted); on
    ITEM_FINISHED: nothing was heard of the item for that reason.
    `remaining` on ITEM_FINISHED that is not good: what is left to do of an item that was made in part, in words that only its
    integration reads. The item's next try, in this run or a retry, is given it as `StepItem.remaining`. "" says all of it.
    """

    kind: EventKind
    at: float
    item: str | None = None
    outcome: Outcome | None = None
    message: str | None = None
    level: str = "info"
    rows: int | None = None
    size_bytes: int | None = None
    seconds: float | None = None
    retryable: bool = True
    lost: Lost | None = None
    remaining: str | None = None
    data: dict[str, Any] = {}
