"""Child processes that outlive us: known by (boot id, pid, start time), so that another coordinator can find, watch and stop them."""

from __future__ import annotations

import os
import signal

import msgspec

from penstock.system.boot import boot_id
from penstock.system.processes import process_started


class ProcessId(msgspec.Struct, frozen=True, kw_only=True):
    """A process of this machine. A pid alone is used again; with the boot and the start time it is one process for ever."""

    pid: int
    boot: str
    started: str


def identify_process(pid: int) -> ProcessId | None:
    """The identity of what runs under that pid now; None when nothing does, or only a zombie."""
    started = process_started(pid)
    return None if started is None else ProcessId(pid=pid, boot=boot_id(), started=started)


def alive(process: ProcessId) -> bool:
    return identify_process(process.pid) == process


def send(process: ProcessId, number: signal.Signals, *, group: bool = False) -> bool:
    """Signal exactly that process (or its group, which it leads); False when it is gone."""
    if not alive(process):
        return False
    try:
        if group:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True
