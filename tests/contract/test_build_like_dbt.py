"""Built by penstock in several invocations, or by one `dbt build`: the same end of every node, the same tables."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.plan import Decision, Plan
from penstock.run import RunPolicy
from penstock.service.planning import RunRequest, plan
from penstock.service.running import Launch
from penstock.service.workspace import open_workspace
from penstock_dbt.statuses import STATUSES
from tests.contract.generated_project import GeneratedProject, make_sources
from tests.tools.forked_dbt import environ_of_forked, forked_environment


def reference(folder: Path) -> dict[str, tuple[str, str]]:
    """Real dbt's status of each node after one `dbt build`, and its message."""
    (folder / "target" / "run_results.json").unlink(missing_ok=True)
    command = [str(forked_environment() / "dbt"), "--quiet", "build"]
    subprocess.run(command, cwd=folder, env=environ_of_forked(), stdout=subprocess.DEVNULL, check=False)
    results = json.loads((folder / "target" / "run_results.json").read_bytes())["results"]
    return {result["unique_id"]: (result["status"], result["message"] or "") for result in results}


@pytest.fixture
def dbt_in_path(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        monkeypatch.delenv(name)
    for name, value in environ_of_forked().items():
        monkeypatch.setenv(name, value)


def split(made: Plan, chance: random.Random) -> Plan:
    """The same plan, cut at random into batches that may not share an invocation; a few nodes stand alone."""
    parts = chance.randint(2, 4)
    batches = {
        item.key: None if chance.random() < 0.1 else f"{item.batch}-{chance.randrange(parts)}"
        for item in made.items
        if item.decision is Decision.BUILD
    }
    for item in made.items:
        if item.resource_type == "unit_test" and item.upstream[0] in batches:
            batches[item.key] = batches[item.upstream[0]]
    items = tuple(
        msgspec.structs.replace(item, batch=batches[item.key]) if item.key in batches else item
        for item in made.items
    )
    return msgspec.structs.replace(made, items=items)


def build(folder: Path, chance: random.Random) -> tuple[dict[str, str], int]:
    """(the end of each node, the number of invocations)."""
    workspace = open_workspace(folder)
    seen, made = plan(workspace, RunRequest(checks=True, reuse=False))
    launch = Launch(
        workspace,
        seen.graph,
        split(made, chance),
        command="build",
        listener=lambda event: None,
        ask=lambda text: None,
    )
    result = launch.run(RunPolicy())
    ends = {item.item.ref.id: item.state.value for item in result.items}
    return ends, len(result.steps)


def tables(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table and view with its rows, without the times that a snapshot writes down."""
    import duckdb

    found: dict[str, list[tuple[Any, ...]]] = {}
    with duckdb.connect(str(file)) as warehouse:
        for (name,) in warehouse.execute("select table_name from information_schema.tables").fetchall():
            if name == "hooked":
                continue  # on-run-end runs once per invocation
            columns = [
                row[0]
                for row in warehouse.execute(f'describe "{name}"').fetchall()
                if not row[0].startswith("dbt_")
            ]
            try:
                rows = warehouse.execute(f'select {", ".join(columns)} from "{name}"').fetchall()
            except duckdb.Error as error:
                rows = [(type(error).__name__,)]  # a view whose table was replaced by one of another shape
            found[name] = sorted(rows, key=repr)
    return found


def same_ends(theirs: dict[str, tuple[str, str]], ours: dict[str, str]) -> list[str]:
    """Every node that ended otherwise, but for the differences that docs/reference/statuses.md names."""
    wrong = []
    for node, (status, message) in theirs.items():
        if node.startswith(("operation.", "exposure.")):
            continue
        allowed = {STATUSES[status].value}
        if status == "skipped" and "error in referenced ephemeral model" in message:
            allowed = {"error", "skipped"}
        if ours.get(node) not in allowed:
            wrong.append(f"{node}: dbt {status}, penstock {ours.get(node)}")
    return wrong


def compare(seed: int, tmp_path: Path) -> int:
    """Two builds of one project, with a change between; the number of invocations."""
    project = GeneratedProject(seed)
    ours, theirs = tmp_path / f"ours-{seed}", tmp_path / f"theirs-{seed}"
    for folder in (ours, theirs):
        project.write(folder)
        make_sources(folder / "gen.duckdb")
    chance, invocations = random.Random(seed), 0
    for number in range(2):
        if number:
            project.mutate(seed + 1)
            project.write(ours)
            project.write(theirs)
        expected = reference(theirs)
        ends, steps = build(ours, chance)
        invocations += steps
        assert same_ends(expected, ends) == [], f"seed {seed}, build {number + 1}"
        assert tables(ours / "gen.duckdb") == tables(theirs / "gen.duckdb"), (
            f"seed {seed}, build {number + 1}"
        )
    return invocations


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_split_builds_end_as_one_build(seed: int, tmp_path: Path, dbt_in_path: None) -> None:
    assert compare(seed, tmp_path) > 2


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_two_hundred_split_builds(seed: int, tmp_path: Path, dbt_in_path: None) -> None:
    compare(seed, tmp_path)
