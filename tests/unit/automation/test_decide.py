"""What becomes of a tick: missed, coalesced, skipped, waiting; and that a change looks forward only."""

from __future__ import annotations

from typing import Any

import msgspec

from penstock.automation.cron import EveryTicks, read_ticks
from penstock.automation.daemon import next_due
from penstock.automation.decide import decide, run_key
from penstock.automation.schedule import Schedule, jitter
from penstock.store import Decided, Known, ScheduleRow, Tick, TickState


def schedule(seconds: float = 600, **given: Any) -> Schedule:
    return Schedule(
        name="nightly", words=("build",), text="build", ticks=EveryTicks(seconds, f"{seconds}s"), **given
    )


def known(one: Schedule, looked_until: float, now: float, *opened: Tick, **row: Any) -> Known:
    kept = ScheduleRow(
        name=one.name, fingerprint=one.fingerprint, looked_until=looked_until, changed_at=0.0, **row
    )
    return Known(now=now, schedules={one.name: kept}, open=opened)


def tick(at: float, state: TickState) -> Tick:
    return Tick(schedule="nightly", at=at, state=state, reason="", decided_at=at, run_key=f"key {at}")


def states(decided: Decided) -> dict[float, str]:
    return {one.at: one.state.value for one in decided.ticks}


def test_the_first_sight_looks_forward_only() -> None:
    one = schedule()
    decided = decide([one], Known(now=6000.0, schedules={}, open=()))
    assert decided.ticks == () and decided.schedules[0].looked_until == 6000.0


def test_a_changed_time_never_fires_for_the_past() -> None:
    before, after = schedule(600), schedule(60)
    decided = decide([after], known(before, 0.0, 3601.0))
    assert decided.ticks == () and decided.schedules[0].looked_until == 3601.0


def test_a_tick_on_time_makes_one_run_with_its_key() -> None:
    decided = decide([schedule()], known(schedule(), 590.0, 600.2))
    assert states(decided) == {600.0: "waiting"}
    assert decided.ticks[0].run_key == "schedule:nightly@1970-01-01T00:10:00Z"
    assert decide([schedule()], known(schedule(), 600.2, 1199.0)).ticks == ()


def test_two_ticks_within_a_second_make_two_runs() -> None:
    keys = {run_key("policies", at) for at in (1000.0, 1000.01, 1000.5)}
    assert len(keys) == 3 and run_key("policies", 1000.0) == "schedule:policies@1970-01-01T00:16:40Z"


def test_of_several_that_were_missed_the_newest_runs_and_each_has_a_row() -> None:
    decided = decide([schedule()], known(schedule(), 0.0, 1830.0))
    assert states(decided) == {600.0: "coalesced", 1200.0: "coalesced", 1800.0: "waiting"}


def test_beyond_its_grace_nothing_runs() -> None:
    decided = decide([schedule(7200, grace=60.0)], known(schedule(7200), 7000.0, 9000.0))
    assert states(decided) == {7200.0: "missed"}
    assert "no daemon looked until" in decided.ticks[0].reason


def test_missed_all_runs_each_and_missed_none_runs_none() -> None:
    every = decide([schedule(missed="all")], known(schedule(), 0.0, 1830.0))
    assert set(states(every).values()) == {"waiting"} and len(every.ticks) == 3
    none = decide([schedule(missed="none")], known(schedule(), 0.0, 1900.0))
    assert set(states(none).values()) == {"missed"}


def test_a_long_absence_is_few_rows_that_count_every_tick() -> None:
    decided = decide([schedule(60)], known(schedule(60), 0.0, 86400.0))
    assert len(decided.ticks) == 101
    assert sum(one.number for one in decided.ticks) == 1440
    assert len({one.at for one in decided.ticks}) == 101


def test_while_one_runs_one_waits_and_that_is_the_newest() -> None:
    opened = tick(600.0, TickState.RUNNING), tick(1200.0, TickState.WAITING)
    decided = decide([schedule()], known(schedule(), 1201.0, 1800.5, *opened))
    assert states(decided) == {1800.0: "waiting", 1200.0: "coalesced"}


def test_overlap_skip_and_cancel_old() -> None:
    running = tick(600.0, TickState.RUNNING)
    skipped = decide([schedule(overlap="skip")], known(schedule(), 601.0, 1200.5, running))
    assert states(skipped) == {1200.0: "skipped"}
    cancelling = decide([schedule(overlap="cancel_old")], known(schedule(), 601.0, 1200.5, running))
    assert states(cancelling) == {1200.0: "waiting"} and cancelling.cancel == (running,)


def test_a_pause_is_a_row_for_each_tick_that_it_skips() -> None:
    paused = {"paused_at": 1.0, "paused_by": "kim", "paused_why": "migration"}
    decided = decide([schedule()], known(schedule(), 590.0, 600.5, **paused))
    assert states(decided) == {600.0: "skipped"}
    assert decided.ticks[0].reason == "paused by kim: migration"


def test_a_clock_that_went_back_makes_nothing_due() -> None:
    decided = decide([schedule()], known(schedule(), 1800.0, 600.5))
    assert decided == Decided()


def test_what_comes_next_after_a_clock_went_back_is_what_was_not_due_before() -> None:
    rows = known(schedule(), 1800.0, 600.5).schedules
    assert next_due([schedule()], 600.5) == (1200.0, "nightly")
    assert next_due([schedule()], 600.5, rows) == (2400.0, "nightly")


def test_a_clock_that_was_far_ahead_stops_no_schedule_until_then() -> None:
    decided = decide([schedule()], known(schedule(), 600.5 + 8 * 3600, 600.5))
    assert [row.looked_until for row in decided.schedules] == [600.5] and decided.ticks == ()


def test_jitter_moves_what_is_due_and_is_the_same_everywhere() -> None:
    late = jitter("nightly", 300)
    assert late == jitter("nightly", 300) and 0 <= late < 300 and late != jitter("hourly", 300)
    one = schedule(jitter=90.0)
    assert decide([one], known(one, 590.0, 689.0)).ticks == ()
    assert states(decide([one], known(one, 590.0, 690.1))) == {600.0: "waiting"}


def test_a_command_may_change_without_losing_its_place() -> None:
    other = msgspec.structs.replace(schedule(), words=("run",), text="run")
    assert states(decide([other], known(schedule(), 590.0, 600.5))) == {600.0: "waiting"}


def test_a_cron_is_a_schedule_too() -> None:
    one = Schedule(name="nightly", words=(), text="", ticks=read_ticks("0 6 * * *", "UTC"))
    assert states(decide([one], known(one, 21600.0, 108000.5))) == {108000.0: "waiting"}
