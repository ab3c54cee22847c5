"""What the contract promises a runner: intents that survive, reuse that is told, usage and windows that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from penstock.assets import DataVersion, DataVersionKind, Window
from penstock.integration import (
    AttemptKey,
    Handle,
    Intent,
    ItemUsage,
    Provenance,
    Reused,
    ReusedItem,
    Runner,
    Step,
    StepEvent,
    Usage,
)
from penstock.run import Coordinator, HoldFn, StopMode
from penstock.store import AttemptState, ItemState, RunState
from tests.tools.engine import Engine, states
from tests.tools.scripted import Script, ScriptedRunner, World, asset, key, plan
from tests.unit.run.test_stopping import stopped, until


class Remembering(World):
    """Its jobs are found by what was remembered before the trigger only. `seen` is what the store had at the trigger."""

    def __init__(self, engine: Engine, **rest: Any) -> None:
        super().__init__(remote=True, **rest)
        self.engine = engine
        self.seen: list[dict[str, Any]] = []
        self.asked: list[Intent] = []
        self.dies_before_trigger = False

    def runner_for(self, _integration: str, _instance: str, hold: HoldFn, _folder: Any) -> Runner:
        return RememberingRunner(self, hold)


class RememberingRunner(ScriptedRunner):
    world: Remembering

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        return Intent(remembered={"baseline": 811})

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        stored = self.world.engine.store.detail(attempt.run).attempts
        self.world.seen += [one.intent for one in stored if one.step == attempt.step]
        if self.world.dies_before_trigger:
            self.world.begun["a"] = 0.0
            await asyncio.sleep(60)
        return await super().start(step, attempt, intent)

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        self.world.asked.append(intent)
        return await super().find(step, attempt, intent)


def test_an_intent_is_in_the_store_before_the_trigger(engine: Engine) -> None:
    world = Remembering(engine)
    assert engine.run(plan(asset("a")), world).state is RunState.SUCCEEDED
    assert world.seen == [{"baseline": 811}]
    assert engine.store.check() == []


def test_who_adopts_a_run_is_given_the_intent_of_its_attempt(engine: Engine) -> None:
    world = Remembering(engine, scripts={"a": Script(seconds=60)})
    world.dies_before_trigger = True

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: world.seen)
        coordinator.request_stop(StopMode.DETACH)

    left = stopped(engine, plan(asset("a")), world, act)
    assert engine.store.detail(left.run).attempts[0].state is AttemptState.INTENT
    world.dies_before_trigger = False
    world.scripts.clear()
    again = asyncio.run(engine.again(left.run, world).run())
    assert again.state is RunState.SUCCEEDED
    assert world.asked == [Intent(remembered={"baseline": 811})]
    assert len(world.triggers) == 1


class Satisfied(World):
    def runner_for(self, _integration: str, _instance: str, hold: HoldFn, _folder: Any) -> Runner:
        return SatisfiedRunner(self, hold)


PROVENANCE = Provenance(job="job 812", by="schedule", ended_at=1000.0)


class SatisfiedRunner(ScriptedRunner):
    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        if step.items[0].id != "raw":
            return await super().start(step, attempt, intent)
        version = DataVersion(DataVersionKind.JOB, "812")
        return Reused(provenance=PROVENANCE, items=(ReusedItem(id="raw", rows=5, data_version=version),))


def test_what_somebody_else_made_is_reused_and_tells_by_whom(engine: Engine) -> None:
    world = Satisfied()
    result = engine.run(plan(asset("raw"), asset("stg", "raw")), world)
    assert result.state is RunState.SUCCEEDED
    assert states(result) == {"raw": ItemState.REUSED, "stg": ItemState.SUCCESS}
    assert [step.items[0].id for step in world.steps] == ["stg"]
    message = result.items[0].message or ""
    assert message.startswith("satisfied by job 812, ") and message.endswith(" ago, by schedule")
    item = engine.store.detail(result.run).items[0]
    assert item.provenance == PROVENANCE
    made = engine.store.latest_materializations("dev")[key("raw")]
    assert (made.outcome, made.rows, made.provenance) == ("reused", 5, PROVENANCE)
    assert made.data_version is not None and made.data_version.value == "812"
    below = engine.store.latest_materializations("dev")[key("stg")]
    assert below.inputs == {str(key("raw")): {"kind": "job", "value": "812"}}
    assert engine.store.check() == []


def test_a_provenance_is_told_in_one_line() -> None:
    assert PROVENANCE.told(1180.0) == "job 812, 3 min ago, by schedule"
    assert Provenance(job="job 9").told(0.0) == "job 9"
    assert (PROVENANCE.maker, Provenance(job="job 9").maker) == ("job 812, by schedule", "job 9")
    assert Provenance(job="job 9", ended_at=0.0).told(7200.0) == "job 9, 2 h ago"


class Accounted(World):
    def runner_for(self, _integration: str, _instance: str, hold: HoldFn, _folder: Any) -> Runner:
        return AccountedRunner(self, hold)


USED = Usage(seconds=2.5, bytes=1024, slots=0.25, money=0.02, currency="USD")


class AccountedRunner(ScriptedRunner):
    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        async for event in super().events(handle):
            yield event
            if getattr(event, "item", None) == "late":
                yield ItemUsage(at=event.at, item="late", usage=USED)


def test_usage_is_kept_per_item_also_when_it_comes_late(engine: Engine) -> None:
    world = Accounted(scripts={"told": Script(told={"usage": USED})})
    result = engine.run(plan(asset("late"), asset("told"), asset("free")), world)
    used = {item.name: item.usage for item in engine.store.detail(result.run).items}
    assert used == {"late": USED, "told": USED, "free": None}
    assert engine.store.check() == []


def test_a_window_goes_from_the_plan_to_the_runner_and_into_the_materialization(engine: Engine) -> None:
    day = Window(1_700_000_000.0, 1_700_086_400.0)
    world = World()
    item = msgspec.structs.replace(asset("a"), window=day)
    result = engine.run(plan(item, asset("b")), world)
    assert {one.id: one.window for step in world.steps for one in step.items} == {"a": day, "b": None}
    assert [one.window for one in engine.store.detail(result.run).items] == [day, None]
    made = engine.store.latest_materializations("dev")
    assert (made[key("a")].window, made[key("b")].window) == (day, None)
    assert engine.store.check() == []


def test_a_step_carries_the_payload_of_its_producer(engine: Engine) -> None:
    world = World()
    one, two = (msgspec.structs.replace(asset(name, batch="b"), payload='"p"') for name in ("one", "two"))
    engine.run(plan(one, two, msgspec.structs.replace(asset("alone"), payload='"r"')), world)
    assert {step.decoded(str) for step in world.steps} == {"p", "r"}
