"""What starts, and when: ready units become steps, each in a task of its own. Says nothing of why a run stops or ends."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Protocol

from penstock.run.batching import Batching
from penstock.run.board import StepNow
from penstock.run.gating import Gates, Unit
from penstock.run.halt import Halt
from penstock.run.policy import StopMode
from penstock.run.steprun import StepRun

Pick = Callable[[], list[Unit]]


class Steps(Protocol):
    """Where new steps come from, and who hears how they end: the run's coordinator."""

    def may_start(self) -> bool: ...
    def new_step(self, batch: str | None, pick: Pick) -> StepRun: ...
    async def go_on(self, step: StepRun, now: StepNow) -> None: ...
    def nothing_more_starts(self) -> None: ...
    def fail(self, error: BaseException) -> None: ...


class Dispatch:
    """Of one run. `steps` are those that wait for something or run now."""

    def __init__(self, run: Steps, gates: Gates, batching: Batching, halt: Halt) -> None:
        self._run = run
        self._gates = gates
        self._batching = batching
        self._halt = halt
        self._tasks: dict[asyncio.Task[None], StepRun] = {}
        self._batches: dict[str, list[StepRun]] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}  # when a collecting batch is looked at again
        self._poked = False

    @property
    def steps(self) -> tuple[StepRun, ...]:
        return tuple(self._tasks.values())

    def poke(self) -> None:
        """Look for what may start, once everything that happens at this moment has happened."""
        if not self._poked:
            self._poked = True
            asyncio.get_running_loop().call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._poked = False
        gates = self._gates
        if self._run.may_start():
            for batch in gates.ready_batches():
                self._start_batch(batch)
            while (unit := gates.most_urgent()) is not None:
                gates.take([unit])
                self._start(self._run.new_step(None, partial(self._pick_unit, unit)))
        self._run.nothing_more_starts()

    def _start_batch(self, batch: str) -> None:
        batching, steps = self._batching, self._batches.setdefault(batch, [])
        if len(steps) >= batching.at_once(batch) or any(step.picking for step in steps):
            return
        if (due := self._due.pop(batch, None)) is not None:
            due.cancel()
        idle = not self._tasks and self._gates.most_urgent() is None
        delay = batching.delay(batch, self._pick(batch), beside=bool(steps), idle=idle)
        if delay > 0:
            if delay < math.inf:
                self._due[batch] = asyncio.get_running_loop().call_later(delay, self.poke)
            return
        step = self._run.new_step(batch, lambda: self._pick(batch))
        steps.append(step)
        self._start(step)

    def _pick_unit(self, unit: Unit) -> list[Unit]:
        return [] if self._halt.closing or not unit.open_items else [unit]

    def _pick(self, batch: str) -> list[Unit]:
        gates = self._gates
        return [] if self._halt.closing else gates.with_followers(gates.ready_in(batch))

    def go_on(self, now: StepNow) -> None:
        """A step that a former coordinator left."""
        step = self._run.new_step(now.batch, list)
        if now.batch is not None:
            self._batches.setdefault(now.batch, []).append(step)
        self._start(step, self._run.go_on(step, now))

    def _start(self, step: StepRun, work: Coroutine[object, object, None] | None = None) -> None:
        task = asyncio.get_running_loop().create_task(work or step.run())
        self._tasks[task] = step
        if self._halt.mode is not None:
            step.stop(self._halt.mode, self._halt.reason)
        task.add_done_callback(self._step_over)

    def _step_over(self, task: asyncio.Task[None]) -> None:
        step = self._tasks.pop(task)
        if step.batch is not None and step in self._batches.get(step.batch, ()):
            self._batches[step.batch].remove(step)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._run.fail(error)
        self.poke()

    def stop(self, mode: StopMode, reason: str) -> None:
        for step in self._tasks.values():
            step.stop(mode, reason)

    async def leave(self) -> None:
        """Let go of every step; what it started goes on without us."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
