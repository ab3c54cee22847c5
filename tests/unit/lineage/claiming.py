"""A project that exists as artefacts alone, written by hand, and commands run on it. For the tests of what lineage claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from penstock.cli.main import cli

HEAD = {
    "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
    "dbt_version": "1.11.0",
    "adapter_type": "duckdb",
}


def relation(name: str, sql: str | None = None, columns: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A model (with `sql`) or a source (without), with the columns that its YAML names."""
    kind = "model" if sql is not None else "source"
    schema = "marts" if sql is not None else "raw"
    unique = f"model.p.{name}" if sql is not None else f"source.p.raw.{name}"
    return {
        "unique_id": unique,
        "resource_type": kind,
        "package_name": "p",
        "name": name,
        "source_name": "raw",
        "fqn": ["p", name],
        "config": {"materialized": "table"},
        "database": "db",
        "schema": schema,
        "relation_name": f'"db"."{schema}"."{name}"',
        "compiled_code": sql,
        "columns": {column: {"name": column} for column in columns},
        "depends_on": {"nodes": [], "macros": []},
        **more,
    }


def project(
    folder: Path, *relations: dict[str, Any], catalog: dict[str, tuple[str, ...]] | None = None
) -> Path:
    """penstock.yml, a manifest of these relations, and a catalog of the columns given by unique id."""
    nodes = {one["unique_id"]: one for one in relations if one["resource_type"] == "model"}
    sources = {one["unique_id"]: one for one in relations if one["resource_type"] == "source"}
    (folder / "manifest.json").write_text(json.dumps({"metadata": HEAD, "nodes": nodes, "sources": sources}))
    named = {one["unique_id"]: one for one in relations}
    entries: dict[str, dict[str, Any]] = {"nodes": {}, "sources": {}}
    for unique, columns in (catalog or {}).items():
        one = named[unique]
        place = {"type": "TABLE", "schema": one["schema"], "name": one["name"], "database": "db"}
        entries["nodes" if unique.startswith("model") else "sources"][unique] = {
            "unique_id": unique,
            "metadata": place,
            "columns": {c: {"name": c, "type": "INT", "index": at} for at, c in enumerate(columns, 1)},
            "stats": {},
        }
    head = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}
    (folder / "catalog.json").write_text(json.dumps({"metadata": head, **entries}))
    (folder / "penstock.yml").write_text("dbt:\n  p: {manifest: manifest.json, catalog: catalog.json}\n")
    return folder


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), *arguments])


def checked(folder: Path) -> Any:
    """`lineage --check --json`, read."""
    done = run(folder, "lineage", "--check", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)
