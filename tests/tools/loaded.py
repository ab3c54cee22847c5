"""A project of two syncs and a dbt project on one DuckDB file, made in a folder: `fast` gates one half, `slow` the other."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.support import ROOT
from tests.tools.parsed import as_parsed_before

CONNECTORS = ROOT / "tests" / "tools" / "connectors"
SCHEMA = {"id": {"type": "integer"}, "name": {"type": "string"}}

PROFILES = """
loaded:
  target: dev
  outputs:
    dev: {type: duckdb, path: ../loaded.duckdb, schema: main, threads: 2}
"""
DBT_PROJECT = """
name: loaded
version: "1.0.0"
config-version: 2
profile: loaded
models: {loaded: {+materialized: table}}
"""
SOURCES = """
sources:
  - name: raw_fast
    tables: [{name: things}]
  - name: raw_slow
    tables: [{name: things}]
"""
MODELS = {
    "free": "select 1 as id",
    "fast_things": "select id, name from {{ source('raw_fast', 'things') }}",
    "fast_count": "select count(*) as n from {{ ref('fast_things') }}",
    "slow_things": "select id, name from {{ source('raw_slow', 'things') }}",
    "all_things": "select id from {{ ref('fast_things') }} union all select id from {{ ref('slow_things') }}",
}


def make(
    root: Path, *, slow: dict[str, Any] | None = None, rows: int = 100, project: str = "", **dbt: Any
) -> Path:
    """The project in `root`. The slow source emits rows until the file `release` in `root` appears; or it is the same as
    the fast one, with the settings `slow` (fail_after, error ...). `project` is added to dbt_project.yml, `dbt` to its settings."""
    (root / ".git").mkdir(parents=True)
    data = root / "things.json"
    things = [{"id": number, "name": f"thing {number}"} for number in range(rows)]
    data.write_text(json.dumps({"things": {"schema": SCHEMA, "key": ["id"], "cursor": "id", "rows": things}}))
    table, gate = str(CONNECTORS / "table.py"), str(CONNECTORS / "gate.py")
    waiting = {"command": [sys.executable, gate], "config": {"release": str(root / "release")}}
    sources = {
        "fast": {"command": [sys.executable, table], "config": {"data": str(data)}},
        "slow": {"command": [sys.executable, table], "config": {"data": str(data), **slow}}
        if slow
        else waiting,
    }
    connections = {
        name: {"source": source, "destination": "main", "schema": f"raw_{name}"}
        for name, source in sources.items()
    }
    document = {
        "name": "loaded",
        "warehouses": {"main": {"dbt": "transform"}},
        "airbyte": {"ingest": {"connections": connections}},
        "dbt": {"transform": {"project": "transform", **dbt}},
    }
    (root / "penstock.yml").write_text(json.dumps(document))
    models = root / "transform" / "models"
    models.mkdir(parents=True)
    (root / "transform" / "dbt_project.yml").write_text(DBT_PROJECT + project)
    (root / "transform" / "profiles.yml").write_text(PROFILES)
    (models / "sources.yml").write_text(SOURCES)
    for name, sql in MODELS.items():
        (models / f"{name}.sql").write_text(sql)
    if not project:
        as_parsed_before(root / "transform")
    return root
