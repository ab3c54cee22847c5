"""Coordinator and tools died together: what the tools wrote down is read first, then only what they left is made."""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import Any

import msgspec
import pytest

from penstock.integration import (
    AttemptKey,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    Lost,
    Outcome,
    Reused,
    Runner,
    Step,
)
from penstock.plan import Plan
from penstock.run import Coordinator, HoldFn, RunPolicy, RunResult, StepPolicy, StopMode
from penstock.run.policy import LOOK_FIRST
from penstock.store import ItemState, RunState
from tests.tools.engine import Engine, states
from tests.tools.scripted import Job, Script, ScriptedRunner, World, asset, inner_depends, plan
from tests.unit.run.test_stopping import stopped, until

GONE = "the process is gone"
APPENDS = msgspec.structs.replace(asset("grows", "first", batch="b"), appends=True)
MODELS = (
    asset("first", batch="b"),
    APPENDS,
    asset("above", "grows", batch="b"),
    asset("whole", "first", batch="b"),
    asset("beside", "whole"),
    asset("far", "above"),
)
REACHED = dict.fromkeys(("first", "whole", "beside"), ItemState.SUCCESS)


def policy(**step: Any) -> RunPolicy:
    return RunPolicy(poll_seconds=0.02, step=StepPolicy(**step))


def world_of(at_work: str) -> World:
    return World(scripts={at_work: Script(seconds=30)}, depends=inner_depends(MODELS))


def all_die(engine: Engine, whole: Plan, world: World, at_work: str) -> str:
    """A run that is left while `at_work` is made, and whose tools then die. Returns its id."""

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: at_work in world.begun)
        coordinator.request_stop(StopMode.DETACH)

    left = stopped(engine, whole, world, act)
    assert left.state is RunState.DETACHED
    for attempt, job in world.jobs.items():
        items = next(
            step.items for key, step in zip(world.triggers, world.steps, strict=True) if key == attempt
        )
        die(job, [item.id for item in items], at_work)
    world.scripts.clear()
    return left.run


def die(job: Job, items: list[str], at_work: str) -> None:
    if any(isinstance(event, Finished) for event in job.told):
        return
    ended = {event.item for event in job.told if isinstance(event, ItemFinished)}
    for item in items:
        if item not in ended:
            lost = Lost.UNKNOWN if item == at_work else Lost.UNDONE
            job.told.append(
                ItemFinished(at=time.time(), item=item, outcome=Outcome.ERROR, message=GONE, lost=lost)
            )
    job.told.append(Finished(at=time.time(), outcome=Outcome.ERROR, message=GONE, lost=Lost.UNKNOWN))


def again(engine: Engine, run: str, world: World, how: RunPolicy) -> RunResult:
    result = asyncio.run(engine.again(run, world, how).run())
    assert engine.store.check() == []
    return result


@pytest.mark.parametrize("at_work", ["first", "above", "whole"])
def test_what_was_at_work_is_made_again_and_what_had_ended_is_not(engine: Engine, at_work: str) -> None:
    world = world_of(at_work)
    run = all_die(engine, plan(*MODELS), world, at_work)
    ended = [name for name, *_ in world.history]
    result = again(engine, run, world, policy())
    assert set(states(result).values()) == {ItemState.SUCCESS}
    assert sorted(name for name, *_ in world.history) == sorted(item.name for item in MODELS)
    assert [name for name, *_ in world.history][: len(ended)] == ended
    told = [event.message for event in engine.events if event.level == "warn"]
    assert told == [f"{GONE}; what it left is made again"]
    assert not any(event.state == "error" for event in engine.events)


def test_nobody_knows_whether_what_appends_was_made(engine: Engine) -> None:
    """It fails and says so, what stands on it is held back, and the rest of its step is made."""
    world = world_of("grows")
    result = again(engine, all_die(engine, plan(*MODELS), world, "grows"), world, policy())
    held = {"grows": ItemState.ERROR, "above": ItemState.SKIPPED, "far": ItemState.SKIPPED}
    assert states(result) == {**REACHED, **held}
    assert result.failures[0].message == f"{GONE}; it had begun, and may be done or not: {LOOK_FIRST}"
    assert [name for name, *_ in world.history].count("grows") == 0


@pytest.mark.parametrize(("on_unknown", "state"), [(True, ItemState.SUCCESS), (False, ItemState.ERROR)])
def test_on_unknown_decides(engine: Engine, on_unknown: bool, state: ItemState) -> None:
    for at_work in ("grows", "whole"):
        world = world_of(at_work)
        run = all_die(engine, plan(*MODELS), world, at_work)
        result = again(engine, run, world, policy(again_if_unknown=on_unknown))
        assert states(result)[at_work] is state


def test_what_appends_and_had_certainly_not_begun_is_made(engine: Engine) -> None:
    world = world_of("first")
    result = again(engine, all_die(engine, plan(*MODELS), world, "first"), world, policy())
    assert states(result)["grows"] is ItemState.SUCCESS


def test_an_append_that_waits_for_a_look_is_not_made_by_a_further_try(engine: Engine) -> None:
    world = world_of("grows")
    run = all_die(engine, plan(*MODELS), world, "grows")
    world.scripts["whole"] = Script(outcomes=[Outcome.ERROR, Outcome.ERROR, Outcome.SUCCESS])
    result = again(engine, run, world, policy(attempts=4, delay=0.01))
    assert (states(result)["whole"], states(result)["grows"]) == (ItemState.SUCCESS, ItemState.ERROR)
    assert [name for name, *_ in world.history].count("grows") == 0


def test_a_step_of_which_only_that_is_left_is_over(engine: Engine) -> None:
    world, alone = (
        World(scripts={"grows": Script(seconds=30)}),
        msgspec.structs.replace(APPENDS, depends_on=()),
    )
    run = all_die(engine, plan(alone, asset("above", "grows", batch="b")), world, "grows")
    result = again(engine, run, world, policy())
    assert states(result) == {"grows": ItemState.ERROR, "above": ItemState.SKIPPED}
    assert len(world.triggers) == 1


def test_a_process_that_dies_alone_is_a_failure_as_any_other(engine: Engine) -> None:
    """Its coordinator lives: it is tried again as often as the policy says; what appends is not."""
    world = world_of("grows")

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: "grows" in world.begun)
        for attempt, job in world.jobs.items():
            assert job.task is not None
            job.task.cancel()
            index = world.triggers.index(attempt)
            die(job, [item.id for item in world.steps[index].items], "grows")
            async with job.news:
                job.news.notify_all()

    result = stopped(engine, plan(*MODELS), world, act, policy(attempts=2, delay=0.01))
    held = {"grows": ItemState.ERROR, "above": ItemState.SKIPPED, "far": ItemState.SKIPPED}
    assert states(result) == {**REACHED, **held}
    assert [name for name, *_ in world.history].count("grows") == 0
    assert engine.store.check() == []


@pytest.mark.parametrize("alone", [False, True])
def test_a_process_that_dies_after_the_last_of_its_items(engine: Engine, alone: bool) -> None:
    """With its coordinator, everything was made and a note says that hooks may be missing; alone, the step has failed."""
    world = World(scripts={"first": Script(seconds=30)})
    whole = plan(asset("first", batch="b"))

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: "first" in world.begun)
        (job,) = world.jobs.values()
        assert job.task is not None
        job.task.cancel()
        if not alone:
            coordinator.request_stop(StopMode.DETACH)
        job.told.append(ItemFinished(at=time.time(), item="first", outcome=Outcome.SUCCESS))
        die(job, ["first"], "first")
        async with job.news:
            job.news.notify_all()

    result = stopped(engine, whole, world, act)
    if not alone:
        result = again(engine, result.run, world, policy())
        assert any("hooks at the end may not have run" in (event.message or "") for event in engine.events)
    assert states(result) == {"first": ItemState.SUCCESS}
    assert result.state is (RunState.FAILED if alone else RunState.SUCCEEDED)


class NeverStarts(World):
    def runner_for(self, _integration: str, _instance: str, hold: HoldFn, _folder: object) -> Runner:
        return HangingRunner(self, hold)


class HangingRunner(ScriptedRunner):
    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        self.world.begun["asked"] = time.time()
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")


@pytest.mark.parametrize("disk", ["same", "another", "restarted"])
def test_an_intent_of_which_no_trace_is_left(engine: Engine, disk: str) -> None:
    """On the same disk it was certainly not begun. On another one, and after a restart, the trace may be what was lost."""
    items = msgspec.structs.replace(APPENDS, depends_on=()), asset("whole", batch="b")

    async def act(coordinator: Coordinator) -> None:
        coordinator.request_stop(StopMode.DETACH)

    left = stopped(engine, plan(*items), NeverStarts(), act)
    assert left.state is RunState.DETACHED
    if disk == "another":
        shutil.rmtree(engine.folder)
    elif disk == "restarted":
        (engine.folder / left.run / "boot").write_text("an earlier one")
    result = again(engine, left.run, World(), policy())
    made = ItemState.SUCCESS if disk == "same" else ItemState.ERROR
    assert states(result) == {"grows": made, "whole": ItemState.SUCCESS}
