"""Environments of tests and benches are made wherever they are started from: uv is the one beside this Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.tools.environment import make_environment


def test_uv_is_found_when_path_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    make_environment(tmp_path / "made", ["six"])
    assert (tmp_path / "made" / "bin" / "python").exists()


def test_no_command_trusts_path_for_uv() -> None:
    started = re.compile(r"""(run|Popen|check_call|check_output)\(\s*\[\s*["']uv["']|=\s*\[\s*["']uv["'],""")
    found = [path for path in (ROOT / "tests").rglob("*.py") if started.search(path.read_text())]
    own = {Path(__file__), ROOT / "tests" / "unit" / "penstock_dbt_run" / "test_locate.py"}
    assert set(found) <= own
