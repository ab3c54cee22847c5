"""What starts, and when: ready units become steps, each in a task of its own. Says nothing of why a run stops or ends."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from penstock.run.board import StepNow
from penstock.run.gating import Unit
from penstock.run.policy import StopMode
from penstock.run.resume import go_on
from penstock.run.steprun import StepRun

if TYPE_CHECKING:
    from penstock.run.coordinator import Coordinator


class Dispatch:
    """Of one run. `steps` are those that wait for something or run now."""

    def __init__(self, host: Coordinator) -> None:
        self._host = host
        self._tasks: dict[asyncio.Task[None], StepRun] = {}
        self._batches: dict[str, list[StepRun]] = {}
        self._due: dict[
            str, asyncio.TimerHandle
        ] = {}  # when a batch that is still collecting items is looked at again
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
        if not self._host.live:
            return
        gates = self._host.gates
        if self._host.may_start:
            for batch in gates.ready_batches():
                self._start_batch(batch)
            while (unit := gates.most_urgent()) is not None:
                gates.take([unit])
                self._start(StepRun(self._host, None, partial(self._pick_unit, unit)))
        self._host.look_for_end()

    def _start_batch(self, batch: str) -> None:
        batching, steps = self._host.batching, self._batches.setdefault(batch, [])
        if len(steps) >= batching.at_once(batch) or any(step.picking for step in steps):
            return
        if (due := self._due.pop(batch, None)) is not None:
            due.cancel()
        idle = not self._tasks and self._host.gates.most_urgent() is None
        delay = batching.delay(batch, self._pick(batch), beside=bool(steps), idle=idle)
        if delay > 0:
            if delay < math.inf:
                self._due[batch] = asyncio.get_running_loop().call_later(delay, self.poke)
            return
        step = StepRun(self._host, batch, lambda: self._pick(batch))
        steps.append(step)
        self._start(step)

    def _pick_unit(self, unit: Unit) -> list[Unit]:
        return [] if self._host.closing or not unit.open_items else [unit]

    def _pick(self, batch: str) -> list[Unit]:
        gates = self._host.gates
        return [] if self._host.closing else gates.with_followers(gates.ready_in(batch))

    def go_on(self, now: StepNow) -> None:
        """A step that a former coordinator left."""
        step = StepRun(self._host, now.batch, list)
        if now.batch is not None:
            self._batches.setdefault(now.batch, []).append(step)
        self._start(step, go_on(self._host, step, now))

    def _start(self, step: StepRun, work: Coroutine[Any, Any, None] | None = None) -> None:
        task = asyncio.get_running_loop().create_task(work or step.run())
        self._tasks[task] = step
        if self._host.stop_mode is not None:
            step.stop(self._host.stop_mode, self._host.stop_reason)
        task.add_done_callback(self._step_over)

    def _step_over(self, task: asyncio.Task[None]) -> None:
        step = self._tasks.pop(task)
        if step.batch is not None and step in self._batches.get(step.batch, ()):
            self._batches[step.batch].remove(step)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._host.fail(error)
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
