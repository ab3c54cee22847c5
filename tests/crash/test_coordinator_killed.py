"""kill -9 of the coordinator anywhere, alone or with all its children: nothing is lost, nothing is done twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from penstock.assets import ToolRef
from penstock.plan import Plan, PlanItem
from penstock.run import create_run
from penstock.run.policy import LOOK_FIRST
from penstock.store import ItemState, RunDetail, RunState, open_store
from tests.crash.outside import JobServer
from tests.support import ROOT
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.scripted import asset, check, plan

pytestmark = pytest.mark.xdist_group("killed")

DIED = -9


class Nursery:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def coordinator(
        self, *, store: str, folder: Path, run: str, port: int, die_at: int | None, everyone: bool
    ) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order: dict[str, object] = {"store": store, "folder": str(folder), "run": run, "port": port}
        order |= {"die_at": die_at, "everyone": everyone}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


def of(integration: str, item: PlanItem) -> PlanItem:
    return replace(item, ref=ToolRef(integration, "one", item.name))


def shop() -> Plan:
    """Four syncs as jobs, models and checks in children, two groups that wait for different syncs, a job at the end. `log`
    appends, and `read` stands on it."""
    syncs = [of("job", asset(f"raw{number}", unit=f"sync{number // 2}")) for number in range(6)]
    models = [of("child", asset(f"stg{number}", f"raw{number}", batch="models")) for number in range(4)]
    later = [
        of("child", check("unique_stg0", "stg0", batch="models")),
        of("child", asset("orders", "stg0", "stg1", "unique_stg0", batch="models")),
        of("child", asset("users", "stg2", "stg3", "raw4", batch="models")),
        replace(of("child", asset("log", "stg1", batch="models")), appends=True),
        of("child", asset("read", "log", batch="models")),
        of("child", asset("mart", "orders", "users")),
        of("job", asset("export", "mart")),
    ]
    return plan(*syncs, *models, *later)


class Toll:
    """What came of it all, over many runs."""

    def __init__(self) -> None:
        self.kills = self.lost = self.doubled = self.runs = self.looked = 0

    def __str__(self) -> str:
        told = f"{self.runs} runs, {self.kills} kills, {self.lost} lost, {self.doubled} doubled"
        return told + (f", {self.looked} left to somebody who looks" if self.looked else "")


def suffer(
    nursery: Nursery,
    jobs: JobServer,
    url: str,
    folder: Path,
    chance: random.Random,
    toll: Toll,
    *,
    everyone: bool,
) -> None:
    """One run whose coordinators (with `everyone` their children too) die up to five times; then what was done is counted."""
    folder.mkdir()
    store = open_store(url, root=folder)
    whole = shop()
    run = create_run(store, whole).id
    before = Counter(jobs.done)
    for _ in range(chance.randint(1, 5)):
        ended = nursery.coordinator(
            store=url, folder=folder, run=run, port=jobs.port, die_at=chance.randint(1, 50), everyone=everyone
        )
        if ended != DIED:
            break
        toll.kills += 1
        state = store.run(run).state
        assert state.ended or state in (RunState.INTERRUPTED, RunState.QUEUED)
        if state.ended:
            break
    if not store.run(run).state.ended:
        nursery.coordinator(store=url, folder=folder, run=run, port=jobs.port, die_at=None, everyone=everyone)
    toll.runs += 1
    done = Counter(jobs.done) - before
    done.update(line.split()[1] for line in (folder / "journal").read_text().splitlines())
    count(store.detail(run), whole, done, toll, everyone=everyone)
    made = [record.asset for record in store.materializations_in(run)]
    toll.doubled += len(made) - len(set(made))
    assert store.check() == []
    store.close()


def count(detail: RunDetail, whole: Plan, done: Counter[str], toll: Toll, *, everyone: bool) -> None:
    """What replaces its rows may be made again after its child died; jobs go on elsewhere, and what appends is made once."""
    states = {item.name: item.state for item in detail.items}
    looks = everyone and states["log"] is ItemState.ERROR
    if looks:
        toll.looked += 1
        assert LOOK_FIRST in next(item.message or "" for item in detail.items if item.name == "log")
    assert detail.run.state is (RunState.FAILED if looks else RunState.SUCCEEDED)
    held = ("log", "read") if looks else ()
    toll.lost += sum(1 for item in whole.items if done[item.ref.id] == 0 and item.name not in held)
    toll.lost += sum(1 for name, state in states.items() if state != "success" and name not in held)
    again = {item.name for item in whole.items if everyone and item.ref.integration == "child"} - {"log"}
    toll.doubled += sum(times - 1 for name, times in done.items() if times > 1 and name not in again)


def kill_many(
    nursery: Nursery,
    url_of: object,
    folder: Path,
    seed: int,
    kills: int,
    capsys: pytest.CaptureFixture[str],
    *,
    everyone: bool = False,
) -> Toll:
    chance, toll, jobs = random.Random(seed), Toll(), JobServer()
    try:
        while toll.kills < kills:
            url = url_of() if callable(url_of) else "sqlite:///store.db"
            suffer(nursery, jobs, url, folder / str(toll.runs), chance, toll, everyone=everyone)
    finally:
        jobs.shutdown()
        jobs.server_close()
        with capsys.disabled():
            print(f"\n  seed {seed}{', with all children' if everyone else ''}: {toll}")
    assert (len(jobs.triggers), toll.lost, toll.doubled) == (len(set(jobs.triggers)), 0, 0)
    return toll


def test_a_few_kills_on_sqlite(nursery: Nursery, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kill_many(nursery, None, tmp_path, seed=20261122, kills=15, capsys=capsys)


def test_a_few_kills_on_postgres(
    nursery: Nursery, tmp_path: Path, server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_many(nursery, server.url, tmp_path, seed=1123, kills=6, capsys=capsys)


def test_a_few_kills_with_all_children(
    nursery: Nursery, tmp_path: Path, server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_many(nursery, None, tmp_path, seed=20261127, kills=15, capsys=capsys, everyone=True)
    (tmp_path / "postgres").mkdir()
    kill_many(nursery, server.url, tmp_path / "postgres", seed=1127, kills=6, capsys=capsys, everyone=True)


@pytest.mark.long
@pytest.mark.parametrize("everyone", [False, True])
def test_many_kills(
    everyone: bool,
    nursery: Nursery,
    tmp_path: Path,
    server: PostgresServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int(os.environ.get("PENSTOCK_SEED", random.SystemRandom().randrange(10**6)))
    kill_many(nursery, None, tmp_path, seed=seed, kills=200, capsys=capsys, everyone=everyone)
    (tmp_path / "postgres").mkdir()
    kill_many(
        nursery, server.url, tmp_path / "postgres", seed=seed, kills=100, capsys=capsys, everyone=everyone
    )
