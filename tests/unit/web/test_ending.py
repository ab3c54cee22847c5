"""A server that is told to end: its only way to end, so no failure."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.command import environ

pytestmark = pytest.mark.slow

# Ctrl-C comes again as the last thing of the command, and once more when Python has left hearing signals.
AGAIN = """
import atexit, os, signal

class Last:
    def __del__(self, kill=os.kill, call=(os.getpid(), signal.SIGINT)):
        kill(*call)

last = Last()
atexit.register(os.kill, os.getpid(), signal.SIGINT)
from penstock.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGINT, ["-m", "penstock"]),
        (signal.SIGINT, ["-c", AGAIN]),
        (signal.SIGTERM, ["-m", "penstock"]),
        (signal.SIGHUP, ["-m", "penstock"]),
    ],
    ids=["Ctrl-C", "Ctrl-C again", "SIGTERM", "a closed terminal"],
)
def test_a_signal_ends_it_without_an_error(tmp_path: Path, number: signal.Signals, words: list[str]) -> None:
    (tmp_path / "penstock.yml").write_text("name: ended\n")
    running = subprocess.Popen(
        [sys.executable, *words, "web", "--port", "0"],
        cwd=tmp_path,
        env=environ(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert "http://" in running.stdout.readline()
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
