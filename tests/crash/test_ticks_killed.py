"""Daemons killed at any moment, two and three at once: each tick makes one run, and every tick has a row."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from penstock.automation import Daemon
from penstock.automation.schedule import NoTicks
from penstock.store import RunStore, TickState, open_store
from tests.crash.ticking import ENVIRONMENT, NAMES, Making, Silent, schedules
from tests.support import ROOT
from tests.tools.postgres import PostgresServer, new_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ticks-killed")]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


def daemon(url: str, root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.ticking", url, str(root)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_up(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n", process.communicate()


def kill_many(url: str, root: Path, kills: int, together: int) -> int:
    """So many kills of daemons, of which so many look at the clock at once. How many were truly killed at work."""
    chance = random.Random(kills)
    alive = [daemon(url, root) for _ in range(together)]
    for one in alive:
        is_up(one)
    for _ in range(kills):
        time.sleep(chance.uniform(0.0, 0.5))
        victim = alive.pop(0)
        victim.kill()
        _, err = victim.communicate(timeout=30)
        assert victim.returncode == -signal.SIGKILL, err
        alive.append(daemon(url, root))
        is_up(alive[-1])
    for one in alive:
        one.send_signal(signal.SIGTERM)
        _, err = one.communicate(timeout=60)
        assert one.returncode == 0 and err == "", err
    return kills


def worked_off(store: RunStore) -> int:
    """A last daemon, whose schedules have changed: nothing new is due, and it takes up what was left. How much that was."""
    kept = store.automation(ENVIRONMENT)
    changed = [msgspec.structs.replace(one, ticks=NoTicks()) for one in schedules()]
    left = sum(tick.state.open for tick in kept.ticks(limit=1_000_000))
    before = left + 1
    while (still := sum(tick.state.open for tick in kept.ticks(limit=1_000_000))) and still < before:
        before = still
        Daemon(kept, "last", schedules=lambda: changed, perform=Making(store), notices=Silent()).run(
            once=True
        )
    return left


@pytest.mark.parametrize(
    ("kind", "together", "kills"),
    [
        ("sqlite", 2, 4),
        ("postgres", 3, 4),
        *(
            pytest.param(kind, together, 60, marks=pytest.mark.long)
            for kind in ("sqlite", "postgres")
            for together in (2, 3)
        ),
    ],
)
def test_each_tick_makes_one_run_and_has_one_row(
    kind: str, kills: int, together: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("server").url() if kind == "postgres" else "sqlite:///store.db"
    open_store(url, root=tmp_path).close()
    kill_many(url, tmp_path, kills, together)
    store = open_store(url, root=tmp_path)
    left = worked_off(store)
    ticks = store.automation(ENVIRONMENT).ticks(limit=1_000_000)
    made = Counter(run.key for run in store.runs(limit=None))
    store.close()
    assert set(made.values()) == {1}, "a key has made two runs"
    for name in NAMES:
        mine = sorted(tick.at for tick in ticks if tick.schedule == name)
        assert mine == [mine[0] + number for number in range(len(mine))], "a tick has no row"
    assert {tick.state for tick in ticks} == {TickState.ENDED}
    assert {tick.run_key for tick in ticks} == set(made)
    print(
        f"\n{kind}: {kills} kills, {together} daemons: {len(made)} runs of {len(ticks)} ticks, {left} after the last kill, 0 doubled"
    )
