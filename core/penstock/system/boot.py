"""Which start of this machine it is: what was written before another one may be incomplete, and its processes are gone."""

from __future__ import annotations

import subprocess
from pathlib import Path

_LINUX = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Changes with every start of the machine; "" where it cannot be told."""
    try:
        return _LINUX.read_text().strip()
    except OSError:
        pass
    try:
        asked = subprocess.run(
            ["sysctl", "-n", "kern.boottime"], capture_output=True, text=True, timeout=5, check=False
        )
    except OSError:
        return ""
    return asked.stdout.strip()
