"""A lock is held by one at a time, ends with its process, and its file is its owner's only."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from penstock.system.locks import locked, try_lock

HOLDER = """
import sys
from pathlib import Path
from penstock.system.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    return child


def end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.communicate()


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    child = holder(path)
    assert try_lock(path) is None
    end(child)
    with locked(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_one_waits_for_the_other(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    child = holder(path)
    order = []

    def wait() -> None:
        with locked(path):
            order.append("mine")

    waiting = threading.Thread(target=wait)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    assert order == []
    end(child)
    waiting.join(30)
    assert order == ["mine"]


def test_a_second_holder_of_this_process_gets_nothing(tmp_path: Path) -> None:
    held = try_lock(tmp_path / "lock")
    assert held is not None
    assert try_lock(tmp_path / "lock") is None
    giving_back = threading.Thread(target=held.release)
    giving_back.start()
    giving_back.join()
    again = try_lock(tmp_path / "lock")
    assert again is not None
    again.release()
