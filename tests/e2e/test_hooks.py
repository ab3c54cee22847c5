"""A project with on-run hooks is one invocation, unless penstock.yml says that it may be split, and how its hooks then run."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.e2e.test_gating import items, wait_for
from tests.tools.command import penstock, start
from tests.tools.forked_dbt import forked_environment
from tests.tools.loaded import make
from tests.unit.penstock_dbt_run.bench import executable_only
from tests.unit.penstock_dbt_run.shop import PROJECT, write_shop

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gating")]

HOOKS = """
on-run-start: ["create table if not exists main.hooked (what varchar)", "insert into main.hooked values ('start')"]
on-run-end: ["insert into main.hooked values ('end of {{ results | length }}')"]
"""


def hooked(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / "loaded.duckdb"), read_only=True) as warehouse:
        return [row[0] for row in warehouse.execute("select what from main.hooked").fetchall()]


def invocations(folder: Path) -> int:
    steps = penstock(folder, "runs", "latest", "--json").json()["steps"]
    return sum(step["integration"] == "dbt" for step in steps)


def test_by_itself_such_a_project_is_not_split(tmp_path: Path) -> None:
    folder = make(tmp_path / "loaded", project=HOOKS)
    told = penstock(folder, "plan").err
    assert "transform: dbt starts once for 5 nodes, after ingest/fast, ingest/slow" in told
    assert "it has on-run hooks: only `hooks: each` or `first_last` in penstock.yml would split it" in told
    running = start(folder, "run")
    wait_for(folder, "raw_fast.things", "success")
    (folder / "release").touch()
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    assert (invocations(folder), hooked(folder)) == (1, ["start", "end of 5"])
    found = items(folder)
    assert found["free"]["started_at"] >= found["raw_slow.things"]["ended_at"], (
        "nothing of it starts before all can"
    )


@pytest.mark.parametrize(
    ("hooks", "ran"),
    [
        pytest.param("each", ["start", "end of 2", "start", "end of 2"], marks=pytest.mark.long),
        # On a busy machine the plan may put what waits for the fast sync beside what waits for the slow one.
        pytest.param("first_last", ["start", "end of 2"], marks=pytest.mark.long),
    ],
)
def test_split_where_penstock_yml_says_so(tmp_path: Path, hooks: str, ran: list[str]) -> None:
    folder = make(tmp_path / "loaded", project=HOOKS, hooks=hooks, max_invocations=2)
    # What waits for nothing would be an invocation of its own whenever the fast sync takes long: a busy machine decides.
    running = start(folder, "run", "--exclude", "free")
    wait_for(folder, "fast_count", "success")
    (folder / "release").touch()
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    assert (invocations(folder), hooked(folder)) == (2, ran)


@pytest.mark.long
def test_a_project_may_be_kept_whole(tmp_path: Path) -> None:
    folder = make(tmp_path / "loaded", max_invocations=1)
    running = start(folder, "run")
    wait_for(folder, "raw_fast.things", "success")
    (folder / "release").touch()
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    assert invocations(folder) == 1


@pytest.mark.parametrize(
    ("backend", "when"),
    [
        ("worker", "start"),
        pytest.param("executable", "end", marks=pytest.mark.long),
        pytest.param("worker", "end", marks=pytest.mark.long),
        pytest.param("executable", "start", marks=pytest.mark.long),
    ],
)
def test_a_hook_that_fails_fails_the_run_as_in_dbt(tmp_path: Path, when: str, backend: str) -> None:
    write_shop(tmp_path, {"dbt_project.yml": PROJECT + f'on-run-{when}: ["select no_such_column"]\n'})
    (tmp_path / ".git").mkdir()
    if backend == "executable":
        command = executable_only(tmp_path, forked_environment())
        (tmp_path / "penstock.yml").write_text(f"dbt: {{shop: {{project: ., command: {command}}}}}\n")
    done = penstock(tmp_path, "build", "-s", "people stg_people")
    assert done.code == 1, "dbt build ends with 1 too"
    assert "no_such_column" in done.out and f"shop-on-run-{when}-0" in done.out
    made = {name: item["state"] for name, item in items(tmp_path).items()}
    assert made["people"] == made["stg_people"] == "success", "what dbt made is made"
    assert penstock(tmp_path, "retry").code == 1, "what failed beside them runs again with them"
    later = penstock(tmp_path, "build", "-s", "people stg_people")
    assert later.code == 1, "nothing is up to date while the hook has never run well"
