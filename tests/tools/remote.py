"""Runners as a worker of a cluster makes them: jobs of the loopback server, and a step that tells in which process it runs."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    ItemStarted,
    LogLine,
    Outcome,
    Runner,
    Step,
    StepEvent,
)
from penstock.run import FolderFn, HoldFn
from tests.crash.outside import JobRunner


def runner(
    settings: dict[str, Any], integration: str, _instance: str, hold: HoldFn, folder: FolderFn
) -> Runner:
    if integration == "job":
        return JobRunner(settings["port"], lambda: None)
    return Teller(Path(settings["folder"]), hold)


class Teller(BaseRunner):
    """Each item takes `seconds` (the part of its id after the last `-`, in hundredths) and ends as its id begins: ok, bad,
    busy (holds the phase `commit` all that time). One that begins with held ends when the file `release` is there. Where and when
    it ran is left in a file."""

    def __init__(self, folder: Path, hold: HoldFn) -> None:
        self._folder = folder
        self._hold = hold
        self._stop = asyncio.Event()

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        return Handle(
            attempt=attempt,
            local=True,
            external={"pid": os.getpid(), "items": [item.id for item in step.items]},
        )

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        return None

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        whole = Outcome.SUCCESS
        for item in msgspec.convert(handle.external["items"], list[str]):
            yield ItemStarted(at=time.time(), item=item)
            yield LogLine(at=time.time(), message=f"working on {item}")
            outcome = await self._item(item, handle.attempt)
            if outcome is Outcome.CANCELLED:
                whole = outcome
                break
            yield ItemFinished(at=time.time(), item=item, outcome=outcome, rows=3, seconds=0.1)
            whole = outcome if outcome is not Outcome.SUCCESS else whole
        yield Finished(at=time.time(), outcome=whole, message=None)

    async def _item(self, item: str, attempt: AttemptKey) -> Outcome:
        if item.startswith("busy"):
            async with self._hold(attempt, "commit"):
                return await self._work(item)
        return await self._work(item)

    async def _work(self, item: str) -> Outcome:
        begun = time.time()
        self._note(f"begun {item} {os.getpid()} {begun}")
        try:
            await asyncio.wait_for(self._stop.wait(), int(item.rpartition("-")[2]) / 100)
            return Outcome.CANCELLED
        except TimeoutError:
            pass
        while item.startswith("held") and not (self._folder / "release").exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.02)
        self._note(f"ended {item} {os.getpid()} {time.time()}")
        return Outcome.ERROR if item.startswith("bad") else Outcome.SUCCESS

    def _note(self, line: str) -> None:
        file = os.open(self._folder / "notes", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.write(file, f"{line}\n".encode())
        os.close(file)

    async def cancel(self, handle: Handle) -> None:
        self._stop.set()
