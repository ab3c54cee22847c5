"""Many runs with overlapping selections, from several coordinators on one store: no asset is ever made by two at once."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.plan import Plan, PlanItem
from penstock.run import Coordinator, RunPolicy, create_run
from penstock.store import RunState, open_store
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.scripted import Script, World, asset, inner_depends, plan

pytestmark = pytest.mark.xdist_group("postgres-overlap")

ASSETS = 14
COORDINATORS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


def whole_graph(chance: random.Random) -> list[tuple[str, list[str], str | None]]:
    graph: list[tuple[str, list[str], str | None]] = []
    for number in range(ASSETS):
        needs = chance.sample([name for name, *_ in graph], min(len(graph), chance.randint(0, 2)))
        graph.append((f"a{number}", needs, chance.choice([None, "models", "models"])))
    return graph


def selection(graph: list[tuple[str, list[str], str | None]], chance: random.Random) -> Plan:
    chosen = set(chance.sample([name for name, *_ in graph], chance.randint(1, ASSETS)))
    items: list[PlanItem] = [
        asset(name, *(need for need in needs if need in chosen), batch=batch)
        for name, needs, batch in graph
        if name in chosen
    ]
    return plan(*items)


class Witness:
    """Stands outside the store and sees who is at which asset."""

    def __init__(self) -> None:
        self._inside: dict[str, int] = {}
        self._lock = threading.Lock()
        self.clashes: list[str] = []
        self.made = 0

    def world(self, whole: Plan, coordinator: int, chance: random.Random) -> World:
        def begin(item: str) -> None:
            with self._lock:
                if self._inside.setdefault(item, coordinator) != coordinator:
                    self.clashes.append(item)

        def end(item: str) -> None:
            with self._lock:
                self._inside.pop(item, None)
                self.made += 1

        scripts = {item.ref.id: Script(seconds=chance.choice([0.001, 0.003, 0.01])) for item in whole.items}
        return World(scripts=scripts, depends=inner_depends(whole.items), on_begin=begin, on_end=end)


def overlap(url: str, folder: Path, seed: int, runs: int) -> tuple[Witness, list[float]]:
    chance = random.Random(seed)
    graph, witness, took = whole_graph(chance), Witness(), []
    taken: list[int] = []
    todo = [(selection(graph, chance), random.Random(chance.random())) for _ in range(runs)]
    expected = sum(len(whole.items) for whole, _ in todo)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        store = open_store(url, root=folder)
        try:
            while todo:
                try:
                    whole, mine = todo.pop()
                except IndexError:
                    return
                begun = time.monotonic()
                coordinator = Coordinator(
                    whole,
                    store=store,
                    run_id=create_run(store, whole).id,
                    runner_for=witness.world(whole, number, mine).runner_for,
                    folder=folder,
                    policy=RunPolicy(max_per_batch=mine.choice([1, 2])),
                )
                result = asyncio.run(asyncio.wait_for(coordinator.run(), 120))
                assert result.state is RunState.SUCCEEDED
                taken.append(result.counts.get("reused", 0))
                took.append(time.monotonic() - begun)
        except BaseException as error:
            errors.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(COORDINATORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert witness.made + sum(taken) == expected  # what another run had just made is taken
    return witness, took


def judge(url: str, folder: Path, seed: int, runs: int, capsys: pytest.CaptureFixture[str]) -> None:
    witness, took = overlap(url, folder, seed, runs)
    with capsys.disabled():
        print(f"\n  seed {seed}: {len(took)} runs, {witness.made} assets made, longest run {max(took):.1f} s")
    assert witness.clashes == []
    assert len(took) == runs
    store = open_store(url, root=folder)
    assert store.check() == []
    assert {run.state for run in store.runs(limit=None)} == {RunState.SUCCEEDED}
    store.close()


def test_overlapping_runs_on_postgres(
    server: PostgresServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(server.url(), tmp_path, 11, 40, capsys)


@pytest.mark.long
def test_overlapping_runs_on_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judge("sqlite:///store.db", tmp_path, 12, 16, capsys)


@pytest.mark.long
def test_two_hundred_overlapping_runs(
    server: PostgresServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(server.url(), tmp_path, random.SystemRandom().randrange(10**6), 200, capsys)
