"""What to do about a job before it is started: reuse, adopt, wait, start, or refuse. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from penstock.integration.jobs.payload import JobPayload
from penstock.integration.jobs.remote import RemoteRun, RunState


class Action(StrEnum):
    """What is done about a job: take a run that is recent enough, follow one that goes on, start one, or refuse to."""

    REUSE = "reuse"
    ADOPT = "adopt"
    START = (
        "start"  # after what runs has ended: a run that began earlier has not read what was made meanwhile
    )
    REFUSE = "refuse"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`run` is what is reused or adopted; `message` the reason to refuse."""

    action: Action
    run: RemoteRun | None = None
    message: str = ""
    hint: str | None = None


def decide(
    tool: str, payload: JobPayload, active: Sequence[RemoteRun], completed: Sequence[RemoteRun], now: float
) -> Decision:
    """In this order: a recent run serves; one that runs is adopted where that is wanted; else one is started where permitted.

    Age counts from a run's start: what was written to its inputs after that it may not have read.
    """
    if payload.max_age is not None:
        fresh = [
            run
            for run in completed
            if run.state in (RunState.SUCCEEDED, RunState.PARTLY) and now - run.started_at <= payload.max_age
        ]
        if fresh:
            return Decision(action=Action.REUSE, run=max(fresh, key=lambda run: run.started_at))
    if active and payload.adopt:
        return Decision(action=Action.ADOPT, run=max(active, key=lambda run: run.order))
    if not payload.may_start:
        return Decision(
            action=Action.REFUSE,
            message=f"the job '{payload.name}' is not started from here: penstock.yml says never",
            hint=f"start it in {tool}, or permit it: `start: always`",
        )
    return Decision(action=Action.START)
