"""A sync whose coordinator is killed (SIGKILL) at random moments, and run again, ends with exactly the source's rows."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from penstock.integration import Outcome
from tests.contract.cases import settings_of
from tests.support import ROOT
from tests.tools.postgres import PostgresServer, new_server
from tests.unit.penstock_airbyte.replays import FIELDS, Replay, record, state
from tests.unit.penstock_airbyte.sources import USERS, Shop, mode, user

OLD = [(number, f"old {number}") for number in range(1, 201)]
NEW = [(number, f"new {number}") for number in range(1, 301)]


def coordinator(shop: Shop | Replay, attempt: int, *, adopt: bool) -> subprocess.Popen[str]:
    """The sync in a process of its own; returns when it has begun."""
    config = shop.root / "bench.json"
    config.write_text(json.dumps(shop.raw()))
    command = [sys.executable, "-m", "tests.tools.syncing", str(shop.root), str(config), "r1", str(attempt)]
    command += ["--adopt"] * adopt + ["--eager"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"
    return process


def killed_after(process: subprocess.Popen[str], seconds: float) -> str:
    """Kill it after that time; what it said when it was faster."""
    try:
        said, _ = process.communicate(timeout=seconds)
        return said.strip()
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "killed"


class OnPostgres(Shop):
    """The same connection into a database of a real PostgreSQL."""

    url = ""

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as session:
            return session.execute(sql.replace("shop.raw", "raw").replace("BY ALL", "BY 1, 2")).fetchall()


def shop_of(tmp_path: Path, sync_mode: str, url: str | None = None) -> Shop:
    """A connection whose first load is done, and whose source then has new names for all its users, and more users."""
    rows = [user(number, number, name) for number, name in OLD]
    kind = Shop if url is None else OnPostgres
    shop = kind(tmp_path, {"users": {**USERS, "rows": rows}}, **mode(sync_mode))
    if isinstance(shop, OnPostgres) and url is not None:
        shop.url = url
        shop.settings = {"warehouse": {"type": "postgres", **settings_of(url)}}
    assert shop.bench.sync(1, run="r0").outcome is Outcome.SUCCESS
    shop.rows([user(number, 1000 + number, name) for number, name in NEW])
    shop.options = {"state_every": 20, "pause": 0.03}
    shop.settings["checkpoint_every"] = 0.1  # so that kills fall into checkpoints too
    shop.bench.observe()
    return shop


def survive(shop: Shop, seed: int, *, whole: bool, appended: bool = False) -> None:
    """Kill up to six times, adopting or beginning anew, then let it finish and compare with the source."""
    chance = random.Random(seed)
    attempt = 1
    for _ in range(6):
        process = coordinator(shop, attempt, adopt=chance.random() < 0.5)
        if killed_after(process, chance.uniform(0.0, 1.6)) == "success":
            break
        if whole:
            assert shop.users() in (OLD, NEW), "a half-replaced table"
        attempt += chance.random() < 0.5
    last = coordinator(shop, attempt + 1, adopt=False)
    assert last.communicate(timeout=60)[0].strip() == "success"
    expected = sorted(OLD + NEW) if appended else NEW
    assert shop.users() == expected
    keys = shop.ask("SELECT count(*), count(DISTINCT _airbyte_raw_id) FROM shop.raw.users")
    assert keys == [(len(expected), len(expected))]
    assert connectors_of(shop.root) == []


def connectors_of(root: Path) -> list[str]:
    """Connectors of this project that still run, after a moment to end."""
    for _ in range(300):
        found = [line for line in process_lines() if str(root) in line and "read" in line]
        if not found:
            return []
        time.sleep(0.1)
    return found


def process_lines() -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1))
def test_overwrite_is_the_old_table_or_the_new_one(seed: int, tmp_path: Path) -> None:
    survive(shop_of(tmp_path, "full_refresh_overwrite"), seed, whole=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1))
def test_dedup_loses_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    survive(shop_of(tmp_path, "incremental_append_dedup"), 100 + seed, whole=False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1))
def test_append_loses_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    survive(shop_of(tmp_path, "incremental_append"), 200 + seed, whole=False, appended=True)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "sync_mode", ["full_refresh_overwrite", "incremental_append_dedup", "incremental_append"]
)
def test_many_more_moments(sync_mode: str, seed: int, tmp_path: Path) -> None:
    whole, appended = sync_mode == "full_refresh_overwrite", sync_mode == "incremental_append"
    survive(shop_of(tmp_path, sync_mode), 1000 + seed, whole=whole, appended=appended)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    started = new_server()
    started.start(fsync=False)
    yield started
    started.remove()


KILLED_MODES = ["full_refresh_overwrite", "incremental_append_dedup", "incremental_append"]


@pytest.mark.slow
@pytest.mark.parametrize("sync_mode", KILLED_MODES)
def test_postgres_loses_and_doubles_nothing(sync_mode: str, tmp_path: Path, server: PostgresServer) -> None:
    shop = shop_of(tmp_path, sync_mode, server.url())
    survive(shop, 7, whole=sync_mode.startswith("full"), appended=sync_mode == "incremental_append")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("sync_mode", KILLED_MODES)
def test_many_more_moments_on_postgres(
    sync_mode: str, seed: int, tmp_path: Path, server: PostgresServer
) -> None:
    shop = shop_of(tmp_path, sync_mode, server.url())
    survive(shop, 3000 + seed, whole=sync_mode.startswith("full"), appended=sync_mode == "incremental_append")


@pytest.mark.slow
def test_a_coordinator_that_dies_is_followed_by_one_that_adopts(tmp_path: Path) -> None:
    """The connector is started once: it goes on without its coordinator, and the next one reads what it wrote."""
    shop = shop_of(tmp_path, "incremental_append")
    process = coordinator(shop, 1, adopt=False)
    raw = tmp_path / ".penstock/runs/r1-sync-shop-1/raw.jsonl"
    deadline = time.monotonic() + 120
    while not (raw.exists() and raw.stat().st_size > 2000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.communicate()
    begun = (raw.parent / "pid").read_text()
    adopted = coordinator(shop, 1, adopt=True)
    assert adopted.communicate(timeout=60)[0].strip() == "success"
    assert (raw.parent / "pid").read_text() == begun
    assert shop.ask("SELECT count(*), count(DISTINCT _airbyte_raw_id) FROM shop.raw.users") == [(500, 500)]


@pytest.mark.slow
def test_a_killed_connector_is_an_error_and_the_next_attempt_makes_it_good(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, "incremental_append_dedup")
    shop.options["release"] = str(tmp_path / "release")  # it stands still behind its first row
    shop.bench.observe()
    process = coordinator(shop, 1, adopt=False)
    running = tmp_path / ".penstock/runs/r1-sync-shop-1"
    deadline = time.monotonic() + 120
    while not ((running / "raw.jsonl").exists() and '"RECORD"' in (running / "raw.jsonl").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    subprocess.run(["kill", "-9", "--", f"-{(running / 'pid').read_text().strip()}"], check=True)
    (tmp_path / "release").touch()
    assert process.communicate(timeout=30)[0].strip() == "error"
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert shop.users() == NEW


@pytest.mark.slow
def test_killed_while_its_last_commit_waits_for_a_table(tmp_path: Path, server: PostgresServer) -> None:
    """What follows the last state comes with the table that is waited for, and once."""
    url = server.url()
    shop = Replay(tmp_path)
    shop.settings = {"warehouse": {"type": "postgres", **settings_of(url)}}
    shop.catalog({"users": FIELDS, "buyers": FIELDS})
    shop.connection["streams"]["buyers"] = {"sync_mode": "full_refresh_append"}
    shop.read(record({"id": 1}), state(1), record({"id": 7}, "buyers"))
    shop.read(record({"id": 2}), state(2), record({"id": 3}), record({"id": 8}, "buyers"))
    assert shop.bench.sync(1, run="r0").outcome is Outcome.SUCCESS
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as asking:
        holder.execute("LOCK TABLE raw.buyers")
        process = coordinator(shop, 1, adopt=False)
        until = time.monotonic() + 120
        while asking.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            assert time.monotonic() < until
            time.sleep(0.02)
        process.kill()
        process.communicate()
        holder.rollback()
        adopted = coordinator(shop, 1, adopt=True)
        assert adopted.communicate(timeout=60)[0].strip() == "success"
        found = [
            asking.execute(f"SELECT id FROM raw.{name} ORDER BY id").fetchall()
            for name in ("users", "buyers")
        ]
    assert found == [[(1,), (2,), (3,)], [(7,), (8,)]]


@pytest.mark.slow
def test_the_second_stream_may_be_confirmed_first(tmp_path: Path) -> None:
    """What is staged ahead of the checkpoint is of both; the checkpoint of one alone."""
    shop = Replay(tmp_path)
    shop.settings["checkpoint_every"] = 0.5
    shop.catalog({"users": FIELDS, "buyers": FIELDS})
    shop.connection["streams"]["buyers"] = {"sync_mode": "incremental_append"}
    steps: list[Any] = []
    for number in range(1, 3):
        others = [record({"id": number * 10 + more}, "buyers") for more in (0, 1)]
        steps += [record({"id": number}), others[0], state(1, "buyers"), {"sleep": 0.5}, others[1]]
        steps += [state(2, "buyers"), {"checkpoints": number}]
    shop.read(*steps)
    process = coordinator(shop, 1, adopt=False)
    assert process.communicate(timeout=60)[0].strip() == "success"
    assert (shop.rows("id"), shop.rows("id", "buyers")) == (
        [(1,), (2,)],
        [(10,), (11,), (20,), (21,)],
    )


@pytest.mark.slow
def test_what_is_staged_stays_staged_when_one_more_stream_is_confirmed(tmp_path: Path) -> None:
    """A source reads its streams one after another: all of the earlier ones was staged once more for each."""
    shop = Replay(tmp_path)
    names = ["users", "buyers", "orders"]
    shop.catalog(dict.fromkeys(names, FIELDS))
    shop.connection["streams"] |= {name: {"sync_mode": "incremental_append"} for name in names[1:]}
    steps: list[Any] = []
    for name in names:
        steps += [
            record({"id": 1}, name),
            state(1, name),
            {"sleep": 0.5},
            record({"id": 2}, name),
            state(2, name),
        ]
    shop.read(*steps)
    process, parts = coordinator(shop, 1, adopt=False), set[str]()
    while process.poll() is None:
        parts |= {part.name for part in shop.root.rglob("staging/0/*.part")}
        time.sleep(0.01)
    assert process.communicate(timeout=60)[0].strip() == "success"
    assert len(parts) == 1, "each is of the tables that it was begun with"
    assert [shop.rows("id", name) for name in names] == [[(1,), (2,)]] * 3
