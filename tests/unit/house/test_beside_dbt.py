"""penstock installs next to a user's dbt without changing a version of anything that was there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import uv

from tests.support import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("beside")]

# dbts that are not the newest, each with the adapter and duckdb of its time. The duckdb of 1.8 is older than penstock's own
# `duckdb` extra can read: that one brings a newer, whoever asks for it.
THEIRS = {
    "1.8": (["dbt-core>=1.8,<1.9", "dbt-duckdb>=1.8,<1.9", "duckdb<1.2"], "dbt"),
    "1.11": (["dbt-core>=1.11,<1.12", "dbt-duckdb>=1.11,<1.12", "duckdb>=1.4,<1.5"], "all"),
}


def call(*arguments: str) -> str:
    done = subprocess.run([uv.find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def versions(python: Path) -> dict[str, str]:
    listed = call("pip", "freeze", "--python", str(python))
    return dict(line.split("==", 1) for line in listed.splitlines() if "==" in line)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = ("--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder))
    call("build", *words, str(ROOT))
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.parametrize("release", THEIRS)
def test_nothing_that_was_there_changes(release: str, wheel: Path, tmp_path: Path) -> None:
    theirs, extra = THEIRS[release]
    python = tmp_path / "theirs" / "bin" / "python"
    call("venv", "-q", "--python", sys.executable, str(tmp_path / "theirs"))
    call("pip", "install", "-q", "--python", str(python), *theirs)
    before = versions(python)
    call("pip", "install", "-q", "--python", str(python), f"{wheel}[{extra}]")
    after = versions(python)
    assert {name: after.get(name) for name in before} == before
    assert before["dbt-core"].startswith(f"{release}.")
    done = subprocess.run(
        [str(python), "-m", "penstock", "--version"], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("penstock "), done.stderr
    done = subprocess.run(
        [str(python.parent / "penstock"), "ls", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
