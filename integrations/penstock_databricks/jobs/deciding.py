"""What to do about a job before it is started: reuse, adopt, wait, start, or refuse. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from penstock_databricks.jobs.api import Run, RunState
from penstock_databricks.jobs.payload import JobPayload


class Action(StrEnum):
    REUSE = "reuse"
    ADOPT = "adopt"
    START = (
        "start"  # after what runs has ended: a run that began earlier has not read what was made meanwhile
    )
    REFUSE = "refuse"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`run` is what is reused or adopted; `message` the reason to refuse."""

    action: Action
    run: Run | None = None
    message: str = ""
    hint: str | None = None


def decide(payload: JobPayload, active: Sequence[Run], completed: Sequence[Run], now: float) -> Decision:
    """In this order: a recent run serves; one that runs is adopted where that is wanted; else one is started where permitted.

    Age counts from a run's start: what was written to its inputs after that it may not have read.
    """
    if payload.max_age is not None:
        fresh = [
            run
            for run in completed
            if run.outcome is RunState.SUCCEEDED and now - run.start_time / 1000 <= payload.max_age
        ]
        if fresh:
            return Decision(action=Action.REUSE, run=max(fresh, key=lambda run: run.start_time))
    if active and payload.adopt:
        return Decision(action=Action.ADOPT, run=max(active, key=lambda run: run.run_id))
    if not payload.may_start:
        return Decision(
            action=Action.REFUSE,
            message=f"the job '{payload.name}' is not started from here: penstock.yml says never",
            hint="start it in Databricks, or permit it: `start: always`",
        )
    return Decision(action=Action.START)
