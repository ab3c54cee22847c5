"""A schedule as automation needs it: read from penstock.yml, with its ticks, its jitter and the mark of its present form."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Iterator

import msgspec

from penstock.automation.cron import EveryTicks, Ticks, read_ticks
from penstock.errors import UsageError, nearest_names
from penstock.project import Project
from penstock.project.automation import Missed, ScheduleSettings, SyncAt, TickOverlap
from penstock.system.durations import seconds_of

_LONGEST_GRACE = 3600.0


class NoTicks(msgspec.Struct, frozen=True, kw_only=True):
    """Of a schedule that events alone start."""

    text: str = "events"

    def after(self, at: float) -> Iterator[float]:
        return iter(())

    def explain(self) -> str:
        return ""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """`on`: the event that starts it too. `jitter` is the same for every daemon; `grace`: how late a missed tick may still start. `words` is the command."""

    name: str
    words: tuple[str, ...]
    ticks: Ticks
    text: str
    on: str | None = None
    missed: Missed = "one"
    grace: float | None = None
    overlap: TickOverlap = "wait_one"
    jitter: float = 0.0

    @property
    def fingerprint(self) -> str:
        """Differs when the times differ: such a schedule looks forward only. A changed command keeps its place."""
        on = f"\non {self.on}" if self.on is not None else ""
        return hashlib.sha256(f"{self.ticks.text}\n{self.jitter}{on}".encode()).hexdigest()[:16]

    @property
    def when(self) -> str:
        """In English."""
        told = self.ticks.explain()
        if self.on is None:
            return told
        return f"{told}, and on {self.on}" if told else f"on {self.on}"

    def due_after(self, at: float) -> Iterator[tuple[float, float]]:
        """(tick, when it is due) of the ticks that are due after that moment."""
        for tick in self.ticks.after(at - self.jitter):
            yield tick, tick + self.jitter

    def due_between(self, after: float, until: float) -> Iterator[float]:
        """The ticks that are due in (after, until], in order."""
        for tick, due in self.due_after(after):
            if due > until:
                return
            yield tick

    def grace_at(self, tick: float) -> float:
        """How late that tick may start: half of the time to the next one, at most an hour, unless said."""
        if self.grace is not None:
            return self.grace
        following = next(self.ticks.after(tick), None)
        return _LONGEST_GRACE if following is None else min((following - tick) / 2, _LONGEST_GRACE)


def read_schedules(project: Project) -> tuple[Schedule, ...]:
    """Raises ConfigError with file:line for a cron or a zone that cannot be."""
    default = project.document.automation.timezone
    named = [_read(project, at, one, default) for at, one in enumerate(project.document.schedules)]
    synced = [
        _sync(project, at, policy.select, policy.sync, default)
        for at, policy in enumerate(project.document.policies)
        if policy.sync is not None
    ]
    return (*named, *synced)


def _sync(project: Project, at: int, select: str, one: SyncAt, timezone: str) -> Schedule:
    """What a policy syncs at its times, as a command."""
    name = f"sync {select}"
    try:
        ticks = read_ticks(one.cron, one.timezone or timezone)
    except UsageError as wrong:
        what = f"policy of '{select}': sync: {wrong.what}"
        raise project.error(what, ("policies", at, "sync", "cron"), wrong.hint) from None
    return Schedule(
        name=name,
        words=("run", "-s", select),
        text=f"run -s {shlex.quote(select)}",
        ticks=ticks,
        missed=one.missed,
        grace=seconds_of(one.grace) if one.grace else None,
        overlap=one.overlap,
        jitter=jitter(name, (seconds_of(one.jitter) if one.jitter else 0.0) or 0.0),
    )


def _read(project: Project, at: int, one: ScheduleSettings, timezone: str) -> Schedule:
    try:
        words = tuple(shlex.split(one.run))
        ticks = _ticks(one, timezone)
    except (UsageError, ValueError) as wrong:
        what, hint = (wrong.what, wrong.hint) if isinstance(wrong, UsageError) else (f"run: {wrong}", None)
        raise project.error(f"schedule '{one.name}': {what}", ("schedules", at, "cron"), hint) from None
    if one.on is not None and one.on not in (known := project.document.events):
        near = nearest_names(one.on, known)
        what = f"schedule '{one.name}': no event '{one.on}'" + (
            f"; did you mean '{near[0]}'?" if near else ""
        )
        hint = "events: " + (", ".join(known) or "none in penstock.yml")
        raise project.error(what, ("schedules", at, "on"), hint)
    most = seconds_of(one.jitter) if one.jitter else 0.0
    return Schedule(
        name=one.name,
        on=one.on,
        words=words[1:] if words[:1] == ("penstock",) else words,
        text=one.run,
        ticks=ticks,
        missed=one.missed,
        grace=seconds_of(one.grace) if one.grace else None,
        overlap=one.overlap,
        jitter=jitter(one.name, most or 0.0),
    )


def _ticks(one: ScheduleSettings, timezone: str) -> Ticks:
    if one.every is not None:
        return EveryTicks(seconds_of(one.every) or 0.0, one.every)
    return read_ticks(one.cron, one.timezone or timezone) if one.cron is not None else NoTicks()


def jitter(name: str, most: float) -> float:
    """Whole seconds in [0, most), from the name alone: every daemon finds the same, and `next` can print it."""
    if most < 1:
        return 0.0
    return float(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % int(most))


def by_name(schedules: Iterable[Schedule]) -> dict[str, Schedule]:
    return {one.name: one for one in schedules}
