"""Waiting for what others commit, at next to no cost: asleep until somebody tells that the run store was written.

The kernel tells it of a file, and is believed as long as it tells of every commit: one that came unheard is looked for 20 times a
second from then on. PostgreSQL tells it of itself; where it cannot (behind a pooler), the store is asked once a second, as it is anyway.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from penstock.system.written import ready, written

_QUICK = 0.05  # between two looks at a file
_SLOW = 1.0  # between two queries; or two looks at a file whose writing is told


class Ears(Protocol):
    """`fd` is readable while something was written that was not `heard`; below 0: nothing can be heard. `loud`: it is to be heard yet."""

    @property
    def fd(self) -> int: ...
    def heard(self) -> bool: ...
    def loud(self) -> bool: ...


class Commits:
    """`stamp` differs when anybody has committed something. `folder`: where the store's files are; None for a server's, which may
    have `ears` of its own.

    One thread marks and waits; `ring` wakes it from any other, and from a signal handler.
    """

    def __init__(
        self, stamp: Callable[[], object] = lambda: None, folder: Path | None = None, ears: Ears | None = None
    ) -> None:
        self._stamp = stamp
        self._ears: Ears | None = ears if folder is None else written(folder)
        self._pace = _SLOW if folder is None else _QUICK
        self._woken, self._bell = os.pipe()
        for fd in (self._woken, self._bell):
            os.set_blocking(fd, False)
            weakref.finalize(self, os.close, fd)
        self._last: object = None
        # A server's word is a hint: the store is asked as often as without it.
        self._listens = ears is not None
        self._believed = False

    def ring(self) -> None:
        """Whoever waits, or waits next, is woken."""
        with suppress(BlockingIOError):  # full: it rings already
            os.write(self._bell, b"\0")

    def mark(self) -> bool:
        """Before something is read: what is committed after this ends the next wait. Whether anything was since the last mark."""
        heard = self._ears is not None and self._ears.heard()
        stamp = self._stamp()
        other, self._last = stamp != self._last, stamp
        if other:
            # It may have been written between the two questions: then it is still to be heard.
            self._believed = self._ears is not None and (heard or self._ears.loud())
        return other or heard

    def wait(self, seconds: float, deaf: float = 0.0) -> None:
        """Until so many seconds are over, it rings, or something was committed since the mark. Commits of the first `deaf` seconds
        are found at their end."""
        end = time.monotonic() + seconds
        if deaf and self.pause(min(deaf, seconds)):
            return
        while not self.mark() and (left := end - time.monotonic()) > 0:
            if self._rung(
                min(left, _SLOW if self._believed else self._pace), hears=self._believed or self._listens
            ):
                return

    def pause(self, seconds: float) -> bool:
        """For so long, whatever is committed; whether it rang, which ends it."""
        return self._rung(seconds, hears=False)

    def _rung(self, seconds: float, *, hears: bool) -> bool:
        ears = [self._ears.fd] if hears and self._ears is not None and self._ears.fd >= 0 else []
        if self._woken not in ready([self._woken, *ears], seconds):
            return False
        with suppress(BlockingIOError):
            while os.read(self._woken, 4096):
                pass
        return True
