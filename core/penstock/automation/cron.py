"""Times of a schedule: "the ticks in (a, b]" as a pure function of a cron and a time zone, or of a length of time.

Daylight saving is Debian cron's: a job at a fixed hour runs once where its hour is missing or comes twice; a job with a
wildcard hour follows real time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from penstock.errors import UsageError, nearest_names

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FORM = 'five fields: minute hour day month weekday, such as "0 6 * * mon-fri"; or @hourly, @daily, @weekly, @monthly'


class Ticks(Protocol):
    """Times that follow from themselves alone: no state, so every daemon finds the same ones."""

    @property
    def text(self) -> str:
        """What they follow from: two with one text have the same times."""
        ...

    def after(self, at: float) -> Iterator[float]:
        """Those after that moment, in order. Epoch seconds; may end when a time never comes again."""
        ...

    def explain(self) -> str:
        """In English."""
        ...


class CronTicks:
    def __init__(self, cron: str, zone: tzinfo, zone_name: str) -> None:
        self.text = f"{cron} {zone_name}"
        self._cron = cron
        self._zone = zone
        self._zone_name = zone_name

    def after(self, at: float) -> Iterator[float]:
        for moment in CronSim(self._cron, datetime.fromtimestamp(int(at // 1), self._zone)):
            yield moment.timestamp()

    def explain(self) -> str:
        return f"{CronSim(self._cron, datetime(2024, 1, 1)).explain()} ({self._zone_name})"


class EveryTicks:
    """At whole multiples of a length of time, counted from the epoch."""

    def __init__(self, seconds: float, text: str) -> None:
        self.text = f"every {text}"
        self._seconds = seconds

    def after(self, at: float) -> Iterator[float]:
        number = at // self._seconds
        while True:
            number += 1
            yield number * self._seconds

    def explain(self) -> str:
        return self.text


def read_ticks(cron: str, timezone: str) -> CronTicks:
    """Raises UsageError for a cron that cannot be read or never comes, and for an unknown zone."""
    zone = read_zone(timezone)
    text = " ".join(cron.split())
    fields = _ALIASES.get(text.lower(), text)
    if fields.startswith("@"):
        near = nearest_names(fields, _ALIASES)
        raise UsageError(
            f"no cron is called {cron!r}" + (f"; did you mean {near[0]}?" if near else ""), hint=_FORM
        )
    if len(fields.split()) != 5:
        raise UsageError(f"the cron {cron!r} has {len(fields.split())} fields, not 5", hint=_FORM)
    try:
        found = CronTicks(fields, zone, timezone)
        first = next(found.after(0.0), None)
    except CronSimError as wrong:
        raise UsageError(f"the cron {cron!r} cannot be: {str(wrong).lower()}", hint=_FORM) from None
    if first is None:
        raise UsageError(f"the cron {cron!r} never comes: there is no such day", hint=_FORM)
    return found


def read_zone(name: str) -> tzinfo:
    """Raises UsageError for an unknown zone."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest_names(name, sorted(available_timezones()))
        guess = f"; did you mean '{near[0]}'?" if near else ""
        raise UsageError(
            f"no time zone '{name}'{guess}", hint="a name of the IANA database, such as Europe/Berlin"
        ) from None


_TIME = re.compile(r"(\d{1,2}):(\d{2})(?:\s+(\S+))?")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def weekdays(text: str) -> str:
    """Days of the week as a cron field. A range may go over the end of the week (`sat-sun`), which crons refuse."""
    found = []
    for part in text.lower().split(","):
        first, mark, last = (one.strip() for one in part.partition("-"))
        if mark and first in _DAYS and last in _DAYS and _DAYS.index(first) > _DAYS.index(last):
            span = range(_DAYS.index(first), _DAYS.index(last) + len(_DAYS) + 1)
            found += [_DAYS[day % len(_DAYS)] for day in span]
        else:
            found.append(part.strip())
    return ",".join(found)


def read_time(text: str, timezone: str) -> CronTicks:
    """`08:00`, `08:00 mon-fri`. Raises UsageError."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no time of day")
    hour, minute, days = match.groups()
    try:
        return read_ticks(f"{int(minute)} {int(hour)} * * {weekdays(days or '*')}", timezone)
    except UsageError as wrong:
        raise UsageError(f"{text!r} is no time of day: {wrong.what}") from None


def between(ticks: Ticks, after: float, until: float, most: int) -> list[float]:
    """The ticks in (after, until], at most that many: the first ones."""
    found = []
    for tick in islice(ticks.after(after), most):
        if tick > until:
            break
        found.append(tick)
    return found


@lru_cache(maxsize=512)
def cached_ticks(cron: str, timezone: str) -> CronTicks:
    return read_ticks(cron, timezone)
