"""A warm worker ends in exactly what a new dbt each time ends in: tables, statuses, compiled SQL; edits, targets and vars between."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penstock.integration import ItemFinished
from tests.tools.environment import real_environment
from tests.tools.forked_dbt import forked_environment
from tests.unit.penstock_dbt_run.bench import Bench, tables
from tests.unit.penstock_dbt_run.shop import write_shop

pytestmark = pytest.mark.slow

FILES: dict[str, str | None] = {
    "models/growing.sql": (
        "{{ config(materialized='incremental') }}\n"
        "select {{ var('n', 1) }} as n, count(*) as people from {{ ref('named_again') }}\n"
    ),
    "models/failing.sql": "select id, no_such_column from {{ ref('named') }}\n",
    "models/below_failing.sql": "select * from {{ ref('failing') }}\n",
}
EDITED: dict[str, str | None] = {
    "models/staging/named.sql": (
        "{{ config(materialized='ephemeral') }}\nselect id, lower(name) as name from {{ ref('stg_people') }} where id > 1\n"
    ),
    "models/failing.sql": "select id from {{ ref('named') }}\n",
}
# (what to change first, target, vars): a worker that keeps too much fails on each.
BUILDS: list[tuple[dict[str, str | None], str, dict[str, Any]]] = [
    ({}, "dev", {}),
    ({}, "dev", {}),
    (EDITED, "dev", {}),
    ({}, "prod", {"n": 5}),
    ({}, "dev", {"n": 5}),
]


def cold(
    dbt: Path, root: Path, environ: dict[str, str], target: str, variables: dict[str, Any]
) -> dict[str, str]:
    """`dbt build` in a process of its own; each node's status."""
    command = [
        str(dbt),
        "build",
        "--target",
        target,
        "--vars",
        json.dumps(variables),
    ]
    subprocess.run(command, cwd=root, env=environ, stdout=subprocess.DEVNULL, check=False)
    results = json.loads((root / "target" / "run_results.json").read_bytes())["results"]
    return {result["unique_id"]: result["status"] for result in results}


def compiled_sql(folder: Path) -> dict[str, str]:
    models = folder / "compiled" / "shop" / "models"
    return {
        str(path.relative_to(models)): path.read_text() for path in models.rglob("*.sql") if path.is_file()
    }


@pytest.mark.parametrize(
    ("builds", "environment"),
    [(BUILDS[2:4], forked_environment), pytest.param(BUILDS, real_environment, marks=pytest.mark.long)],
    ids=["two", "five"],
)
def test_warm_equals_cold_over_edits_targets_and_vars(
    builds: list[tuple[dict[str, str | None], str, dict[str, Any]]],
    environment: Callable[[str], Path],
    tmp_path: Path,
    environ: dict[str, str],
) -> None:
    """In `make test` the cold ones are forked: what they have behind them is the parse of another project."""
    warm_root = write_shop(tmp_path / "warm", FILES)
    cold_root = write_shop(tmp_path / "cold", FILES)
    bench = Bench(warm_root, environ)
    nodes = bench.manifest()
    everything = [
        *(uid for uid, node in nodes["nodes"].items() if node["resource_type"] != "operation"),
        *nodes["unit_tests"],
        *nodes["exposures"],
    ]
    for number, (changes, target, variables) in enumerate(builds):
        for root in (warm_root, cold_root):
            for name, text in changes.items():
                (root / name).write_text(text or "")
        shutil.rmtree(cold_root / "target" / "compiled", ignore_errors=True)
        for folder in (warm_root / ".penstock").glob("dbt/*/*/worker-*/compiled"):
            shutil.rmtree(folder)
        statuses = cold(environment("1.11") / "dbt", cold_root, environ, target, variables)
        ran = bench.run(*everything, target=target, vars=variables)
        warm = {
            event.item: event.facts.get("status")
            for event in ran.events
            if isinstance(event, ItemFinished) and event.item in statuses
        }
        assert warm == statuses, f"build {number}"
        file = "prod.duckdb" if target == "prod" else "shop.duckdb"
        assert tables(warm_root / file) == tables(cold_root / file), f"build {number}"
        worker = max(
            (warm_root / ".penstock").glob("dbt/*/*/worker-*/compiled"), key=lambda path: path.stat().st_mtime
        )
        ours, theirs = compiled_sql(worker.parent), compiled_sql(cold_root / "target")
        assert {name: text.replace("warm", "cold") for name, text in ours.items()} == theirs, (
            f"build {number}"
        )
    bench.close()
