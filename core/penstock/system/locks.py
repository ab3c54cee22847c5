"""Locks between processes of one machine: whoever holds the file. A lock ends with its process, however that ends.

Not for a lock that a child inherits and keeps: that one is a descriptor which is passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

_OWNER_ONLY = 0o600


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock, waiting for it without end. The folder must be there; the file stays behind, its owner's only."""
    with _lock(path):
        yield


def try_lock(path: Path) -> BaseFileLock | None:
    """The lock, to be given back by `release()` from any thread; None while another process or another holder has it."""
    from filelock import Timeout

    lock = _lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def _lock(path: Path) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(path, mode=_OWNER_ONLY, thread_local=False)
