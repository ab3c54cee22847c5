"""Pools of one's own, priorities, and this machine's memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

from penstock.assets import MEMORY, Hold
from penstock.run import RunPolicy, StepPolicy
from penstock.service.machine import cores, free_megabytes
from tests.tools.engine import Engine
from tests.tools.scripted import Script, World, asset, plan


def most_at_once(world: World) -> int:
    return max(
        sum(1 for _name, begun, ended in world.history if begun <= moment < ended)
        for _name, moment, _ended in world.history
    )


def beside(names: list[str]) -> World:
    """Nothing ends before two have been at work at once, however long it takes to begin the second."""
    two = asyncio.Event()
    world = World(gates=dict.fromkeys(names, two))
    world.on_begin = lambda _item: two.set() if len(world.begun) == 2 else None
    return world


def test_steps_share_a_pool_of_ones_own(engine: Engine) -> None:
    names = [f"s{number}" for number in range(6)]
    world = beside(names)
    policy = RunPolicy(poll_seconds=0.02, steps={"fake": StepPolicy(holds=(Hold("window"),))})
    engine.run(plan(*map(asset, names)), world, policy=policy, pools={"window": 2})
    assert most_at_once(world) == 2


def test_the_higher_priority_goes_first(engine: Engine) -> None:
    world = World(scripts={name: Script(seconds=0.01) for name in "abcd"})
    policy = RunPolicy(
        poll_seconds=0.02,
        max_steps=1,
        steps={"fake/one/c": StepPolicy(priority=1), "fake/one/d": StepPolicy(priority=2)},
    )
    engine.run(plan(*map(asset, "abcd")), world, policy=policy)
    assert [name for name, _begun, _ended in world.history][:2] == ["d", "c"]


def test_steps_share_the_memory_of_the_machine(engine: Engine) -> None:
    names = [f"s{number}" for number in range(5)]
    world = beside(names)
    items = [asset(name, holds=(Hold(MEMORY, slots=250),)) for name in names]
    assert engine.run(plan(*items), world, pools={MEMORY: 600}).exit_code == 0
    assert most_at_once(world) == 2


def test_a_step_that_needs_more_memory_than_there_is_runs_alone(engine: Engine) -> None:
    world = World()
    items = [asset(name, holds=(Hold(MEMORY, slots=250),)) for name in "ab"]
    assert engine.run(plan(*items), world, pools={MEMORY: 100}).exit_code == 0


def test_memory_is_what_is_available_within_the_limit_of_the_container(tmp_path: Path) -> None:
    def machine() -> int:
        return 4096 * 2**20

    nowhere = tmp_path / "nowhere"
    assert free_megabytes(nowhere, machine) == int(4096 * 0.9)
    (tmp_path / "memory.max").write_text(str(1024 * 2**20))
    (tmp_path / "memory.current").write_text(str(24 * 2**20))
    assert free_megabytes(tmp_path, machine) == 900
    (tmp_path / "memory.max").write_text("max\n")
    assert free_megabytes(tmp_path, machine) == int(4096 * 0.9)
    assert free_megabytes() > 0


def test_cores_are_those_of_this_process_within_the_limit_of_the_container(tmp_path: Path) -> None:
    own = cores(tmp_path / "nowhere")
    assert own >= 1
    for limit, expected in (
        ("max 100000", own),
        ("50000 100000", 1),
        ("100000 100000", 1),
        ("6400000 1000", own),
    ):
        (tmp_path / "cpu.max").write_text(limit + "\n")
        assert cores(tmp_path) == expected
