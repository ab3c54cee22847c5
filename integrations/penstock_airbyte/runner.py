"""The engine's view of syncs: start, find again, follow, cancel. What a sync does is in `sync`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Handle,
    Intent,
    RunContext,
    Step,
    StepEvent,
)
from penstock.system.boot import boot_id
from penstock.system.files import write_private
from penstock_airbyte.config import AirbyteConfig
from penstock_airbyte.ended import read_ended, write_ended
from penstock_airbyte.lost import looked_up, undone
from penstock_airbyte.sync import Sync

_STARTED, _BOOT = "step.json", "boot"


class SyncRunner(BaseRunner):
    """Implements `penstock.integration.Runner` for one instance."""

    def __init__(self, context: RunContext[AirbyteConfig]) -> None:
        self._context = context
        self._syncs: dict[AttemptKey, tuple[Sync, asyncio.Queue[StepEvent | None]]] = {}
        self._tasks: dict[AttemptKey, asyncio.Task[None]] = {}

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        """Note that it is under way; `events` does the work, and goes on with it in whichever process asks."""
        folder = self._context.folder(attempt)
        _write(folder / _BOOT, boot_id().encode())
        _write(folder / _STARTED, msgspec.json.encode(step))
        return _handle(attempt, folder)

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        folder = self._context.folder(attempt)
        if not (folder / _STARTED).exists() or _restarted_since(folder):
            ended = await asyncio.to_thread(looked_up, self._context, step, attempt)
            if ended is None and not (folder / _STARTED).exists():
                return None
            write_ended(folder, ended or undone(step))
            _write(folder / _STARTED, msgspec.json.encode(step))
        return _handle(attempt, folder)

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        sync, queue = self._sync(handle)
        task = self._tasks.get(handle.attempt)
        if task is None:
            task = self._tasks[handle.attempt] = asyncio.create_task(sync.run())
            task.add_done_callback(lambda _: queue.put_nowait(None))
        while (event := await queue.get()) is not None:
            yield event
        await task  # an error of our own is not to be lost

    async def cancel(self, handle: Handle) -> None:
        sync, _ = self._sync(handle)
        await sync.cancel()
        task = self._tasks.get(handle.attempt)
        if task is not None:
            await asyncio.wait({task})

    async def close(self, *, detach: bool) -> None:
        """Stop following. A connector that still runs goes on: the next process finds it by its attempt."""
        running = [task for task in self._tasks.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def _sync(self, handle: Handle) -> tuple[Sync, asyncio.Queue[StepEvent | None]]:
        if handle.attempt not in self._syncs:
            folder = self._context.folder(handle.attempt)
            step = msgspec.json.decode((folder / _STARTED).read_bytes(), type=Step)
            queue: asyncio.Queue[StepEvent | None] = asyncio.Queue()
            self._syncs[handle.attempt] = (
                Sync(self._context, step, handle.attempt, queue.put_nowait),
                queue,
            )
        return self._syncs[handle.attempt]


def _restarted_since(folder: Path) -> bool:
    """Whether the machine was started again before the attempt ended: what it wrote last may be missing, rows too."""
    try:
        return (folder / _BOOT).read_text() != boot_id() and read_ended(folder) is None
    except FileNotFoundError:
        return False  # begun by a version that did not note it
    except msgspec.DecodeError:
        return True


def _handle(attempt: AttemptKey, folder: Path) -> Handle:
    return Handle(attempt=attempt, local=True, external={"folder": str(folder), "pid": os.getpid()})


def _write(path: Path, content: bytes) -> None:
    write_private(path, content)
