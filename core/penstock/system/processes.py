"""Other processes of this machine: who one is, what it was called with, what memory it holds. Signals nothing."""

from __future__ import annotations

import os
from pathlib import Path


def process_started(pid: int) -> str | None:
    """A text that differs for every process that ever had this pid since the machine started; None when there is none now,
    or only a zombie.

    These are the kernel's ticks since the start: a time of day (psutil's `create_time`) moves with the clock.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The second field is the command in parentheses and may hold blanks; state is the 3rd, start time the 22nd.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in ("Z", "X") else fields[19]
    import subprocess  # Linux does without, and most commands too

    try:
        asked = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except OSError:
        return None
    state, _, started = asked.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def session_lives(pid: int) -> bool:
    """Whether a process group with that number has a member in the session of that number: what was started by a leader of both.

    A group that got the number later is another one: a shell's pipeline is a group, but lies in the session of its shell.
    """
    import psutil

    return any(_ids(one) == (pid, pid) for one in psutil.pids())


def _ids(pid: int) -> tuple[int, int] | None:
    try:
        return os.getpgid(pid), os.getsid(pid)
    except OSError:
        return None


def command_line(pid: int) -> str | None:
    """The words that the process was called with; None when it has ended, is a zombie, or may not be looked at."""
    import psutil

    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return None
    return " ".join(words) or None


def resident_bytes(pid: int) -> int | None:
    """The memory that the process holds now; None when it has ended or may not be looked at."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None


def available_bytes() -> int:
    """The memory of this machine that can be used without swapping. Knows no container's limit."""
    import psutil

    return int(psutil.virtual_memory().available)
