"""Other processes as the system tells of them: a living one, one that has ended, a zombie."""

from __future__ import annotations

import subprocess
import sys
import time

from penstock.system.processes import available_bytes, command_line, process_started, resident_bytes


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()", "a word"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_a_living_process() -> None:
    with sleeper() as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert (command_line(child.pid) or "").endswith(" a word")
        assert 1_000_000 < (resident_bytes(child.pid) or 0) < available_bytes() + 10**12
        started = process_started(child.pid)
        assert started is not None
        assert process_started(child.pid) == started
        child.kill()


def test_one_that_has_ended_and_is_not_reaped_is_gone() -> None:
    child = sleeper()
    child.kill()
    for _ in range(6000):
        if process_started(child.pid) is None:
            break
        time.sleep(0.01)
    assert process_started(child.pid) is None
    assert command_line(child.pid) is None
    child.communicate()
    assert (process_started(child.pid), command_line(child.pid), resident_bytes(child.pid)) == (
        None,
        None,
        None,
    )
