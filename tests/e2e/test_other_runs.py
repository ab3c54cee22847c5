"""What runs elsewhere tell: dbt's own results beside the project, artefacts brought in, and selection by what differs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.command import COFFEE, copied, environ, penstock
from tests.tools.forked_dbt import forked_environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("coffee")]


def dbt(folder: Path, *words: str) -> None:
    """The user's own dbt, in the user's own way."""
    command = [str(forked_environment() / "dbt"), "--quiet", *words]
    done = subprocess.run(command, cwd=folder, env=environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(COFFEE, tmp_path_factory.mktemp("other") / "coffee")
    dbt(folder, "build")
    shutil.copytree(folder / "target", folder.parent / "kept")
    return folder


def states(folder: Path) -> dict[str, tuple[str | None, str | None]]:
    assets = penstock(folder, "status", "--json").json()["assets"]
    return {asset["name"]: (asset["outcome"], asset["by"]) for asset in assets}


def test_what_dbt_made_by_itself_is_known_and_stays_known(project: Path) -> None:
    by = "dbt run outside penstock"
    assert states(project)["people"] == ("success", by)
    shown = penstock(project, "plan", "-s", "people")
    assert f"({by})" in shown.out, shown
    assert penstock(project, "run", "-s", "cups").code == 0
    (project / "target" / "run_results.json").unlink()
    known = states(project)
    assert (known["people"], known["cups"]) == (("success", by), ("success", "penstock"))


def test_artefacts_from_elsewhere_are_learnt(tmp_path: Path, project: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    assert states(folder)["people"] == (None, None)
    told = penstock(folder, "ingest", str(project.parent / "kept"))
    assert told.code == 0, told
    assert told.out.startswith("dbt/coffee: 7 assets, ")
    assert states(folder)["people"] == ("success", "dbt run outside penstock")
    again = penstock(folder, "ingest", str(project.parent / "kept" / "run_results.json"), "--json").json()
    assert (again["assets"], again["unknown"], again["elsewhere"]) == (7, [], [])


def test_artefacts_of_another_target_are_not_taken_for_this_one(tmp_path: Path, project: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    results = json.loads((project.parent / "kept" / "run_results.json").read_text())
    for result in results["results"]:
        if result.get("relation_name"):
            result["relation_name"] = result["relation_name"].replace('"coffee"', '"coffee_prod"')
    (tmp_path / "run_results.json").write_text(json.dumps(results))
    told = penstock(folder, "ingest", str(tmp_path / "run_results.json"), "--json").json()
    assert told["assets"] == 0
    assert "model.coffee.people" in told["elsewhere"]
    assert states(folder)["people"] == (None, None)


def test_what_cannot_be_learnt_from_is_refused(tmp_path: Path, project: Path) -> None:
    missing = penstock(project, "ingest", str(tmp_path / "nothing"))
    assert (missing.code, "there is no such file" in missing.err) == (2, True), missing
    empty = penstock(project, "ingest", str(tmp_path))
    assert (empty.code, "no artefacts of dbt" in empty.err) == (2, True), empty
    (tmp_path / "run_results.json").write_text("{")
    broken = penstock(project, "ingest", str(tmp_path))
    assert broken.code == 2 and "not a readable run_results.json" in broken.err, broken


def names(folder: Path, *words: str) -> set[str]:
    done = penstock(folder, "assets", "--json", *words)
    assert done.code == 0, done
    return {asset["name"] for asset in done.json()["assets"]}


def test_selection_by_state(tmp_path: Path, project: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    state = ("--state", str(project.parent / "kept"))
    cups = folder / "models" / "cups.sql"
    cups.write_text(cups.read_text() + "-- as before\n")
    (folder / "models" / "added.sql").write_text("select 1 as id\n")
    assert names(folder, "-s", "state:modified", *state) == {"cups", "added"}
    assert names(folder, "-s", "state:new", *state) == {"added"}
    assert {"cups", "drinkers"} <= names(folder, "-s", "state:modified+", *state)
    plan = penstock(folder, "plan", "-s", "state:new", *state)
    assert "1 asset to build" in plan.err, plan


def test_selection_by_result(tmp_path: Path, project: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    none = penstock(folder, "plan", "-s", "result:error")
    assert (none.code, "asks for the latest run, and there is none here" in none.err) == (2, True), none
    kept = str(project.parent / "kept")
    assert "people" in names(folder, "-s", "result:success", "--state", kept)
    cups = folder / "models" / "cups.sql"
    cups.write_text(cups.read_text().replace("cents", "cent"))
    assert penstock(folder, "run").code == 1
    assert names(folder, "-s", "result:error") == {"cups"}
    assert "drinkers" in names(folder, "-s", "result:skipped")


def test_selection_by_state_is_refused_without_artefacts(project: Path, tmp_path: Path) -> None:
    without = penstock(project, "assets", "-s", "state:modified")
    assert without.code == 2 and "add --state DIR" in without.err, without
    nowhere = penstock(project, "assets", "-s", "state:modified", "--state", str(tmp_path))
    assert nowhere.code == 2 and "there is no manifest.json in" in nowhere.err, nowhere
    fresh = penstock(project, "assets", "-s", "source_status:fresher", "--state", str(tmp_path))
    assert fresh.code == 2 and "there is no sources.json in" in fresh.err, fresh


def test_resource_types_and_tests_that_come_along(project: Path) -> None:
    assert names(project, "--resource-type", "seed") == {"raw_people", "raw_cups"}
    wrong = penstock(project, "assets", "--resource-type", "modle")
    assert wrong.code == 2 and "no resource type 'modle'; did you mean 'model'?" in wrong.err, wrong
    assert not names(project, "--exclude-resource-type", "seed model") & {"raw_people", "people"}
    plan = penstock(project, "plan", "-s", "people", "--indirect-selection", "empty")
    assert "1 asset to build, 0 checks" in plan.err, plan


def edges(folder: Path) -> dict[str, object]:
    """The column edges of some columns up to the seeds."""
    found = {}
    for name in ("drinkers.spent", "drinkers.person_id", "cups.price", "regulars.person_id"):
        done = penstock(folder, "lineage", name, "--upstream", "--json")
        assert done.code == 0, done
        found[name] = done.json()["edges"]
    return found


def test_lineage_after_half_a_build_and_an_edit_is_that_of_a_full_compile(tmp_path: Path) -> None:
    half, whole = copied(COFFEE, tmp_path / "half"), copied(COFFEE, tmp_path / "whole")
    assert penstock(half, "run", "-s", "+cups").code == 0
    for folder in (half, whole):
        drinkers = folder / "models" / "drinkers.sql"
        text = drinkers.read_text()
        drinkers.write_text(text.replace("sum(", "max(", 1))
        assert drinkers.read_text() != text
    checked = penstock(half, "lineage", "--check")
    assert checked.code == 0, checked
    dbt(whole, "seed")
    dbt(whole, "compile")
    assert penstock(whole, "lineage", "--check").code == 0
    assert edges(half) == edges(whole)
    assert "max(" in str(edges(half)["drinkers.spent"])
