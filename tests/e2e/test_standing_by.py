"""Two `penstock up` on one run store whose projects differ: the second stands by, says so, and takes over after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.tools.command import penstock, start
from tests.tools.loaded import make

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("automation")]


def project(folder: Path, store: Path, schedule: str) -> Path:
    made = make(folder)
    document = made / "penstock.yml"
    said: dict[str, Any] = json.loads(document.read_text())
    said |= {"store": f"sqlite:///{store}", "schedules": [{"name": schedule, "every": "1h", "run": "build"}]}
    said["events"] = {"drops": {"type": "files", "path": "in/*.csv", "every": "1s"}}
    document.write_text(json.dumps(said))
    (made / "in").mkdir()
    return made


def heard(running: subprocess.Popen[str], words: str) -> str:
    """The line with these words."""
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        lines.append(line)
        if words in line:
            return line
    raise AssertionError(("".join(lines), running.communicate()[1]))


def test_the_second_takes_over_when_the_first_is_killed(tmp_path: Path) -> None:
    store = tmp_path / "shared.db"
    mine, yours = project(tmp_path / "a", store, "mine"), project(tmp_path / "b", store, "yours")
    first = start(mine, "up", "--no-web")
    try:
        heard(first, "mine is next")
        second = start(yours, "up", "--no-web", "-q")
        try:
            line = heard(second, "stand by")
            assert f"process {first.pid} on" in line and "takes over when it goes" in line
            (yours / "in" / "a.csv").write_text("a")
            os.utime(yours / "in" / "a.csv", (0, 0))
            once = penstock(yours, "up", "--once").out
            assert once.count("stand by") == 1
            assert "drops" not in once, "its folder is another one: it looks for nobody"
            daemons = penstock(mine, "automation", "status", "--json").json()["daemons"]
            assert [one["pid"] for one in daemons] == [first.pid, second.pid]
            first.send_signal(signal.SIGKILL)
            heard(second, "take over")
        finally:
            second.send_signal(signal.SIGTERM)
            second.communicate(timeout=60)
    finally:
        first.kill()
        first.communicate(timeout=60)
