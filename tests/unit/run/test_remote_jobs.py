"""Jobs that run elsewhere: what becomes of them when their time is up, or the run is stopped here."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from penstock.errors import ToolError
from penstock.integration import AttemptKey, Handle, Intent, Reused, Runner, Step
from penstock.run import Coordinator, HoldFn, RemoteJob, RunPolicy, StepPolicy, StopMode
from penstock.store import AttemptState, ItemState, RunState
from tests.tools.engine import Engine, states
from tests.tools.scripted import Script, ScriptedRunner, World, asset, plan
from tests.unit.run.test_stopping import stopped, until

UNKNOWN = "it had begun, and nothing of it can be found here: whether it was done is not known"
LOOK = "look, then retry it (or on_unknown: again)"
KEEP = StepPolicy(attempts=3, delay=0, total_timeout=0.1, on_timeout=RemoteJob.KEEP)


def long_job(seconds: float = 30, *, remote: bool = True) -> World:
    return World(scripts={"job": Script(seconds=seconds)}, remote=remote)


PLAN = plan(asset("job"), asset("above", "job"), asset("other"))


def test_a_job_whose_time_is_up_goes_on_and_the_run_is_left_with_it(engine: Engine) -> None:
    world = long_job(0)

    async def both() -> None:
        ends = world.gates["job"] = asyncio.Event()
        policy = RunPolicy(poll_seconds=0.02, steps={"fake/one/job": KEEP})
        result = await engine.coordinator(PLAN, world, policy=policy).run()
        ends.set()
        assert (result.state, result.exit_code) == (RunState.DETACHED, 3)
        assert result.message == "fake/one/job timed out after 0.1 s; the job goes on"
        assert states(result)["other"] is ItemState.SUCCESS
        assert (world.cancelled, len(world.triggers)) == ([], 2)
        attempts = {one.step: one.state for one in engine.store.detail(result.run).attempts}
        assert attempts["fake/one/job"] is AttemptState.RUNNING
        again = await engine.again(result.run, world).run()
        assert again.state is RunState.SUCCEEDED
        assert set(states(again).values()) == {ItemState.SUCCESS}
        assert len(world.triggers) == 3  # the kept job was not triggered again

    asyncio.run(both())
    assert engine.store.check() == []


@pytest.mark.parametrize("tells", [False, True])
def test_a_time_that_is_up_is_an_error_whatever_the_tool_calls_it(engine: Engine, tells: bool) -> None:
    world = World(scripts={"job": Script(seconds=30)}, tells_of_cancelled=tells)
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(total_timeout=0.1))
    (item,) = engine.run(plan(asset("job")), world, policy=policy).items
    assert (item.state, item.message) == (ItemState.ERROR, "timed out after 0.1 s")


def test_what_runs_on_this_machine_is_stopped_when_its_time_is_up(engine: Engine) -> None:
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(total_timeout=0.1, on_timeout=RemoteJob.KEEP))
    result = engine.run(PLAN, long_job(remote=False), policy=policy)
    assert result.state is RunState.FAILED
    assert states(result)["job"] is ItemState.ERROR


def test_a_run_that_is_cancelled_takes_its_kept_jobs_back_and_stops_them(engine: Engine) -> None:
    world = long_job()
    world.scripts["other"] = Script(seconds=30)

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: any("goes on" in (event.message or "") for event in engine.events))
        coordinator.request_stop(StopMode.CANCEL)

    policy = RunPolicy(poll_seconds=0.02, steps={"fake/one/job": KEEP})
    result = stopped(engine, PLAN, world, act, policy)
    assert result.state is RunState.CANCELLED
    assert sorted(key.step for key in world.cancelled) == ["fake/one/job", "fake/one/other"]
    assert engine.store.check() == []


@pytest.mark.parametrize(
    ("on_exit", "state"), [(RemoteJob.CANCEL, RunState.CANCELLED), (RemoteJob.KEEP, RunState.DETACHED)]
)
def test_what_becomes_of_remote_jobs_when_the_run_is_stopped_here(
    engine: Engine, on_exit: RemoteJob, state: RunState
) -> None:
    asked: list[tuple[str, ...]] = []

    async def act(coordinator: Coordinator) -> None:
        asked.append(coordinator.remote_steps(RemoteJob.ASK))
        coordinator.request_stop(StopMode.LOCAL)

    world = long_job()
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(on_exit=on_exit))
    result = stopped(engine, plan(asset("job")), world, act, policy)
    assert result.state is state
    assert len(world.cancelled) == (1 if on_exit is RemoteJob.CANCEL else 0)
    assert asked == [()]


@pytest.mark.parametrize("again", [True, False])
def test_what_had_begun_and_cannot_be_found_any_more(engine: Engine, again: bool) -> None:
    """Its machine is gone: made again, or left to somebody who looks first."""
    world = long_job()

    async def act(coordinator: Coordinator) -> None:
        await until(coordinator.remote_steps)
        coordinator.request_stop(StopMode.DETACH)

    left = stopped(engine, plan(asset("job"), asset("above", "job")), world, act)
    assert left.state is RunState.DETACHED
    world.jobs.clear()
    world.scripts.clear()
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(again_if_unknown=again))
    result = asyncio.run(engine.again(left.run, world, policy).run())
    if again:
        assert result.state is RunState.SUCCEEDED
        assert any(event.message == f"{UNKNOWN}; made again" for event in engine.events)
    else:
        assert states(result) == {"job": ItemState.ERROR, "above": ItemState.SKIPPED}
        assert result.items[0].message == f"{UNKNOWN}; {LOOK}"
        assert len(world.triggers) == 1
    assert engine.store.check() == []


@pytest.mark.parametrize("again", [True, None])
def test_of_what_was_lost_only_that_is_made_again_which_may_be(engine: Engine, again: bool | None) -> None:
    """What replaces its rows is simply made again; of what appends nobody knows whether they are there already."""
    world = World(scripts={"grows": Script(seconds=30), "whole": Script(seconds=30)}, remote=True)
    grows = msgspec.structs.replace(asset("grows", batch="b"), appends=True)
    items = grows, asset("whole", batch="b"), asset("above", "grows", batch="b"), asset("beside", "whole")

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: world.begun)
        coordinator.request_stop(StopMode.DETACH)

    left = stopped(engine, plan(*items), world, act)
    world.jobs.clear()
    world.scripts.clear()
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(again_if_unknown=again))
    result = asyncio.run(engine.again(left.run, world, policy).run())
    assert engine.store.check() == []
    if again:
        assert set(states(result).values()) == {ItemState.SUCCESS}
        return
    assert states(result) == {
        "grows": ItemState.ERROR,
        "above": ItemState.SKIPPED,
        "whole": ItemState.SUCCESS,
        "beside": ItemState.SUCCESS,
    }
    assert result.failures[0].message == f"{UNKNOWN}; {LOOK}"


def test_what_was_lost_may_be_all_that_its_step_had(engine: Engine) -> None:
    world = long_job()
    items = msgspec.structs.replace(asset("job", batch="b"), appends=True), asset("above", "job", batch="b")

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: world.begun)
        coordinator.request_stop(StopMode.DETACH)

    left = stopped(engine, plan(*items), world, act)
    world.jobs.clear()
    result = asyncio.run(engine.again(left.run, world).run())
    assert states(result) == {"job": ItemState.ERROR, "above": ItemState.SKIPPED}
    assert result.failures[1].message == "upstream job failed"
    assert engine.store.check() == []


class Late(World):
    """`answers`: whether the tool can be asked what became of a start."""

    answers = True

    def runner_for(self, _integration: str, _instance: str, hold: HoldFn, _folder: Any) -> Runner:
        return Slow(self, hold) if self.answers else Silent(self, hold)


class Slow(ScriptedRunner):
    """Triggers its job at once, and answers late."""

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        handle = await super().start(step, attempt, intent)
        await asyncio.sleep(30)
        return handle


class Silent(Slow):
    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        raise ToolError("nobody answers")


def test_a_job_that_was_triggered_by_a_late_start_is_stopped_before_the_next_try(engine: Engine) -> None:
    world = Late(scripts={"job": Script(seconds=30)}, remote=True)
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(attempts=2, delay=0, start_timeout=0.1))
    result = engine.run(plan(asset("job")), world, policy=policy)
    assert result.state is RunState.FAILED
    assert [key.attempt for key in world.triggers] == [1, 2]
    assert [key.attempt for key in world.cancelled] == [1, 2]
    assert result.items[0].message == "timed out: did not start within 0.1 s"


def test_what_cannot_be_asked_after_a_late_start_is_not_tried_again(engine: Engine) -> None:
    world = Late(scripts={"job": Script(seconds=30)}, remote=True)
    world.answers = False
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(attempts=2, delay=0, start_timeout=0.1))
    result = engine.run(plan(asset("job")), world, policy=policy)
    assert len(world.triggers) == 1
    assert result.items[0].message == (
        "did not start within 0.1 s, and cannot be asked whether it runs: nobody answers"
    )
