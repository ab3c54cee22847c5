"""How a followed run ended, told as the engine's events. Pure."""

from __future__ import annotations

import msgspec

from penstock.assets import DataVersion, DataVersionKind
from penstock.integration.events import Finished, ItemFinished, StepEvent
from penstock.integration.jobs.remote import RemoteRun, RunState
from penstock.integration.outcome import Outcome


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a job ended. `retryable`: starting it again may end otherwise; `run` is the service's id of it, where it has one."""

    outcome: Outcome
    message: str | None = None
    retryable: bool = True
    run: str | None = None


def ended(tool: str, run: RemoteRun, asked_to_cancel: bool) -> Ending:
    """The service's own verdict. A run that was cancelled without us is no success and no error of its own."""
    why = f": {run.why}" if run.why else ""
    match run.state:
        case RunState.PARTLY:
            message = f"run {run.id}: some of its tasks failed{why}"
            return Ending(outcome=Outcome.WARN, message=message, run=run.id)
        case RunState.SUCCEEDED:
            return Ending(outcome=Outcome.SUCCESS, run=run.id)
        case RunState.CANCELLED if asked_to_cancel:
            return Ending(outcome=Outcome.CANCELLED, message=f"run {run.id} cancelled")
        case RunState.CANCELLED:
            message = f"run {run.id} was cancelled in {tool} by somebody else"
            return Ending(outcome=Outcome.CANCELLED, message=message, retryable=False)
        case RunState.SKIPPED:
            return Ending(outcome=Outcome.ERROR, message=f"run {run.id} was skipped by {tool}{why}")
        case _:
            message = f"run {run.id} failed in {tool}{why}"
            return Ending(outcome=Outcome.ERROR, message=message, retryable=run.retryable)


def failed(message: str, *, retryable: bool = True) -> Ending:
    """It could not be started, or not be followed to its end."""
    return Ending(outcome=Outcome.ERROR, message=message, retryable=retryable)


def left(tool: str, run: str | None, *, ours: bool) -> Ending:
    """It is not followed any longer."""
    whose = "" if ours else ", started by somebody else"
    told = f"run {run} goes on in {tool}{whose}" if run else "no run was started"
    return Ending(outcome=Outcome.CANCELLED, message=f"not awaited any longer: {told}")


def events_of(ending: Ending, items: tuple[str, ...], at: float) -> list[StepEvent]:
    """One end per table, then the step's own."""
    version = None if ending.run is None else DataVersion(DataVersionKind.JOB, ending.run)
    finished: list[StepEvent] = [
        ItemFinished(at=at, item=item, outcome=ending.outcome, message=ending.message, data_version=version)
        for item in items
    ]
    finished.append(
        Finished(at=at, outcome=ending.outcome, message=ending.message, retryable=ending.retryable)
    )
    return finished
