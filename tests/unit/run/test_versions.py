"""Every materialization says which data it is, and which data it was made from; every check, which data it judged."""

from __future__ import annotations

import asyncio
from typing import Any

from penstock.assets import DataVersion, DataVersionKind
from penstock.integration import Outcome
from penstock.plan import Decision, PlanItem
from penstock.run import StopMode
from penstock.store import MaterializationRecord, RunState
from tests.tools.engine import Engine
from tests.tools.scripted import Script, World, asset, check, key, plan
from tests.unit.run.test_stopping import stopped, until


def items() -> tuple[PlanItem, ...]:
    return asset("raw"), asset("stg", "raw"), check("unique_stg", "stg"), asset("mart", "stg", "unique_stg")


def made(engine: Engine, run: str) -> dict[str, MaterializationRecord]:
    return {record.asset.name: record for record in engine.store.materializations_in(run)}


def version(engine: Engine, run: str, name: str) -> dict[str, Any]:
    told = made(engine, run)[name].data_version
    assert told is not None
    return {"kind": told.kind, "value": told.value}


def test_what_was_made_here_is_named_by_the_attempt_that_made_it(engine: Engine) -> None:
    run = engine.run(plan(*items()), World()).run
    records = made(engine, run)
    assert version(engine, run, "raw") == {"kind": "job", "value": f"{run}/fake/one/raw/1"}
    assert records["raw"].inputs is None
    assert records["stg"].inputs == {str(key("raw")): version(engine, run, "raw")}
    (judged,) = engine.store.checks_in(run)
    assert judged.inputs == {str(key("stg")): version(engine, run, "stg")}


def test_a_tool_that_knows_better_is_believed(engine: Engine) -> None:
    told = {"kind": "content", "value": "9f3c"}
    version_told = DataVersion(DataVersionKind.CONTENT, "9f3c")
    world = World(scripts={"raw": Script(told={"data_version": version_told})})
    run = engine.run(plan(*items()), world).run
    assert version(engine, run, "raw") == told
    assert made(engine, run)["stg"].inputs == {str(key("raw")): told}


def test_what_lay_there_already_has_the_version_of_who_made_it(engine: Engine) -> None:
    first = engine.run(plan(*items()), World()).run
    later = plan(asset("raw", decision=Decision.SKIP), *items()[1:])
    second = engine.run(later, World()).run
    assert made(engine, second)["stg"].inputs == {str(key("raw")): version(engine, first, "raw")}


def test_what_nobody_knows_is_said_to_be_unknown(engine: Engine) -> None:
    run = engine.run(plan(asset("raw", decision=Decision.SKIP), asset("stg", "raw")), World()).run
    assert made(engine, run)["stg"].inputs == {str(key("raw")): None}


def test_nothing_to_do_is_no_new_data(engine: Engine) -> None:
    first = engine.run(plan(asset("raw")), World()).run
    world = World(scripts={"raw": Script(outcomes=(Outcome.NO_OP,))})
    again = plan(asset("raw"), asset("stg", "raw", "elsewhere"))
    second = engine.run(again, world).run
    assert version(engine, second, "raw") == version(engine, first, "raw")


def test_a_resumed_run_knows_what_it_had_made(engine: Engine) -> None:
    world = World(scripts={"mart": Script(seconds=30)})

    async def act(coordinator: Any) -> None:
        await until(lambda: "mart" in world.begun)
        coordinator.request_stop(StopMode.DETACH)

    left = stopped(engine, plan(*items(), asset("last", "stg", "mart")), world, act)
    world.jobs.clear()  # its process died with the loop that it ran in
    world.scripts["mart"] = Script()
    result = asyncio.run(engine.again(left.run, world).run())
    assert result.state is RunState.SUCCEEDED
    assert made(engine, left.run)["last"].inputs == {
        str(key("stg")): version(engine, left.run, "stg"),
        str(key("mart")): version(engine, left.run, "mart"),
    }
