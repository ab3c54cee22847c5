"""The corpora as models and sources of lineage: what the dbt integration and the catalog would give."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from penstock.assets import Relation
from penstock.lineage.dialects.rules import rules
from penstock.lineage.project.derive import ModelSql
from penstock.lineage.records import Parts
from penstock.lineage.scope.catalog import Catalog
from tests.support import corpus_bytes


class Project(NamedTuple):
    dialect: str
    models: list[ModelSql]
    sources: dict[Parts, list[str] | None]
    nodes: dict[Parts, str]
    """dbt's ids by relation."""


def project(name: str, *, catalog: bool = True) -> Project:
    """All models with compiled SQL, and every other relation. Without the catalog only sources have columns."""
    manifest: dict[str, Any] = json.loads(corpus_bytes(name, "manifest"))
    columns = _catalog(json.loads(corpus_bytes(name, "catalog")))
    dialect = manifest["metadata"]["adapter_type"]
    reader = Catalog(rules(dialect), None, None, None)
    models: list[ModelSql] = []
    sources: dict[Parts, list[str] | None] = {}
    nodes: dict[Parts, str] = {}
    for key, node in {**manifest["nodes"], **manifest["sources"]}.items():
        parts = reader.parts_of(node["relation_name"]) if node.get("relation_name") else ()
        known = columns.get(key)
        if parts:
            nodes[parts] = key
        if node["resource_type"] == "model":
            models.append(
                ModelSql(
                    key=key,
                    sql=node.get("compiled_code"),
                    dialect=dialect,
                    relation=_relation(dialect, parts) if parts else None,
                    columns=tuple(known) if known and catalog else None,
                    documented=tuple(node["columns"]),
                    upstream=tuple(node["depends_on"]["nodes"]),
                )
            )
        elif parts:
            sources[parts] = known
    return Project(dialect, models, sources, nodes)


def _catalog(document: dict[str, Any]) -> dict[str, list[str]]:
    tables = {**document["nodes"], **document["sources"]}
    return {key: [column["name"] for column in table["columns"].values()] for key, table in tables.items()}


def _relation(dialect: str, parts: Parts) -> Relation:
    padded = (None,) * (3 - len(parts)) + parts
    return Relation("corpus", dialect, padded[0], padded[1], str(padded[2]))
