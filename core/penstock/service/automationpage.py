"""The documents that `penstock automation --json` prints: documented, stable shapes. Translation only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from penstock.service.automation import ScheduleState, Status, Upcoming
from penstock.store import Incident, Letter, Tick

FORMAT = 1


class TickDocument(msgspec.Struct, frozen=True, kw_only=True):
    schedule: str
    at: str
    state: str
    reason: str
    ticks: int
    run: int | None
    decided_at: str
    ended_at: str | None


def status_document(found: Status) -> dict[str, object]:
    return {
        "format": FORMAT,
        "environment": found.environment,
        "paused": found.paused,
        "schedules": [_schedule(one, found) for one in found.schedules],
        "ticks": [tick_document(tick, found.run_numbers) for tick in found.ticks],
        "daemons": [
            {
                "host": one.owner.host,
                "pid": one.owner.pid,
                "alive": one in found.alive,
                "saying": one.saying,
                "started_at": iso(one.started_at),
                "seen_at": iso(one.seen_at),
            }
            for one in found.daemons
        ],
        "gone": list(found.gone),
    }


def _schedule(one: ScheduleState, found: Status) -> dict[str, object]:
    return {
        "name": one.name,
        "run": one.run,
        "when": one.when,
        "next_at": iso(one.next_due),
        "paused": one.paused,
        "last": tick_document(one.last, found.run_numbers) if one.last else None,
    }


def tick_document(tick: Tick, numbers: Mapping[str, int]) -> TickDocument:
    return TickDocument(
        schedule=tick.schedule,
        at=iso(tick.at) or "",
        state=tick.state.value,
        reason=tick.reason,
        ticks=tick.number,
        run=numbers.get(tick.run or ""),
        decided_at=iso(tick.decided_at) or "",
        ended_at=iso(tick.ended_at),
    )


def upcoming_document(found: list[Upcoming]) -> dict[str, object]:
    ticks = [
        {"schedule": one.schedule, "at": iso(one.at), "due_at": iso(one.due), "run": one.run} for one in found
    ]
    return {"format": FORMAT, "ticks": ticks}


def incidents_document(found: list[Incident], unsent: list[Letter]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "incidents": [
            {
                "id": one.id,
                "kind": one.kind,
                "cause": one.told.cause,
                "severity": one.told.severity,
                "title": one.told.title,
                "why": one.told.why,
                "affected": list(one.told.affected),
                "exposures": one.told.exposures,
                "command": one.told.command,
                "channels": list(one.told.channels),
                "quiet": one.quiet,
                "opened_at": iso(one.opened_at),
                "closed_at": iso(one.closed_at),
                "muted_until_at": iso(one.muted_until),
                "muted_by": one.muted_by,
            }
            for one in found
        ],
        "unsent": [
            {
                "incident": one.incident,
                "channel": one.channel,
                "event": one.event,
                "tries": one.tries,
                "trouble": one.trouble,
                "written_at": iso(one.written_at),
            }
            for one in unsent
        ],
    }


def iso(at: float | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
