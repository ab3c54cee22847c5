"""A tick whose project cannot be read just now waits until it can, as long as it may start."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.automation import Performed, Schedule
from penstock.automation.schedule import NoTicks
from penstock.cli.scheduled import read_command
from penstock.errors import ConfigError, StoreError
from penstock.service.unattended import Unattended, explained
from penstock.store import Tick, TickState

GOOD = "name: shop\nwarehouses: {main: {type: duckdb, path: shop.duckdb}}\n"
BROKEN = "name: [shop\n"
DUE = 1000.0
NIGHTLY = Schedule(name="nightly", words=("build",), text="build", ticks=NoTicks(), grace=600.0)
TICK = Tick(
    schedule="nightly", at=DUE, state=TickState.RUNNING, reason="due", decided_at=DUE, run_key="nightly@1000"
)


class Waiting(threading.Event):
    """Where somebody would wait, something happens instead."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.then = then
        self.times = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.times += 1
        self.then()
        return self.is_set()


def tick(root: Path, stopping: Waiting, told: list[str], now: float = DUE + 1) -> Performed:
    performer = Unattended(root, "dev", read_command, wait=told.append, now=lambda: now)
    return performer(NIGHTLY, TICK, stopping)


def test_it_goes_on_once_the_project_can_be_read(tmp_path: Path) -> None:
    document, told = tmp_path / "penstock.yml", list[str]()
    document.write_text(BROKEN)

    def edited() -> None:
        if stopping.times == 3:
            document.write_text(GOOD)

    stopping = Waiting(edited)
    done = tick(tmp_path, stopping, told)
    assert done.state is TickState.NOTHING and done.good, done
    assert stopping.times == 3
    (line,) = told
    assert line.startswith("nightly: penstock.yml:") and "waits for that to be mended" in line
    assert line.endswith("until 1970-01-01T00:26:40Z at most")


def test_it_fails_once_it_may_not_start_any_more(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text(BROKEN)
    stopping, told = Waiting(lambda: None), list[str]()
    done = tick(tmp_path, stopping, told, now=DUE + 601)
    assert done.state is TickState.FAILED and not done.good and done.reason.startswith("penstock.yml:")
    assert stopping.times == 0 and told == []


def test_it_is_left_by_a_daemon_that_stops(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text(BROKEN)
    stopping = Waiting(lambda: stopping.set())
    assert tick(tmp_path, stopping, []).left


def test_what_no_edit_can_mend_fails_at_once(tmp_path: Path) -> None:
    """The variables of a process stay as they are; and who looks once, from cron, does not wait."""
    document, stopping = tmp_path / "penstock.yml", Waiting(lambda: None)
    document.write_text('name: shop\nstore: "${NO_SUCH_VARIABLE}"\n')
    assert tick(tmp_path, stopping, []).state is TickState.FAILED
    document.write_text(BROKEN)
    once = Unattended(tmp_path, "dev", read_command, now=lambda: DUE)(NIGHTLY, TICK, stopping)
    assert once.state is TickState.FAILED and stopping.times == 0


def test_what_is_raised_is_the_reason_but_for_a_store_that_is_away() -> None:
    def raising(error: Exception) -> Callable[[], Performed]:
        def perform() -> Performed:
            raise error

        return perform

    assert explained(raising(ConfigError("no such thing"))).reason == "no such thing"
    assert explained(raising(ZeroDivisionError("x"))).reason == "internal error: ZeroDivisionError: x"
    with pytest.raises(StoreError):
        explained(raising(StoreError("away")))
