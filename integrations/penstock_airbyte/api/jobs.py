"""What a job's state means and whether it serves a plan: words to verdicts, times to reuse. Pure.

Unknown words never end a sync: only the four words that the API documents as final do.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from penstock_manifests.airbyte.api import ApiConnection, ApiJob

SYNC = "sync"
_FINAL = {"succeeded": True, "failed": False, "cancelled": False}
_KNOWN_RUNNING = frozenset({"pending", "queued", "running", "incomplete"})


class JobState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


def state_of(job: ApiJob) -> JobState:
    """`incomplete` is an attempt that failed and will be tried again; a word not known here is still running."""
    return JobState(job.status) if job.status in _FINAL else JobState.RUNNING


def understood(job: ApiJob) -> bool:
    """Whether the status is a word that the API documents."""
    return job.status in _FINAL or job.status in _KNOWN_RUNNING


def newest_first(jobs: Iterable[ApiJob]) -> list[ApiJob]:
    """Each job once, the highest id first: ids grow, clocks may not."""
    return sorted({job.id: job for job in jobs}.values(), key=lambda job: -job.id)


def running_of(jobs: Iterable[ApiJob]) -> ApiJob | None:
    """The newest job of any kind that is not over."""
    return next((job for job in newest_first(jobs) if state_of(job) is JobState.RUNNING), None)


def candidate(jobs: Iterable[ApiJob], baseline: int) -> ApiJob | None:
    """The sync that a lost trigger may have made: the newest running one, else the oldest newer than the baseline."""
    ordered = [job for job in newest_first(jobs) if job.kind == SYNC]
    for job in ordered:
        if state_of(job) is JobState.RUNNING:
            return job
    newer = [job for job in ordered if job.id > baseline]
    return newer[-1] if newer else None


class Satisfied(msgspec.Struct, frozen=True, kw_only=True):
    """A finished sync that serves as well as a new one. `age` is in seconds, by the server's clock."""

    job: ApiJob
    age: float


def satisfying(
    connection: ApiConnection,
    jobs: Iterable[ApiJob],
    max_age: float | None,
    now: float,
    changed: float | None,
) -> Satisfied | None:
    """The newest successful sync that was accepted within `max_age` seconds, after the connection's last change (epoch seconds
    by the server's clock) and after every clear or reset. None without a `max_age`: then each plan asks for its own.

    What counts is when the job was accepted, not when it ended: rows written at the source meanwhile may be missing.
    """
    if max_age is None:
        return None
    ordered = newest_first(jobs)
    for job in ordered:
        if job.kind != SYNC:
            if state_of(job) in (JobState.SUCCEEDED, JobState.RUNNING):
                return None  # what was there before has been emptied
            continue
        if state_of(job) is not JobState.SUCCEEDED or job.created is None:
            continue
        late = changed is not None and job.created < changed
        if late or now - job.created > max_age:
            return None
        return Satisfied(job=job, age=max(now - job.created, 0.0))
    return None


def interval_of(connection: ApiConnection) -> float | None:
    """How often the connection's own schedule runs it, in seconds; None for a manual one and for what cannot be told."""
    timing = connection.schedule.basic_timing
    if connection.schedule.schedule_type == "basic" and timing:
        return _basic(timing)
    if connection.schedule.schedule_type == "cron" and connection.schedule.cron_expression:
        return _cron(connection.schedule.cron_expression)
    return None


def _basic(timing: str) -> float | None:
    """ "Every 24 HOURS"."""
    parts = timing.lower().split()
    if len(parts) != 3 or parts[0] != "every" or not parts[1].isdigit():
        return None
    unit = {"minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0, "month": 2592000.0}
    return float(parts[1]) * unit[parts[2].rstrip("s")] if parts[2].rstrip("s") in unit else None


def _cron(expression: str) -> float | None:
    """The period of a Quartz expression in its plain forms ("0 0 * * * ?", "0 */15 * * * ? UTC"); None for the rest."""
    fields = expression.split()
    if len(fields) < 6:
        return None
    second, minute, hour, day, month, weekday = fields[:6]
    if second not in ("0", "*") or month != "*":
        return None
    every = {"day": day in ("*", "?"), "week": weekday in ("*", "?")}
    step = minute.removeprefix("*/").removeprefix("0/")
    if hour == "*" and all(every.values()):
        if minute == "*":
            return 60.0
        if step != minute and step.isdigit() and int(step):
            return int(step) * 60.0
        return 3600.0 if minute.isdigit() else None
    step = hour.removeprefix("*/").removeprefix("0/")
    if minute.isdigit() and all(every.values()):
        if step != hour and step.isdigit() and int(step):
            return int(step) * 3600.0
        return 86400.0 if hour.isdigit() else None
    if minute.isdigit() and hour.isdigit() and every["day"]:
        return 604800.0
    return None
