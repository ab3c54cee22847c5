"""A promise's times: the latest safe start, further tries on a ladder, and none twice."""

from __future__ import annotations

from penstock.automation import Schedule, decide
from penstock.service.demand import DemandTicks
from penstock.store import Known, ScheduleRow


def demand(start: float) -> Schedule:
    ticks = DemandTicks(text="before mart is too old", start=start)
    return Schedule(name="demand mart", words=("build",), text="build", ticks=ticks, grace=1e9)


def due(one: Schedule, looked_until: float, now: float) -> list[float]:
    row = ScheduleRow(name=one.name, fingerprint=one.fingerprint, looked_until=looked_until, changed_at=0.0)
    decided = decide([one], Known(now=now, schedules={one.name: row}, open=()))
    return [tick.at for tick in decided.ticks if tick.state.value == "waiting"]


def test_it_starts_at_the_latest_safe_moment_and_once() -> None:
    assert due(demand(1000.0), 0.0, 999.0) == []
    assert due(demand(1000.0), 0.0, 1000.5) == [1000.0]
    assert due(demand(1000.0), 1000.5, 1200.0) == []


def test_as_long_as_the_data_stays_it_is_tried_on_a_ladder_and_then_no_more() -> None:
    one = demand(1000.0)
    assert due(one, 1000.5, 1300.5) == [1300.0]
    assert due(one, 1300.5, 2200.5) == [2200.0]
    assert due(one, 2200.5, 5800.5) == [5800.0]
    assert due(one, 5800.5, 900_000.0) == []


def test_newer_data_moves_the_start_and_forgets_the_ladder() -> None:
    assert due(demand(9000.0), 1000.5, 1300.5) == []
    assert due(demand(9000.0), 1000.5, 9000.5) == [9000.0]


def test_a_moved_start_is_no_changed_schedule() -> None:
    assert demand(1000.0).fingerprint == demand(9000.0).fingerprint


def test_a_daemon_that_was_away_makes_up_for_it_once() -> None:
    assert due(demand(1000.0), 0.0, 100_000.0) == [5800.0]
