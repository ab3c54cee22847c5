"""Tests that are begun side by side are still judged one by one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

TESTS = """
import threading
import pytest

pytestmark = pytest.mark.together
BOTH = threading.Barrier(2)

@pytest.mark.parametrize("right", [True, False])
def test_it(right, tmp_path):
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").touch()
    BOTH.wait(30)
    assert right, "the wrong one"
"""


def test_each_is_judged_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "test_both.py"
    file.write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider",
               "-p", "tests.tools.together", "--rootdir", str(tmp_path), "-v", str(file)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "test_it[True] PASSED" in done.stdout
    assert "test_it[False] FAILED" in done.stdout and "the wrong one" in done.stdout
