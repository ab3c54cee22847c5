"""The processes of a test, found by a mark in their environment. Linux only; elsewhere the tests that need it are skipped."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

MARK = "PENSTOCK_TESTING_MARK"
_PROC = Path("/proc")


def marked(mark: str) -> list[int]:
    """The pids of all living processes whose environment carries the mark."""
    if not _PROC.is_dir():
        pytest.skip("processes are found by /proc only")
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in _PROC.iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            carries = wanted in (folder / "environ").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue  # it has ended, or is somebody else's
        if carries and state != "Z":
            found.append(int(folder.name))
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
