"""An event loop in which waiting takes no time: when nobody can go on, the clock jumps to the next one that can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class ImaginedLoop(asyncio.SelectorEventLoop):
    """`busy` says whether something outside (the store's writer) still works: then real time passes, the clock stands."""

    def __init__(self, busy: Callable[[], bool]) -> None:
        super().__init__()
        self._now = 0.0
        self._busy = busy

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        ready, scheduled = self._ready, self._scheduled  # type: ignore[attr-defined]  # asyncio's own names
        if not ready and scheduled and not self._busy():
            while scheduled and scheduled[0]._cancelled:
                handle = scheduled.pop(0)
                handle._scheduled = False
                scheduled.sort()
                self._timer_cancelled_count -= 1  # type: ignore[attr-defined]  # asyncio's own name
            if scheduled:
                self._now = max(self._now, scheduled[0]._when)
        elif not ready and self._busy():
            self.call_later(0, lambda: None)  # look again; the selector below must not sleep through it
        super()._run_once()  # type: ignore[misc]  # asyncio's own name


def imagine(work: Coroutine[Any, Any, T], busy: Callable[[], bool]) -> tuple[T, float]:
    """Run it; gives its result and the imagined seconds that it took."""
    loop = ImaginedLoop(busy)
    try:
        result = loop.run_until_complete(work)
        return result, loop.time()
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
