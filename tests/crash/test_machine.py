"""What a machine does to a run: it is started again, its disk is full, its store is locked."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from penstock.errors import StoreError
from penstock.store import RunState, open_store
from tests.e2e.test_gating import items, wait_for
from tests.support import ROOT
from tests.tools.command import environ, start
from tests.tools.engine import Engine
from tests.tools.isolated import another_boot, own_pids, run, small_disk
from tests.tools.loaded import make
from tests.tools.scripted import World, asset, plan
from tests.unit.penstock_airbyte.replays import Replay, record


def processes_of(folder: Path) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if str(folder) in line]


@pytest.mark.long
@pytest.mark.slow
def test_the_machine_is_started_again(tmp_path: Path) -> None:
    """Every process gone at once, another boot id: the next start with that key goes on, and asks for nothing twice."""
    folder = make(tmp_path / "loaded")
    running = start(folder, "run", "--key", "night", env=environ("1.11"))
    wait_for(folder, "fast_count", "success")
    running.kill()
    for pid in processes_of(folder):
        os.kill(pid, signal.SIGKILL)
    running.communicate()
    before = items(folder)
    (folder / "release").touch()
    command = [sys.executable, "-m", "penstock", "run", "--key", "night"]
    done = run(another_boot(tmp_path / "boot", command), cwd=folder, env=environ("1.11"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "going on with run 1" in done.stdout
    after = items(folder)
    assert {item["state"] for item in after.values() if item["state"] != "left"} == {"success"}
    assert after["fast_count"]["ended_at"] == before["fast_count"]["ended_at"]
    assert after["raw_fast.things"]["ended_at"] == before["raw_fast.things"]["ended_at"]
    assert after["all_things"]["rows"] == after["raw_fast.things"]["rows"] + after["raw_slow.things"]["rows"]
    assert processes_of(folder) == []


@pytest.mark.long
@pytest.mark.slow
def test_a_container_is_started_again_with_its_volume(tmp_path: Path) -> None:
    """Its processes are gone, and their pids mean nothing to the next one, which waits for the lease and goes on."""
    folder = make(tmp_path / "loaded")
    command = own_pids([sys.executable, "-m", "penstock", "run", "--key", "night"])
    first = subprocess.Popen(
        command, cwd=folder, env=environ("1.11"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    wait_for(folder, "fast_count", "success")
    first.kill()
    first.communicate()
    before = items(folder)
    (folder / "release").touch()
    done = run(command, cwd=folder, env=environ("1.11"))
    assert done.returncode == 0, done.stdout + done.stderr
    after = items(folder)
    assert {item["state"] for item in after.values() if item["state"] != "left"} == {"success"}
    assert after["fast_count"]["ended_at"] == before["fast_count"]["ended_at"]
    assert after["all_things"]["rows"] == after["raw_fast.things"]["rows"] + after["raw_slow.things"]["rows"]
    assert processes_of(folder) == []


def test_a_disk_that_is_full_stops_the_run_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    command = [sys.executable, "-m", "tests.crash.filled", str(tmp_path / "small")]
    done = run(small_disk(tmp_path / "small", "8m", command), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "the disk is full: the run store cannot be written" in told.pop("said")
    assert 0 < told.pop("ended") < 400
    assert told == {"state": "succeeded", "lost": 0, "doubled": 0, "triggers": 0, "findings": []}


@pytest.mark.long
def test_a_disk_that_is_full_ends_a_sync_which_leaves_room_again(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    shop = Replay(tmp_path)
    shop.read(*(record({"id": one, "name": os.urandom(50_000).hex()}) for one in range(60)), {"sleep": 60})
    shop.settings["warehouse"] = {"type": "duckdb", "path": str(tmp_path / "shop.duckdb")}
    (tmp_path / "bench.json").write_text(json.dumps(shop.raw()))
    sync = [sys.executable, "-m", "tests.tools.syncing", str(small), str(tmp_path / "bench.json"), "r1", "1"]
    look = f"{shlex.join([*sync, '--eager'])}; du -sk {shlex.quote(str(small))}; ps -eo args | grep -c '[r]ead --config {small}'"
    done = run(small_disk(small, "9m", ["sh", "-c", look]), cwd=ROOT)
    assert done.stderr == ""
    begun, outcome, kept, running = done.stdout.splitlines()
    assert (begun, outcome) == ("begin", "error")
    assert int(kept.split()[0]) < 1000
    assert running == "0"


class Locker:
    """Another process's transaction on the store."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)

    def hold(self, seconds: float) -> threading.Thread:
        self._connection.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=self._release, args=(seconds,))
        waiting.start()
        return waiting

    def _release(self, seconds: float) -> None:
        time.sleep(seconds)
        self._connection.execute("ROLLBACK")
        self._connection.close()


@pytest.mark.parametrize("patient", [True, False])
def test_a_store_that_another_process_locks(
    tmp_path: Path, patient: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a while: the run waits. For longer than it waits: it stops with a sentence, and is resumed without loss."""
    if not patient:
        monkeypatch.setattr("penstock.store.database._BUSY_SECONDS", 0.2)
        monkeypatch.setattr("penstock.store.writer._PATIENCE", 0.3)
    store = open_store("sqlite:///store.db", root=tmp_path)
    whole = plan(*(asset(f"a{n}", *([f"a{n - 1}"] if n else [])) for n in range(20)))
    locking: list[threading.Thread] = []

    def lock(item: str) -> None:
        if item == "a7" and not locking:
            locking.append(Locker(tmp_path / "store.db").hold(2))

    world = World(on_begin=lock)
    engine = Engine(store, tmp_path / "runs")
    coordinator = engine.coordinator(whole, world)
    if patient:
        result = asyncio.run(coordinator.run())
    else:
        with pytest.raises(StoreError, match="another process holds the run store and does not let go"):
            asyncio.run(coordinator.run())
        locking[0].join()
        with store._database.write() as connection:
            connection.exec_driver_sql("UPDATE leases SET expires_at = 0")
        result = asyncio.run(engine.again(coordinator.run_id, world).run())
    locking[0].join()
    assert result.state is RunState.SUCCEEDED
    assert [name for name, *_ in world.history] == [f"a{n}" for n in range(20)]
    assert len(world.triggers) == len(set(world.triggers))
    assert store.check() == []
    store.close()
