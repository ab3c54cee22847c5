"""Output that nobody reads any more (`penstock run | head -1`) is no failure of the work."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.tools.command import environ, penstock
from tests.tools.loaded import CONNECTORS, SCHEMA

pytestmark = pytest.mark.slow


def make(root: Path, **config: object) -> Path:
    (root / ".git").mkdir(parents=True)
    rows = [{"id": number, "name": f"thing {number}"} for number in range(20)]
    data = root / "things.json"
    data.write_text(json.dumps({"things": {"schema": SCHEMA, "key": ["id"], "cursor": "id", "rows": rows}}))
    source = {
        "command": [sys.executable, str(CONNECTORS / "table.py")],
        "config": {"data": str(data), **config},
    }
    connection = {"source": source, "destination": "main", "schema": "raw"}
    document = {
        "name": "unread",
        "warehouses": {"main": {"type": "duckdb", "path": "w.duckdb"}},
        "airbyte": {"ingest": {"connections": {"c": connection}}},
    }
    (root / "penstock.yml").write_text(json.dumps(document))
    return root


@pytest.mark.parametrize(
    ("command", "lines", "both"),
    [
        (["run"], 0, False),
        pytest.param(["run"], 1, False, marks=pytest.mark.long),
        (["run"], 1, True),
        pytest.param(["run"], 3, False, marks=pytest.mark.long),
        pytest.param(["run", "--json"], 0, False, marks=pytest.mark.long),
        (["run", "--json"], 0, True),
    ],
)
def test_a_reader_that_leaves(tmp_path: Path, command: list[str], lines: int, both: bool) -> None:
    """With `both`, stderr goes to the same reader."""
    folder = make(tmp_path / "p", pause=0.02)
    running = subprocess.Popen(
        [sys.executable, "-m", "penstock", *command],
        cwd=folder,
        env=environ(None),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if both else subprocess.PIPE,
    )
    assert running.stdout is not None
    for _ in range(lines):
        assert running.stdout.readline()
    running.stdout.close()
    said = ""
    if running.stderr is not None:
        said = running.stderr.read().decode()
        running.stderr.close()
    assert (running.wait(60), "Traceback" in said, "error" in said) == (0, False, False), said
    (run,) = penstock(folder, "runs", "--json", env=environ(None)).json()["runs"]
    assert run["state"] == "succeeded"


def test_a_run_that_failed_says_so_by_its_exit_code_alone(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", fail_after=10, error="no more")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "penstock", "run"],
            cwd=folder,
            env=environ(None),
            stdout=nobody,
            check=False,
        )
    assert done.returncode == 1
    shown = penstock(folder, "runs", "latest", env=environ(None)).out
    assert "no more" in shown and "Broken pipe" not in shown


def test_a_terminal_that_is_closed_leaves_the_run_to_be_resumed(tmp_path: Path) -> None:
    """As a window that is shut, or an SSH session that breaks off: SIGHUP, and nowhere to write to any more."""
    folder = make(tmp_path / "p")
    document = json.loads((folder / "penstock.yml").read_text())
    waiting = {
        "command": [sys.executable, str(CONNECTORS / "gate.py")],
        "config": {"release": str(tmp_path / "release")},
    }
    document["airbyte"]["ingest"]["connections"]["c"]["source"] = waiting
    (folder / "penstock.yml").write_text(json.dumps(document))
    terminal, inside = os.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "penstock", "run"],
        cwd=folder,
        env=environ(None),
        stdin=inside,
        stdout=inside,
        stderr=inside,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        start_new_session=True,
    )
    os.close(inside)
    shown = b""
    while b"reading" not in shown:
        shown += os.read(terminal, 4096)
    os.close(terminal)
    assert running.wait(60) == 3
    (run,) = penstock(folder, "runs", "--json", env=environ(None)).json()["runs"]
    assert (run["state"], run["message"]) == ("detached", "the terminal was closed: detached")
    (tmp_path / "release").touch()
    assert penstock(folder, "run", "--resume", env=environ(None)).code == 0
