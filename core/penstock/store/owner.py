"""Which process this is, and whether another one still lives. Knows nothing of the store."""

from __future__ import annotations

import os
import socket
import subprocess
from functools import lru_cache
from pathlib import Path

from penstock.store.records import Owner
from penstock.system.boot import boot_id


@lru_cache(maxsize=1)
def _machine() -> tuple[str, str, str]:
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return socket.gethostname(), boot_id(), space


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except OSError:
        return ""


def process_started(pid: int) -> str | None:
    """A text that differs for every process that ever had this pid; None when there is none now."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The second field is the command in parentheses and may hold blanks; state is the 3rd, start time the 22nd.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in ("Z", "X") else fields[19]
    return _output("ps", "-o", "lstart=", "-p", str(pid)) or None


def this_process() -> Owner:
    host, boot, space = _machine()
    pid = os.getpid()
    return Owner(host, boot, space, pid, process_started(pid) or "")


def surely_dead(owner: Owner) -> bool:
    """True only when it is certain: what lived on another host, boot or in another container cannot be judged from here
    (two machines may share a host name)."""
    if (owner.host, owner.boot, owner.space) != _machine():
        return False
    return process_started(owner.pid) != owner.started
