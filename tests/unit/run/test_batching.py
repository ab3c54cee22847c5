"""When what is ready of a batch becomes a step."""

from __future__ import annotations

import math

from penstock.assets import Batch
from penstock.run.batching import Batching
from penstock.run.gating import Gates, Unit
from tests.tools.scripted import asset, plan

DBT = "dbt:t"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """Syncs `s0`, `s1` ... with `width` models each, and a policy."""

    def __init__(self, syncs: int, width: int = 1, **policy: object) -> None:
        items = [asset(f"s{i}") for i in range(syncs)]
        items += [asset(f"m{i}.{j}", f"s{i}", batch=DBT) for i in range(syncs) for j in range(width)]
        self.gates = Gates(plan(*items))
        self.clock = Clock()
        self.batching = Batching(self.gates, [Batch(name=DBT, **policy)], clock=self.clock)  # type: ignore[arg-type]

    def end(self, sync: int) -> None:
        self.gates.ended(asset(f"s{sync}").key, well=True)

    def group(self) -> list[Unit]:
        return self.gates.with_followers(self.gates.ready_in(DBT))

    def delay(self, *, beside: bool = False, idle: bool = False) -> float:
        return self.batching.delay(DBT, self.group(), beside=beside, idle=idle)

    def take(self) -> int:
        group = self.group()
        self.gates.take(group)
        self.batching.begun(DBT)
        return len(group)


def test_nothing_more_to_come_starts_at_once() -> None:
    bench = Bench(2, seconds=100.0)
    bench.end(0)
    bench.end(1)
    assert bench.delay() == 0.0


def test_the_ready_wait_until_waiting_has_cost_what_a_step_does() -> None:
    bench = Bench(3, width=2, seconds=4.0)
    bench.end(0)
    assert bench.delay() == 2.0, "two that wait 2 s each are worth a step of 4 s"
    bench.clock.now = 1.0
    assert bench.delay() == 1.0
    bench.end(1)
    assert bench.delay() == 0.5
    bench.clock.now = 1.5
    assert bench.delay() == 0.0


def test_each_further_step_is_worth_twice_as_much_waiting() -> None:
    bench = Bench(4, seconds=1.0)
    waits = []
    for sync in range(3):
        bench.end(sync)
        waits.append(bench.delay())
        bench.take()
    assert waits == [1.0, 2.0, 4.0]


def test_the_last_step_that_is_allowed_waits_for_all() -> None:
    bench = Bench(3, seconds=1.0, most=2)
    bench.end(0)
    assert bench.delay() < math.inf
    bench.take()
    bench.end(1)
    assert bench.delay() == math.inf
    bench.end(2)
    assert bench.delay() == 0.0


def test_a_batch_that_is_not_to_be_split_waits_for_all() -> None:
    bench = Bench(2, most=1)
    bench.end(0)
    assert bench.delay() == math.inf
    bench.end(1)
    assert (bench.delay(), bench.take()) == (0.0, 2)


def test_what_will_never_start_is_not_waited_for() -> None:
    bench = Bench(2, most=1)
    bench.end(0)
    bench.gates.ended(asset("s1").key, well=False)
    for item in bench.gates.doomed(asset("s1").key):
        bench.gates.ended(item.key, well=False)
    assert bench.delay() == 0.0


def test_when_nothing_else_could_happen_what_is_ready_starts() -> None:
    """Something outside that needs one half of a batch, and is needed by the other half, must not stop the run."""
    bench = Bench(2, most=1)
    bench.end(0)
    assert bench.delay(idle=True) == 0.0


def test_what_a_step_costs_is_measured_from_the_second_on() -> None:
    bench = Bench(4, seconds=1.0)
    bench.end(0)
    bench.take()
    bench.batching.measured(DBT, 50.0)
    bench.end(1)
    assert bench.delay() == 2.0
    bench.take()
    bench.batching.measured(DBT, 3.0)
    bench.end(2)
    assert bench.delay() == 12.0


def test_a_step_beside_another_is_worth_twice_that() -> None:
    bench = Bench(3, seconds=1.0)
    bench.end(0)
    assert bench.delay(beside=True) == 2.0


def test_a_batch_without_a_policy_starts_whenever_something_is_ready() -> None:
    gates = Gates(plan(asset("s"), asset("m", batch="b"), asset("n", "s", batch="b")))
    batching = Batching(gates, [])
    group = gates.with_followers(gates.ready_in("b"))
    assert batching.delay("b", group, beside=False, idle=False) == 0.0
