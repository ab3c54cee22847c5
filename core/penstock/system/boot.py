"""Which start of this machine it is, and whose pids are meant: what was written before may be incomplete, its processes gone."""

from __future__ import annotations

from pathlib import Path

_LINUX = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Changes with every start of the machine; "" where it cannot be told."""
    try:
        return _LINUX.read_text().strip()
    except OSError:
        pass
    import subprocess  # Linux does without, and most commands too

    try:
        asked = subprocess.run(
            ["sysctl", "-n", "kern.boottime"], capture_output=True, text=True, timeout=5, check=False
        )
    except OSError:
        return ""
    return asked.stdout.strip()


def pid_space() -> str:
    """Where a pid means something: this start of the machine and, in a container, that container's own pids."""
    try:
        return f"{boot_id()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return boot_id()
