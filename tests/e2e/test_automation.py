"""`penstock up` on real schedules, through the command line: one run per tick, explained, stopped and gone on with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.tools.browsing import Browser
from tests.tools.command import penstock, start
from tests.tools.loaded import make
from tests.tools.watching import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("automation")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "loaded")


def schedule(folder: Path, *schedules: dict[str, Any], **more: Any) -> None:
    document = folder / "penstock.yml"
    document.write_text(json.dumps({**json.loads(document.read_text()), "schedules": schedules, **more}))


def status(folder: Path) -> Any:
    return penstock(folder, "automation", "status", "-n", "50", "--json").json()


def until(folder: Path, done: Any, seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done(found := status(folder)):
            return found
        time.sleep(0.5)
    raise AssertionError(status(folder))


def stopped(running: subprocess.Popen[str], number: int = signal.SIGTERM) -> str:
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err, err
    return out


def ended(found: Any) -> list[Any]:
    return [tick for tick in found["ticks"] if tick["state"] == "ended"]


def test_each_tick_is_one_run_and_one_row_that_explains_it(folder: Path) -> None:
    schedule(folder, {"name": "fast", "every": "4s", "run": "run -s raw_fast.things"})
    running = start(folder, "up", "--no-web")
    found = until(folder, lambda found: len(ended(found)) >= 2)
    assert [one["alive"] for one in found["daemons"]] == [True]
    out = stopped(running)
    assert "fast is next" in out and running.returncode in (0, 3)
    found = status(folder)
    runs = [tick["run"] for tick in ended(found)]
    assert len(runs) == len(set(runs))
    commands = {run["id"]: run["command"] for run in penstock(folder, "runs", "--json").json()["runs"]}
    assert len(commands) == len({tick["at"] for tick in found["ticks"] if tick["run"]})
    assert set(commands.values()) == {"penstock run -s raw_fast.things"}
    assert found["daemons"] == []
    shown = penstock(folder, "automation", "status")
    assert "run -s raw_fast.things" in shown.out and "no daemon is at work" in shown.err


def test_what_is_left_at_sigterm_is_gone_on_with_as_the_same_run(folder: Path) -> None:
    schedule(folder, {"name": "slow", "every": "2s", "run": "run -s raw_slow.things", "overlap": "skip"})
    running = start(folder, "up", "--no-web")
    until(folder, lambda found: any(tick["state"] == "running" for tick in found["ticks"]))
    wait_for(folder, lambda states: "running" in states.values())
    stopped(running)
    assert running.returncode == 3
    (folder / "release").touch()
    again = start(folder, "up", "--no-web")
    found = until(folder, lambda found: bool(ended(found)))
    stopped(again)
    first = ended(found)[-1]
    assert first["run"] == 1 and "run 1 succeeded" in first["reason"]


@pytest.mark.long
def test_a_pause_holds_and_says_so(folder: Path) -> None:
    schedule(folder, {"name": "fast", "every": "3s", "run": "run -s raw_fast.things"})
    assert penstock(folder, "automation", "pause", "fast", "--why", "migration").code == 0
    running = start(folder, "up", "--no-web")
    found = until(folder, lambda found: len(found["ticks"]) >= 2)
    stopped(running)
    assert {tick["state"] for tick in found["ticks"]} == {"skipped"}
    assert found["ticks"][0]["reason"].endswith(": migration")
    assert penstock(folder, "automation", "resume", "fast").out == "resumed: fast\n"
    assert penstock(folder, "automation", "resume", "fast").out == "fast was not paused\n"


def test_once_looks_forward_first_and_runs_what_is_due_then(folder: Path) -> None:
    schedule(folder, {"name": "fast", "every": "1h", "run": "run -s raw_fast.things", "grace": "1h"})
    assert penstock(folder, "up", "--once").code == 0
    assert status(folder)["ticks"] == []


def test_an_event_that_is_told_twice_starts_its_run_once(folder: Path) -> None:
    events = {"orders_ready": {"type": "token", "token": "a token of the test"}}
    schedule(folder, {"name": "orders", "on": "orders_ready", "run": "run -s raw_fast.things"}, events=events)
    running = start(folder, "up", "--port", "0")
    assert running.stdout is not None
    port = next(
        int(found[1]) for line in running.stdout if (found := re.search(r"http://[^:]+:(\d+)/", line))
    )
    until(folder, lambda found: found["daemons"])
    told = {"Authorization": "Bearer a token of the test", "Idempotency-Key": "order-7"}
    replies = [Browser(port).send("POST", "/api/v1/events/orders_ready", {}, told) for _ in range(2)]
    assert [one.status for one in replies] == [202, 202]
    (tick,) = ended(until(folder, ended))
    assert (
        Browser(port).send("POST", "/api/v1/events/orders_ready", {}, told).json()["message"]
        == "known already"
    )
    stopped(running)
    assert tick["reason"].startswith("run 1 succeeded")
    assert len(penstock(folder, "runs", "--json").json()["runs"]) == 1
    shown = penstock(folder, "automation", "events").out
    assert "orders_ready" in shown and "order-7" in shown and "orders ended (run 1)" in shown


def test_a_file_that_appears_starts_its_run_once(folder: Path) -> None:
    events = {"drops": {"type": "files", "path": "in/*.csv", "every": "1s"}}
    schedule(folder, {"name": "load", "on": "drops", "run": "run -s raw_fast.things"}, events=events)
    (folder / "in").mkdir()
    assert penstock(folder, "up", "--once").code == 0
    (folder / "in" / "a.csv").write_text("a")
    os.utime(folder / "in" / "a.csv", (0, 0))
    first = penstock(folder, "up", "--once")
    assert first.code == 0 and "drops: 1 new" in first.out and "load of" in first.out, first
    assert "drops" not in penstock(folder, "up", "--once").out
    assert len(penstock(folder, "runs", "--json").json()["runs"]) == 1
    shown = penstock(folder, "automation", "events").out
    assert "appeared" in shown and "in/a.csv" in shown and "load ended (run 1)" in shown


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cron": "0 0 30 2 *"}, "the cron '0 0 30 2 *' cannot be"),
        ({"cron": "0 6 * * *", "timezone": "Europe/Berln"}, "did you mean 'Europe/Berlin'"),
        ({"cron": "0 6 * * *", "run": "seed"}, "'seed' is not what a schedule can run"),
        ({"cron": "0 6 * * *", "run": "build --resume"}, "No such option"),
        ({"cron": "0 6 * * *", "run": "build -s 'x"}, "No closing quotation"),
        ({"cron": "0 6 * * *", "run": "run --key a"}, "--key makes no sense in a schedule"),
        ({"cron": "0 6 * * *", "every": "5m"}, "not both"),
        ({"every": "5 min"}, "is no length of time"),
        ({"cron": "0 6 * * *", "overlap": "wait"}, "overlap"),
        ({"crn": "0 6 * * *"}, "did you mean 'cron'"),
        ({}, "it needs a cron or an every"),
    ],
)
def test_bad_schedules_are_one_line_with_their_place(folder: Path, given: Any, words: str) -> None:
    schedule(folder, {"name": "nightly", "run": "build", **given})
    done = penstock(folder, "up", "--once")
    assert done.code == 2 and words in done.err and "penstock.yml:" in done.err, done


@pytest.mark.long
def test_a_promise_is_kept_by_building_before_it_breaks(folder: Path) -> None:
    """No schedule: what was never made is made, and made again before the data is older than promised."""
    promise = {"select": "fast_count", "fresh": {"warn": "40s", "fail": "10m"}, "build": "demand"}
    schedule(folder, policies=[promise])
    running = start(folder, "up", "--no-web")
    found = until(folder, lambda found: len(ended(found)) >= 2, 240)
    stopped(running)
    first, second = ended(found)[-1], ended(found)[-2]
    assert {first["schedule"], second["schedule"]} == {"policies"}
    assert "succeeded" in first["reason"] and "succeeded" in second["reason"]
    states = [one["state"] for one in penstock(folder, "freshness", "--json").json()["promises"]]
    assert states == ["ok"]


def test_without_schedules_nothing_starts_and_it_says_how(folder: Path) -> None:
    done = penstock(folder, "up", "--no-web")
    assert done.code == 2 and "nothing will start by itself" in done.err and "schedules:" in done.err
