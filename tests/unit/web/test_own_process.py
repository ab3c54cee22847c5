"""A server plans, derives columns and examines tools in processes that end: it holds neither the parser nor the drivers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.cli.scheduled import read_command
from penstock.errors import PenstockError
from penstock.service.columns import column_graph
from penstock.service.helping import Helpers
from penstock.service.launching import Wanted, hash_of, planned
from penstock.service.observe import look
from penstock.service.own_process import columns_apart, doctor_apart
from penstock.service.planning import RunRequest
from penstock.service.serving import Serving
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
from penstock.cli.scheduled import read_command
told = doctor_apart(workspace, read_command)
from penstock.service.launching import Wanted
from penstock.service.serving import Serving
serving = Serving(Path(sys.argv[1]), None, read_command)
plan = serving.planned(Wanted())
graph = serving.seen().graph
marks = serving.sql(graph.names.find("fast_things").key).marks
serving.close()
assert len(plan.items) == len(graph.assets), plan
assert {mark.kind for mark in marks}, marks
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
    assert doctor_apart(workspace, read_command)["format"] == 1


def test_a_plan_made_apart_is_the_one_that_is_made_here(built: Path) -> None:
    workspace, helpers = open_workspace(built), Helpers()
    try:
        for words in ((), ("fast_things+",), ("no_such_thing",)):
            wanted = Wanted(asked=RunRequest(include=words))
            try:
                here = planned(workspace, wanted)[2]
            except PenstockError:
                assert helpers.plan(workspace, wanted) is None
            else:
                told = helpers.plan(workspace, wanted)
                assert told is not None and (hash_of(told), told) == (hash_of(here), here)
    finally:
        helpers.close()


def test_a_helper_ends_when_nobody_asks_and_the_next_question_begins_another(built: Path) -> None:
    workspace, helpers = open_workspace(built), Helpers(idle=0.01)
    wanted = Wanted(asked=RunRequest(include=("fast_things",)))
    try:
        assert helpers.plan(workspace, wanted) is not None
        (one,) = helpers._free
        assert one.wait(60) == 0
        assert helpers.plan(workspace, wanted) is not None
        assert helpers._free != [one]
    finally:
        helpers.close()
    assert helpers._free == []


def test_what_is_asked_while_the_server_closes_leaves_no_helper(built: Path) -> None:
    workspace, helpers = open_workspace(built), Helpers()
    helpers.close()
    assert helpers.plan(workspace, Wanted(asked=RunRequest(include=("fast_things",)))) is not None
    assert helpers._free == []


def test_a_plan_is_made_here_where_no_helper_can_be(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving = Serving(built, None, read_command)
    for broken in ("/bin/false", "/no/such/program"):
        monkeypatch.setattr(sys, "executable", broken)
        assert serving.planned(Wanted(asked=RunRequest(include=("fast_things",)))).items
    serving.close()


def test_a_file_of_the_users_folder_is_no_module_of_ours(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands in a folder with a json.py starts a server that must not run it."""
    monkeypatch.chdir(tmp_path)
    for name in ("json", "msgspec", "penstock"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    workspace, helpers = open_workspace(built), Helpers()
    try:
        assert helpers.plan(workspace, Wanted(asked=RunRequest(include=("fast_things",)))) is not None
    finally:
        helpers.close()
    assert doctor_apart(workspace, read_command)["format"] == 1
    assert not (tmp_path / "ran").exists()
