from __future__ import annotations

import asyncio

from penstock.assets import Hold
from penstock.run import plan_of
from penstock.run.timeline import timeline
from tests.tools.engine import Engine
from tests.tools.scripted import Script, World, asset, plan


def test_the_chain_that_the_end_waited_for_is_marked(engine: Engine) -> None:
    world = World(
        scripts={"slow": Script(seconds=0.4), "quick": Script(seconds=0.01), "mart": Script(seconds=0.1)}
    )
    world.gates["slow"] = asyncio.Event()  # however long the others take
    world.on_end = lambda item: world.gates["slow"].set() if item == "side" else None
    items = (asset("slow"), asset("quick"), asset("mart", "slow", "quick"), asset("side", "quick"))
    result = engine.run(plan(*items), world)
    told = timeline(plan_of(engine.store, result.run), engine.store.detail(result.run))
    assert told.critical == ("fake/one/slow", "fake/one/mart")
    bars = {bar.step: bar for bar in told.bars}
    assert [bar.step for bar in told.bars][-1] == "fake/one/mart"
    assert bars["fake/one/mart"].after == "fake/one/slow"
    assert bars["fake/one/mart"].ready >= 0.4
    assert bars["fake/one/side"].after == "fake/one/quick"
    assert not bars["fake/one/side"].critical
    assert (bars["fake/one/slow"].ended or 0) - bars["fake/one/slow"].begun >= 0.4
    assert told.seconds >= 0.5


def test_waiting_for_a_resource_is_told_apart_from_waiting_for_what_is_above(engine: Engine) -> None:
    hold = (Hold("duckdb:shop.duckdb"),)
    world = World(scripts={name: Script(seconds=0.1) for name in "ab"})
    result = engine.run(
        plan(asset("a", holds=hold), asset("b", holds=hold)), world, pools={"duckdb:shop.duckdb": 1}
    )
    told = timeline(plan_of(engine.store, result.run), engine.store.detail(result.run))
    assert [set(bar.waited) for bar in told.bars] == [set(), {"duckdb:shop.duckdb"}]
    assert told.bars[1].waited["duckdb:shop.duckdb"] >= 0.1
    assert told.bars[1].ready == 0.0


def test_a_run_without_steps_has_an_empty_timeline(engine: Engine) -> None:
    result = engine.run(plan(), World())
    assert timeline(plan(), engine.store.detail(result.run)).bars == ()
