"""A server that is told to end: its only way to end, so no failure."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.command import environ

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGINT,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,), (signal.SIGHUP,)],
    ids=["Ctrl-C", "Ctrl-C twice", "SIGTERM", "a closed terminal"],
)
def test_a_signal_ends_it_without_an_error(tmp_path: Path, signals: tuple[signal.Signals, ...]) -> None:
    (tmp_path / "penstock.yml").write_text("name: ended\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "penstock", "web", "--port", "0"],
        cwd=tmp_path,
        env=environ(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert "http://" in running.stdout.readline()
    for number in signals:
        running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
