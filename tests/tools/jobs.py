"""A job of a warehouse followed as the engine does it: each runner is a new process, what it knows is on disk and in the intent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from penstock.integration import (
    Address,
    AttemptKey,
    Connection,
    Finished,
    Handle,
    Intent,
    ItemKind,
    NoConfig,
    RunContext,
    Step,
    StepEvent,
    StepItem,
    Warehouse,
)
from penstock.integration.jobs import JobPayload, JobRunner, Pace, RemoteJobs

KEY = AttemptKey("r1", "job-score", 1)
PACE = Pace(first=0.02, slowest=0.05, limited=0.05, recancel=0.3, doubt=0.5)


class JobAttempt:
    """`runner()` is a new process each time."""

    def __init__(self, api: Callable[[], RemoteJobs], root: Path, job: str, **payload: Any) -> None:
        self.api = api
        self.root = root
        told: dict[str, Any] = {"job": job, "name": "score", "may_start": True, "patience": 20.0} | payload
        self.step = Step(
            id=KEY.step,
            integration="warehouse",
            instance="work",
            kind="job",
            items=(StepItem("shop.scores.customers", ItemKind.ASSET),),
            payload=msgspec.json.encode(JobPayload(**told)).decode(),
        )
        self.intent = Intent()
        self.events: list[StepEvent] = []

    def runner(self) -> JobRunner:
        return JobRunner(self._context(), self.api(), PACE)

    async def begun(self, runner: JobRunner) -> Handle:
        self.intent = await runner.prepare(self.step, KEY)
        handle = await runner.start(self.step, KEY, self.intent)
        assert isinstance(handle, Handle)
        return handle

    async def followed(self, runner: JobRunner, handle: Handle) -> Finished:
        async for event in runner.events(handle):
            self.events.append(event)
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    async def whole(self) -> Finished:
        runner = self.runner()
        return await self.followed(runner, await self.begun(runner))

    @property
    def told(self) -> str:
        return " ".join(str(getattr(event, "message", "")) for event in self.events)

    def _context(self) -> RunContext[Any]:
        @asynccontextmanager
        async def hold(attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
            yield

        def no_warehouse(name: str) -> Warehouse:
            raise AssertionError(name)

        def no_connection(name: str) -> Connection:
            raise AssertionError(name)

        def no_address(connection: Connection) -> Address:
            raise AssertionError(connection.type)

        return RunContext(
            project_root=self.root,
            state_dir=self.root,
            cache_dir=self.root,
            instance="work",
            config=NoConfig(),
            environment="dev",
            environ={},
            options={},
            folder=lambda attempt: self.root,
            hold=hold,
            warehouse=no_warehouse,
            address=no_address,
            connection=no_connection,
            redact=str,
        )


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 30))


def wait(true: Callable[[], bool]) -> None:
    """Until a command in another process has come so far."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  # the stand-in's threads set no event
        await asyncio.sleep(0.02)
