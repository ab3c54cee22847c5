"""Staging what a connector has written while it goes on writing, so that little is left to do when it ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from penstock.errors import PenstockError


class Ahead:
    """One round at a time, in a thread. `stage` stages everything before that place in the file, as soon as `part` bytes are new: so
    much is left at the end at most, and what comes while a round is under way."""

    def __init__(self, stage: Callable[[int], object], part: int) -> None:
        self._stage = stage
        self._part = part
        self._staged = 0
        self._task: asyncio.Task[object] | None = None
        # The connector needs a CPU for itself: with no other, staging ahead would only slow it down.
        self._worth_it = (os.cpu_count() or 1) > 1

    def offer(self, end: int) -> None:
        """The file is whole lines up to `end`."""
        if not self._worth_it or end - self._staged < self._part or (self._task and not self._task.done()):
            return
        if self._failed():
            self._worth_it = False
            return
        self._staged = end
        self._task = asyncio.create_task(asyncio.to_thread(self._stage, end))

    async def finish(self) -> None:
        """Wait for the round that is under way."""
        if self._task is not None:
            await asyncio.wait({self._task})
            self._failed()

    def _failed(self) -> bool:
        """Whether the last round failed. What failed is tried again at the end, and tells its error then."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return False
        error = self._task.exception()
        if error is not None and not isinstance(error, PenstockError | OSError):
            raise error
        return error is not None
