"""How long a plan takes when not all that is ready may run: against the best schedule there is, in imagined time."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest

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


def chain(steps: Steps) -> float:
    longest: dict[str, float] = {}
    for name, (seconds, needs) in steps.items():
        longest[name] = seconds + max((longest[need] for need in needs), default=0.0)
    return max(longest.values())


def test_small_plans_are_within_five_percent_of_the_best_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(7)
    ratios, exact = [], 0
    for _ in range(50):
        steps, slots = random_steps(chance, chance.randint(6, 20)), chance.randint(2, 4)
        took = makespan(steps, slots)
        best = BestSchedule(
            {name: seconds for name, (seconds, _) in steps.items()},
            {name: needs for name, (_, needs) in steps.items()},
            slots,
            took,
            30_000,
        )
        exact += best.exact
        ratios.append(took / best.found)
    with capsys.disabled():
        print(
            f"\n  50 plans: worst {max(ratios):.3f}x the best schedule; {exact} of them proven best by exact search"
        )
    assert max(ratios) <= 1.05
    assert exact >= 40


def test_large_plans_are_near_the_lower_bound(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(8)
    worst = 0.0
    for slots in (4, 16):
        steps = random_steps(chance, 1000)
        least = max(chain(steps), sum(seconds for seconds, _ in steps.values()) / slots)
        worst = max(worst, makespan(steps, slots) / least)
    with capsys.disabled():
        print(f"\n  1,000 steps: worst {worst:.3f}x the lower bound")
    assert worst <= 1.3
