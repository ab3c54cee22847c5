"""The inbox over both stores: an event is kept once, decided on once, and forgotten when no sender tries again."""

from __future__ import annotations

import threading

import pytest

from penstock.automation import Daemon, Schedule
from penstock.automation.schedule import NoTicks
from penstock.store import Decided, RunStore, Tick, TickState
from penstock.store.inbox import AGAIN_SECONDS
from tests.contract.stores import Opener
from tests.crash.ticking import Making, Silent

pytestmark = pytest.mark.xdist_group("postgres-store")
CLOSING = Schedule(name="closing", words=("run",), text="run", ticks=NoTicks(), on="orders", missed="all")


def once(store: RunStore) -> None:
    daemon = Daemon(
        store.automation("dev"), "one", schedules=lambda: [CLOSING], perform=Making(store), notices=Silent()
    )
    daemon.run(once=True)


def test_an_id_of_a_name_is_kept_once(store: RunStore) -> None:
    inbox = store.inbox("dev")
    assert inbox.newest() == 0.0
    assert inbox.receive("orders", "1", "closed", '{"id": 1}')
    assert not inbox.receive("orders", "1", "closed", "other")
    assert inbox.receive("github", "1", "push", "")
    assert store.inbox("prod").receive("orders", "1", "", "")
    found = inbox.latest(10)
    assert [(one.name, one.body, one.handled_at) for one in found] == [
        ("github", "", None),
        ("orders", '{"id": 1}', None),
    ]
    assert found[0].received_at == inbox.newest() > found[1].received_at


def test_many_at_a_time_have_a_time_each(opener: Opener) -> None:
    new: list[bool] = []
    stores = [opener() for _ in range(4)]

    def deliver(store: RunStore) -> None:
        new.extend(store.inbox("dev").receive("orders", str(number), "", "") for number in range(10))

    threads = [threading.Thread(target=deliver, args=(store,)) for store in stores]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    found = stores[0].inbox("dev").latest(100)
    assert sum(new) == len(found) == len({one.received_at for one in found}) == 10


def test_an_event_changes_the_stamp(store: RunStore) -> None:
    before = store.stamp()
    store.inbox("dev").receive("orders", "1", "", "")
    assert store.stamp() != before


def test_an_event_that_is_delivered_twice_starts_one_run(store: RunStore) -> None:
    inbox = store.inbox("dev")
    once(store)  # sees the schedule for the first time
    assert [inbox.receive("orders", "7", "", "") for _ in range(2)] == [True, False]
    once(store)
    assert not inbox.receive("orders", "7", "", "")
    once(store)
    (tick,) = store.automation("dev").ticks()
    assert tick.run_key == "event:closing@orders:7" and tick.at == inbox.newest()
    assert [run.id for run in store.runs()] == [tick.run]
    (event,) = inbox.latest(10)
    assert event.outcome == "schedule closing" and event.handled_at is not None
    inbox.receive("orders", "8", "", "")
    assert inbox.newest_handled() == event.received_at < inbox.newest()
    once(store)
    assert len(store.runs()) == 2
    assert len(store.automation("dev").ticks_at(one.received_at for one in inbox.latest(10))) == 2


def test_pruning_keeps_what_may_be_sent_again_and_what_nobody_looked_at(store: RunStore) -> None:
    inbox = store.inbox("dev")
    for number in range(3):
        inbox.receive("orders", str(number), "", "")
    once(store)
    inbox.receive("orders", "unseen", "", "")
    with store._database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE automation_inbox SET received_at = received_at - {AGAIN_SECONDS + 60} WHERE id IN ('0', '1', 'unseen')"
        )
    assert store.prune(keep_runs=0, older_than=2 * AGAIN_SECONDS).arrivals == 0
    assert store.prune(keep_runs=0, environment="prod").arrivals == 0
    assert store.prune(keep_runs=0).arrivals == 2
    assert sorted(one.id for one in inbox.latest(10)) == ["2", "unseen"]


def test_of_two_runs_that_need_one_thing_alone_the_second_waits(store: RunStore) -> None:
    """And a third that needs another one does not; one of which nothing is known needs all."""
    kept = store.automation("dev")
    waiting = [
        Tick(
            schedule=name,
            at=at,
            state=TickState.WAITING,
            reason="due",
            decided_at=at,
            run_key=f"schedule:{name}",
        )
        for name, at in (("policies", 2.0), ("nightly", 1.0), ("elsewhere", 3.0), ("forgotten", 4.0))
    ]
    file, other = frozenset({"duckdb:shop"}), frozenset({"duckdb:other"})
    alone = {"policies": file | other, "nightly": file, "elsewhere": other}
    kept.decide(lambda known: Decided(ticks=tuple(waiting)))
    first, beside = kept.claim(60.0, alone=alone)
    assert (first.schedule, beside.schedule) == ("nightly", "elsewhere")
    both = [("nightly", 1.0), ("elsewhere", 3.0)]
    assert kept.claim(60.0, alone=alone, working_on=both) == []
    kept.end(first, TickState.ENDED, "made")
    assert kept.claim(60.0, alone=alone, working_on=both) == []
    kept.end(beside, TickState.ENDED, "made")
    (second,) = kept.claim(60.0, alone=alone)
    assert second.schedule == "policies"


@pytest.mark.parametrize("told", [{}, {"b": frozenset({"duckdb:shop"})}])
def test_a_tick_that_came_after_the_question_goes_beside_none(
    store: RunStore, told: dict[str, frozenset[str]]
) -> None:
    """Another daemon has written it: what its run needs was not asked for."""
    kept = store.automation("dev")
    ticks = tuple(
        Tick(schedule=name, at=1.0, state=TickState.WAITING, reason="due", decided_at=1.0) for name in "ab"
    )
    kept.decide(lambda known: Decided(ticks=ticks))
    assert len(kept.claim(60.0, alone=told)) == 1


def test_where_runs_do_not_meet_schedules_go_side_by_side(store: RunStore) -> None:
    kept = store.automation("dev")
    ticks = tuple(
        Tick(schedule=name, at=1.0, state=TickState.WAITING, reason="due", decided_at=1.0) for name in "ab"
    )
    kept.decide(lambda known: Decided(ticks=ticks))
    assert {one.schedule for one in kept.claim(60.0)} == {"a", "b"}
