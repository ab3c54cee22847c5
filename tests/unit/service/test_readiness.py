"""Nothing that acts by itself is called in order, or left out, without having been looked at."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from penstock import registry
from penstock.cli.scheduled import read_command
from penstock.integration import Diagnosis
from penstock.project import load_project
from penstock.service.health import examine
from penstock.service.workspace import Workspace

BASE = "name: x\nwarehouses: {main: {type: duckdb, path: w.duckdb}}\n"


def doctor(root: Path, text: str) -> dict[str, Diagnosis]:
    (root / "penstock.yml").write_text(BASE + text)
    if not (root / "w.duckdb").exists():
        with duckdb.connect(str(root / "w.duckdb")) as made:
            made.execute("create table orders as select 1 as id")
    project = load_project(root, environment=None, integrations=registry.names(), environ={})
    return {line.subject: line for line in examine(Workspace(project, environ={}), read_command).lines}


@pytest.mark.parametrize(
    ("text", "subject", "said"),
    [
        ("schedules: [{name: n, every: 5m, run: build -s nope}]", "schedules/n", "nope"),
        ("schedules: [{name: n, every: 5m, run: build --exclude nope}]", "schedules/n", "nope"),
        ("schedules: [{name: n, every: 5m, run: biuld}]", "schedules/n", "biuld"),
        ("schedules: [{name: n, every: 5m, run: build --nope}]", "schedules/n", "--nope"),
        ('schedules: [{name: n, cron: "0 0 30 2 *", run: build}]', "schedules", "day"),
        ("policies: [{select: nope, fresh: {warn: 1h}}]", "policies", "nope"),
        ('events: {g: {type: github, secret: "${UNSET}"}}', "events", "UNSET"),
        ('events: {f: {type: files, path: "nowhere/*.csv"}}', "events/f", "nowhere"),
        ("events: {q: {type: value, query: select * from nope}}", "events/q", "nope"),
        ('alerts: {channels: {w: {type: teams, url: "${UNSET}"}}, routes: [{to: [w]}]}', "alerts", "UNSET"),
        ("alerts: {channels: {w: {type: teams, url: example.com}}, routes: [{to: [w]}]}", "alerts/w", "url"),
        ("alerts: {channels: {s: {type: slack, token: abc}}, routes: [{to: [s]}]}", "alerts/s", "channel"),
        ("alerts: {channels: {f: {type: file, path: no/a.log}}, routes: [{to: [f]}]}", "alerts/f", "folder"),
        ("alerts: {channels: {f: {type: file, path: a.log}}}", "alerts", "nobody"),
        ("alerts: {channels: {f: {type: file, path: a.log}}, routes: [{to: [g]}]}", "alerts", "'g'"),
        ("alerts: {ping: {url: example.com}}", "alerts/ping", "url"),
    ],
)
def test_what_cannot_work_is_wrong(tmp_path: Path, text: str, subject: str, said: str) -> None:
    line = doctor(tmp_path, text)[subject]
    assert not line.ok
    assert said in line.message


def test_what_works_says_what_was_not_asked(tmp_path: Path) -> None:
    lines = doctor(
        tmp_path,
        "schedules: [{name: n, every: 5m, run: build}]\n"
        "policies: [{select: main.orders, fresh: {warn: 1h}}]\n"
        "events: {g: {type: token, token: abcdefghijklmnopqrst}, q: {type: value, query: select 1}}\n"
        'alerts: {channels: {w: {type: teams, url: "https://127.0.0.1:9/x"}, f: {type: file, path: a.log}},\n'
        "         routes: [{to: [w]}]}\n",
    )
    assert all(line.ok for line in lines.values())
    told = {subject: line.unchecked for subject, line in lines.items()}
    assert "penstock alerts test w" in (told["alerts/w"] or "")
    assert "whether anybody" in (told["events/g"] or "")
    assert [told[one] for one in ("schedules", "policies", "events/q", "alerts/f")] == [None] * 4
    assert "no route" in (lines["alerts/f"].hint or "")


def test_a_store_that_is_gone_is_one_line(tmp_path: Path) -> None:
    lines = doctor(tmp_path, "store: postgresql://u:a-long-password@127.0.0.1:9/x\n")
    assert [subject for subject, line in lines.items() if not line.ok] == ["store"]
    assert lines["warehouse/main"].unchecked
    assert lines["graph"].unchecked


def test_an_attached_file_that_is_missing_is_said(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text(
        "name: x\nwarehouses: {main: {type: duckdb, path: n.duckdb, attach: [{path: crm.duckdb, alias: crm}]}}\n"
    )
    project = load_project(tmp_path, environment=None, integrations=registry.names(), environ={})
    lines = examine(Workspace(project, environ={}), read_command).lines
    assert [line.unchecked for line in lines if "crm.duckdb yet" in line.message] == ["what it will hold"]


def test_a_file_that_cannot_be_made_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    (tmp_path / "penstock.yml").write_text(
        "name: x\nwarehouses: {main: {type: duckdb, path: taken/n.duckdb}}\n"
    )
    project = load_project(tmp_path, environment=None, integrations=registry.names(), environ={})
    lines = examine(Workspace(project, environ={}), read_command).lines
    assert [line.ok for line in lines if line.subject == "n.duckdb"] == [False]


@pytest.mark.parametrize("store", ["taken/runs.db", "folder"])
def test_a_store_that_cannot_be_made_is_wrong(tmp_path: Path, store: str) -> None:
    (tmp_path / "taken").write_text("no folder")
    (tmp_path / "folder").mkdir()
    assert not doctor(tmp_path, f"store: sqlite:///{store}\n")["store"].ok


def test_a_check_of_a_table_that_nobody_knows_is_said(tmp_path: Path) -> None:
    text = "checks: {main: {assets: {nope: {not_null: [id]}}}}\n"
    lines = doctor(tmp_path, text)
    assert "nope" in lines["checks/main"].message
    assert lines["checks/main"].unchecked
