"""A project with on-run hooks is one invocation, unless penstock.yml says that it may be split, and how its hooks then run."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest

from tests.e2e.test_gating import items, wait_for
from tests.tools.command import penstock, start
from tests.tools.loaded import make

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
    assert "dbt:transform: 1 invocation for 5 nodes, when ingest/fast, ingest/slow have ended" in told
    assert "it has on-run hooks: only `hooks: each` or `first_last` in penstock.yml would split it" in told
    running = start(folder, "run")
    wait_for(folder, "raw_fast.things", "success")
    time.sleep(2)
    assert items(folder)["free"]["state"] == "pending", "nothing of it starts before all can"
    (folder / "release").touch()
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    assert (invocations(folder), hooked(folder)) == (1, ["start", "end of 5"])


@pytest.mark.parametrize(
    ("hooks", "ran"),
    [
        ("each", ["start", "end of 3", "start", "end of 2"]),
        ("first_last", ["start", "end of 2"]),
    ],
)
def test_split_where_penstock_yml_says_so(tmp_path: Path, hooks: str, ran: list[str]) -> None:
    folder = make(tmp_path / "loaded", project=HOOKS, hooks=hooks, max_invocations=2)
    running = start(folder, "run")
    wait_for(folder, "fast_count", "success")
    (folder / "release").touch()
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    assert (invocations(folder), hooked(folder)) == (2, ran)


def test_a_project_may_be_kept_whole(tmp_path: Path) -> None:
    folder = make(tmp_path / "loaded", max_invocations=1)
    running = start(folder, "run")
    wait_for(folder, "raw_fast.things", "success")
    (folder / "release").touch()
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    assert invocations(folder) == 1
