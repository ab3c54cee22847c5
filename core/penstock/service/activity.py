"""How busy the last days were, hour by hour. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.store import RunRecord, RunState

HOUR = 3_600.0


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """Of the runs that worked in this hour: how many, how long together (seconds), and how many of them failed in it."""

    runs: int
    seconds: float
    failed: int


def begin(now: float, hours: int) -> float:
    """Where so many hours begin of which the present one is the last (epoch seconds)."""
    return now // HOUR * HOUR - (hours - 1) * HOUR


def by_hour(runs: Iterable[RunRecord], since: float, hours: int, now: float) -> tuple[Hour, ...]:
    """From `since` on, without a gap. A run that goes on works until `now`; one that was left, as long as it was seen: not at all."""
    counted, seconds, failed = [0] * hours, [0.0] * hours, [0] * hours
    for run in runs:
        begun = run.started_at or run.created_at
        goes_on = run.ended_at is None and run.state in (RunState.RUNNING, RunState.STOPPING)
        ended = now if goes_on else run.ended_at or begun
        if ended < since or begun > now:
            continue
        first, last = max(0, int((begun - since) // HOUR)), min(hours - 1, int((ended - since) // HOUR))
        for at in range(first, last + 1):
            counted[at] += 1
            seconds[at] += max(0.0, min(ended, since + (at + 1) * HOUR) - max(begun, since + at * HOUR))
        if run.state is RunState.FAILED:
            failed[last] += 1
    return tuple(
        Hour(runs=counted[at], seconds=round(seconds[at], 1), failed=failed[at]) for at in range(hours)
    )
