"""A sync's turns with the warehouse, which one process at a time may open; and how long each may be waited for."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

from penstock.errors import PenstockError, WarehouseBusy

T = TypeVar("T")
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 5.0


class Cancelled(Exception):
    """The user wants it stopped."""


class Turns:
    """`hold` waits for the warehouse among our own steps; another process may have it all the same. `tell` gets phases."""

    def __init__(
        self,
        hold: Callable[[], AbstractAsyncContextManager[None]],
        tell: Callable[[str], None],
        patience: float,
    ) -> None:
        self._hold = hold
        self.tell = tell
        self._patience = patience
        self.cancelling = asyncio.Event()

    async def take(self, action: Callable[[], T], phase: str | None = None) -> T:
        """Do it while the warehouse is ours, waiting for that until somebody cancels. Raises Cancelled, WarehouseBusy."""
        deadline = time.monotonic() + self._patience
        pause = _FIRST_WAIT
        while True:
            try:
                async with AsyncExitStack() as stack:
                    await self.until_cancelled(stack.enter_async_context(self._hold()))
                    if phase is not None:
                        self.tell(phase)
                    return await _to_its_end(action)
            except WarehouseBusy as error:
                if time.monotonic() + pause > deadline:
                    raise
                self.tell(f"waiting: {error.what}")
            await self.until_cancelled(asyncio.sleep(pause))
            pause = min(_LONGEST_WAIT, pause * 1.6)

    async def take_within(self, seconds: float, action: Callable[[], T], phase: str | None = None) -> T:
        """Do it when the warehouse is ours so soon; raises WarehouseBusy otherwise. Goes on when somebody cancels."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            try:
                async with AsyncExitStack() as stack:
                    try:
                        await asyncio.wait_for(stack.enter_async_context(self._hold()), max(0.05, left))
                    except TimeoutError:
                        raise WarehouseBusy("the warehouse is used by another step") from None
                    if phase is not None:
                        self.tell(phase)
                    return await _to_its_end(action)
            except WarehouseBusy:
                if left < _FIRST_WAIT:
                    raise
            await asyncio.sleep(_FIRST_WAIT)

    async def until_cancelled(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's result; Cancelled as soon as somebody cancels. A thread behind it is left to end by itself."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self.cancelling.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Cancelled
            return task.result()
        finally:
            stop.cancel()
            task.cancel()


async def _to_its_end(action: Callable[[], T]) -> T:
    """Run it in a thread and wait for it even when cancelled: it would go on, and nobody would know how it ended."""
    task = asyncio.ensure_future(asyncio.to_thread(action))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with contextlib.suppress(PenstockError):
            await task
        raise
