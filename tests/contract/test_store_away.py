"""A run store that is away for ten minutes of a virtual clock: the daemon waits, says so once, and goes on when it is back."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from penstock.automation import Daemon, Performed, Schedule
from penstock.automation.cron import EveryTicks
from penstock.store import Commits, RunStore, Tick, TickState, open_store
from tests.crash.ticking import Silent
from tests.tools.postgres import PostgresServer, new_server

AWAY = 600.0


class Told(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def trouble(self, what: str) -> None:
        self.lines.append(what)

    def back(self, away: float) -> None:
        self.lines.append(f"back after {away:.0f} s")


class Clock(Commits):
    """Nothing is waited for: a pause is the virtual time that it would take. `after`: what is done when so much has passed."""

    def __init__(self, after: Callable[[], None]) -> None:
        super().__init__()
        self.now, self.tries = 0.0, 0
        self._after = after

    def pause(self, seconds: float) -> bool:
        self.now += seconds
        self.tries += 1
        if self.now - seconds < AWAY <= self.now:
            self._after()
        return False

    def wait(self, seconds: float, deaf: float = 0.0) -> None:
        """While the store is there, looks follow each other."""


def outlives(store: RunStore, leave: Callable[[], None], come: Callable[[], None]) -> None:
    told, clock = Told(), Clock(come)
    looks = itertools.count()

    def schedules() -> list[Schedule]:
        if next(looks) == 1:
            leave()
        # Something is due once the store is back.
        every = 0.01 if told.lines[1:] else 1e9
        return [Schedule(name="one", words=("run",), text="run", ticks=EveryTicks(every, str(every)))]

    def perform(schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
        daemon.stop()
        return Performed(state=TickState.ENDED, reason="made")

    daemon = Daemon(
        store.automation("dev"), "patient", schedules=schedules, perform=perform, notices=told,
        commits=clock, timer=lambda: clock.now,
    )  # fmt: skip
    try:
        daemon.run()
        waits, back = told.lines
        assert waits.endswith("; trying again") and back == f"back after {clock.now:.0f} s"
        assert AWAY <= clock.now <= AWAY + 30 and clock.tries < 30, "it asks every half minute at last"
        assert "made" in {tick.reason for tick in store.automation("dev").ticks(schedule="one", limit=1000)}
    finally:
        store.close()


def test_a_folder_that_was_away_for_ten_minutes(tmp_path: Path) -> None:
    folder, kept = tmp_path / "state", tmp_path / "elsewhere"
    url = "sqlite:///state/penstock.db"
    folder.mkdir()

    def leave() -> None:
        folder.rename(kept)

    def come() -> None:
        assert not folder.exists(), "it was not begun anew meanwhile"
        kept.rename(folder)

    outlives(
        open_store(url, root=tmp_path),
        leave,
        come,
    )


def test_another_file_in_its_place_is_told_and_not_written_to(tmp_path: Path) -> None:
    """Copied back, or begun anew by another process: what is open here is the file that was there before."""
    file = tmp_path / "penstock.db"
    store = open_store("sqlite:///penstock.db", root=tmp_path)
    told = Told()

    def come() -> None:
        file.write_bytes(b"another")

    class Stopping(Told):
        def trouble(self, what: str) -> None:
            told.trouble(what)
            if "another file" in what:
                daemon.stop()

    clock = Clock(come)
    looks = itertools.count()

    def schedules() -> list[Schedule]:
        if next(looks) == 1:
            file.rename(tmp_path / "elsewhere")
        return []

    daemon = Daemon(
        store.automation("dev"), "patient", schedules=schedules, perform=never, notices=Stopping(), commits=clock,
        timer=lambda: clock.now,
    )  # fmt: skip
    daemon.run()
    store.close()
    assert told.lines[:2] == [
        "the run store is not there any more; trying again",
        "another file is in the place of the run store: start penstock again",
    ]
    assert file.read_bytes() == b"another"


def never(schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
    raise AssertionError("nothing is due")


@pytest.fixture
def server_alone() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


@pytest.mark.long
def test_a_server_that_was_away_for_ten_minutes(server_alone: PostgresServer, tmp_path: Path) -> None:
    url = server_alone.url()
    outlives(
        open_store(url, root=tmp_path),
        server_alone.kill,
        server_alone.start,
    )
