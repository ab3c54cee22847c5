"""Whoever listens to a run may fail; the run does not."""

from __future__ import annotations

import asyncio

import pytest

from penstock.run import Coordinator, RunEvent, create_run
from penstock.store import RunState
from tests.tools.engine import QUICK, Engine
from tests.tools.scripted import Script, World, asset, plan

PLAN = plan(*(asset(f"a{n}", *([f"a{n - 1}"] if n else [])) for n in range(5)))


@pytest.mark.parametrize(
    "error", [BrokenPipeError(32, "Broken pipe"), ValueError("I/O operation on closed file")]
)
@pytest.mark.parametrize("after", [0, 1, 3, 7])
def test_a_listener_that_fails_hears_nothing_more(engine: Engine, error: Exception, after: int) -> None:
    heard: list[RunEvent] = []

    def listen(event: RunEvent) -> None:
        heard.append(event)
        if len(heard) > after:
            raise error

    world = World(scripts={"a1": Script(seconds=0.01)})
    coordinator = Coordinator(
        PLAN,
        store=engine.store,
        run_id=create_run(engine.store, PLAN).id,
        runner_for=world.runner_for,
        folder=engine.folder,
        policy=QUICK,
        listener=listen,
    )
    result = asyncio.run(coordinator.run())
    assert (result.state, result.unheard) == (RunState.SUCCEEDED, error)
    assert (len(heard), len(world.history)) == (after + 1, 5)
    assert engine.store.check() == []
