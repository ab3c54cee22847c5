"""Cancelling, Ctrl-C, detaching, being killed, and going on afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from penstock.assets import Hold
from penstock.errors import ToolError, UsageError
from penstock.integration import AttemptKey, Handle, Intent, Outcome, Runner, Step
from penstock.plan import Plan
from penstock.run import Coordinator, HoldFn, RunPolicy, RunResult, StepPolicy, StopMode, create_run
from penstock.store import AttemptState, ItemState, LeaseLost, RunHeld, RunState
from tests.tools.engine import QUICK, Engine, states
from tests.tools.scripted import Script, ScriptedRunner, World, asset, plan


async def until(true: Callable[[], object]) -> None:
    for _ in range(6000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be")


def stopped(
    engine: Engine,
    whole: Plan,
    world: World,
    act: Callable[[Coordinator], Awaitable[None]],
    policy: RunPolicy = QUICK,
) -> RunResult:
    async def both() -> RunResult:
        coordinator = engine.coordinator(whole, world, policy=policy)
        running = asyncio.ensure_future(coordinator.run())
        await until(lambda: world.begun)
        await act(coordinator)
        return await running

    return asyncio.run(both())


def test_cancel_reaches_the_tool_and_waits_for_its_end(engine: Engine) -> None:
    async def act(coordinator: Coordinator) -> None:
        coordinator.request_stop(StopMode.CANCEL)

    world = World(scripts={"a": Script(seconds=30)}, remote=True)
    result = stopped(engine, plan(asset("a"), asset("b", "a")), world, act)
    assert result.state is RunState.CANCELLED
    assert result.exit_code == 1
    assert states(result) == {"a": ItemState.CANCELLED, "b": ItemState.CANCELLED}
    assert len(world.cancelled) == 1
    detail = engine.store.detail(result.run)
    assert [step.state.value for step in detail.steps] == ["cancelled"]
    assert detail.run.state is RunState.CANCELLED


def test_cancel_from_another_terminal(engine: Engine) -> None:
    async def act(_coordinator: Coordinator) -> None:
        engine.store.request(engine.store.find_run().id, "cancel")

    result = stopped(engine, plan(asset("a")), World(scripts={"a": Script(seconds=30)}), act)
    assert result.state is RunState.CANCELLED
    assert result.message == "cancelled from another terminal"


def test_the_first_ctrl_c_stops_what_is_local_and_is_a_cancel_when_all_is_local(engine: Engine) -> None:
    async def act(coordinator: Coordinator) -> None:
        assert coordinator.remote_steps() == ()
        coordinator.request_stop(StopMode.LOCAL)

    result = stopped(engine, plan(asset("a"), asset("b", "a")), World(scripts={"a": Script(seconds=30)}), act)
    assert result.state is RunState.CANCELLED


class Mixed(ScriptedRunner):
    """Items named `job...` run somewhere else, the others here."""

    def _handle(self, attempt: AttemptKey) -> Handle:
        return Handle(attempt=attempt, local="job" not in attempt.step)


class MixedWorld(World):
    def runner_for(self, _integration: str, _instance: str, hold: HoldFn, _folder: object) -> ScriptedRunner:
        return Mixed(self, hold)


def test_ctrl_c_leaves_remote_jobs_to_themselves_and_the_run_can_be_resumed(engine: Engine) -> None:
    world = MixedWorld(scripts={"job": Script(seconds=0.01), "here": Script(seconds=30)})
    items = (asset("job"), asset("here"), asset("after", "job", "here"))

    async def whole() -> tuple[RunResult, RunResult]:
        made = world.gates["job"] = asyncio.Event()
        coordinator = engine.coordinator(plan(*items), world)
        running = asyncio.ensure_future(coordinator.run())
        await until(lambda: len(coordinator.remote_steps()) == 1 and "here" in world.begun)
        coordinator.request_stop(StopMode.LOCAL)
        left = await running
        world.scripts["here"] = Script()
        made.set()
        return left, await engine.again(left.run, world).run()

    left, done = asyncio.run(whole())
    assert left.state is RunState.DETACHED
    assert left.exit_code == 3
    assert [key.step for key in world.cancelled] == ["fake/one/here"]
    assert states(left) == {"job": ItemState.RUNNING, "here": ItemState.PENDING, "after": ItemState.PENDING}
    assert done.state is RunState.SUCCEEDED
    assert sorted(map(str, world.triggers)) == [
        f"{left.run}/fake/one/after/1",
        f"{left.run}/fake/one/here/1",
        f"{left.run}/fake/one/here/2",
        f"{left.run}/fake/one/job/1",
    ]


def test_while_the_user_is_asked_remote_jobs_are_watched(engine: Engine) -> None:
    async def whole(answer: StopMode) -> RunResult:
        world = MixedWorld(scripts={"job": Script(seconds=30), "here": Script(seconds=30)})
        coordinator = engine.coordinator(plan(asset("job"), asset("here")), world)
        running = asyncio.ensure_future(coordinator.run())
        await until(lambda: len(coordinator.remote_steps()) == 1 and "here" in world.begun)
        coordinator.request_stop(StopMode.LOCAL, asking=True)
        await until(lambda: world.cancelled)
        done, _pending = await asyncio.wait({running}, timeout=0.2)
        assert not done
        coordinator.request_stop(answer)
        return await asyncio.wait_for(running, 60)

    assert asyncio.run(whole(StopMode.CANCEL)).state is RunState.CANCELLED
    assert asyncio.run(whole(StopMode.LOCAL)).state is RunState.DETACHED
    assert asyncio.run(whole(StopMode.DETACH)).state is RunState.DETACHED


def test_detaching_touches_nothing_and_resuming_adopts_it(engine: Engine) -> None:
    world = World(scripts={"a": Script(rows=3)})

    async def whole() -> tuple[RunResult, RunResult]:
        made = world.gates["a"] = asyncio.Event()
        coordinator = engine.coordinator(plan(asset("a"), asset("b", "a")), world)
        running = asyncio.ensure_future(coordinator.run())
        await until(lambda: world.begun)
        coordinator.request_stop(StopMode.DETACH)
        left = await asyncio.wait_for(running, 60)
        made.set()
        return left, await engine.again(left.run, world).run()

    left, done = asyncio.run(whole())
    assert left.exit_code == 3
    assert world.cancelled == []
    assert done.state is RunState.SUCCEEDED
    assert len(world.triggers) == 2
    kinds = [event.kind for event in engine.store.events(left.run)]
    assert kinds.count("run.detached") == 1
    assert "attempt.adopted" in kinds
    assert engine.store.find_run().state is RunState.SUCCEEDED


class LateRunner(ScriptedRunner):
    """Whoever asks what became of an attempt waits for the answer."""

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        for _ in range(50):
            await asyncio.sleep(0.001)
        self.world.gates["a"].set()
        return await super().find(step, attempt, intent)


class LateWorld(World):
    def runner_for(
        self, _integration: str, _instance: str, hold: HoldFn, _folder: Callable[[AttemptKey], Any]
    ) -> Runner:
        return LateRunner(self, hold)


@pytest.mark.parametrize("found", [True, False])
def test_what_a_left_attempt_uses_is_kept_from_others_while_it_is_looked_for(
    engine: Engine, found: bool
) -> None:
    """A model began in a DuckDB file that the adopted job was still loading."""
    file = (Hold("duckdb:shop.duckdb"),)
    world = LateWorld(remote=True)

    async def whole() -> RunResult:
        world.gates["a"] = asyncio.Event()
        items = plan(asset("a", holds=file), asset("b", holds=file), asset("after", "a"))
        coordinator = engine.coordinator(items, world)
        running = asyncio.ensure_future(coordinator.run())
        await until(lambda: world.begun)
        coordinator.request_stop(StopMode.DETACH)
        left = await asyncio.wait_for(running, 60)
        assert [*world.begun] == ["a"]
        if not found:
            for job in world.jobs.values():
                assert job.task is not None
                job.task.cancel()
            world.jobs.clear()
        return await asyncio.wait_for(engine.again(left.run, world).run(), 60)

    assert asyncio.run(whole()).state is RunState.SUCCEEDED
    first, second = sorted((begun, ended) for item, begun, ended in world.history if item in "ab")
    assert first[1] <= second[0]
    assert not found or next(iter(world.ended)) == "a"


def killed(engine: Engine, whole: Plan, world: World, when: Callable[[], object]) -> tuple[str, Coordinator]:
    """A run whose coordinator dies without a word; the world stays. Its lease is taken as a dead process's would be."""
    run = create_run(engine.store, whole).id

    async def die() -> None:
        coordinator = engine.coordinator(whole, world, run=run)
        running = asyncio.ensure_future(coordinator.run())
        await until(when)
        running.cancel()
        await asyncio.wait({running})
        for job in world.jobs.values():
            if job.task is not None:
                job.task.cancel()

    asyncio.run(die())
    with engine.store._database.write() as connection:
        connection.exec_driver_sql("UPDATE leases SET expires_at = 0")
    return run, engine.again(run, world)


def test_a_dead_coordinators_run_is_interrupted_and_goes_on(engine: Engine) -> None:
    items = (asset("a"), asset("b", "a"), asset("c", "b"))
    world = World(scripts={"b": Script(seconds=30)})
    run, again = killed(engine, plan(*items), world, lambda: "b" in world.begun)
    assert engine.store.run(run).state is RunState.INTERRUPTED
    world.jobs = {
        key: job for key, job in world.jobs.items() if "/b" not in key.step
    }  # nothing is left of it
    world.scripts["b"] = Script()
    result = asyncio.run(again.run())
    assert result.state is RunState.SUCCEEDED
    assert sorted(key.step + "/" + str(key.attempt) for key in world.triggers) == [
        "fake/one/a/1",
        "fake/one/b/1",
        "fake/one/b/2",
        "fake/one/c/1",
    ]
    attempts = [
        (attempt.step, attempt.attempt, attempt.state) for attempt in engine.store.detail(run).attempts
    ]
    assert ("fake/one/b", 1, AttemptState.ABANDONED) in attempts


def test_a_tool_that_cannot_be_asked_is_asked_again_and_nothing_is_decided(engine: Engine) -> None:
    class Deaf(ScriptedRunner):
        asked = 0

        async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
            Deaf.asked += 1
            if Deaf.asked == 1:
                raise ToolError("connection refused")
            self.world.scripts["a"] = Script()
            return None

    class DeafWorld(World):
        def runner_for(
            self, _integration: str, _instance: str, hold: HoldFn, _folder: object
        ) -> ScriptedRunner:
            return Deaf(self, hold)

    world = DeafWorld(scripts={"a": Script(seconds=30)})
    run, again = killed(engine, plan(asset("a")), world, lambda: world.begun)
    result = asyncio.run(again.run())
    assert result.state is RunState.SUCCEEDED
    assert [event.kind for event in engine.store.events(run) if event.kind.startswith("attempt.")][2:4] == [
        "attempt.unreadable",
        "attempt.abandoned",
    ]


def test_two_coordinators_never_have_one_run(engine: Engine) -> None:
    world = World(scripts={"a": Script(seconds=30)})

    async def whole() -> None:
        first = engine.coordinator(plan(asset("a")), world)
        running = asyncio.ensure_future(first.run())
        await until(lambda: world.begun)
        with pytest.raises(RunHeld, match="is already being worked on"):
            await engine.again(first.run_id, world).run()
        first.request_stop(StopMode.CANCEL)
        await running

    asyncio.run(whole())


def test_a_coordinator_that_lost_its_lease_writes_nothing_more(engine: Engine) -> None:
    world = World()

    async def whole() -> str:
        made = world.gates["a"] = asyncio.Event()
        coordinator = engine.coordinator(plan(asset("a")), world)
        running = asyncio.ensure_future(coordinator.run())
        await until(lambda: world.begun)
        with engine.store._database.write() as connection:
            connection.exec_driver_sql("UPDATE leases SET fence = fence + 1 WHERE name LIKE 'run:%'")
        before = len(engine.store.events(coordinator.run_id))
        made.set()
        with pytest.raises(LeaseLost):
            await running
        assert len(engine.store.events(coordinator.run_id)) == before
        return coordinator.run_id

    asyncio.run(whole())


def test_a_run_that_has_ended_is_not_resumed(engine: Engine) -> None:
    result = engine.run(plan(asset("a")), World())
    with pytest.raises(UsageError, match="run 1 has ended"):
        asyncio.run(engine.again(result.run, World()).run())


def test_resuming_keeps_what_failed_and_skips_what_stood_below(engine: Engine) -> None:
    items = (asset("bad"), asset("slow"), asset("below", "bad"), asset("after", "slow"))
    world = World(scripts={"bad": Script((Outcome.ERROR,), message="boom"), "slow": Script(seconds=30)})
    run, again = killed(engine, plan(*items), world, lambda: "slow" in world.begun and "bad" in world.ended)
    world.jobs = {key: job for key, job in world.jobs.items() if "bad" in key.step}
    world.scripts["slow"] = Script()
    result = asyncio.run(again.run())
    assert states(result) == {
        "bad": ItemState.ERROR,
        "slow": ItemState.SUCCESS,
        "below": ItemState.SKIPPED,
        "after": ItemState.SUCCESS,
    }
    assert result.failures[0].message == "boom"
    assert engine.store.run(run).counts == {"error": 1, "success": 2, "skipped": 1}


def test_stopping_while_a_step_waits_for_its_next_try(engine: Engine) -> None:
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(attempts=2, delay=60, jitter=0))
    world = World(scripts={"a": Script((Outcome.ERROR,))})

    async def act(coordinator: Coordinator) -> None:
        await until(lambda: any(event.state == "retrying" for event in engine.events))
        coordinator.request_stop(StopMode.CANCEL)

    result = stopped(engine, plan(asset("a")), world, act, policy)
    assert result.state is RunState.CANCELLED
    assert states(result) == {"a": ItemState.CANCELLED}
    assert [step.state for step in engine.store.detail(result.run).steps] == ["cancelled"]


def test_cancelling_a_run_that_nobody_works_on(engine: Engine) -> None:
    world = World(scripts={"a": Script(seconds=30)}, remote=True)
    run, again = killed(engine, plan(asset("a"), asset("b", "a")), world, lambda: world.begun)

    async def whole() -> RunResult:
        for key, job in list(world.jobs.items()):  # the job still runs, in this life's event loop
            world.jobs[key] = alive = type(job)()
            runner = ScriptedRunner(world)
            alive.task = asyncio.get_running_loop().create_task(runner._work(alive, world.steps[0], key))
        again.request_stop(StopMode.CANCEL, "cancelled")
        return await again.run()

    result = asyncio.run(whole())
    assert result.state is RunState.CANCELLED
    assert len(world.cancelled) == 1
    assert engine.store.run(run).state is RunState.CANCELLED
