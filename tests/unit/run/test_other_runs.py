"""Two runs on one store that want to make the same assets."""

from __future__ import annotations

import asyncio

from penstock.integration import Outcome
from penstock.plan import Plan
from penstock.run import RunEvent, RunEventKind, RunResult, StopMode
from penstock.store import RunState
from tests.tools.engine import Engine, states
from tests.tools.scripted import Script, World, asset, plan
from tests.unit.run.test_stopping import killed, until


def spans(world: World, name: str) -> list[tuple[float, float]]:
    return sorted((begun, ended) for item, begun, ended in world.history if item == name)


def waits(events: list[RunEvent]) -> list[str | None]:
    return [event.message for event in events if event.kind is RunEventKind.WAIT]


def test_the_second_run_waits_and_says_for_whom(engine: Engine) -> None:
    world = World()

    async def both() -> list[RunResult]:
        made = world.gates["a"] = asyncio.Event()
        first = engine.coordinator(plan(asset("a")), world)
        heard = engine.events
        otherwise = {"fake/one": {"full_refresh": True}}
        second = engine.coordinator(plan(asset("a"), asset("b", "a"), options=otherwise), world)
        running = asyncio.ensure_future(first.run())
        await until(lambda: world.begun)
        waiting = asyncio.ensure_future(second.run())
        await until(lambda: waits(engine.events))
        made.set()
        results = [await waiting, await running]
        assert waits(heard) == []
        return results

    results = asyncio.run(both())
    assert [result.exit_code for result in results] == [0, 0]
    assert waits(engine.events)[0] == "a (held by run 1)"
    (_begun, ended), (begun, _ended) = spans(world, "a")
    assert ended <= begun
    step = next(step for step in engine.store.detail(results[0].run).steps if "a" in step.id)
    assert step.waited["a"] > 0


def test_a_group_begins_with_what_nobody_else_makes(engine: Engine) -> None:
    world = World()
    items = (asset("a", batch="dbt"), asset("b", batch="dbt"), asset("c", "a", batch="dbt"))

    async def both() -> RunResult:
        made = world.gates["a"] = asyncio.Event()
        first = engine.coordinator(plan(asset("a", batch="dbt")), world)
        running = asyncio.ensure_future(first.run())
        await until(lambda: world.begun)
        second = asyncio.ensure_future(engine.coordinator(plan(*items), world).run())
        await until(lambda: "b" in world.begun)
        made.set()
        await running
        return await second

    result = asyncio.run(both())
    assert result.exit_code == 0
    assert [[item.id for item in step.items] for step in world.steps] == [["a"], ["b"], ["a", "c"]]
    assert [step.id for step in result.steps] == ["dbt/1", "dbt/2"]


def test_what_a_dead_run_has_going_on_is_watched_to_its_end_first(engine: Engine) -> None:
    world = World(scripts={"a": Script(seconds=0.3, rows=7)}, remote=True)

    async def whole() -> tuple[str, RunResult]:
        first = engine.coordinator(plan(asset("a"), asset("b", "a")), world)
        running = asyncio.ensure_future(first.run())
        await until(lambda: world.begun)
        running.cancel()
        await asyncio.wait({running})
        with engine.store._database.write() as connection:
            connection.exec_driver_sql("UPDATE leases SET expires_at = 0")
        return first.run_id, await engine.coordinator(plan(asset("a")), world).run()

    left, result = asyncio.run(whole())
    assert result.exit_code == 0
    (_begun, ended), (begun, _ended) = spans(world, "a")
    assert ended <= begun
    record = engine.store.run(left)
    assert record.state is RunState.DETACHED
    assert {item.name: item.state for item in engine.store.detail(left).items} == {
        "a": "success",
        "b": "pending",
    }
    assert [made.rows for made in engine.store.materializations_of("dev", plan(asset("a")).items[0].key)] == [
        7,
        7,
    ]
    resumed = asyncio.run(engine.again(left, world).run())
    assert resumed.state is RunState.SUCCEEDED
    assert len(spans(world, "a")) == 2
    assert engine.store.check() == []


def test_a_dead_run_of_which_nothing_is_left_lets_go_and_may_still_be_resumed(engine: Engine) -> None:
    world = World(scripts={"a": Script(seconds=30)})
    left, _again = killed(engine, plan(asset("a"), asset("b", "a")), world, lambda: world.begun)
    world.jobs.clear()
    world.scripts["a"] = Script()
    assert engine.run(plan(asset("a")), world).exit_code == 0
    assert engine.store.run(left).state is RunState.DETACHED
    resumed = asyncio.run(engine.again(left, world).run())
    assert states(resumed) == {"a": "success", "b": "success"}
    assert [(a.step, a.attempt, a.state) for a in engine.store.detail(left).attempts] == [
        ("fake/one/a", 1, "abandoned"),
        ("fake/one/a", 2, "succeeded"),
        ("fake/one/b", 1, "succeeded"),
    ]


def test_what_failed_in_a_dead_run_is_not_settled_for_it(engine: Engine) -> None:
    world = World(scripts={"a": Script((Outcome.ERROR,))})

    async def whole() -> str:
        made = world.gates["a"] = asyncio.Event()
        first = engine.coordinator(plan(asset("a")), world)
        running = asyncio.ensure_future(first.run())
        await until(lambda: world.begun)
        first.request_stop(StopMode.DETACH)
        assert (await running).exit_code == 3
        made.set()
        assert (await engine.coordinator(plan(asset("a")), world).run()).exit_code == 1
        return first.run_id

    left = asyncio.run(whole())
    assert engine.store.run(left).state is RunState.DETACHED
    assert engine.store.detail(left).items[0].state == "pending"
    world.scripts["a"] = Script()
    assert asyncio.run(engine.again(left, world).run()).exit_code == 0


def test_a_run_that_waits_for_another_can_be_cancelled(engine: Engine) -> None:
    world = World(scripts={"a": Script(seconds=30)})

    async def both() -> RunResult:
        first = engine.coordinator(plan(asset("a")), world)
        running = asyncio.ensure_future(first.run())
        await until(lambda: world.begun)
        second = engine.coordinator(plan(asset("a")), world)
        waiting = asyncio.ensure_future(second.run())
        await until(lambda: waits(engine.events))
        second.request_stop(StopMode.CANCEL)
        result = await waiting
        first.request_stop(StopMode.CANCEL)
        await running
        return result

    result = asyncio.run(both())
    assert result.state is RunState.CANCELLED
    assert result.steps == ()


def two_runs(engine: Engine, world: World, first: Plan, second: Plan) -> tuple[RunResult, RunResult]:
    """The second is asked for before the first begins anything, and waits while the first makes `a`."""

    async def both() -> tuple[RunResult, RunResult]:
        made = world.gates["a"] = asyncio.Event()
        late = engine.coordinator(second, world)
        heard = engine.events
        running = asyncio.ensure_future(engine.coordinator(first, world).run())
        await until(lambda: "a" in world.begun)
        waiting = asyncio.ensure_future(late.run())
        await until(lambda: waits(heard))
        made.set()
        return await running, await waiting

    return asyncio.run(both())


def test_what_the_other_run_makes_meanwhile_is_taken_when_it_is_the_same(engine: Engine) -> None:
    world = World()
    whole = plan(asset("a"), asset("b", "a"))
    _first, second = two_runs(engine, world, plan(asset("a")), whole)
    assert states(second) == {"a": "reused", "b": "success"}
    assert second.items[0].message == "made by run 2 meanwhile: same code, same options"
    assert len(spans(world, "a")) == 1
    assert engine.store.check() == []
    assert engine.store.detail(second.run).items[0].state == "reused"


def test_what_the_other_run_makes_otherwise_is_made_again(engine: Engine) -> None:
    world = World()
    other = plan(asset("a"), options={"fake/one": {"full_refresh": True}})
    _first, second = two_runs(engine, world, other, plan(asset("a")))
    assert states(second) == {"a": "success"}
    assert len(spans(world, "a")) == 2


def test_what_failed_in_the_other_run_is_made_again(engine: Engine) -> None:
    world = World(scripts={"a": Script((Outcome.ERROR,))})
    first, second = two_runs(engine, world, plan(asset("a")), plan(asset("a")))
    assert (first.exit_code, second.exit_code) == (1, 1)
    assert len(spans(world, "a")) == 2
