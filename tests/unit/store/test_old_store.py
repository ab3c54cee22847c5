"""A store that the version before has made, with runs, leases and an open step: it is brought up, read, and gone on with."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table

from penstock.integration import AttemptKey, Finished, ItemFinished, Outcome
from penstock.store import (
    Coverage,
    ItemState,
    Prediction,
    RunState,
    RunStore,
    StepState,
    migrate,
    open_store,
    schema,
)
from penstock.store.database import database
from tests.tools.engine import Engine, states
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.scripted import Job, World, key

pytestmark = pytest.mark.xdist_group("postgres-old-store")

ROWS = Path(__file__).parents[2] / "fixtures" / "stores" / "0001.json"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], RunStore]]:
    """Opens the old store as today's penstock does."""
    url = "sqlite:///store.db"
    if request.param == "postgres":
        url = request.getfixturevalue("server").url()
    fill(url, tmp_path)
    opened: list[RunStore] = []

    def again() -> RunStore:
        opened.append(open_store(url, root=tmp_path))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


def fill(url: str, root: Path) -> None:
    made = database(url, root)
    migrate.upgrade(made, to="0001")
    assert migrate.schema_version(made) == "0001"
    kept: dict[str, list[dict[str, Any]]] = json.loads(ROWS.read_text())
    with made.write() as connection:
        for name, rows in kept.items():
            if name == schema.version.name or not rows:
                continue
            table = Table(name, MetaData(), autoload_with=connection)
            connection.execute(table.insert(), [{k: value(k, v) for k, v in row.items()} for row in rows])
        if not made.is_sqlite:
            for name, column in (("runs", "number"), ("materializations", "id"), ("check_results", "id")):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), max({column})) FROM {name}"
                )
    made.dispose()


def value(column: str, kept: Any) -> Any:
    if column in ("retryable", "stable", "dirty"):
        return None if kept is None else bool(kept)
    if isinstance(kept, dict):
        return base64.b64decode(kept["base64"])
    return kept


def test_what_was_recorded_is_read_as_before(old: Callable[[], RunStore]) -> None:
    store = old()
    left, ended = store.runs()
    assert (ended.state, left.state) == (RunState.SUCCEEDED, RunState.DETACHED)
    assert store.check() == []
    made = store.latest_materializations("dev")
    assert made[key("stg")].rows == 3
    version = made[key("stg")].data_version
    assert version is not None and version.value == f"{ended.id}/fake-one-stg/1"
    (open_step,) = [step for step in store.detail(left.id).steps if not step.state.ended]
    assert (open_step.id, open_step.state) == ("fake-one-stg", StepState.RUNNING)


def test_the_run_that_was_left_is_gone_on_with_and_its_job_adopted(
    old: Callable[[], RunStore], tmp_path: Path
) -> None:
    store = old()
    left = store.find_run()
    world = World(remote=True)
    job = world.jobs[AttemptKey(left.id, "fake-one-stg", 1)] = Job()
    now = time.time()
    job.told = [
        ItemFinished(at=now, item="stg", outcome=Outcome.SUCCESS, rows=9),
        Finished(at=now, outcome=Outcome.SUCCESS),
    ]
    result = asyncio.run(Engine(store, tmp_path / "runs").again(left.id, world).run())
    assert result.state is RunState.SUCCEEDED
    assert set(states(result).values()) == {ItemState.SUCCESS}
    assert "fake-one-stg" not in {key.step for key in world.triggers}
    assert store.check() == []
    assert store.materializations_of("dev", key("stg"))[0].rows == 9


def test_who_follows_an_old_store_begins_with_what_comes_from_now_on(
    old: Callable[[], RunStore], tmp_path: Path
) -> None:
    store = old()
    assert (store.newest_position(), store.events_after(0)) == (0, [])
    world = World()
    asyncio.run(Engine(store, tmp_path / "runs").again(store.find_run().id, world).run())
    followed = store.events_after(0, limit=1000)
    assert [event.position for event in followed] == list(range(1, len(followed) + 1))
    assert followed[-1].kind == "run.ended"


def test_an_old_store_keeps_what_is_expected_from_now_on(old: Callable[[], RunStore]) -> None:
    kept = old().predictions("dev")
    assert kept.open() == [] and kept.coverage(1.0) == Coverage()
    one = Prediction(asset=key("a"), as_of=1.0, made_at=2.0, expected_at=3.0)
    kept.write([one], [])
    assert old().predictions("dev").open() == [one]
