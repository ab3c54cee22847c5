"""One suite over both stores: SQLite, and a real PostgreSQL server that the suite starts itself."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from penstock.assets import AssetKey
from penstock.errors import StoreError
from penstock.integration import Outcome
from penstock.plan import Decision
from penstock.run import create_run, plan_of
from penstock.run.cutoff import Settled
from penstock.store import (
    NewEvent,
    OutsideRecord,
    ReuseAudit,
    RunState,
    RunStore,
    StoreMissing,
    UnknownRun,
    open_store,
)
from penstock.store.payloads import StepPhase
from tests.contract.stores import Opener, new_run, started
from tests.tools.engine import Engine
from tests.tools.postgres import PostgresServer
from tests.tools.scripted import Script, World, asset, check, key, plan

pytestmark = pytest.mark.xdist_group("postgres-store")


# ---------------------------------------------------------------- runs


def test_a_run_is_found_by_number_id_and_the_end_of_its_id(store: RunStore) -> None:
    first, second = new_run(store), new_run(store)
    assert (first.number, second.number) == (1, 2)
    assert first.id < second.id or first.id[:15] == second.id[:15]
    for name in ("1", first.id, first.id.rpartition("-")[2]):
        assert store.find_run(name).id == first.id
    assert store.find_run().id == store.find_run("latest").id == second.id
    assert [run.number for run in store.runs(limit=1)] == [2]
    for unknown in ("7", "nothing", first.id + "x", "%"):
        with pytest.raises(UnknownRun, match="no run"):
            store.find_run(unknown)


def test_a_plan_comes_back_as_it_was(store: RunStore) -> None:
    whole = plan(
        asset("a"), asset("b", "a", decision=Decision.REUSE), check("c", "a"), retry_of="x", fail_fast=True
    )
    run = create_run(store, whole, command="penstock run -s a+")
    assert plan_of(store, run.id) == whole
    detail = store.detail(run.id)
    assert [item.state.value for item in detail.items] == ["pending", "reused", "pending"]
    assert (detail.run.command, detail.run.retry_of, detail.run.state) == (
        "penstock run -s a+",
        "x",
        RunState.QUEUED,
    )
    assert detail.items[0].relation is not None
    assert detail.items[0].ref.id == "a"


def test_a_run_key_that_arrives_twice_makes_one_run(opener: Opener) -> None:
    found: list[str] = []

    def arrive() -> None:
        found.append(create_run(opener(), plan(asset("a")), key="nightly-2026-11-22").id)

    threads = [threading.Thread(target=arrive) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert len(opener().runs()) == 1
    assert create_run(opener(), plan(asset("a")), key="nightly-2026-11-23").number > 1


def test_wishes_reach_a_run_and_the_strongest_stays(store: RunStore) -> None:
    run = new_run(store).id
    assert store.requested(run) is None
    store.request(run, "cancel")
    store.request(run, "detach")
    assert store.requested(run) == "cancel"
    store.forget_request(run)
    assert store.requested(run) is None


# ---------------------------------------------------------------- events and state


def test_events_are_numbered_in_order_and_read_from_any_point(store: RunStore) -> None:
    run = new_run(store)

    async def write() -> None:
        async with store.session(run) as session:
            await asyncio.gather(
                *(
                    session.write(
                        [NewEvent("step.phase", float(n), None, "s", 1, None, StepPhase(phase=str(n)))]
                    )
                    for n in range(50)
                )
            )
            await session.write([started()])

    asyncio.run(write())
    events = store.events(run.id)
    assert [event.seq for event in events] == list(range(1, 53))
    assert [event.data for event in events[1:51]] == [StepPhase(phase=str(n)) for n in range(50)]
    assert [event.seq for event in store.events(run.id, since=50)] == [51, 52]
    assert len(store.events(run.id, limit=3)) == 3


def test_state_is_what_the_events_fold_to(store: RunStore, tmp_path: Path) -> None:
    items = [
        asset("a"),
        asset("b", "a"),
        check("c", "b"),
        asset("d", "c"),
        asset("e", decision=Decision.SKIP),
    ]
    world = World(scripts={"a": Script(rows=5, seconds=0.01), "c": Script((Outcome.FAIL,), message="3 rows")})
    result = Engine(store, tmp_path).run(plan(*items), world)
    assert store.check() == []
    detail = store.detail(result.run)
    assert [item.state.value for item in detail.items] == ["success", "success", "fail", "skipped", "left"]
    assert detail.items[0].seconds is not None
    assert detail.items[0].seconds >= 0.01
    assert detail.items[3].cause == "c"
    assert detail.run.counts == {"success": 2, "fail": 1, "skipped": 1, "left": 1}


def test_a_row_that_no_event_explains_is_found(store: RunStore, tmp_path: Path) -> None:
    result = Engine(store, tmp_path).run(plan(asset("a")), World())
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE run_items SET state = 'error'")
        connection.exec_driver_sql("DELETE FROM events WHERE seq = 3")
    messages = [finding.message for finding in store.check([result.run])]
    assert "state is 'error', its events say 'success'" in messages
    assert any("is missing" in message or "cannot be read" in message for message in messages)


def test_an_unknown_kind_of_event_is_refused_whole(store: RunStore) -> None:
    run = new_run(store)

    async def write() -> None:
        async with store.session(run) as session:
            with pytest.raises(StoreError, match="knows no event of kind"):
                await session.write([started(), NewEvent("run.exploded", 1.0)])
            await session.write([started()])

    asyncio.run(write())
    assert [event.kind for event in store.events(run.id)] == ["run.created", "run.started"]


def test_the_newest_result_of_each_asset_and_check_by_environment(store: RunStore, tmp_path: Path) -> None:
    engine = Engine(store, tmp_path)
    for rows in (1, 2):
        engine.run(plan(asset("a"), asset("b"), check("c", "a")), World(scripts={"a": Script(rows=rows)}))
    latest = store.latest_materializations("dev")
    assert {asset_key.name: made.rows for asset_key, made in latest.items()} == {"a": 2, "b": None}
    assert store.latest_materializations("prod") == {}
    assert store.latest_checks("dev")[key("c")].outcome == "success"
    assert [made.rows for made in store.materializations_of("dev", key("a"))] == [2, 1]
    assert {item.run for item in store.latest_items("dev").values()} == {store.find_run().id}


def test_a_run_that_leaves_something_out_tells_nothing_of_it(store: RunStore, tmp_path: Path) -> None:
    """What failed has failed still, after runs of other things: else the next of them would end its incident."""
    engine = Engine(store, tmp_path)
    engine.run(
        plan(asset("a"), asset("b")), World(scripts={"a": Script(outcomes=(Outcome.ERROR,))}, retryable=False)
    )
    failed = store.find_run().id
    engine.run(plan(asset("a", decision=Decision.SKIP), asset("b")), World())
    latest = store.latest_items("dev")
    assert (latest[key("a")].state.value, latest[key("a")].run) == ("error", failed)
    assert (latest[key("b")].state.value, latest[key("b")].run) == ("success", store.find_run().id)


def test_a_failure_that_stands_is_a_failure_of_each_run_it_stands_in(store: RunStore, tmp_path: Path) -> None:
    """Else what it tests would count as tested, because nothing was judged again."""
    standing = msgspec.structs.replace(
        check("odd_a", "a"), decision=Decision.REUSE, code="same", verdict="fail"
    )
    made = plan(msgspec.structs.replace(asset("a"), decision=Decision.REUSE), standing)
    told = {key("odd_a"): Settled("failed in run 1: same test, same data", "fail")}
    result = Engine(store, tmp_path).run(made, World(), decide=lambda keys: {one: told[one] for one in keys})
    assert store.failed_checks("dev", since=0.0) == {(result.run, key("odd_a"))}


def test_what_is_made_outside_is_kept_once(store: RunStore) -> None:
    seen = [
        OutsideRecord(environment="dev", asset=key("a"), at=at, status="success", by="dbt run")
        for at in (1.0, 2.0)
    ]
    store.record_outside(seen)
    store.record_outside(
        [*seen, OutsideRecord(environment="dev", asset=key("b"), at=1.5, status="error", by="dbt run")]
    )
    latest = store.latest_outside("dev")
    assert {asset_key.name: record.at for asset_key, record in latest.items()} == {"a": 2.0, "b": 1.5}


# ---------------------------------------------------------------- reading beside writing, and house-keeping


def test_readers_never_wait_for_the_writer(opener: Opener) -> None:
    store = opener()
    run = new_run(store)
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE runs SET message = 'half done'")
        # It ends only after they have read: one that waited for it would never get here.
        assert opener().run(run.id).message is None
        assert store.detail(run.id).run.message is None


def test_pruning_forgets_old_runs_and_keeps_what_is_known_of_assets(store: RunStore, tmp_path: Path) -> None:
    engine = Engine(store, tmp_path)
    for _ in range(5):
        engine.run(plan(asset("a"), check("c", "a")), World())
    engine.run(plan(asset("b")), World())
    resumable = new_run(store)
    pruned = store.prune(keep_runs=2, keep_per_asset=1)
    assert len(pruned.runs) == 4
    assert [run.number for run in store.runs()] == [7, 6, 5]
    assert {asset_key.name for asset_key in store.latest_materializations("dev")} == {"a", "b"}
    assert len(store.materializations_of("dev", key("a"))) == 1
    assert store.check() == []
    assert store.prune(keep_runs=0, older_than=3600).runs == ()
    store.prune(keep_runs=0, compact=True)
    assert [run.id for run in store.runs()] == [resumable.id]
    assert set(store.latest_materializations("dev")) == {key("a"), key("b")}
    assert new_run(store).number == 8  # a number is never used twice


def test_a_store_of_a_newer_penstock_is_refused_with_a_sentence(opener: Opener) -> None:
    with opener()._database.write() as connection:
        connection.exec_driver_sql("UPDATE penstock_schema SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer penstock \(schema 9999"):
        opener()


def test_two_processes_make_one_store(opener: Opener) -> None:
    errors: list[BaseException] = []

    def make() -> None:
        try:
            new_run(opener())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(run.number for run in opener().runs()) == [1, 2, 3, 4, 5, 6]


def test_opening_a_current_store_imports_no_alembic(opener: Opener, tmp_path: Path) -> None:
    store = opener()
    url = store.place if "://" in store.place else f"sqlite:///{store.place}"
    script = (
        "import sys, pathlib; from penstock.store import open_store; "
        f"open_store({url!r}, root=pathlib.Path({str(tmp_path)!r})).runs(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_store_that_is_not_there_is_no_error_of_its_own(tmp_path: Path, server: PostgresServer) -> None:
    with pytest.raises(StoreMissing, match="nothing has run here yet"):
        open_store("sqlite:///.penstock/penstock.db", root=tmp_path, create=False)
    with pytest.raises(StoreMissing, match="nothing has run here yet"):
        open_store(server.url(), root=tmp_path, create=False)


def test_keys_survive_their_text(store: RunStore) -> None:
    odd = AssetKey("duckdb:it's a file|x.duckdb".replace("|", "_"), 'main."Weird | name"')
    store.record_outside([OutsideRecord(environment="dev", asset=odd, at=1.0, status="success", by="x")])
    assert set(store.latest_outside("dev")) == {odd}


def test_audits_of_reuse_are_told_by_run_and_by_asset(store: RunStore) -> None:
    first, second = new_run(store), new_run(store)
    one, other = key("a"), key("b")
    wrong = ReuseAudit(
        run=first.id,
        asset=one,
        environment="dev",
        name="a",
        compared_at=1.0,
        outcome="differs",
        before="rows 1",
        after="rows 2",
        made_by=7,
    )
    right = msgspec.structs.replace(wrong, asset=other, name="b", outcome="same", after="rows 1")
    unsure = msgspec.structs.replace(wrong, run=second.id, compared_at=2.0, outcome="unsure", reason="moved")
    store.record_reuse_audits([wrong, right])
    store.record_reuse_audits([unsure, unsure])
    assert store.reuse_audits_in(first.id) == (wrong, right)
    assert store.reuse_audits_in(second.id) == (unsure,)
    assert store.newest_reuse_audits("dev") == (wrong, right)
    assert store.newest_reuse_audits("prod") == ()
    store.record_reuse_audits(
        [msgspec.structs.replace(right, run=second.id, asset=one, name="a", compared_at=3.0)]
    )
    assert [found.outcome for found in store.newest_reuse_audits("dev")] == ["same", "same"]
