"""`penstock logs` of steps that said nothing, were stopped, or never began; and an error that is told once."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.test_unread_output import make
from tests.tools.command import environ, penstock, start

pytestmark = pytest.mark.slow

SILENT = """
import json, os, sys, time
def say(**message): print(json.dumps(message), flush=True)
schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
verb = sys.argv[1]
if verb == "spec":
    say(type="SPEC", spec={"connectionSpecification": {"type": "object"}})
elif verb == "discover":
    say(type="CATALOG", catalog={"streams": [{"name": "s", "json_schema": schema, "supported_sync_modes": ["full_refresh"]}]})
elif verb == "read":
    while os.path.exists("wait"): time.sleep(0.05)
    say(type="RECORD", record={"stream": "s", "data": {"id": 1}, "emitted_at": 1})
"""


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "silent.py").write_text(SILENT)
    source = {"command": [sys.executable, "-S", "silent.py"]}
    document = {
        "name": "silent",
        "warehouses": {"main": {"type": "duckdb", "path": "w.duckdb"}},
        "airbyte": {
            "ingest": {"connections": {"c": {"source": source, "destination": "main", "schema": "raw"}}}
        },
    }
    (tmp_path / "penstock.yml").write_text(json.dumps(document))
    return tmp_path


def test_a_step_that_says_nothing(silent: Path) -> None:
    assert penstock(silent, "run", env=environ(None)).code == 0
    shown = penstock(silent, "logs", env=environ(None))
    assert (shown.code, shown.out) == (0, "== airbyte/ingest/c attempt 1: succeeded\n")
    assert "it wrote nothing" in shown.err and "gone" not in shown.err
    shutil.rmtree(silent / ".penstock" / "runs")
    assert "its log is not on this machine" in penstock(silent, "logs", env=environ(None)).err


def test_a_step_that_was_cancelled(silent: Path) -> None:
    (silent / "wait").touch()
    running = start(silent, "run", env=environ(None))
    deadline = time.monotonic() + 60
    while not [*(silent / ".penstock").glob("runs/*/*/1/pid")]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert penstock(silent, "cancel", env=environ(None)).code == 0
    running.communicate()
    shown = penstock(silent, "logs", "latest", "c", env=environ(None))
    assert shown.out.splitlines() == [
        "== airbyte/ingest/c attempt 1: cancelled",
        "cancelled from another terminal",
    ]


def test_an_error_is_told_once_in_a_summary_and_once_in_the_history(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", fail_after=10, error="the API is down")
    failed = penstock(folder, "run", env=environ(None))
    summary = failed.out[failed.out.index("ERROR things") :]
    assert summary.count("the API is down") == 1, summary
    shown = penstock(folder, "runs", "latest", env=environ(None))
    assert shown.out.count("the API is down") == 1, shown
