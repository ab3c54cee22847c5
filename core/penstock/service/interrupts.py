"""Signals turned into stops: Ctrl-C stops what runs here and asks about remote jobs, a second one and SIGTERM detach."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from penstock.run import Coordinator, RemoteJob, StopMode

Ask = Callable[[str], bool]


class Interrupts:
    """Of one run. `ask` puts a yes-or-no question to the user; False where there is nobody to ask."""

    def __init__(self, coordinator: Coordinator, ask: Ask) -> None:
        self._coordinator = coordinator
        self._ask = ask
        self._count = 0

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        handlers: dict[signal.Signals, Callable[[], Any]] = {
            signal.SIGINT: lambda: self._interrupt(loop),
            signal.SIGTERM: lambda: self._coordinator.request_stop(StopMode.DETACH, "SIGTERM: detached"),
        }
        added = []
        for number, handler in handlers.items():
            # Not in a thread other than the main one, and not on every platform: there the default stays.
            with contextlib.suppress(ValueError, NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, handler)
                added.append(number)
        try:
            yield
        finally:
            for number in added:
                loop.remove_signal_handler(number)

    def _interrupt(self, loop: asyncio.AbstractEventLoop) -> None:
        self._count += 1
        coordinator = self._coordinator
        if self._count > 1:
            coordinator.request_stop(StopMode.DETACH, "second Ctrl-C: detached")
            return
        asked_about = coordinator.remote_steps(RemoteJob.ASK)
        words = "stopped by Ctrl-C" + ("; remote jobs go on" if coordinator.remote_steps() else "")
        coordinator.request_stop(StopMode.LOCAL, words, asking=bool(asked_about))
        if asked_about:
            # A thread that nobody waits for: a second Ctrl-C must not hang on an unanswered question.
            threading.Thread(target=self._put, args=(asked_about, words, loop), daemon=True).start()

    def _put(self, remote: tuple[str, ...], words: str, loop: asyncio.AbstractEventLoop) -> None:
        mode = StopMode.LOCAL
        if self._ask(f"cancel {', '.join(remote)} too?"):
            mode, words = StopMode.CANCEL, "stopped by Ctrl-C"
        with contextlib.suppress(RuntimeError):  # the run is over, and its loop closed
            loop.call_soon_threadsafe(self._coordinator.request_stop, mode, words)
