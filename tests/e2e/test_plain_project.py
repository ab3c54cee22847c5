"""A dbt project alone, without penstock.yml: every command works, a failure is told by name, a retry does what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.command import COFFEE, copied, penstock

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("coffee")]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(COFFEE, tmp_path_factory.mktemp("coffee") / "coffee")


@pytest.fixture
def built(project: Path) -> Path:
    """The tests before have built it, unless this one runs alone."""
    if not (project / "coffee.duckdb").exists():
        assert penstock(project, "build").code == 0
    return project


def states(folder: Path, run: str = "latest") -> dict[str, str]:
    items = penstock(folder, "runs", run, "--json").json()["items"]
    return {item["name"]: item["state"] for item in items if item["state"] != "left"}


def test_before_anything_was_built(project: Path) -> None:
    below = project / "models"
    listed = penstock(below, "assets")
    assert listed.code == 0, listed
    assert "taken as a dbt project alone" in listed.err
    assert {line.split()[0] for line in listed.out.splitlines()[1:]} == {
        "raw_people", "raw_cups", "people", "cups", "drinkers", "regulars", "menu", "loyalty_cards",
    }  # fmt: skip
    plan = penstock(below, "plan")
    assert plan.code == 0, plan
    assert "first build in dev" in plan.out
    assert penstock(project, "status").code == 0
    assert "nothing has run here yet" in penstock(project, "runs").err
    assert not (project / "coffee.duckdb").exists()
    assert [path.name for path in (project / "target").iterdir()] == ["partial_parse.msgpack"]


def test_lineage_before_anything_was_built(project: Path) -> None:
    found = penstock(project / "models", "lineage", "drinkers.spent")
    assert found.code == 0, found
    assert "cups.price  AGGREGATION  sum(cups.price)" in found.out
    assert "raw_cups.cents  TRANSFORMATION" in found.out


def test_a_failing_model_skips_its_descendants_by_name_and_retry_does_the_rest(project: Path) -> None:
    model = project / "models" / "cups.sql"
    good = model.read_text()
    model.write_text(good.replace("cents", "cent"))
    failed = penstock(project, "build")
    assert failed.code == 1, failed
    assert states(project) == {
        "raw_people": "success",
        "raw_cups": "success",
        "people": "success",
        "unique_people_person_id": "success",
        "not_null_people_person_id": "success",
        "cups": "error",
        "menu": "skipped",
        "drinkers": "skipped",
        "regulars": "skipped",
        "unique_drinkers_person_id": "skipped",
    }
    assert "ERROR cups" in failed.out
    assert 'Referenced column "cent" not found' in failed.out
    (held_back,) = [line for line in failed.out.splitlines() if line.startswith("skipped ")]
    assert "regulars" in held_back
    assert held_back.endswith(": upstream cups failed")
    assert "penstock retry" in failed.out
    model.write_text(good)
    retried = penstock(project, "retry")
    assert retried.code == 0, retried
    assert set(states(project)) == {"cups", "menu", "drinkers", "regulars", "unique_drinkers_person_id"}
    assert set(states(project).values()) == {"success"}
    nothing = penstock(project, "retry")
    assert nothing.code == 2
    assert "has nothing to retry" in nothing.err


def test_a_failing_test_holds_back_what_is_below(project: Path) -> None:
    seed = project / "seeds" / "raw_people.csv"
    good = seed.read_text()
    seed.write_text(good + "3,Cyd again\n")
    failed = penstock(project, "build", "-s", "raw_people+")
    seed.write_text(good)
    assert failed.code == 1, failed
    found = states(project)
    assert found["unique_people_person_id"] == "fail"
    assert found["people"] == "success"
    assert found["drinkers"] == found["regulars"] == "skipped"
    assert penstock(project, "build").code == 0


def test_selection_and_run_without_tests(built: Path) -> None:
    done = penstock(built, "run", "-s", "people", "+menu", "--exclude", "resource_type:seed", "--no-reuse")
    assert done.code == 0, done
    assert states(built) == {"people": "success", "cups": "success", "menu": "success"}
    assert "checks were not run" in done.err


def test_nothing_to_do_is_no_success(project: Path) -> None:
    done = penstock(project, "run", "-s", "loyalty_cards")
    assert done.code == 2
    assert "nothing to do" in done.err
    assert "an exposure: shown, never built" in done.err


def test_flags_reach_dbt(project: Path) -> None:
    done = penstock(
        project, "run", "-s", "+menu", "--vars", "{a: 1}", "--full-refresh", "--", "--no-use-colors"
    )
    assert done.code == 0, done
    told = penstock(project, "status", "-s", "menu").out
    assert "MADE WITH" in told and "--vars -- --no-use-colors" in told, told
    assert (
        "dbt/coffee: made with --vars -- --no-use-colors: a plain run"
        in penstock(project, "runs", "latest").out
    )
    plan = penstock(project, "plan", "-s", "menu", "--full-refresh")
    assert "asked for: --full-refresh" in plan.out


def test_a_target_that_does_not_exist(project: Path) -> None:
    done = penstock(project, "plan", "--target", "prd")
    assert done.code == 2, done
    assert "prd" in done.err
    assert "dev" in done.err


def test_a_seed_that_is_read_as_a_source_is_made_first(tmp_path: Path) -> None:
    """dbt sees no order between them, and fails on an empty warehouse; their relation is one."""
    folder = copied(COFFEE, tmp_path / "coffee")
    (folder / "models" / "sources.yml").write_text(
        "sources:\n  - {name: raw, schema: main, tables: [{name: raw_cups, columns: [{name: id, data_tests: [not_null]}]}]}\n"
    )
    (folder / "models" / "cups.sql").write_text(
        "select id as cup_id, person_id, cents / 100.0 as price from {{ source('raw', 'raw_cups') }}\n"
    )
    built = penstock(folder, "build")
    assert built.code == 0, built
    assert "would not keep their order" in penstock(folder, "plan", "--no-reuse").err
    ended = states(folder)
    assert ended["cups"] == ended["source_not_null_raw_raw_cups_id"] == "success"


def test_what_was_changed_to_mend_a_failure_is_made_by_its_retry(tmp_path: Path) -> None:
    """A model fails on a value of its seed: the seed is mended, and so is what stands between."""
    project = copied(COFFEE, tmp_path / "coffee")
    seed = next((project / "seeds").glob("raw_cups*"))
    good = seed.read_text()
    (project / "models" / "strict.sql").write_text(
        "{{ config(materialized='table') }}\n"
        "select case when max(price) > 1000 then error('a price of ' || max(price)) end as n from {{ ref('cups') }}\n"
    )
    first, *rest = good.splitlines()
    cents = first.split(",").index("cents")
    wrong = rest[-1].split(",")
    wrong[cents] = "99999900"
    seed.write_text("\n".join([first, *rest[:-1], ",".join(wrong)]) + "\n")
    failed = penstock(project, "build", "-s", "+strict")
    assert (failed.code, states(project)["strict"]) == (1, "error"), failed
    unchanged = penstock(project, "retry")
    assert (unchanged.code, set(states(project))) == (1, {"strict"}), unchanged
    seed.write_text(good)
    mended = penstock(project, "retry")
    assert mended.code == 0, mended
    made = states(project)
    assert {"raw_cups", "cups", "strict"} <= set(made) and set(made.values()) == {"success"}, mended
    assert "raw_people" not in made
