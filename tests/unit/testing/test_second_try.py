"""What fails by chance is tried again and told; what fails twice fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

_TESTS = """
from pathlib import Path
import pytest

SEEN = []

def test_fails_once():
    SEEN.append("once")
    assert SEEN.count("once") > 1, "the first try"

def test_fails_twice():
    assert False, "each try"

@pytest.mark.together
@pytest.mark.parametrize("n", [1, 2, 3])
def test_side_by_side(n, tmp_path: Path):
    SEEN.append(n)
    assert n != 2 or SEEN.count(2) > 1, "beside others"
"""
_PLUGINS = ("-p", "tests.tools.second_try", "-p", "tests.tools.together")


def _printed(folder: Path) -> str:
    file = folder / "test_chance.py"
    file.write_text(_TESTS)
    command = [sys.executable, "-m", "pytest", "-q", *_PLUGINS, f"--rootdir={folder}", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def test_a_second_try_is_told(tmp_path: Path) -> None:
    printed = _printed(tmp_path)
    assert "1 failed, 4 passed" in printed
    assert "3 rerun" in printed
    told = printed[printed.index("failed at first, to be looked into") :]
    assert "the first try" in told
    assert "beside others" in told
    assert "each try" not in told.partition("short test summary")[0]
