"""A slow sync holds back only what needs it, and leaves the warehouse to others while it reads."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.tools import watching
from tests.tools.command import penstock, real_dbt, start  # noqa: F401
from tests.tools.loaded import make

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gating")]

READER = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True).execute('select count(*) from main.fast_count')"


def items(folder: Path) -> dict[str, dict[str, Any]]:
    detail = penstock(folder, "runs", "latest", "--json").json()
    return {item["name"]: item for item in detail["items"]}


def wait_for(folder: Path, name: str, state: str) -> None:
    """Until an item of the latest run is in that state, which another terminal then sees."""
    watching.wait_for(folder, lambda states: states.get(name) == state)
    assert items(folder)[name]["state"] == state


def opens(folder: Path) -> bool:
    """Whether another process can open the warehouse now and read what was built."""
    look = [sys.executable, "-c", READER, str(folder / "loaded.duckdb")]
    return subprocess.run(look, capture_output=True, check=False).returncode == 0


def test_what_does_not_need_the_slow_sync_is_built_before_it_ends(tmp_path: Path) -> None:
    folder = make(tmp_path / "loaded")
    running = start(folder, "run")
    wait_for(folder, "fast_count", "success")
    deadline = time.monotonic() + 60
    while not (opened := opens(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert opened, "the warehouse is free between the steps, while the slow sync reads"
    (folder / "release").touch()
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    found = items(folder)
    assert {item["state"] for item in found.values() if item["state"] != "left"} == {"success"}
    slow = found["raw_slow.things"]
    for name in ("free", "fast_things", "fast_count"):
        assert found[name]["ended_at"] < slow["ended_at"], name
    for name in ("slow_things", "all_things"):
        assert found[name]["started_at"] > slow["ended_at"], name
    assert slow["started_at"] < found["fast_count"]["started_at"], "the sync was reading all the while"
    assert slow["rows"] > 0
    steps = penstock(folder, "runs", "latest", "--json").json()["steps"]
    assert sum(step["integration"] == "dbt" for step in steps) <= 3


def test_a_sync_that_fails_skips_only_what_needs_it(tmp_path: Path) -> None:
    folder = make(tmp_path / "loaded", slow={"fail_after": 30, "error": "the source went away"})
    done = penstock(folder, "run")
    assert done.code == 1, done
    states = {name: item["state"] for name, item in items(folder).items() if item["state"] != "left"}
    assert states == {
        "raw_fast.things": "success",
        "raw_slow.things": "error",
        "free": "success",
        "fast_things": "success",
        "fast_count": "success",
        "slow_things": "skipped",
        "all_things": "skipped",
    }
    assert "the source went away" in done.out
    assert "upstream raw_slow.things failed" in done.out


@pytest.mark.usefixtures("real_dbt")
@pytest.mark.parametrize(
    "after",
    [
        "raw_slow.things running",
        pytest.param("fast_count success", marks=pytest.mark.long),
        pytest.param(None, marks=pytest.mark.long),  # by the clock, before anything has begun
    ],
)
def test_an_interrupt_leaves_a_store_that_the_next_command_reads(tmp_path: Path, after: str | None) -> None:
    folder = make(tmp_path / "loaded")
    running = start(folder, "run")
    if after is None:
        time.sleep(1)
    else:
        wait_for(folder, *after.split())
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert running.returncode in (1, 3), out + err
    assert "Traceback" not in err
    assert penstock(folder, "runs").code == 0
    assert penstock(folder, "status").code == 0
    assert _left_behind(folder) == []
    (folder / "release").touch()
    finished = penstock(folder, "run")
    assert finished.code == 0, finished


def test_what_only_looked_before_keeps_no_sync_from_running(tmp_path: Path) -> None:
    """`status` starts no connector: the streams that it does not know are asked for by the first command that may."""
    folder = make(tmp_path / "loaded")
    assert penstock(folder, "status").code == 0
    plan = penstock(folder, "plan", "--json").json()
    built = {item["name"] for item in plan["items"] if item["decision"] == "build"}
    assert {"raw_fast.things", "raw_slow.things", "fast_things"} <= built


def _left_behind(folder: Path) -> list[str]:
    """Processes of that project that do not end; one that was told to has a while for it."""
    until = time.monotonic() + 20  # less than a warm dbt would wait for the next run
    while True:
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        found = [line for line in listed.splitlines() if str(folder) in line]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


@pytest.mark.usefixtures("real_dbt")
def test_a_killed_coordinator_is_resumed_and_nothing_runs_twice(tmp_path: Path) -> None:
    folder = make(tmp_path / "loaded")
    running = start(folder, "run")
    wait_for(folder, "fast_count", "success")
    running.kill()
    running.communicate()
    before = items(folder)
    assert before["fast_count"]["state"] == "success"
    (folder / "release").touch()
    resumed = penstock(folder, "run", "--resume")
    assert resumed.code == 0, resumed
    assert "going on with run 1" in resumed.out
    after = items(folder)
    assert {item["state"] for item in after.values() if item["state"] != "left"} == {"success"}
    assert after["fast_count"]["ended_at"] == before["fast_count"]["ended_at"]
    assert after["all_things"]["rows"] == after["raw_fast.things"]["rows"] + after["raw_slow.things"]["rows"]
    nothing = penstock(folder, "run", "--resume")
    assert nothing.code == 2
    assert "no run was left to resume" in nothing.err
    assert _left_behind(folder) == []


@pytest.mark.usefixtures("real_dbt")
@pytest.mark.long
def test_sigterm_while_dbt_holds_the_warehouse_is_no_error(tmp_path: Path) -> None:
    """The run is detached, and dbt goes on: what was made before cannot be looked at now."""
    folder = make(tmp_path / "loaded", max_invocations=2)
    model = folder / "transform" / "models" / "slow_things.sql"
    long = "(select count(*) from range(3000000000) t(i) where i % 7 = 3)"
    model.write_text(f"select id, name, {long} as n from {{{{ source('raw_slow', 'things') }}}}")
    running = start(folder, "run", "--exclude", "free")
    wait_for(folder, "fast_count", "success")
    (folder / "release").touch()
    wait_for(folder, "slow_things", "running")
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 3, out + err
    assert "goes on without us" in out
    assert penstock(folder, "run", "--resume").code == 0
