"""penstock.yml edited while a daemon works by it, and which runs it lets go side by side."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from penstock.cli.scheduled import read_command
from penstock.cli.up import _check
from penstock.errors import ConfigError
from penstock.service.alone import Alone
from penstock.service.observe import look
from penstock.service.sensing import sensors
from penstock.service.serving import Serving
from penstock.service.watched import Watched
from penstock.service.workspace import Workspace, open_workspace

POSTGRES = {"type": "postgres", "host": "db", "user": "u", "password": "p", "dbname": "shop"}


def duck(path: str) -> dict[str, str]:
    return {"type": "duckdb", "path": path}


class Edited:
    """A project whose penstock.yml is written anew; no two writings have one time."""

    def __init__(self, root: Path) -> None:
        self._file = root / "penstock.yml"
        self._at = 1_000_000_000
        self.troubles: list[str] = []
        self.write(schedules=[{"name": "a", "cron": "0 6 * * *", "run": "build"}])
        self.workspace: Workspace = open_workspace(root)
        self.watched = Watched(self.workspace, read_command, self.troubles.append, _check)

    def write(self, **parts: Any) -> None:
        self._text(json.dumps({"name": "shop", **parts}, indent=1))

    def _text(self, text: str) -> None:
        self._file.write_text(text)
        self._at += 1
        os.utime(self._file, (self._at, self._at))

    def names(self) -> list[str]:
        return [one.name for one in self.watched()]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    return Edited(tmp_path)


def test_all_of_an_edit_counts_at_once(edited: Edited) -> None:
    rates = {"type": "value", "query": "select 1", "warehouse": "second"}
    policies = [{"select": "*", "fresh": {"fail": "4h"}}]
    edited.write(
        schedules=[{"name": "b", "cron": "0 7 * * *", "run": "build"}],
        warehouses={"main": duck("a.duckdb"), "second": duck("b.duckdb")},
        events={"rates": rates},
        policies=policies,
        alerts={"channels": {"log": {"type": "file", "path": "a.log"}}, "routes": [{"to": ["log"]}]},
    )
    assert edited.names() == ["b"] and edited.troubles == []
    assert [one.warehouse for one in sensors(edited.workspace, edited.watched.events())] == ["second"]
    document = edited.workspace.project.document
    assert [one.select for one in document.policies] == ["*"]
    assert list(edited.workspace.project.alerts().channels) == ["log"]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"schedules": [{"name": "a", "cron": "0 0 30 2 *", "run": "build"}]}, "30 2"),
        ({"alerts": {"routes": [{"to": ["nobody"]}]}}, "no channel 'nobody'"),
        ({"policies": [{"select": "*", "fresh": {"warn": "6h", "fail": "4h"}}]}, "warn"),
        ({"automation": {"quiet": [{"from": "22:00", "to": "22:00"}]}}, "no hours"),
        ({"store": "sqlite:///elsewhere.db"}, "another run store"),
        ({"shedules": []}, "schedules"),
    ],
)
def test_of_a_broken_edit_nothing_counts_and_it_is_told_once(
    edited: Edited, parts: dict[str, Any], words: str
) -> None:
    edited.write(**parts)
    assert edited.names() == ["a"] == edited.names()
    (told,) = edited.troubles
    assert words in told and "penstock.yml:" in told and told.endswith("as it was before still holds")
    edited.write(schedules=[{"name": "b", "cron": "0 7 * * *", "run": "build"}])
    assert edited.names() == ["b"]


def test_no_yaml_at_all(edited: Edited) -> None:
    edited._text("name: [shop\n")
    assert edited.names() == ["a"] and len(edited.troubles) == 1
    edited._file.unlink()
    assert edited.names() == ["a"]


def test_what_is_gone_for_a_moment_is_nobodys_other_project(edited: Edited) -> None:
    """An editor that writes a file anew removes it first; the folder may be a dbt project too."""
    root = edited.workspace.project.root
    (root / "dbt_project.yml").write_text("name: shop\nversion: '1'\nprofile: shop\n")
    serving = Serving(root, None, read_command)
    known = serving.workspace
    edited._file.unlink()
    assert edited.names() == ["a"] == edited.names()
    with pytest.raises(ConfigError, match="not there any more"):
        serving.workspace  # noqa: B018
    assert edited.troubles == [
        "penstock.yml: it is not there any more; penstock.yml as it was before still holds"
    ]
    edited.write(schedules=[{"name": "b", "cron": "0 7 * * *", "run": "build"}])
    assert edited.names() == ["b"]
    assert serving.workspace is not known and serving.workspace.project.file == edited._file
    serving.close()


def test_what_two_runs_would_both_open_is_had_alone(edited: Edited) -> None:
    """Of DuckDB the file; a server lets in all. What is not known would have it all."""
    root = edited.workspace.project.root
    for name in ("a", "b"):
        with duckdb.connect(str(root / f"{name}.duckdb")) as connection:
            connection.execute(f"create table t{name} as select 1 as n")
    edited.write(
        warehouses={"main": duck("a.duckdb"), "second": duck("b.duckdb")},
        schedules=[
            {"name": name, "cron": "0 6 * * *", "run": f"build {what}".rstrip()}
            for name, what in (("one", "-s ta"), ("other", "-s tb"), ("both", "-s ta tb"), ("all", ""))
        ],
    )
    schedules = edited.watched()
    look(edited.workspace, may_call=True)
    alone = Alone(edited.workspace, lambda one: edited.watched.commands[one.name])
    first, second = frozenset({"duckdb:a.duckdb"}), frozenset({"duckdb:b.duckdb"})
    assert alone(schedules, ["one", "other", "both", "all", "gone", "policies"]) == {
        "one": first,
        "other": second,
        **dict.fromkeys(("both", "all", "gone", "policies"), first | second),
    }
    edited.write(warehouses={"server": POSTGRES})
    assert alone(edited.watched(), ["gone"]) == {"gone": frozenset()}
