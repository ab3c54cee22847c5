"""Several daemons on one store, whichever it is: they share the work of one project, and never decide by two in turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from penstock.automation import Daemon, Schedule
from penstock.automation.cron import EveryTicks
from penstock.errors import StoreError
from penstock.store import Commits, DaemonRow, RunStore
from penstock.store.daemons import SILENT_SECONDS, alike, before
from penstock.store.owner import this_process
from tests.contract.stores import Opener
from tests.crash.ticking import Making, Silent

pytestmark = pytest.mark.xdist_group("postgres-store")


class Told(Silent):
    """What a daemon says of its turn: an event for each."""

    def __init__(self) -> None:
        self.looked, self.stands_by, self.takes_over = (threading.Event() for _ in range(3))
        self.first: DaemonRow | None = None

    def waiting(self, until: float | None, schedule: str | None, now: float) -> None:
        self.looked.set()

    def standing_by(self, first: DaemonRow | None) -> None:
        self.first = first or self.first
        (self.takes_over if first is None else self.stands_by).set()


@contextmanager
def daemon(store: RunStore, project: str, told: Told, schedule: str) -> Iterator[Daemon]:
    schedules = [Schedule(name=schedule, words=("run",), text="run", ticks=EveryTicks(1e9, "never"))]
    one = Daemon(
        store.automation("dev"),
        f"daemon of {schedule}",
        schedules=lambda: schedules,
        perform=Making(store),
        notices=told,
        project=lambda: project,
        commits=store.commits(),
    )
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.stop()
        thread.join(60)


def test_one_with_another_project_stands_by_and_takes_over_when_the_first_goes(opener: Opener) -> None:
    store, mine, yours = opener(), Told(), Told()
    with daemon(opener(), "a 1", mine, "first") as first:
        assert mine.looked.wait(60)
        with daemon(opener(), "b 1", yours, "second") as second:
            assert yours.stands_by.wait(60)
            assert first.decides and not second.decides
            assert first.comes_first() and not second.comes_first()
            assert yours.first is not None and yours.first.id == "daemon of first"
            assert set(store.automation("dev").schedules()) == {"first"}
            first.stop()
            assert yours.takes_over.wait(60) and yours.looked.wait(60)
            assert set(store.automation("dev").schedules()) == {"first", "second"}
            assert second.decides and not mine.stands_by.is_set()


def test_those_of_one_project_work_together(opener: Opener) -> None:
    store, mine, yours = opener(), Told(), Told()
    with daemon(opener(), "a 1", mine, "first"):
        assert mine.looked.wait(60)
        with daemon(opener(), "a 1", yours, "second"):
            assert yours.looked.wait(60)
            assert not yours.stands_by.is_set()
            assert set(store.automation("dev").schedules()) == {"first", "second"}
            assert [one.id for one in store.automation("dev").daemons()] == [
                "daemon of first",
                "daemon of second",
            ]


def row(name: str, started: float, seen: float, project: str, *, alive: bool = True) -> DaemonRow:
    return DaemonRow(
        id=name,
        owner=this_process(),
        started_at=started,
        seen_at=seen,
        saying="",
        alive=alive,
        project=project,
    )


def test_who_is_dead_or_silent_is_nobody_to_stand_by_for() -> None:
    now = 1000.0
    dead = row("dead", 1.0, now, "b 1", alive=False)
    silent = row("silent", 2.0, now - SILENT_SECONDS, "b 1")
    first, later = row("first", 3.0, now, "b 1"), row("later", 4.0, now, "c 1")
    assert before([dead, silent], "me", "a 1", now) is None
    assert before([dead, silent, first, later], "me", "a 1", now) is first
    assert before([first, later], "first", "b 1", now) is None
    assert before([first], "me", "b 1", now) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a 1", "a 1", True),
        ("a 1", "b 1", False),
        ("a 1", "a 2", False),
        ("a -", "a 2", True),
        ("", "a 1", True),
    ],
)
def test_what_was_not_said_differs_from_nothing(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is alike(other, one) is same


def test_who_was_silent_comes_back_behind_those_that_are_there(store: RunStore) -> None:
    kept = store.automation("dev")
    kept.beat("one", "", "a 1")
    kept.beat("two", "", "b 1")
    assert kept.before("two", "b 1") is not None
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE automation_daemons SET seen_at = seen_at - 100 WHERE id = 'one'")
    assert kept.before("two", "b 1") is None
    kept.beat("one", "", "a 1")
    first = kept.before("one", "a 1")
    assert first is not None and first.id == "two"


def test_a_store_that_goes_away_while_it_waits_does_not_end_it(opener: Opener) -> None:
    store, told, again = opener(), Told(), threading.Event()
    asked: list[str] = []

    def stamp() -> object:
        """Well before the first look, away when it waits after that, and well again."""
        asked.append("")
        if len(asked) == 2:
            raise StoreError("the run store cannot be reached")
        if len(asked) > 2:
            again.set()
        return None

    one = Daemon(
        store.automation("dev"),
        "daemon",
        schedules=list,
        perform=Making(store),
        notices=told,
        commits=Commits(stamp),
    )
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    assert again.wait(60), "it looked and waited again"
    one.stop()
    thread.join(60)
    assert not thread.is_alive()
