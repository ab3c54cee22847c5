"""Checks of penstock.yml through the command line: planned, run, shown; a failing one holds up what is made from its table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools.command import penstock
from tests.tools.loaded import make

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("checks")]


def project(root: Path, checks: dict[str, Any]) -> Path:
    folder = make(root, slow={"fail_after": 100_000})
    document = json.loads((folder / "penstock.yml").read_text())
    document["checks"] = {"main": {"assets": checks}}
    (folder / "penstock.yml").write_text(json.dumps(document))
    return folder


def items(folder: Path) -> dict[str, dict[str, Any]]:
    detail = penstock(folder, "runs", "latest", "--json").json()
    return {item["name"]: item for item in detail["items"]}


def test_a_check_that_fails_holds_up_what_is_made_from_its_table(tmp_path: Path) -> None:
    folder = project(
        tmp_path / "loaded",
        {
            "raw_fast.things": {"unique": ["id"], "row_count": {"min": 1000}},
            "raw_slow.things": {"not_null": ["name"], "row_count": {"min": 1000}, "warn": ["row_count"]},
            "slow_things": {"accepted_values": {"name": ["thing 1"]}, "warn": ["accepted_values"]},
        },
    )
    planned = penstock(folder, "plan", "--json")
    assert planned.code == 0, planned
    done = penstock(folder, "build")
    assert done.code == 1, done
    found = items(folder)
    states = {name: item["state"] for name, item in found.items()}
    assert states["raw_fast_things_unique_id"] == "success"
    assert states["raw_fast_things_row_count"] == "fail"
    assert (states["fast_things"], states["fast_count"], states["all_things"]) == ("skipped",) * 3
    assert states["raw_slow_things_not_null_name"] == "success"
    assert states["raw_slow_things_row_count"] == "warn"
    assert states["slow_things"] == "success"
    assert states["slow_things_accepted_values_name"] == "warn"
    assert found["slow_things_accepted_values_name"]["message"] == "99 rows with another value"
    shown = {state["name"]: state for state in penstock(folder, "status", "--json").json()["assets"]}
    outcomes = {check["name"]: check["outcome"] for check in shown["slow_things"]["checks"]}
    assert outcomes == {"slow_things_accepted_values_name": "warn"}
    costs_are_told(folder)
    assert penstock(folder, "run", "-s", "slow_things").code == 0, (
        "run leaves checks out, as it leaves tests out"
    )


def costs_are_told(folder: Path) -> None:
    """By asset, with its checks; the lines and the rest are the whole; and what was not made costs nothing."""
    found = penstock(folder, "cost", "--json").json()
    lines = {line["name"]: line for line in found["lines"]}
    assert lines["raw_fast.things"]["seconds"] > 0
    assert lines["slow_things"]["warehouse_seconds"] > 0, "its check was timed by the warehouse"
    assert "fast_count" not in lines
    whole = sum(line["seconds"] for line in found["lines"]) + found["rest"]["seconds"]
    assert abs(whole - found["total"]["seconds"]) < 0.001
    one = penstock(folder, "cost", "slow_things", "--by", "run", "--json").json()
    assert [line["name"] for line in one["lines"]] == ["1"]
    assert one["total"]["seconds"] < found["total"]["seconds"]
    shown = penstock(folder, "cost", "--by", "tag")
    assert shown.code == 0 and "(none)" in shown.out
    assert penstock(folder, "cost", "--since", "soon").code == 2
    assert "in the warehouse" in penstock(folder, "runs", "1").out


def test_what_is_wrong_in_penstock_yml_is_one_line(tmp_path: Path) -> None:
    folder = project(tmp_path / "loaded", {"slow_things": {"freshness": {"id": "soon"}}})
    done = penstock(folder, "plan")
    assert done.code == 2
    assert "checks.main.slow_things.freshness.id: 'soon' is no duration" in done.err
    typed = project(tmp_path / "typed", {"slow_things": {"not_nul": ["id"]}})
    done = penstock(typed, "plan")
    assert done.code == 2
    assert "did you mean 'not_null'?" in done.err
