"""Which process this is, and whether another one still lives. Knows nothing of the store."""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from pathlib import Path

from penstock.store.records import Owner
from penstock.system.boot import boot_id
from penstock.system.processes import process_started


@lru_cache(maxsize=1)
def _machine() -> tuple[str, str, str]:
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return socket.gethostname(), boot_id(), space


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
