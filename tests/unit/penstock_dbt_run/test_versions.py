"""The same exact build with each dbt that is supported, by both backends."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.integration import Outcome
from penstock_dbt.config import DbtConfig
from tests.tools.environment import environ_of, real_environment
from tests.unit.penstock_dbt_run.bench import Bench, executable_only, tables
from tests.unit.penstock_dbt_run.shop import UNIT_TEST, write_shop


@pytest.mark.long
@pytest.mark.parametrize("version", ["1.8", "1.9", "1.10"])
@pytest.mark.parametrize("backend", ["worker", "executable"])
def test_exact_builds_with_older_dbts(version: str, backend: str, tmp_path: Path) -> None:
    command = executable_only(tmp_path, real_environment(version)) if backend == "executable" else None
    bench = Bench(write_shop(tmp_path), environ_of(version), DbtConfig(project=".", command=command))
    manifest = bench.manifest()
    assert manifest["metadata"]["dbt_version"].startswith(version + ".")
    first = bench.run("seed.shop.people", UNIT_TEST, "model.shop.stg_people")
    assert set(first.outcomes.values()) == {Outcome.SUCCESS}
    second = bench.run(
        "model.shop.named",
        "model.shop.named_again",
        "model.shop.customers",
        "model.shop.orders",
        "exposure.shop.weekly",
    )
    assert second.outcomes == {
        "model.shop.named": Outcome.NO_OP,
        "model.shop.named_again": Outcome.NO_OP,
        "model.shop.customers": Outcome.SUCCESS,
        "model.shop.orders": Outcome.SUCCESS,
        "exposure.shop.weekly": Outcome.NO_OP,
    }
    tests = [uid for uid in manifest["nodes"] if uid.startswith("test.")]
    third = bench.run("snapshot.shop.people_snapshot", "model.shop.gone", *tests)
    assert third.outcomes.pop("model.shop.gone") is Outcome.ERROR
    assert {outcome for item, outcome in third.outcomes.items() if item != "model.shop.gone"} == {
        Outcome.SUCCESS
    }
    bench.close()
    assert set(tables(tmp_path / "shop.duckdb")) == {
        "people",
        "stg_people",
        "customers",
        "orders",
        "people_snapshot",
    }
