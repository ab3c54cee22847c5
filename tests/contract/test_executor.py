"""One suite over where steps run: this process, and a real Dask cluster of a scheduler and two workers."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tornado.ioloop import IOLoop

from penstock.assets import Hold, ToolRef
from penstock.integration import AttemptKey, Runner
from penstock.plan import PlanItem
from penstock.run import Coordinator, HoldFn, RunPolicy, RunResult, StepPolicy, StopMode, create_run
from penstock.run.executor import Executor, Remote
from penstock.run.executors import executor
from penstock.store import RunState, open_store
from tests.crash.outside import JobServer
from tests.tools.cluster import Cluster
from tests.tools.engine import states
from tests.tools.remote import runner as make_runner
from tests.tools.scripted import asset, plan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("dask"),
    pytest.mark.filterwarnings("ignore"),  # Dask's own, of many kinds
]


@pytest.fixture(autouse=True)
def what_dask_leaves_is_gone() -> Iterator[None]:
    """Coroutines that nobody awaited, sockets that were still connecting: told of here, where it is no error.

    Tornado keeps every closed loop, with its sockets, until the next one is made.
    """
    yield

    async def next_loop() -> None:
        IOLoop.current()

    asyncio.run(next_loop())
    gc.collect()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


@pytest.fixture
def jobs() -> Iterator[JobServer]:
    server = JobServer()
    yield server
    server.shutdown()
    server.server_close()


class Place:
    """A store and an executor of the kind under test."""

    def __init__(self, kind: str, address: str, folder: Path, port: int) -> None:
        self.kind = kind
        self.folder = folder
        self.store = open_store("sqlite:///store.db", root=folder)
        self.settings = {"port": port, "folder": str(folder), "runs": str(folder / "runs")}
        self.address = address

    def executor(self) -> Executor:
        return executor(self.address, Remote(factory="tests.tools.remote:runner", settings=self.settings))

    def coordinator(
        self, *items: PlanItem, run: str | None = None, policy: RunPolicy | None = None
    ) -> Coordinator:
        whole, chosen = plan(*items), self.executor()

        def runner_for(
            integration: str, instance: str, hold: HoldFn, folder: Callable[[AttemptKey], Path]
        ) -> Runner | None:
            return chosen.runner(
                integration,
                instance,
                hold,
                folder,
                lambda: make_runner(self.settings, integration, instance, hold, folder),
            )

        return Coordinator(
            whole,
            store=self.store,
            run_id=run or create_run(self.store, whole).id,
            runner_for=runner_for,
            folder=self.folder / "runs",
            policy=policy or RunPolicy(poll_seconds=0.1),
            pools={"duckdb:shop.duckdb": 1},
        )

    def run(self, *items: PlanItem, policy: RunPolicy | None = None) -> RunResult:
        async def whole() -> RunResult:
            return await asyncio.wait_for(self.coordinator(*items, policy=policy).run(), 60)

        return asyncio.run(whole())

    def notes(self) -> list[list[str]]:
        path = self.folder / "notes"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    async def until_begun(self, item: str) -> int:
        """The pid of the process that works on it."""
        for _ in range(600):
            found = [int(note[2]) for note in self.notes() if note[:2] == ["begun", item]]
            if found:
                return found[-1]
            await asyncio.sleep(0.05)
        raise AssertionError(f"{item} never began")


@pytest.fixture(params=["local", "dask"])
def place(request: pytest.FixtureRequest, tmp_path: Path, jobs: JobServer) -> Iterator[Place]:
    address = request.getfixturevalue("cluster").address if request.param == "dask" else "local"
    place = Place(request.param, address, tmp_path, jobs.port)
    yield place
    place.store.close()


def job(name: str, *needs: str) -> PlanItem:
    return msgspec.structs.replace(asset(name, *needs), ref=ToolRef("job", "one", name))


def test_steps_run_in_order_and_tell_everything(place: Place) -> None:
    result = place.run(asset("ok-a-10"), asset("ok-b-10"), asset("ok-c-1", "ok-a-10", "ok-b-10"))
    assert result.state is RunState.SUCCEEDED
    assert [item.rows for item in result.items] == [3, 3, 3]
    times = {tuple(note[:2]): float(note[3]) for note in place.notes()}
    assert max(times["ended", "ok-a-10"], times["ended", "ok-b-10"]) <= times["begun", "ok-c-1"]
    log = next(step.log for step in result.steps if "ok-c-1" in step.id)
    assert log is not None
    assert "working on ok-c-1" in (place.folder / "runs" / log).read_text()
    assert place.store.check() == []


def test_what_fails_there_fails_here(place: Place) -> None:
    result = place.run(asset("bad-1"), asset("ok-1", "bad-1"))
    assert states(result) == {"bad-1": "error", "ok-1": "skipped"}
    assert result.failures[1].message == "upstream bad-1 failed"


def test_a_job_is_triggered_once(place: Place, jobs: JobServer) -> None:
    result = place.run(*(job(f"j{number}") for number in range(10)))
    assert result.exit_code == 0
    assert len(jobs.triggers) == 10
    assert set(jobs.done.values()) == {1}


def test_resources_of_a_phase_are_the_engines(place: Place) -> None:
    hold = (Hold("duckdb:shop.duckdb", "commit"),)
    result = place.run(*(asset(f"busy-{name}-20", holds=hold) for name in "abc"))
    assert result.exit_code == 0
    spans = sorted((float(note[3]), note[0]) for note in place.notes())
    assert [kind for _at, kind in spans] == ["begun", "ended"] * 3


def test_cancel_reaches_the_tool(place: Place) -> None:
    async def whole() -> RunResult:
        coordinator = place.coordinator(asset("ok-3000"))
        running = asyncio.ensure_future(coordinator.run())
        await place.until_begun("ok-3000")
        coordinator.request_stop(StopMode.CANCEL)
        return await asyncio.wait_for(running, 30)

    result = asyncio.run(whole())
    assert result.state is RunState.CANCELLED
    assert [note[0] for note in place.notes()] == ["begun"]


def test_a_failed_attempt_is_tried_again(place: Place) -> None:
    policy = RunPolicy(poll_seconds=0.1, step=StepPolicy(attempts=2, delay=0.01))
    result = place.run(asset("bad-1"), policy=policy)
    assert result.exit_code == 1
    assert [note[0] for note in place.notes()] == ["begun", "ended"] * 2


def test_a_worker_is_killed_and_its_steps_run_elsewhere(
    cluster: Cluster, tmp_path: Path, jobs: JobServer
) -> None:
    place = Place("dask", cluster.address, tmp_path, jobs.port)

    async def whole() -> RunResult:
        coordinator = place.coordinator(asset("held-1"), *(job(f"j{number}") for number in range(8)))
        running = asyncio.ensure_future(coordinator.run())
        cluster.kill_worker(await place.until_begun("held-1"))
        (tmp_path / "release").touch()
        return await asyncio.wait_for(running, 60)

    result = asyncio.run(whole())
    place.store.close()
    cluster.workers.append(cluster.worker("again"))
    assert result.state is RunState.SUCCEEDED
    begun = [note[2] for note in place.notes() if note[0] == "begun"]
    assert len(begun) == 2
    assert len(set(begun)) == 2
    assert set(jobs.done.values()) == {1}, "a job that went on was not triggered again"


def test_the_coordinator_leaves_and_the_next_one_finds_the_task(
    cluster: Cluster, tmp_path: Path, jobs: JobServer
) -> None:
    place = Place("dask", cluster.address, tmp_path, jobs.port)

    async def whole() -> RunResult:
        items = (asset("held-1"), asset("ok-1", "held-1"))
        first = place.coordinator(*items)
        running = asyncio.ensure_future(first.run())
        await place.until_begun("held-1")
        first.request_stop(StopMode.DETACH)
        assert (await running).exit_code == 3
        (tmp_path / "release").touch()
        return await asyncio.wait_for(place.coordinator(*items, run=first.run_id).run(), 60)

    result = asyncio.run(whole())
    assert result.state is RunState.SUCCEEDED
    assert [note[:2] for note in place.notes()] == [
        ["begun", "held-1"],
        ["ended", "held-1"],
        ["begun", "ok-1"],
        ["ended", "ok-1"],
    ]
    assert place.store.check() == []
    place.store.close()


def test_a_scheduler_that_is_not_there_is_named(cluster: Cluster, tmp_path: Path, jobs: JobServer) -> None:
    place = Place("dask", "dask://127.0.0.1:1", tmp_path, jobs.port)
    import penstock.run.dask

    penstock.run.dask._CONNECT_SECONDS = 1
    result = place.run(asset("ok-1"))
    penstock.run.dask._CONNECT_SECONDS = 20
    place.store.close()
    assert result.failures[0].message is not None
    assert result.failures[0].message.startswith("tcp://127.0.0.1:1: no Dask scheduler answers")
