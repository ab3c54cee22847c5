"""A DuckDB file is one process's: whoever only looks leaves it alone while a run works in it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from penstock import registry
from penstock.errors import WarehouseBusy
from penstock.project import load_project
from penstock.run import create_run
from penstock.service.contents import Holdings
from penstock.service.health import examine
from penstock.service.inuse import looking
from penstock.service.observe import look
from penstock.service.workspace import Workspace
from penstock.store import NewEvent, Owner, RunState, open_store
from penstock.store.owner import this_process
from penstock.store.payloads import AttemptIntended, AttemptStarted, StepFormed
from penstock.system.boot import boot_id
from penstock.system.processes import process_started
from tests.tools.scripted import asset, check, key, plan

STEP = "dbt/shop/1"
NAMESPACE = "duckdb:shop.duckdb"
BUSY = "run 1 works in shop.duckdb"


class Project:
    """A file with a table, and a run that makes another one."""

    def __init__(self, root: Path) -> None:
        (root / "penstock.yml").write_text(
            "name: shop\nwarehouses: {main: {type: duckdb, path: shop.duckdb}}\n"
        )
        with duckdb.connect(str(root / "shop.duckdb")) as made:
            made.execute("create table orders as select 1 as id")
        project = load_project(root, environment=None, integrations=registry.names(), environ={})
        self.workspace = Workspace(project, environ=dict(os.environ))
        self.store = open_store(project.store_url(), root=root)
        self.run = create_run(self.store, plan(asset("made")))

    def tables(self) -> list[str]:
        return [one.name for one in look(self.workspace, may_call=True).graph.assets.values()]

    def stale(self) -> str | None:
        return look(self.workspace, may_call=True, refresh=True).stale.get("warehouse/main")

    def hashed(self) -> str | None:
        holdings = Holdings(self.workspace, apart=True)
        relation = next(iter(look(self.workspace).graph.assets.values())).relation
        assert relation is not None
        assert bool(holdings.of({relation: (None,)})) == (holdings.unread(NAMESPACE) is None)
        return holdings.unread(NAMESPACE)

    def working(
        self,
        pid: int | None,
        act: Callable[[], object],
        owner: Owner | None = None,
        leases: tuple[str, ...] = (f"{NAMESPACE}|shop.main.made",),
    ) -> None:
        """`act` while the run makes its table, by a process that is known by that pid. A given `owner` dies before."""

        async def work() -> None:
            async with self.store.session(self.run, owner=owner) as session:
                formed = StepFormed(
                    integration="dbt", instance="shop", kind="build", items=(str(key("made")),)
                )
                told: dict[str, object] = {
                    "pid": pid,
                    "boot": boot_id(),
                    "started": pid and process_started(pid),
                }
                events = [
                    NewEvent("run.started", 1.0, "running"),
                    NewEvent("step.formed", 1.0, "waiting", STEP, data=formed),
                    NewEvent("attempt.intent", 1.0, "intent", STEP, 1, data=AttemptIntended(fence=1)),
                    NewEvent("attempt.started", 1.0, "running", STEP, 1, data=AttemptStarted(external=told)),
                ]
                assert await session.claim(leases, STEP, events) == ()
                if owner is None:
                    await asyncio.to_thread(act)
                    await session.end([NewEvent("run.ended", 2.0, "succeeded")], keep_assets=False)
                session._gone = True  # it never says goodbye
            if owner is not None:
                assert self.store.run(self.run.id).state is RunState.INTERRUPTED
                act()

        asyncio.run(work())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.store.close()


def dead() -> Owner:
    me = this_process()
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    return Owner(me.host, me.boot, me.space, int(ended.stdout), "1")


def test_nobody_looks_where_a_run_works(project: Project) -> None:
    assert project.tables() == ["orders"] and project.hashed() is None

    def during() -> None:
        assert project.stale() == f"not refreshed: {BUSY}"
        assert project.tables() == ["orders"], "what was known before stays known"
        assert project.hashed() == BUSY
        lines = examine(project.workspace).lines
        told = next(one for one in lines if one.subject == "warehouse/main")
        assert (told.ok, told.message, told.unchecked) == (True, BUSY, "whether it can be opened")
        assert nothing_wrong() == f"warehouse/main: not refreshed: {BUSY}"

    def nothing_wrong() -> str:
        lines = examine(project.workspace).lines
        assert [one for one in lines if not one.ok] == [], "what is busy is not broken"
        return next(one.message for one in lines if one.subject == "graph" and one.unchecked is not None)

    project.working(None, during)
    assert "not refreshed" in nothing_wrong(), "a later look, which may ask nobody"
    assert project.stale() is None and project.hashed() is None


def test_what_a_dead_coordinator_left_still_works(project: Project) -> None:
    assert project.stale() is None
    left = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def during() -> None:
        assert project.stale() == f"not refreshed: {BUSY}"
        left.kill()
        left.communicate()
        assert project.stale() is None, (
            "nobody has the file any more, though the run is still to be gone on with"
        )

    project.working(left.pid, during, dead())


def test_nobody_looks_while_a_step_of_checks_alone_works(project: Project) -> None:
    """It has no asset leased: `penstock test` has dbt open the file all the same."""
    project.run = create_run(project.store, plan(check("made")))
    busy = f"run {project.run.number} runs checks"

    def during() -> None:
        assert project.stale() == f"not refreshed: {busy}"
        assert project.hashed() == busy

    assert project.tables() == ["orders"]
    project.working(None, during, leases=())
    assert project.stale() is None and project.hashed() is None


def test_checks_that_have_not_begun_keep_nobody_out(project: Project) -> None:
    create_run(project.store, plan(check("made")))
    assert project.stale() is None


def test_a_sensor_leaves_a_run_alone_that_will_begin_and_no_other(project: Project) -> None:
    """A server that dies between the record of a run and its beginning leaves it queued."""
    address = project.workspace.warehouse("main").address
    run = create_run(project.store, plan(check("made")))
    busy = f"run {run.number} goes on"
    with pytest.raises(WarehouseBusy, match=busy), looking(project.workspace, address):
        pass
    with project.store._database.write() as connection:
        connection.exec_driver_sql("UPDATE runs SET created_at = created_at - 3600")
    with looking(project.workspace, address):
        pass
