"""What this machine has to give: the memory that steps may share. Asks the system; changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

UNLIMITED = 1 << 40
_CGROUP = Path("/sys/fs/cgroup")
_KEPT = 0.1  # of what is free, for the coordinator and the rest of the machine


def free_megabytes(cgroup: Path = _CGROUP, meminfo: Path = Path("/proc/meminfo")) -> int:
    """Memory that steps may use now: what is available, within the limit of the container."""
    known = [found for found in (_available(meminfo), *_room(cgroup)) if found is not None]
    if not known:
        known = [_physical()]
    return max(1, int(min(known) * (1 - _KEPT) / 2**20))


def _available(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


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


def _physical() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return UNLIMITED
