"""Thousands of ticks that wait: a look reads a few of each schedule, the oldest, and works all of them off."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from penstock.store import Decided, Known, RunStore, Tick, TickState
from penstock.store.automation import AutomationStore
from penstock.store.backlog import AT_ONCE

pytestmark = pytest.mark.xdist_group("postgres-store")

NAMES = ("a", "b", "c")


def waiting(kept: AutomationStore, each: int) -> None:
    ticks = tuple(
        Tick(schedule=name, at=float(at), state=TickState.WAITING, reason="due", decided_at=0.0)
        for name in NAMES
        for at in range(each)
    )
    kept.decide(lambda known: Decided(ticks=ticks))


def rows_read(kept: AutomationStore) -> int:
    """How many ticks a decision and a claim are given."""
    given: list[int] = []

    def looked(known: Known) -> Decided:
        given.append(len(known.open))
        return Decided()

    kept.decide(looked)
    return given[0]


def test_a_look_reads_as_much_however_many_wait(store: RunStore) -> None:
    kept = store.automation("dev")
    waiting(kept, AT_ONCE + 1)
    assert rows_read(kept) == len(NAMES) * AT_ONCE
    waiting(kept, 4 * AT_ONCE)
    assert rows_read(kept) == len(NAMES) * AT_ONCE


def test_the_oldest_of_each_schedule_come_first_and_all_come(store: RunStore) -> None:
    kept, each = store.automation("dev"), AT_ONCE + 5
    waiting(kept, each)
    for at in range(each):
        taken = kept.claim(60.0)
        assert sorted((tick.schedule, tick.at) for tick in taken) == [(name, at) for name in NAMES]
        assert {(tick.schedule, tick.at) for tick in taken} <= {
            (tick.schedule, tick.at) for tick in kept.open_ticks()
        }
        assert kept.claim(60.0, working_on=[(tick.schedule, tick.at) for tick in taken]) == []
        for tick in taken:
            kept.end(tick, TickState.ENDED, "made")
    assert kept.open_ticks() == []


def test_what_may_overlap_is_taken_some_at_a_time(store: RunStore) -> None:
    kept = store.automation("dev")
    waiting(kept, AT_ONCE + 1)
    taken = kept.claim(60.0, overlapping=["b"])
    assert [tick.at for tick in taken if tick.schedule == "b"] == [float(at) for at in range(AT_ONCE)]
    assert [tick.at for tick in taken if tick.schedule == "a"] == [0.0]


def test_no_row_behind_the_limit_is_read(store: RunStore) -> None:
    """Nor one that has ended: where the database tells how much it looked at."""
    kept = store.automation("dev")
    if not kept._database.is_sqlite:
        pytest.skip("SQLite counts its steps")
    steps: list[int] = []

    def counted(each: int) -> int:
        waiting(kept, each)
        steps.clear()
        kept.open_ticks()
        return len(steps)

    @event.listens_for(kept._database.engine, "checkout")
    def counting(connection: object, _record: object, _proxy: object) -> None:
        connection.set_progress_handler(lambda: steps.append(1), 10)  # type: ignore[attr-defined]

    few = counted(AT_ONCE + 1)
    assert 0 < counted(10 * AT_ONCE) < 1.2 * few
