"""Lineage with both ends of the range of sqlglot, without its compiled part: the same golden files, the same answers."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.tools.environment import make_environment


def ends() -> tuple[str, str]:
    """The first version that pyproject.toml allows, and the newest below its upper bound that is installed here."""
    from importlib.metadata import version

    found = re.search(r'"sqlglot>=([\d.]+),<', (ROOT / "pyproject.toml").read_text())
    assert found is not None
    first = found[1]
    return (first if first.count(".") == 2 else f"{first}.0", version("sqlglot"))


@pytest.mark.long
@pytest.mark.parametrize("end", [0, 1], ids=["first", "last"])
def test_the_same_answers(tmp_path: Path, end: int) -> None:
    home = tmp_path / "venv"
    python = home / "bin" / "python"
    make_environment(home, [f"sqlglot=={ends()[end]}", "msgspec", "pytest", "hypothesis"])
    environ = dict(os.environ)
    environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "core"), str(ROOT)])
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/lineage"]
    command.append(
        "--ignore=tests/unit/lineage/test_command.py"
    )  # of the command, which needs all of penstock
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
