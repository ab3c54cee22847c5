"""The log file of an attempt: lines are redacted, buffered for a moment, and the last ones kept at hand."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from penstock.system.files import open_private, private_folder
from penstock.system.terminal import printable

LOG_NAME = "penstock.log"
_BUFFERED = 64 * 1024
_MOST = 1024 * 1024
_MOMENT = 0.2


class AttemptLog:
    """Opened for each write and closed again: a thousand attempts at once may have a log. Made when the first line comes."""

    def __init__(self, path: str, redact: Callable[[str], str], keep: int) -> None:
        self._path = path
        self._redact = redact
        self._tail: deque[str] = deque(maxlen=keep)
        self._lines: list[str] = []
        self._size = 0
        self._written = 0.0

    @property
    def tail(self) -> tuple[str, ...]:
        return tuple(self._tail)

    def clean(self, message: str | None) -> str | None:
        """A message as it may be stored and shown: without secrets, and without what would act on a terminal."""
        return printable(self._redact(message)) if message else message

    def line(self, at: float, level: str, message: str) -> str:
        """Keep a message; returns it as it may be shown."""
        clean = printable(self._redact(message.rstrip("\n")))
        stamp = time.strftime("%H:%M:%S", time.localtime(at))
        for part in clean.split("\n"):
            self._tail.append(part)
            text = f"{stamp} {level:<5} {part}\n"
            self._lines.append(text)
            self._size += len(text)
        if self._size > _BUFFERED or time.monotonic() - self._written > _MOMENT:
            self.flush()
        return clean

    def flush(self) -> None:
        """Write what is buffered. On a full disk it is kept for the next time, as far as there is room: what becomes of a
        step is not decided by its log, and the run store says what is wrong with the disk."""
        if not self._lines:
            return
        self._written = time.monotonic()
        path = Path(self._path)
        try:
            private_folder(path.parent)
            with open_private(path, "a", encoding="utf-8", errors="replace") as file:
                file.writelines(self._lines)
        except OSError:
            while self._size > _MOST:
                self._size -= len(self._lines.pop(0))
            return
        self._lines.clear()
        self._size = 0
