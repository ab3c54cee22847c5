"""A connection's own schedule, from Airbyte's words to times: Quartz counts seconds first and days from Sunday as 1."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from penstock.automation.cron import read_ticks
from penstock_airbyte.api.schedules import own_times
from penstock_manifests.airbyte.api import ApiConnection, ApiSchedule

FRIDAY = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)


def connection(status: str = "active", **schedule: str) -> ApiConnection:
    return ApiConnection(
        connection_id="c", source_id="s", destination_id="d", status=status, schedule=ApiSchedule(**schedule)
    )


def next_two(expression: str) -> list[str] | None:
    times = own_times(connection(schedule_type="cron", cron_expression=expression))
    assert times is not None and times.text == expression
    if times.cron is None:
        return None
    ticks = islice(read_ticks(times.cron, times.timezone).after(FRIDAY.timestamp()), 2)
    return [datetime.fromtimestamp(at, UTC).strftime("%a %d %H:%M") for at in ticks]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 0 * * * ?", ["Fri 27 13:00", "Fri 27 14:00"]),
        ("0 0/15 * * * ?", ["Fri 27 12:45", "Fri 27 13:00"]),
        ("0 0 */8 * * ? UTC", ["Fri 27 16:00", "Sat 28 00:00"]),
        ("0 30 6 * * ? Europe/Berlin", ["Sat 28 05:30", "Sun 29 05:30"]),
        ("0 0 6 ? * 2 *", ["Mon 30 06:00", "Mon 07 06:00"]),
        ("0 0 6 ? * MON-FRI", ["Mon 30 06:00", "Tue 01 06:00"]),
        ("0 0 6 ? * 6-1", ["Sat 28 06:00", "Sun 29 06:00"]),
        ("0 0 6 ? * SUN,WED", ["Sun 29 06:00", "Wed 02 06:00"]),
        ("0 0 6 ? * 2#1", ["Mon 07 06:00", "Mon 04 06:00"]),
        ("0 0 6 ? * 6L", ["Fri 25 06:00", "Fri 29 06:00"]),
        ("0 0 6 L * ?", ["Mon 30 06:00", "Thu 31 06:00"]),
        ("15 0 6 1 1 ?", ["Fri 01 06:00", "Sat 01 06:00"]),
        ("0 0 6 ? * FUN", None),
        ("0/10 * * * * ?", None),
        ("0 0 6 1 1 ? 2030", None),
        ("nonsense", None),
    ],
)
def test_quartz_expressions_are_read_or_said_to_be_unknown(
    expression: str, expected: list[str] | None
) -> None:
    assert next_two(expression) == expected


def test_every_so_often() -> None:
    times = own_times(connection(schedule_type="basic", basic_timing="Every 6 HOURS"))
    assert times is not None and (times.every, times.cron, times.text) == (6 * 3600.0, None, "every 6 hours")


@pytest.mark.parametrize(
    "one",
    [
        connection(schedule_type="manual"),
        connection(status="inactive", schedule_type="basic", basic_timing="Every 6 HOURS"),
        connection(schedule_type="lunar"),
    ],
)
def test_what_nobody_starts(one: ApiConnection) -> None:
    assert own_times(one) is None
