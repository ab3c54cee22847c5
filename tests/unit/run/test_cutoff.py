"""Early cut-off: what was to be decided is looked at when all above it is done, by the step that holds its warehouse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from penstock.assets import AssetKey, Batch, Hold, Severity
from penstock.integration import Outcome
from penstock.plan import UNDECIDED, Decision, PlanItem
from penstock.run import RunResult
from penstock.run.cutoff import Decide, Settled
from penstock.store import ItemState
from tests.tools.engine import Engine, states
from tests.tools.scripted import Script, World, asset, check, key, plan

ONE_SLOT = (Hold("duckdb:x"),)


def test_what_holds_its_warehouse_looks_at_once(engine: Engine) -> None:
    """The step that would make it holds the only slot of the warehouse already: it must not stand in line behind itself."""
    above = asset("a", holds=ONE_SLOT)
    below = replace(asset("b", "a", holds=ONE_SLOT, batch="t"), code=UNDECIDED)
    asked: list[Sequence[AssetKey]] = []

    def decide(keys: Sequence[AssetKey]) -> Mapping[AssetKey, Settled]:
        asked.append(list(keys))
        return dict.fromkeys(keys, Settled("the same rows"))

    async def whole() -> RunResult:
        coordinator = engine.coordinator(plan(above, below), World(), pools={"duckdb:x": 1}, decide=decide)
        return await coordinator.run()

    result = asyncio.run(whole())
    assert asked == [[key("b")]]
    assert states(result) == {"a": ItemState.SUCCESS, "b": ItemState.REUSED}


def answers(**verdicts: str) -> Callable[[Sequence[AssetKey]], Mapping[AssetKey, Settled]]:
    """Of what is named the verdict stands ("" for an asset)."""

    def decide(keys: Sequence[AssetKey]) -> Mapping[AssetKey, Settled]:
        told = {key(name): Settled("as it was", verdict) for name, verdict in verdicts.items()}
        return {one: told[one] for one in keys if one in told}

    return decide


def ended(engine: Engine, world: World, decide: Decide, *items: PlanItem) -> RunResult:
    async def whole() -> RunResult:
        batch = Batch(name="t", seconds=0.0)
        return await engine.coordinator(plan(*items, batches=(batch,)), world, decide=decide).run()

    return asyncio.run(whole())


def test_what_is_made_after_all_tells_why(engine: Engine) -> None:
    below = replace(asset("b", "a", batch="t"), code=UNDECIDED)
    result = ended(
        engine, World(), lambda keys: dict.fromkeys(keys, Settled("new rows", make=True)), asset("a"), below
    )
    assert states(result)["b"] is ItemState.SUCCESS
    assert [one.message for one in result.items] == [None, "new rows"]


def test_a_failure_that_stands_holds_back_what_it_gates(engine: Engine) -> None:
    """Nothing runs it again, and the run fails."""
    failing = replace(check("unique_a"), decision=Decision.REUSE, code="same", verdict="fail")
    world = World()
    result = ended(engine, world, answers(unique_a="fail"), failing, asset("b", "unique_a"), asset("c"))
    assert states(result) == {"unique_a": ItemState.FAIL, "b": ItemState.SKIPPED, "c": ItemState.SUCCESS}
    assert {item.id for step in world.steps for item in step.items} == {"c"}
    assert result.exit_code == 1
    assert next(one.message for one in result.items if one.item.name == "b") == "upstream unique_a failed"


def test_a_warning_that_stands_stays_a_warning(engine: Engine) -> None:
    warning = replace(
        check("odd_a", severity=Severity.WARN), decision=Decision.REUSE, code="same", verdict="warn"
    )
    result = ended(engine, World(), answers(odd_a="warn"), warning, asset("b", "odd_a"))
    assert states(result) == {"odd_a": ItemState.WARN, "b": ItemState.SUCCESS}
    assert result.exit_code == 0


def test_a_verdict_that_stands_no_longer_is_run(engine: Engine) -> None:
    """The rows were changed between the plan and its turn."""
    failing = replace(check("unique_a"), decision=Decision.REUSE, code="same", verdict="fail")
    result = ended(engine, World(), answers(), failing, asset("b", "unique_a"))
    assert states(result) == {"unique_a": ItemState.SUCCESS, "b": ItemState.SUCCESS}


def test_what_waits_for_checks_alone_and_need_not_be_made_is_kept_back(engine: Engine) -> None:
    """`b` waits for a check of the step that would make it, and its inputs are unchanged."""
    gate = check("unique_a", "a", batch="t")
    below = replace(asset("b", "a", "unique_a", batch="t"), code=UNDECIDED)
    world = World()
    result = ended(engine, world, answers(b=""), asset("a"), gate, below, asset("c", "unique_a", batch="t"))
    assert states(result)["b"] is ItemState.REUSED
    assert [sorted(item.id for item in step.items) for step in world.steps] == [["a"], ["c", "unique_a"]]


def test_what_is_kept_back_is_skipped_when_the_check_fails(engine: Engine) -> None:
    gate = check("unique_a", "a", batch="t")
    below = replace(asset("b", "a", "unique_a", batch="t"), code=UNDECIDED)
    world = World(scripts={"unique_a": Script(outcomes=(Outcome.FAIL,))})
    result = ended(engine, world, answers(b=""), asset("a"), gate, below)
    assert states(result)["b"] is ItemState.SKIPPED
