"""The processes of a test, found by a mark in their environment."""

from __future__ import annotations

import os
import signal
import time

import psutil

MARK = "PENSTOCK_TESTING_MARK"


def marked(mark: str) -> list[int]:
    """The pids of all living processes whose environment carries the mark."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            carries = process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue  # it has ended, or is somebody else's
        if carries:
            found.append(process.pid)
    return found


def kill_marked(mark: str) -> None:
    """What a machine that is lost does: all of it is gone at once."""
    for _ in range(20):
        pids = marked(mark)
        if not pids:
            return
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)
    raise AssertionError(f"processes cannot be killed: {marked(mark)}")


def gone(mark: str, seconds: float) -> bool:
    """Whether no marked process is left after at most so long."""
    deadline = time.monotonic() + seconds
    while marked(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
