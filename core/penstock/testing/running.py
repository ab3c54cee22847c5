"""What holds for every runner: items end once, a start is a start once, and whoever comes later finds what runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import pytest

from penstock.errors import PenstockError
from penstock.integration import (
    AttemptKey,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    Outcome,
    Runner,
    Step,
    StepEvent,
)
from penstock.testing.case import IntegrationCase, not_reused
from penstock.testing.processes import gone, kill_marked

T = TypeVar("T")
_PATIENCE = 120.0
_STOPPED = 30.0


class RunningSuite:
    """Give it a `case` fixture. Each test has its own attempts; what it leaves running is killed afterwards."""

    @pytest.fixture
    def bench(self, case: IntegrationCase) -> Iterator[IntegrationCase]:
        """The case, with a mark by which its processes are found."""
        marked = replace(case, mark=uuid.uuid4().hex)
        yield marked
        kill_marked(marked.mark)

    def test_every_item_of_a_step_ends_once(self, bench: IntegrationCase) -> None:
        step = bench.step(bench.items)
        events = _run(_whole(bench, step, _attempt(step)))
        end = _told_well(step, events)
        bench.tells_no_secret(events)
        assert end.outcome.good, end
        assert bench.done() == {item.id: 1 for item in step.items}

    def test_events_are_kept_as_bytes(self, bench: IntegrationCase) -> None:
        step = bench.step(bench.items)
        for event in _run(_whole(bench, step, _attempt(step))):
            assert msgspec.json.decode(msgspec.json.encode(event), type=StepEvent) == event

    def test_preparing_triggers_nothing(self, bench: IntegrationCase) -> None:
        step = bench.step(bench.items)
        intent = _run(bench.runner().prepare(step, _attempt(step)))
        assert msgspec.json.decode(msgspec.json.encode(intent), type=Intent) == intent
        assert not bench.done()
        bench.tells_no_secret(intent)

    def test_what_was_not_started_is_not_found(self, bench: IntegrationCase) -> None:
        step = bench.step(bench.items)
        assert _run(bench.runner().find(step, _attempt(step), Intent())) is None
        assert not bench.done(), "looking for it started it"

    def test_started_twice_it_is_done_once(self, bench: IntegrationCase) -> None:
        step = bench.step(bench.items)
        attempt = _attempt(step)

        async def twice() -> list[StepEvent]:
            runner = bench.runner()
            intent = await runner.prepare(step, attempt)
            await runner.start(step, attempt, intent)
            return await _follow(runner, await runner.start(step, attempt, intent))

        _told_well(step, _run(twice()))
        assert bench.done() == {item.id: 1 for item in step.items}

    def test_another_process_finds_what_has_ended(self, bench: IntegrationCase) -> None:
        step = bench.step(bench.items)
        attempt = _attempt(step)
        first = _run(_whole(bench, step, attempt))
        again = _run(_adopted(bench, step, attempt))
        assert again is not None, "what has ended is not found"
        _told_well(step, again)
        assert _ends(again) == _ends(first)
        assert bench.done() == {item.id: 1 for item in step.items}

    def test_a_coordinator_that_is_killed_is_replaced(self, bench: IntegrationCase) -> None:
        """Its successor adopts what runs, or starts what certainly does not: either way it is done once."""
        step, attempt = _killed(bench, everything=False)
        events = _run(_adopted(bench, step, attempt))
        if events is None:
            events = _run(_whole(bench, step, attempt))
        if _told_well(step, events).outcome.good:
            assert bench.done() == {item.id: 1 for item in step.items}

    def test_a_machine_that_is_lost_is_no_success(self, bench: IntegrationCase) -> None:
        step, attempt = _killed(bench, everything=True)
        done = dict(bench.done())
        events = _run(_adopted(bench, step, attempt))
        if events is None:
            return  # it is made again, by a new attempt
        _told_well(step, events)
        for event in events:
            if isinstance(event, ItemFinished) and event.outcome is Outcome.SUCCESS:
                assert done.get(event.item) or bench.done().get(event.item), (
                    f"{event.item} is said to be done"
                )

    def test_cancelling_stops_it(self, bench: IntegrationCase) -> None:
        step = bench.slow_step()
        attempt = _attempt(step)

        async def cancelled() -> tuple[list[StepEvent], bool]:
            runner = bench.runner()
            handle = await _started(bench, runner, step, attempt)
            events: list[StepEvent] = []
            stopping: asyncio.Task[None] | None = None
            async for event in runner.events(handle):
                events.append(event)
                stopping = stopping or asyncio.ensure_future(runner.cancel(handle))
            assert stopping is not None
            await asyncio.wait_for(stopping, _STOPPED)
            await runner.close(detach=False)
            return events, handle.local

        events, local = _run(cancelled())
        assert _told_well(step, events).outcome is Outcome.CANCELLED
        if local:
            assert gone(bench.mark, _STOPPED), "something goes on after it was cancelled and closed"

    def test_closing_without_having_run_leaves_nothing(self, bench: IntegrationCase) -> None:
        async def closed() -> None:
            await bench.runner().close(detach=False)
            await bench.runner().close(detach=True)

        _run(closed())
        assert gone(bench.mark, 1.0)

    def test_what_cannot_work_is_one_clear_error(self, bench: IntegrationCase) -> None:
        if bench.broken is None:
            pytest.skip("the case breaks nothing")
        step = bench.step(bench.items)
        attempt = _attempt(step)

        async def broken() -> list[StepEvent]:
            runner = bench.runner(config=bench.broken)
            return await _follow(runner, await _started(bench, runner, step, attempt))

        try:
            events = _run(broken())
        except PenstockError as error:
            bench.tells_no_secret(str(error))
        else:
            assert not _told_well(step, events).outcome.good
            bench.tells_no_secret(events)


def _attempt(step: Step) -> AttemptKey:
    return AttemptKey(uuid.uuid4().hex[:12], step.id, 1)


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, _PATIENCE))


async def _started(case: IntegrationCase, runner: Runner, step: Step, attempt: AttemptKey) -> Handle:
    begun = await case.started(runner, step, attempt)
    assert msgspec.json.decode(msgspec.json.encode(begun.external)) == begun.external
    return begun


async def _whole(case: IntegrationCase, step: Step, attempt: AttemptKey) -> list[StepEvent]:
    runner = case.runner()
    return await _follow(runner, await _started(case, runner, step, attempt))


async def _follow(runner: Runner, begun: object) -> list[StepEvent]:
    not_reused(begun)
    assert isinstance(begun, Handle)
    events = [event async for event in runner.events(begun)]
    await runner.close(detach=False)
    return events


async def _adopted(case: IntegrationCase, step: Step, attempt: AttemptKey) -> list[StepEvent] | None:
    """What a runner of another process tells of it; None when it does not find it."""
    runner = case.runner()
    found = await runner.find(step, attempt, case.intent_of(attempt))
    if found is None:
        await runner.close(detach=False)
        return None
    return await _follow(runner, found)


def _killed(case: IntegrationCase, *, everything: bool) -> tuple[Step, AttemptKey]:
    """The slow step, begun by another process that is killed then: alone, or with all that it has started."""
    step = case.slow_step()
    if not case.maker:
        pytest.skip("the case cannot be made in another process")
    attempt = _attempt(step)
    command = [
        sys.executable,
        "-m",
        "penstock.testing.child",
        case.maker,
        str(case.root),
        case.mark,
        attempt.run,
    ]
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }  # the case's module is found as it was here
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n", "the slow step did not tell of its beginning"
        child.kill()
        child.wait()
    if everything:
        kill_marked(case.mark)
    return step, attempt


def _told_well(step: Step, events: list[StepEvent]) -> Finished:
    """Every item of the step ended exactly once, and Finished came last, once. Returns that."""
    last = events[-1] if events else None
    assert isinstance(last, Finished), "Finished is not the last event"
    assert sum(isinstance(event, Finished) for event in events) == 1
    ended = Counter(event.item for event in events if isinstance(event, ItemFinished))
    assert ended == Counter(item.id for item in step.items), "not every item ended once, or others did"
    return last


def _ends(events: list[StepEvent]) -> dict[str, Outcome]:
    return {event.item: event.outcome for event in events if isinstance(event, ItemFinished)}
