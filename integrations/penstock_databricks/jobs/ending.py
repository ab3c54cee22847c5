"""How a followed run ended, told as the engine's events. Pure."""

from __future__ import annotations

import msgspec

from penstock.assets import DataVersion, DataVersionKind
from penstock.integration import Finished, ItemFinished, Outcome, StepEvent
from penstock_databricks.jobs.api import Run, RunState


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    outcome: Outcome
    message: str | None = None
    retryable: bool = True
    run: int | None = None


def ended(run: Run, asked_to_cancel: bool) -> Ending:
    """Databricks' own verdict. A run that was cancelled without us is no success and no error of its own."""
    why = f": {run.why}" if run.why else ""
    match run.outcome:
        case RunState.SUCCEEDED if run.state.result_state == "SUCCESS_WITH_FAILURES":
            return Ending(
                outcome=Outcome.WARN, message=f"run {run.run_id}: some of its tasks failed", run=run.run_id
            )
        case RunState.SUCCEEDED:
            return Ending(outcome=Outcome.SUCCESS, run=run.run_id)
        case RunState.CANCELLED if asked_to_cancel:
            return Ending(outcome=Outcome.CANCELLED, message=f"run {run.run_id} cancelled")
        case RunState.CANCELLED:
            message = f"run {run.run_id} was cancelled in Databricks by somebody else"
            return Ending(outcome=Outcome.CANCELLED, message=message, retryable=False)
        case RunState.SKIPPED:
            message = f"run {run.run_id} was skipped by Databricks: the job runs already{why}"
            return Ending(outcome=Outcome.ERROR, message=message)
        case _:
            details = run.status.termination_details
            return Ending(
                outcome=Outcome.ERROR,
                message=f"run {run.run_id} failed in Databricks{why}",
                retryable=details is None or details.type != "CLIENT_ERROR",
            )


def failed(message: str, *, retryable: bool = True) -> Ending:
    """It could not be started, or not be followed to its end."""
    return Ending(outcome=Outcome.ERROR, message=message, retryable=retryable)


def left(run: int | None, *, ours: bool) -> Ending:
    """It is not followed any longer."""
    whose = "" if ours else ", started by somebody else"
    told = f"run {run} goes on in Databricks{whose}" if run else "no run was started"
    return Ending(outcome=Outcome.CANCELLED, message=f"not awaited any longer: {told}")


def events_of(ending: Ending, items: tuple[str, ...], at: float) -> list[StepEvent]:
    """One end per table, then the step's own."""
    version = None if ending.run is None else DataVersion(DataVersionKind.JOB, str(ending.run))
    finished: list[StepEvent] = [
        ItemFinished(at=at, item=item, outcome=ending.outcome, message=ending.message, data_version=version)
        for item in items
    ]
    finished.append(
        Finished(at=at, outcome=ending.outcome, message=ending.message, retryable=ending.retryable)
    )
    return finished
