"""A server derives columns, and examines tools, in processes that end: it holds neither the parser nor the drivers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.service.columns import column_graph
from penstock.service.observe import look
from penstock.service.own_process import columns_apart, doctor_apart
from penstock.service.workspace import open_workspace

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]

ASKED = """
import json, sys
from pathlib import Path
from penstock.service.own_process import columns_apart, doctor_apart
from penstock.service.observe import look
from penstock.service.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
found = columns_apart(workspace, look(workspace))
told = doctor_apart(workspace)
print(json.dumps([found.coverage.edges, sorted(told), "sqlglot" in sys.modules, "duckdb" in sys.modules]))
"""


def test_nothing_large_is_loaded_here(built: Path) -> None:
    for file in (built / ".penstock" / "snapshot").glob("columns-*"):
        file.unlink()
    done = subprocess.run([sys.executable, "-c", ASKED, built], capture_output=True, text=True, check=True)
    edges, told, parser, driver = json.loads(done.stdout)
    assert edges > 0 and "format" in told
    assert (parser, driver) == (False, False)
    workspace = open_workspace(built)
    assert (
        columns_apart(workspace, look(workspace)).coverage
        == column_graph(workspace, look(workspace)).coverage
    )


def test_what_fails_there_is_done_here(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    for file in (built / ".penstock" / "snapshot").glob("columns-*"):
        file.unlink()
    workspace = open_workspace(built)
    assert columns_apart(workspace, look(workspace)).coverage.models > 0
    assert doctor_apart(workspace)["format"] == 1
