"""Of the runs of one group one goes on at a time."""

from __future__ import annotations

import asyncio

from penstock.run import Overlap, RunEventKind, RunPolicy, RunResult
from penstock.store import RunState
from tests.tools.engine import Engine
from tests.tools.scripted import Script, World, asset, plan
from tests.unit.run.test_stopping import until


def waits(engine: Engine) -> list[str | None]:
    return [event.message for event in engine.events if event.kind is RunEventKind.WAIT]


def second(engine: Engine, overlap: Overlap) -> tuple[RunResult, RunResult, World]:
    """A run of the group `nightly` goes on; then another one, over other assets, wants to."""
    world = World(scripts={"a": Script(seconds=30)} if overlap is Overlap.REPLACE else {}, remote=True)
    policy = RunPolicy(poll_seconds=0.02, group="nightly", overlap=overlap)

    async def both() -> tuple[RunResult, RunResult]:
        if overlap is not Overlap.REPLACE:
            world.gates["a"] = asyncio.Event()
        first = engine.coordinator(plan(asset("a"), asset("after", "a")), world, policy=policy)
        running = asyncio.ensure_future(first.run())
        await until(lambda: world.begun)
        late = asyncio.ensure_future(engine.coordinator(plan(asset("b")), world, policy=policy).run())
        await until(lambda: late.done() or waits(engine))
        for gate in world.gates.values():
            gate.set()
        return await running, await late

    first, result = asyncio.run(both())
    assert engine.store.check() == []
    return first, result, world


def test_the_second_waits_for_the_first(engine: Engine) -> None:
    first, result, world = second(engine, Overlap.QUEUE)
    assert (first.state, result.state) == (RunState.SUCCEEDED, RunState.SUCCEEDED)
    assert world.ended["after"] <= world.begun["b"]
    assert waits(engine) == ["the group 'nightly' (held by run 1)"]


def test_the_second_takes_the_place_of_the_first(engine: Engine) -> None:
    first, result, world = second(engine, Overlap.REPLACE)
    assert (first.state, result.state) == (RunState.CANCELLED, RunState.SUCCEEDED)
    assert first.message == "cancelled from another terminal"
    assert "after" not in world.begun


def test_the_second_is_refused(engine: Engine) -> None:
    first, result, world = second(engine, Overlap.REJECT)
    assert (first.state, result.state) == (RunState.SUCCEEDED, RunState.CANCELLED)
    assert result.message == "run 1 is going on, and of the group 'nightly' only one may"
    assert result.exit_code == 1
    assert "b" not in world.begun


def test_another_group_does_not_wait(engine: Engine) -> None:
    world = World()
    for group in ("nightly", "hourly"):
        policy = RunPolicy(poll_seconds=0.02, group=group, overlap=Overlap.REJECT)
        assert engine.run(plan(asset("a")), world, policy=policy).exit_code == 0
