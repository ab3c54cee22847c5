"""The page of the Python interface: its examples run, in a project of their own, and it names all that is public."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import penstock
from tests.support import ROOT
from tests.tools.command import COFFEE, copied, environ

PAGE = ROOT / "docs" / "reference" / "python.md"


def test_every_public_name_is_there_and_is_mentioned() -> None:
    assert sorted(penstock.__all__) == list(penstock.__all__)
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in penstock.__all__ if f"`{name}`" not in text and f"## {name}" not in text] == []
    assert [name for name in penstock.__all__ if getattr(penstock, name, None) is None] == []


@pytest.mark.slow
@pytest.mark.xdist_group("coffee")
def test_the_examples_say_what_happens(tmp_path: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    done = subprocess.run(
        [sys.executable, "-m", "doctest", str(PAGE)],
        cwd=folder,
        env=environ(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
