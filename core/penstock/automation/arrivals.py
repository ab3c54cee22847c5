"""Events as ticks: which schedules an event starts, once each, and what became of it. Pure; that something changed is never decided
by an event, which only lets everything be looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from penstock.automation.schedule import Schedule
from penstock.store import Arrival, Known, ScheduleRow, Tick, TickState


def arrived_for(schedule: Schedule, row: ScheduleRow, known: Known) -> Mapping[float, Arrival]:
    """By their times. A schedule looks forward only: what arrived before it was first seen, or changed, is not for it."""
    if schedule.on is None:
        return {}
    return {
        one.received_at: one
        for one in known.arrived
        if one.name == schedule.on and one.received_at > row.changed_at
    }


def explained(schedule: Schedule, ticks: Sequence[Tick], arrived: Mapping[float, Arrival]) -> list[Tick]:
    """The ticks of events with their reason, and with the event in the key of the run."""
    return [_explained(schedule, tick, arrived[tick.at]) if tick.at in arrived else tick for tick in ticks]


def _explained(schedule: Schedule, tick: Tick, event: Arrival) -> Tick:
    why = "a newer one came" if tick.state is TickState.COALESCED else tick.reason
    key = f"event:{schedule.name}@{event.name}:{event.id}" if tick.run_key is not None else None
    return msgspec.structs.replace(tick, reason=f"event {event.name} {event.id}: {why}", run_key=key)


def outcomes(schedules: Iterable[Schedule], known: Known, ticks: Iterable[Tick]) -> tuple[Arrival, ...]:
    """What became of each event that was looked at."""
    if not known.arrived:
        return ()
    made: dict[float, list[str]] = {}
    for tick in ticks:
        made.setdefault(tick.at, []).append(tick.schedule)
    waiting = {one.on for one in schedules}
    return tuple(
        msgspec.structs.replace(one, outcome=_outcome(one, made.get(one.received_at, []), waiting))
        for one in known.arrived
    )


def _outcome(event: Arrival, schedules: Sequence[str], waiting: Iterable[str | None]) -> str:
    if schedules:
        return "schedule " + ", ".join(schedules)
    if event.name in waiting:
        return "everything was looked at again; its schedule was not known yet"
    return "everything was looked at again"
