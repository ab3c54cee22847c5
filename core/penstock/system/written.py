"""Whether files of a folder are being written, told by the kernel: whoever waits for that need not look again and again.

Linux tells (inotify); elsewhere nobody does, nor on file systems that are not the kernel's own.
"""

from __future__ import annotations

import ctypes
import os
import select
import sys
import weakref
from contextlib import suppress
from pathlib import Path

_MODIFIED = 0x2


class Written:
    """`fd` is readable while something was written that has not been `heard`."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        weakref.finalize(self, os.close, fd)

    def heard(self) -> bool:
        """Whether anything was written since this was asked last. Never waits."""
        found = False
        with suppress(BlockingIOError):
            while os.read(self.fd, 65_536):
                found = True
        return found

    def loud(self) -> bool:
        """Whether the next `heard` would hear something."""
        return bool(ready([self.fd], 0.0))


def written(folder: Path) -> Written | None:
    """None where the kernel does not tell."""
    if sys.platform != "linux":
        return None
    try:
        library = ctypes.CDLL(None, use_errno=True)
        fd: int = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return None
    if fd < 0:
        return None
    if library.inotify_add_watch(fd, os.fsencode(folder), _MODIFIED) < 0:
        os.close(fd)
        return None
    return Written(fd)


def ready(fds: list[int], seconds: float) -> list[int]:
    """Those that can be read, as soon as there is one, or after so long. Of any number, unlike `select`."""
    asked = select.poll()
    for fd in fds:
        asked.register(fd, select.POLLIN)
    return [fd for fd, _ in asked.poll(max(0.0, seconds) * 1000)]
