"""What becomes of every tick that has come due: pure, from rows and the store's clock to rows.

First sight, a changed form and a clock that was far ahead look forward only. A tick that did not start is a row that says why.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import inf

import msgspec

from penstock.automation.arrivals import arrived_for, explained, outcomes
from penstock.automation.schedule import Schedule
from penstock.store import Decided, Known, ScheduleRow, Tick, TickState

ALL = "*"
_LATE = 60.0  # seconds; a daemon that lives is never so late
_ROWS = 100  # ticks of one look that get a row each; older ones share one
_FARTHEST = 31 * 86400.0
WRONG = 3600.0  # a clock that went back so far was wrong before: to wait until then could be for years


class _Due(msgspec.Struct, frozen=True, kw_only=True):
    """`older` ticks came before the first of `ticks`, the last of them at `older_at`."""

    ticks: tuple[float, ...] = ()
    older: int = 0
    older_at: float = 0.0


def decide(schedules: Iterable[Schedule], known: Known) -> Decided:
    """For one look at the clock. The ticks that it leaves WAITING are the runs to come."""
    rows: list[ScheduleRow] = []
    ticks: list[Tick] = []
    cancel: list[Tick] = []
    stopped = known.schedules.get(ALL)
    schedules = tuple(schedules)
    for schedule in schedules:
        row = known.schedules.get(schedule.name)
        if row is None or row.fingerprint != schedule.fingerprint or row.looked_until > known.now + WRONG:
            rows.append(_first_sight(schedule, known.now))
            continue
        arrived = arrived_for(schedule, row, known)
        due = _with(_due(schedule, row.looked_until, known.now), arrived)
        if due.ticks:
            rows.append(msgspec.structs.replace(row, looked_until=known.now))
            pause = next(
                (one for one in (stopped, row) if one is not None and one.paused_at is not None), None
            )
            found = _paused(schedule, due, pause, known.now) if pause else _decided(schedule, due, known)
            ticks += explained(schedule, found.ticks, arrived)
            cancel += found.cancel
    handled = outcomes(schedules, known, ticks)
    return Decided(schedules=tuple(rows), ticks=tuple(ticks), cancel=tuple(cancel), handled=handled)


def _first_sight(schedule: Schedule, now: float) -> ScheduleRow:
    return ScheduleRow(name=schedule.name, fingerprint=schedule.fingerprint, looked_until=now, changed_at=now)


def _due(schedule: Schedule, after: float, until: float) -> _Due:
    kept: deque[float] = deque(maxlen=_ROWS)
    number, older_at = 0, 0.0
    for tick in schedule.due_between(max(after, until - _FARTHEST), until):
        if len(kept) == _ROWS:
            older_at = kept[0]
        kept.append(tick)
        number += 1
    return _Due(ticks=tuple(kept), older=number - len(kept), older_at=older_at)


def _with(due: _Due, arrived: Iterable[float]) -> _Due:
    """Events are ticks of the time at which they arrived."""
    return msgspec.structs.replace(due, ticks=tuple(sorted({*due.ticks, *arrived})))


def _decided(schedule: Schedule, due: _Due, known: Known) -> Decided:
    now = known.now
    newest = due.ticks[-1]
    wanted = [tick for tick in due.ticks if _in_time(schedule, tick, now)]
    if schedule.missed != "all":
        wanted = [tick for tick in wanted if tick == newest]
    ticks = _not_started(schedule, due, wanted, now)
    opened = sorted((one for one in known.open if one.schedule == schedule.name), key=lambda one: one.at)
    active = [one for one in opened if one.state is TickState.RUNNING]
    if wanted and opened and schedule.overlap == "skip":
        busy = opened[0]
        why = f"the run of {utc(busy.at)} still goes on (overlap: skip)"
        ticks += [_tick(schedule, tick, now, TickState.SKIPPED, why) for tick in wanted]
        return Decided(ticks=tuple(ticks))
    ticks += [_waiting(schedule, tick, now, active) for tick in wanted]
    if wanted and schedule.overlap in ("wait_one", "cancel_old") and schedule.missed != "all":
        ticks += [_coalesced(one, newest, now) for one in opened if one.state is TickState.WAITING]
    cancel = active if wanted and schedule.overlap == "cancel_old" else []
    return Decided(ticks=tuple(ticks), cancel=tuple(cancel))


def _in_time(schedule: Schedule, tick: float, now: float) -> bool:
    return now <= latest_start(schedule, tick)


def latest_start(schedule: Schedule, tick: float) -> float:
    """Until when that tick may still start."""
    if schedule.missed == "all":
        return inf
    late = _LATE if schedule.missed == "none" else max(schedule.grace_at(tick), _LATE)
    return tick + schedule.jitter + late


def _not_started(schedule: Schedule, due: _Due, wanted: Sequence[float], now: float) -> list[Tick]:
    newest = due.ticks[-1]
    found = []
    for tick in due.ticks:
        if tick in wanted:
            continue
        if tick == newest or schedule.missed == "none":
            why = f"no daemon looked until {utc(now)} (missed: {schedule.missed})"
            found.append(_tick(schedule, tick, now, TickState.MISSED, why))
        else:
            why = f"no daemon looked in time; coalesced into {utc(newest)}"
            found.append(_tick(schedule, tick, now, TickState.COALESCED, why))
    if due.older:
        why = f"{due.older} ticks up to this one: no daemon looked in time"
        older = _tick(schedule, due.older_at, now, TickState.MISSED, why)
        found.append(msgspec.structs.replace(older, number=due.older))
    return found


def _paused(schedule: Schedule, due: _Due, pause: ScheduleRow, now: float) -> Decided:
    who = f" by {pause.paused_by}" if pause.paused_by else ""
    why = f"paused{who}" + (f": {pause.paused_why}" if pause.paused_why else "")
    ticks = [_tick(schedule, tick, now, TickState.SKIPPED, why) for tick in due.ticks]
    if due.older:
        older = _tick(
            schedule, due.older_at, now, TickState.SKIPPED, f"{due.older} ticks up to this one: {why}"
        )
        ticks.append(msgspec.structs.replace(older, number=due.older))
    return Decided(ticks=tuple(ticks))


def _waiting(schedule: Schedule, tick: float, now: float, active: Sequence[Tick]) -> Tick:
    late = now - tick - schedule.jitter
    why = "due" if late < _LATE else f"due, {int(late)} s late: no daemon looked"
    if active and schedule.overlap != "allow":
        why += f"; waits for the run of {utc(active[0].at)}"
    waiting = _tick(schedule, tick, now, TickState.WAITING, why)
    return msgspec.structs.replace(waiting, run_key=run_key(schedule.name, tick), ended_at=None)


def _coalesced(tick: Tick, newest: float, now: float) -> Tick:
    """It waited for a run before it, and a newer one came."""
    why = f"still waiting when the next came; coalesced into {utc(newest)}"
    return msgspec.structs.replace(tick, state=TickState.COALESCED, reason=why, ended_at=now)


def _tick(schedule: Schedule, at: float, now: float, state: TickState, why: str) -> Tick:
    return Tick(schedule=schedule.name, at=at, state=state, reason=why, decided_at=now, ended_at=now)


def run_key(schedule: str, tick: float) -> str:
    """One for each tick: what the data makes due may be due twice within a second."""
    whole = utc(tick)
    if tick != int(tick):
        whole = datetime.fromtimestamp(tick, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"schedule:{schedule}@{whole}"


def utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
