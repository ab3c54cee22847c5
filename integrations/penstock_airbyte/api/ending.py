"""How a followed job ended, told as the engine's events. Pure."""

from __future__ import annotations

import msgspec

from penstock.assets import DataVersion, DataVersionKind
from penstock.integration import Finished, ItemFinished, Outcome, StepEvent
from penstock_airbyte.api.jobs import JobState, state_of
from penstock_manifests.airbyte.api import ApiJob


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` and `size_bytes` are the whole job's."""

    outcome: Outcome
    message: str | None = None
    retryable: bool = True
    rows: int | None = None
    size_bytes: int | None = None
    job: int | None = None


def ended(job: ApiJob, asked_to_cancel: bool) -> Ending:
    """Airbyte's own verdict. A job that was cancelled without us is no success and no error of its own."""
    match state_of(job):
        case JobState.SUCCEEDED:
            return Ending(outcome=Outcome.SUCCESS, rows=job.rows, size_bytes=job.size_bytes, job=job.id)
        case JobState.CANCELLED if asked_to_cancel:
            return Ending(outcome=Outcome.CANCELLED, message=f"job {job.id} cancelled")
        case JobState.CANCELLED:
            message = f"job {job.id} was cancelled in Airbyte by somebody else"
            return Ending(outcome=Outcome.CANCELLED, message=message, retryable=False)
        case _:
            return Ending(
                outcome=Outcome.ERROR, message=f"job {job.id} failed in Airbyte; its log there says why"
            )


def events_of(ending: Ending, items: tuple[str, ...], at: float) -> list[StepEvent]:
    """One end per table, then the step's own. Airbyte counts rows per job: with several tables nobody knows whose they are."""
    alone = len(items) == 1
    version = None if ending.job is None else DataVersion(DataVersionKind.JOB, str(ending.job))
    finished: list[StepEvent] = [
        ItemFinished(
            at=at,
            item=item,
            outcome=ending.outcome,
            message=ending.message,
            rows=ending.rows if alone else None,
            size_bytes=ending.size_bytes if alone else None,
            data_version=version,
        )
        for item in items
    ]
    finished.append(
        Finished(
            at=at,
            outcome=ending.outcome,
            message=ending.message,
            retryable=ending.retryable,
            rows=ending.rows,
        )
    )
    return finished
