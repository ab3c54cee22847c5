"""What dbt leaves out of a build by itself is not planned: tests of models that are gone or switched off, files without text."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_gating import items
from tests.tools.command import environ, penstock
from tests.tools.forked_dbt import forked_environment
from tests.unit.penstock_dbt_run.shop import write_shop

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gating")]

SCHEMA = """
models:
  - name: stg_people
    columns:
      - name: id
        data_tests:
          - not_null
          - relationships: {name: to_renamed, arguments: {to: ref('renamed_away'), field: id}}
          - relationships: {name: to_switched_off, arguments: {to: ref('switched_off'), field: id}}
  - name: renamed_away
    columns: [{name: id, data_tests: [unique]}]
"""


def test_the_plan_is_what_dbt_build_runs(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write_shop(
        tmp_path,
        {
            "models/schema.yml": SCHEMA,
            "models/switched_off.sql": "{{ config(enabled=false) }} select 1 as id\n",
            "models/begun.sql": "\n",
            "tests/begun_test.sql": "",
            "tests/gone.sql": "select * from {{ ref('renamed_away') }}\n",
        },
    )
    done = penstock(tmp_path, "build")
    assert done.code == 0, done
    ours = {name: item["state"] for name, item in items(tmp_path).items() if item["step"]}
    assert set(ours.values()) == {"success"}
    told = penstock(tmp_path, "doctor").out
    assert "model.shop.begun" in told and "the file is empty" in told
    assert "to_renamed" in told, "what is left out is said"
    dbt = [str(forked_environment() / "dbt"), "--quiet", "build"]
    subprocess.run(dbt, cwd=tmp_path, env=environ(), check=True)
    theirs = {one["unique_id"] for one in _document(tmp_path, "run_results")["results"]}
    names = {key: node["name"] for key, node in _document(tmp_path, "manifest")["nodes"].items()}
    assert ours.keys() == {names[key] for key in theirs} and len(ours) == len(theirs)


def _document(folder: Path, name: str) -> Any:
    return json.loads((folder / "target" / f"{name}.json").read_bytes())
