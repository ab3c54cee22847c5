"""Events as ticks: each starts a run of its schedule once, and says what became of it."""

from __future__ import annotations

from typing import Any

from penstock.automation.cron import EveryTicks
from penstock.automation.decide import decide
from penstock.automation.schedule import NoTicks, Schedule
from penstock.store import Arrival, Decided, Known, ScheduleRow, Tick, TickState


def on(event: str = "orders", **given: Any) -> Schedule:
    return Schedule(
        **{"name": "closing", "words": ("build",), "text": "build", "ticks": NoTicks(), "on": event, **given}
    )


def event(at: float, name: str = "orders") -> Arrival:
    return Arrival(name=name, id=f"id-{at:g}", received_at=at)


def looked(one: Schedule, now: float, *arrived: Arrival, open: tuple[Tick, ...] = (), **row: Any) -> Decided:
    kept = ScheduleRow(
        **{"name": one.name, "fingerprint": one.fingerprint, "looked_until": 0.0, "changed_at": 0.0, **row}
    )
    return decide([one], Known(now=now, schedules={one.name: kept}, open=open, arrived=arrived))


def states(decided: Decided) -> dict[float, str]:
    return {tick.at: tick.state.value for tick in decided.ticks}


def test_an_event_is_a_tick_with_the_event_in_the_key_of_its_run() -> None:
    decided = looked(on(), 100.0, event(99.5))
    (tick,) = decided.ticks
    assert (tick.at, tick.state, tick.run_key) == (99.5, TickState.WAITING, "event:closing@orders:id-99.5")
    assert tick.reason == "event orders id-99.5: due"
    assert [one.outcome for one in decided.handled] == ["schedule closing"]


def test_other_events_only_let_everything_be_looked_at_again() -> None:
    decided = looked(on(), 100.0, event(99.5, "github"))
    assert decided.ticks == ()
    assert [one.outcome for one in decided.handled] == ["everything was looked at again"]


def test_a_schedule_looks_forward_only() -> None:
    assert looked(on(), 100.0, event(50.0), changed_at=60.0).ticks == ()
    first = decide([on()], Known(now=100.0, schedules={}, open=(), arrived=(event(50.0),)))
    assert first.ticks == () and "not known yet" in first.handled[0].outcome
    assert on("orders").fingerprint != on("others").fingerprint


def test_of_several_at_once_the_newest_runs_unless_all_are_wanted() -> None:
    three = [event(at) for at in (97.0, 98.0, 99.0)]
    decided = looked(on(), 100.0, *three)
    assert states(decided) == {97.0: "coalesced", 98.0: "coalesced", 99.0: "waiting"}
    assert {"event orders id-97: a newer one came"} <= {tick.reason for tick in decided.ticks}
    each = looked(on(missed="all", overlap="allow"), 100.0, *three)
    assert set(states(each).values()) == {"waiting"} and len({tick.run_key for tick in each.ticks}) == 3


def test_one_that_waited_too_long_for_a_daemon_is_missed() -> None:
    assert states(looked(on(grace=60.0), 1000.0, event(100.0))) == {100.0: "missed"}


def test_beside_its_times() -> None:
    both = on(ticks=EveryTicks(600, "10m"))
    decided = looked(both, 610.0, event(605.0), looked_until=590.0)
    assert states(decided) == {600.0: "coalesced", 605.0: "waiting"}
    assert both.when == "every 10m, and on orders" and on().when == "on orders"


def test_a_pause_holds_for_events_too() -> None:
    decided = looked(on(), 100.0, event(99.0), paused_at=1.0, paused_by="kim")
    assert states(decided) == {99.0: "skipped"} and "paused by kim" in decided.ticks[0].reason
