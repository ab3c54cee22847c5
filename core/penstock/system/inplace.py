"""Large files of others read where the system keeps them, without a copy. What cannot be kept from changing meanwhile is left to
`regular_bytes`."""

from __future__ import annotations

import os
import signal
import stat
import sys
from mmap import MAP_PRIVATE, PROT_READ, mmap
from pathlib import Path

_LEAST = 1 << 20  # bytes; a copy of less costs nothing


def in_place(path: Path, least: int = _LEAST) -> mmap | None:
    """The bytes of a file that nobody can write before they are let go: who opens it for that waits as long (the system lets nobody
    wait longer than 45 seconds).

    Without that lease a file that is cut off would end this process by SIGBUS. None where it cannot be had: on other systems than
    Linux, on network disks, for files of another user, and while somebody writes.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        told = os.fstat(number)
        if stat.S_ISREG(told.st_mode) and told.st_size >= least:
            return _leased(number)
    except (OSError, ValueError):  # ValueError: it has become empty
        return None
    finally:
        os.close(number)
    return None


def _leased(number: int) -> mmap | None:
    if sys.platform != "linux":
        return None
    from fcntl import F_RDLCK, F_SETLEASE, F_SETSIG, fcntl
    from mmap import MAP_POPULATE

    fcntl(
        number, F_SETSIG, signal.SIGURG
    )  # that somebody waits; SIGIO, which is told else, would end the process
    fcntl(number, F_SETLEASE, F_RDLCK)
    # It holds the file open, and so the lease, until nothing refers to it.
    return mmap(number, 0, flags=MAP_PRIVATE | MAP_POPULATE, prot=PROT_READ)
