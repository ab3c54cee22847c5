"""Observations and contexts for these tests, from the fixtures or from hand-written facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.assets import Hold, Observation, ObservedAsset, ObservedCheck
from penstock.integration import Address, Connection, ObserveContext
from penstock_dbt.config import DbtConfig
from penstock_dbt.translate import Documents, translate
from penstock_dbt.translation import Place
from penstock_manifests.dbt import read_catalog, read_manifest, read_run_results, read_sources
from tests.fixtures.artefacts import NEWEST, artefact

DUCKDB = Place(
    namespace="duckdb:shop.duckdb", dialect="duckdb", holds=(Hold("duckdb:shop.duckdb"),), batch="dbt:shop"
)


def documents(version: str = NEWEST, *, catalog: bool = True) -> Documents:
    manifest = read_manifest(artefact(version, "manifest"))
    return Documents(
        manifest=manifest.content,
        manifest_version=manifest.schema.version,
        catalog=read_catalog(artefact(version, "catalog")).content if catalog else None,
        run_results=read_run_results(artefact(version, "run_results")).content,
        sources=read_sources(artefact(version, "sources")).content,
        notices=manifest.notices,
    )


def observed(version: str = NEWEST, *, catalog: bool = True, place: Place = DUCKDB) -> Observation:
    return translate(documents(version, catalog=catalog), place, "shop", 0.0, None)


def written(manifest: dict[str, Any], place: Place = DUCKDB) -> Observation:
    """The observation of a hand-written manifest."""
    head = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.11.0"}
    full = {"metadata": head, "nodes": {}, "sources": {}, **manifest}
    document = read_manifest(json.dumps(full).encode())
    return translate(
        Documents(manifest=document.content, manifest_version=12, notices=document.notices),
        place,
        "shop",
        0.0,
        None,
    )


def node(unique_id: str, **fields: Any) -> dict[str, Any]:
    """The least that dbt writes for a node."""
    kind, package, *name = unique_id.split(".")
    base = {"unique_id": unique_id, "resource_type": kind, "package_name": package, "name": name[-1]}
    return {**base, "fqn": [package, *name], "config": {"materialized": "table"}, **fields}


def asset(observation: Observation, unique_id: str) -> ObservedAsset:
    return next(one for one in observation.assets if one.id == unique_id)


def check(observation: Observation, prefix: str) -> ObservedCheck:
    return next(one for one in observation.checks if one.id.startswith(prefix))


def context(
    folder: Path,
    config: DbtConfig,
    environ: Mapping[str, str] | None = None,
    *,
    may_call: bool = False,
    **options: Any,
) -> ObserveContext[DbtConfig]:
    """A context whose warehouses are all one DuckDB file."""
    address = Address(
        namespace="duckdb:shop.duckdb", dialect="duckdb", resource="duckdb:shop.duckdb", slots=1
    )
    return ObserveContext(
        project_root=folder,
        state_dir=folder / ".penstock",
        cache_dir=folder / "cache",
        instance="shop",
        config=config,
        environment="dev",
        may_call=may_call,
        environ=environ or {},
        options=options,
        address=lambda connection: address,
        connection=lambda name: Connection(type="duckdb", settings={"path": name}, base=folder),
        progress=lambda line: None,
    )
