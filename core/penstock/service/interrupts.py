"""Signals turned into stops: Ctrl-C stops what runs here and asks about remote jobs; a second one, SIGTERM and SIGHUP detach."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from penstock.run import Coordinator, RemoteJob, StopMode

Ask = Callable[[str], int | None]
"""Shows a yes-or-no question; the file descriptor on which a line will answer it, None where there is nobody to ask."""


class Interrupts:
    """Of one run. An answer is waited for without holding anything up: the run may end before it comes."""

    def __init__(self, coordinator: Coordinator, ask: Ask) -> None:
        self._coordinator = coordinator
        self._ask = ask
        self._count = 0
        self._listening: int | None = None

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        handlers: dict[signal.Signals, Callable[[], object]] = {
            signal.SIGINT: self._interrupt,
            signal.SIGTERM: lambda: self._leave("SIGTERM: detached"),
            signal.SIGHUP: lambda: self._leave("the terminal was closed: detached"),
        }
        before = {number: signal.getsignal(number) for number in handlers}
        added = []
        for number, handler in handlers.items():
            if before[number] is signal.SIG_IGN:
                continue  # nohup
            # Not in a thread other than the main one, and not on every platform: there the default stays.
            with contextlib.suppress(ValueError, NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, handler)
                added.append(number)
        try:
            yield
        finally:
            self._listen_no_more()
            for number in added:
                loop.remove_signal_handler(number)
                signal.signal(number, before[number])

    def _leave(self, words: str) -> None:
        self._coordinator.request_stop(StopMode.DETACH, words)

    def _interrupt(self) -> None:
        self._count += 1
        coordinator = self._coordinator
        if self._count > 1:
            coordinator.request_stop(StopMode.DETACH, "second Ctrl-C: detached")
            return
        words = "stopped by Ctrl-C" + ("; remote jobs go on" if coordinator.remote_steps() else "")
        asked_about = coordinator.remote_steps(RemoteJob.ASK)
        place = self._ask(f"cancel {', '.join(asked_about)} too?") if asked_about else None
        coordinator.request_stop(StopMode.LOCAL, words, asking=place is not None)
        if place is not None:
            self._listening = place
            asyncio.get_running_loop().add_reader(place, self._answered, words)

    def _answered(self, words: str) -> None:
        assert self._listening is not None
        answer = ""
        with contextlib.suppress(OSError):  # the terminal was closed
            answer = os.read(self._listening, 1024).decode(errors="replace").strip().casefold()
        self._listen_no_more()
        if answer in ("y", "yes"):
            self._coordinator.request_stop(StopMode.CANCEL, "stopped by Ctrl-C")
        else:
            self._coordinator.request_stop(StopMode.LOCAL, words)

    def _listen_no_more(self) -> None:
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening = None
