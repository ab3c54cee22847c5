"""penstock installs next to a user's dbt without changing a version of anything that was there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import uv

from tests.support import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("beside")]

# A dbt that is not the newest, with the adapter and duckdb of its time.
THEIRS = ["dbt-core>=1.9,<1.10", "dbt-duckdb>=1.9,<1.10", "duckdb>=1.4,<1.5"]


def call(*arguments: str) -> str:
    done = subprocess.run([uv.find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def versions(python: Path) -> dict[str, str]:
    listed = call("pip", "freeze", "--python", str(python))
    return dict(line.split("==", 1) for line in listed.splitlines() if "==" in line)


def test_nothing_that_was_there_changes(tmp_path: Path) -> None:
    call(
        "build",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        str(tmp_path),
        str(ROOT),
    )
    (wheel,) = tmp_path.glob("*.whl")
    python = tmp_path / "theirs" / "bin" / "python"
    call("venv", "-q", "--python", sys.executable, str(tmp_path / "theirs"))
    call("pip", "install", "-q", "--python", str(python), *THEIRS)
    before = versions(python)
    call("pip", "install", "-q", "--python", str(python), f"{wheel}[all]")
    after = versions(python)
    assert {name: after.get(name) for name in before} == before
    assert before["dbt-core"].startswith("1.9.")
    done = subprocess.run(
        [str(python), "-m", "penstock", "--version"], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("penstock "), done.stderr
    done = subprocess.run(
        [str(python.parent / "penstock"), "ls", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
