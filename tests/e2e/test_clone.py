"""`run --clone --state DIR`: another target's relations in this one, without building anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.tools.command import COFFEE, copied, penstock

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("coffee")]


@pytest.mark.long
def test_relations_of_another_target_are_cloned(tmp_path: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    profiles = folder / "profiles.yml"
    outputs = "    blue: {type: duckdb, path: coffee.duckdb, schema: blue, threads: 1}\n"
    profiles.write_text(profiles.read_text().rstrip() + "\n" + outputs)
    assert penstock(folder, "run").code == 0
    manifest = next((folder / ".penstock" / "dbt").glob("*/*/parse/manifest.json"))
    (tmp_path / "state").mkdir()
    shutil.copy(manifest, tmp_path / "state")
    state = ("--state", str(tmp_path / "state"))
    without = penstock(folder, "run", "--clone", "-t", "blue")
    assert without.code == 2 and "add --state DIR" in without.err, without
    tests = penstock(folder, "build", "--clone", "-t", "blue", *state)
    assert tests.code == 2 and "a copy has no tests of its own" in tests.err, tests
    done = penstock(folder, "run", "--clone", "-t", "blue", "-s", "+drinkers", *state)
    assert done.code == 0, done
    with duckdb.connect(str(folder / "coffee.duckdb"), read_only=True) as warehouse:
        made = "select sql from duckdb_views() where schema_name = 'blue' and view_name = 'drinkers'"
        (sql,) = warehouse.execute(made).fetchone() or ("",)
    assert "main.drinkers" in sql
