"""-q: errors and the last line, nothing else, on stdout and on stderr."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_unread_output import make
from tests.tools.command import environ, penstock

pytestmark = pytest.mark.slow
ENV = environ(None)


def test_a_good_run_prints_its_last_line_only(tmp_path: Path) -> None:
    folder = make(tmp_path / "p")
    planned = penstock(folder, "plan", "-q", env=ENV)
    assert planned.out == "1 asset to build (1 sync), 0 checks, 1 not built\n", planned
    assert planned.err == ""
    done = penstock(folder, "run", "--quiet", env=ENV)
    assert (done.code, done.err) == (0, ""), done
    (line,) = done.out.splitlines()
    assert line.startswith("run 1 succeeded in ")
    assert line.endswith(": 1 success, 20 rows")
    seen = penstock(folder, "refresh", "-q", env=ENV)
    assert seen.err == "", seen
    assert len(seen.out.splitlines()) == 1
    assert len(penstock(folder, "run", env=ENV).out.splitlines()) > 1


def test_a_failure_is_told_with_its_reason(tmp_path: Path) -> None:
    folder = make(tmp_path / "p")
    assert penstock(folder, "run", "-q", env=ENV).code == 0
    document = json.loads((folder / "penstock.yml").read_text())
    document["airbyte"]["ingest"]["connections"]["c"]["source"]["config"]["fail_after"] = 3
    (folder / "penstock.yml").write_text(json.dumps(document))
    for command in ("run", "retry"):
        failed = penstock(folder, command, "-q", env=ENV)
        assert (failed.code, failed.err) == (1, ""), failed
        assert "ERROR" in failed.out
        assert failed.out.splitlines()[-1].startswith("run ")
        assert "penstock retry" not in failed.out


def test_quiet_with_json_is_one_document(tmp_path: Path) -> None:
    done = penstock(make(tmp_path / "p"), "run", "-q", "--json", env=ENV)
    assert done.json()["state"] == "succeeded"
    assert done.err == ""


def test_looking_prints_its_last_line_only(tmp_path: Path) -> None:
    folder = make(tmp_path / "p")
    lines = {
        ("doctor",): "checks, 0 wrong",
        ("drift",): "0 changes, 0 that break something",
        ("airbyte", "check", "c"): "ok  ",
    }
    for command, words in lines.items():
        done = penstock(folder, *command, "-q", env=ENV)
        assert (done.code, done.err) == (0, ""), done
        (line,) = done.out.splitlines()
        assert words in line, done
    shown = penstock(folder, "assets", "-q", "--refresh", env=ENV)
    assert (shown.code, shown.err) == (0, ""), shown
    assert penstock(folder, "assets", "--refresh", env=ENV).err != ""


def test_what_is_wrong_is_told_all_the_same(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", deaf="the password is wrong")
    for command in (["doctor"], ["airbyte", "check", "c"]):
        done = penstock(folder, *command, "-q", env=ENV)
        assert done.code == 1, done
        assert "asking" not in done.err
        assert "WRONG" in done.out
        assert "the password is wrong" in done.out
