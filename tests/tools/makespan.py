"""Random plans of sleeping steps, how long the engine takes for them in imagined time, and how short it could be."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from penstock.run import Coordinator, RunPolicy, create_run
from penstock.store import RunState, RunStore, open_store
from tests.tools.best import BestSchedule
from tests.tools.imagined import imagine
from tests.tools.scripted import Script, World, asset, key, plan

Steps = dict[str, tuple[float, list[str]]]


def random_steps(chance: random.Random, count: int) -> Steps:
    steps: Steps = {}
    for number in range(count):
        needs = chance.sample(list(steps), min(len(steps), chance.choice([0, 0, 1, 1, 2, 3])))
        steps[f"s{number}"] = (float(chance.randint(1, 20)), needs)
    return steps


def makespan(steps: Steps, slots: int) -> float:
    """What the engine takes, in imagined seconds."""
    folder = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=folder) as place:
        store = open_store("sqlite:///store.db", root=Path(place))
        try:
            return _run(store, steps, slots, Path(place))
        finally:
            store.close()


def _run(store: RunStore, steps: Steps, slots: int, folder: Path) -> float:
    whole = plan(*(asset(name, *needs) for name, (_seconds, needs) in steps.items()))
    world = World(scripts={name: Script(seconds=seconds) for name, (seconds, _needs) in steps.items()})
    coordinator = Coordinator(
        whole,
        store=store,
        run_id=create_run(store, whole).id,
        runner_for=world.runner_for,
        folder=folder,
        policy=RunPolicy(max_steps=slots, poll_seconds=1e6),
        seconds={key(name): seconds for name, (seconds, _needs) in steps.items()},
    )
    result, seconds = imagine(coordinator.run(), lambda: store.busy)
    assert result.state is RunState.SUCCEEDED
    return seconds


def longest_chain(steps: Steps) -> float:
    longest: dict[str, float] = {}
    for name, (seconds, needs) in steps.items():
        longest[name] = seconds + max((longest[need] for need in needs), default=0.0)
    return max(longest.values())


def small_plans(chance: random.Random, count: int) -> tuple[list[float], int]:
    """Plans of 6 to 20 steps: how many times the best schedule each takes, and for how many the best one is proven."""
    ratios, exact = [], 0
    for _ in range(count):
        steps, slots = random_steps(chance, chance.randint(6, 20)), chance.randint(2, 4)
        took = makespan(steps, slots)
        best = BestSchedule(
            {name: seconds for name, (seconds, _) in steps.items()},
            {name: needs for name, (_, needs) in steps.items()},
            slots,
            took,
            10_000,
        )
        exact += best.exact
        ratios.append(took / best.found)
    return ratios, exact


def large_plans(chance: random.Random, *widths: int) -> float:
    """Plans of 1,000 steps, one for each number of slots: how many times the lower bound the worst one takes."""
    worst = 0.0
    for slots in widths:
        steps = random_steps(chance, 1000)
        least = max(longest_chain(steps), sum(seconds for seconds, _ in steps.values()) / slots)
        worst = max(worst, makespan(steps, slots) / least)
    return worst
