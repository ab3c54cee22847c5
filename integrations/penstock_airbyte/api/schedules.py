"""A connection's own schedule, in Airbyte's words, as times that can be foretold: Quartz expressions and "every 24 hours". Pure."""

from __future__ import annotations

import re

from penstock.assets import OwnTimes
from penstock_airbyte.api.jobs import interval_of
from penstock_manifests.airbyte.api import ApiConnection

_ZONE = re.compile(r"^(?:[A-Za-z_]+/[A-Za-z0-9_+\-/]+|UTC|GMT|Z|[A-Z]{3,4})$")
_YEAR = re.compile(r"^(?:\*|[0-9,\-/]+)$")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM = re.compile(r"^(\*|[1-7]|[a-z]{3})(?:-([1-7]|[a-z]{3}))?(?:/(\d+))?$")
_LAST = re.compile(r"^([1-7])l$")
_NTH = re.compile(r"^([1-7]|[a-z]{3})#([1-5])$")


def own_times(connection: ApiConnection) -> OwnTimes | None:
    """None for a connection that nobody but a person or a program starts."""
    schedule = connection.schedule
    if connection.status != "active" or schedule.schedule_type not in ("basic", "cron"):
        return None
    if schedule.schedule_type == "basic":
        return OwnTimes(text=(schedule.basic_timing or "").lower() or "basic", every=interval_of(connection))
    expression = schedule.cron_expression or ""
    fields, zone = _parted(expression)
    return OwnTimes(text=expression or "cron", cron=_five(fields), timezone=zone)


def _parted(expression: str) -> tuple[list[str], str]:
    """The fields, and the zone that Airbyte writes behind them."""
    fields = expression.split()
    if len(fields) > 6 and _ZONE.match(fields[-1]) and not _YEAR.match(fields[-1]):
        zone = fields.pop()
        return fields, "UTC" if zone in ("Z", "GMT") else zone
    return fields, "UTC"


def _five(fields: list[str]) -> str | None:
    """Quartz has a field for seconds first, may have one for years last, writes `?` for a day that does not matter, and counts the days of
    a week from Sunday as 1. The second itself is left out: nothing is foretold so exactly. None for what has no such form."""
    if len(fields) == 7 and fields[6] == "*":
        fields = fields[:6]
    if len(fields) != 6 or "/" in fields[0] or "," in fields[0] or fields[0] == "*":
        return None
    minute, hour, day, month, weekday = (one.lower().replace("?", "*") for one in fields[1:])
    week = _week(weekday)
    return None if week is None else " ".join((_from_zero(minute), _from_zero(hour), day, month, week))


def _from_zero(field: str) -> str:
    """`0/15` is Quartz for `*/15`."""
    return re.sub(r"^0/(\d+)$", r"*/\1", field)


def _week(field: str) -> str | None:
    if field == "*":
        return field
    if last := _LAST.match(field):
        return f"{int(last[1]) - 1}L"
    if (nth := _NTH.match(field)) and (day := _day(nth[1])) is not None:
        return f"{day}#{nth[2]}"
    found = [_days(item) for item in field.split(",")]
    return ",".join(one for one in found if one is not None) if None not in found else None


def _days(item: str) -> str | None:
    """One item of a list. A range is written out: Friday to Sunday is one in Quartz, and none where Sunday is 0."""
    parts = _ITEM.match(item)
    if parts is None:
        return None
    step = int(parts[3] or 1)
    first = 0 if parts[1] == "*" else _day(parts[1])
    last = _day(parts[2]) if parts[2] else first if parts[1] != "*" and not parts[3] else 6
    if first is None or last is None or step < 1:
        return None
    return ",".join(str(day % 7) for day in range(first, (last if last >= first else last + 7) + 1, step))


def _day(word: str) -> int | None:
    if word.isdigit():
        return int(word) - 1
    return _DAYS.index(word) if word in _DAYS else None
