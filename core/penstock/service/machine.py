"""What this machine has to give: the memory that steps may share, and its cores. Asks the system; changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from penstock.system.processes import available_bytes

UNLIMITED = 1 << 40
_CGROUP = Path("/sys/fs/cgroup")
_KEPT = 0.1  # of what is free, for the coordinator and the rest of the machine


def free_megabytes(cgroup: Path = _CGROUP, machine: Callable[[], int] = available_bytes) -> int:
    """Memory that steps may use now: what is available, within the limit of the container."""
    known = [machine(), *(room for room in _room(cgroup) if room is not None)]
    return max(1, int(min(known) * (1 - _KEPT) / 2**20))


def cores(cgroup: Path = _CGROUP) -> int:
    """How many processes can work at once: the cores that this process may use, within the limit of the container."""
    try:
        own = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        own = os.cpu_count() or 1
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
        return max(1, min(own, int(quota) // int(period)))
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return own


def _room(cgroup: Path) -> list[int | None]:
    """Under the limit of cgroup 2, and of cgroup 1."""
    return [
        _difference(cgroup / "memory.max", cgroup / "memory.current"),
        _difference(cgroup / "memory/memory.limit_in_bytes", cgroup / "memory/memory.usage_in_bytes"),
    ]


def _difference(limit: Path, used: Path) -> int | None:
    try:
        return max(0, int(limit.read_text()) - int(used.read_text()))
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return None
