"""Policies on a real project: built by themselves when the data changes, never when it does not, and each asset says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.service.workspace import open_workspace
from penstock.store import open_store
from tests.tools.command import penstock
from tests.tools.loaded import make

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("policies")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("policies") / "loaded")


def say(folder: Path, **parts: Any) -> None:
    document = folder / "penstock.yml"
    document.write_text(json.dumps({**json.loads(document.read_text()), **parts}, indent=1))


def runs(folder: Path) -> int:
    return len(penstock(folder, "runs", "--json").json()["runs"])


def test_a_change_is_other_data_and_each_decision_is_explained(folder: Path) -> None:
    say(folder, policies=[{"select": "fast_things fast_count", "build": "change", "settle": "0s"}])
    assert penstock(folder, "run", "-s", "+fast_count").code == 0
    # The first look looks forward only.
    assert penstock(folder, "up", "--once", "--no-web").code == 0
    before = runs(folder)
    # A sync that brings the same rows wakes the evaluator, and nothing is built.
    assert penstock(folder, "run", "-s", "raw_fast.things").code == 0
    done = penstock(folder, "up", "--once", "--no-web")
    assert done.code == 0 and runs(folder) == before + 1, done
    # Other rows do.
    things = folder / "things.json"
    rows = json.loads(things.read_text())
    rows["things"]["rows"].append({"id": 991, "name": "thing 991"})
    things.write_text(json.dumps(rows))
    assert penstock(folder, "run", "-s", "raw_fast.things").code == 0
    why = penstock(folder, "why", "fast_things", "--json").json()["automation"]
    assert why["code"] == "change" and "new data: raw_fast.things" in why["reason"], why
    assert why["line"].startswith("penstock.yml:")
    assert penstock(folder, "up", "--once", "--no-web").code == 0
    newest = penstock(folder, "runs", "--json").json()["runs"][0]
    assert newest["command"].startswith("penstock build fast_things, fast_count"), newest
    assert newest["state"] == "succeeded"
    same = penstock(folder, "why", "fast_things", "--json").json()["automation"]
    assert same["code"] == "same" and same["otherwise"]
    told = penstock(folder, "why", "fast_things", "--at", "0s", "--json").json()["automation"]
    assert told["snapshot"] and told["since"]
    _who_asks_moves_no_clock(folder)
    assert "no decision" in penstock(folder, "why", "fast_things", "--at", "yesterday").err
    assert "is no time" in penstock(folder, "why", "fast_things", "--at", "soon").err


def _who_asks_moves_no_clock(folder: Path) -> None:
    """Somebody else's checkout may have other rules: asking under them is not the daemon's first sight of them."""
    workspace = open_workspace(folder)
    store = open_store(workspace.project.store_url(), root=folder)
    before = store.decisions(workspace.project.environment).seen()
    document = folder / "penstock.yml"
    text = document.read_text()
    say(folder, policies=[{"select": "fast_things fast_count", "build": {"cron": "0 5 * * *"}}])
    assert penstock(folder, "why", "fast_things").code == 0
    document.write_text(text)
    assert store.decisions(workspace.project.environment).seen() == before
    store.close()


def test_a_simulated_week_of_the_own_project(folder: Path) -> None:
    promise = {"select": "fast_count", "fresh": {"warn": "4h", "fail": "8h"}}
    say(folder, policies=[promise])
    found = penstock(folder, "automation", "simulate", "--days", "2", "--json").json()
    assert found["builds_per_day"] < found["per_sync"] and found["runs"] > 2
    assert [(one["name"], one["broken_seconds"]) for one in found["promises"]] == [("fast_count", 0.0)]
    text = penstock(folder, "automation", "simulate", "--days", "2").out
    assert "one wave for each sync" in text and "fast_count (warn 4h, fail 8h): kept" in text
    assert "guard" not in text and not found["guarded"]
    say(folder, policies=[promise | {"guard": {"builds_per_day": 1}}])
    text = penstock(folder, "automation", "simulate", "--days", "1").out
    assert (
        text.startswith("1 day,") and "a guard (builds_per_day, runs_per_hour) held some builds back" in text
    )
    assert "no length of time" in penstock(folder, "automation", "simulate", "--every", "often").err


def test_what_is_held_is_released_by_a_person(folder: Path) -> None:
    assert "nothing is held" in penstock(folder, "automation", "release").err
