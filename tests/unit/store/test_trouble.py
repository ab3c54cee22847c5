"""A store that fails in the middle of a run: one sentence, and the run goes on when the store is well again."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from penstock.errors import StoreError
from penstock.run import RunPolicy
from penstock.store import Decided, RunState, ScheduleRow, open_store
from tests.tools.engine import QUICK, Engine
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.scripted import Script, World, asset, plan


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start()
    yield server
    server.remove()


def test_a_full_disk_stops_the_run_with_a_sentence_and_it_can_be_resumed(tmp_path: Path) -> None:
    whole = plan(*(asset(f"a{n}", *([f"a{n - 1}"] if n else [])) for n in range(40)))
    store = open_store("sqlite:///store.db", root=tmp_path)
    world, engine = World(), Engine(store, tmp_path / "runs")
    coordinator = engine.coordinator(whole, world)

    def small(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 5}")

    store._database.engine.dispose()
    event.listen(store._database.engine, "connect", small)
    with pytest.raises(StoreError, match="the disk is full: the run store cannot be written"):
        asyncio.run(coordinator.run())
    store.close()
    store = open_store("sqlite:///store.db", root=tmp_path)
    with store._database.write() as connection:  # this process lives on, and holds the lease until it expires
        connection.exec_driver_sql("UPDATE leases SET expires_at = 0")
    assert store.run(coordinator.run_id).state is RunState.INTERRUPTED
    assert store.check() == []
    done = len(world.ended)
    assert 0 < done < 40
    result = asyncio.run(Engine(store, tmp_path / "runs").again(coordinator.run_id, world).run())
    assert result.state is RunState.SUCCEEDED
    assert len(world.triggers) == len(set(world.triggers))
    assert sorted(name for name, *_ in world.history) == sorted(item.name for item in whole.items)
    assert store.check() == []
    store.close()


def test_a_lease_given_up_after_trouble_is_free_at_once(tmp_path: Path) -> None:
    store = open_store("sqlite:///store.db", root=tmp_path)
    world, engine = World(scripts={"a": Script(seconds=30)}), Engine(store, tmp_path)
    coordinator = engine.coordinator(plan(asset("a")), world)

    async def fail() -> None:
        running = asyncio.ensure_future(coordinator.run())
        while not world.begun:  # noqa: ASYNC110  # the world tells nobody
            await asyncio.sleep(0.01)
        coordinator.fail(StoreError("gone"))
        with pytest.raises(StoreError, match="gone"):
            await running

    asyncio.run(fail())
    assert store.run(coordinator.run_id).state is RunState.INTERRUPTED
    store.close()


@pytest.mark.long
def test_postgres_is_killed_and_comes_back_in_the_middle_of_a_run(
    server: PostgresServer, tmp_path: Path
) -> None:
    """kill -9 of the whole server, twice; nothing that was committed is lost, nothing is done twice."""
    store = open_store(server.url(), root=tmp_path)
    whole = plan(*(asset(f"a{n}", *([f"a{n - 3}"] if n > 2 else [])) for n in range(30)))
    world = World(scripts={f"a{n}": Script(seconds=0.15) for n in range(30)})

    def trouble() -> None:
        for _ in range(2):
            time.sleep(0.5)
            server.kill()
            server.start()

    threads = [threading.Thread(target=trouble)]
    threads[0].start()
    policy = RunPolicy(poll_seconds=QUICK.poll_seconds, lease_seconds=60)
    result = Engine(store, tmp_path).run(whole, world, policy=policy)
    threads[0].join()
    assert result.state is RunState.SUCCEEDED
    assert len(world.history) == 30
    assert store.check() == []
    assert store.find_run().state is RunState.SUCCEEDED
    store.close()


def test_a_store_that_was_taken_away_is_missed_and_found_again(tmp_path: Path) -> None:
    store = open_store("sqlite:///store.db", root=tmp_path)
    kept = store.automation("dev")
    place, away = tmp_path / "store.db", tmp_path / "away.db"

    def look(name: str) -> None:
        row = ScheduleRow(name=name, fingerprint="", looked_until=0.0, changed_at=0.0)
        kept.decide(lambda known: Decided(schedules=(row,)))

    look("before")
    place.rename(away)
    with pytest.raises(StoreError, match="is not there any more") as told:
        look("meanwhile")
    assert told.value.where == str(place) and not place.exists()
    away.rename(place)
    look("back")
    assert set(kept.schedules()) == {"before", "back"}
    away.write_bytes(place.read_bytes())
    away.replace(place)
    with pytest.raises(StoreError, match="another file is in the place"):
        look("elsewhere")
    store.close()
