"""Every version's documents, as real versions of dbt wrote them: each resource is there, with what it says of itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock_manifests.dbt import (
    Manifest,
    read_catalog,
    read_compiled,
    read_compiled_with_parts,
    read_manifest,
    read_run_results,
    read_sources,
)
from tests.fixtures.artefacts import NEWEST, VERSIONS, artefact, plain

MANIFEST_VERSION = {
    "1.3": 7, "1.4": 8, "1.5": 9, "1.6": 10, "1.7": 11, "1.8": 12, "1.9": 12, "1.10": 12, "1.11": 12,
}  # fmt: skip
RUN_RESULTS_VERSION = {
    "1.3": 4,
    "1.4": 4,
    "1.5": 4,
    "1.6": 4,
    "1.7": 5,
    "1.8": 6,
    "1.9": 6,
    "1.10": 6,
    "1.11": 6,
}
SECTIONS = (
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
    "groups",
    "macros",
    "disabled",
    "selectors",
)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_resource_of_every_section(version: str) -> None:
    document = read_manifest(artefact(version, "manifest"))
    truth = plain(version, "manifest")
    assert (document.schema.version, document.notices) == (MANIFEST_VERSION[version], ())
    for section in SECTIONS:
        assert set(getattr(document.content, section) or ()) == set(truth.get(section) or ()), section


@pytest.mark.parametrize("version", VERSIONS)
def test_each_field_that_is_read_is_the_one_that_is_written(version: str) -> None:
    manifest = read_manifest(artefact(version, "manifest")).content
    truth = plain(version, "manifest")
    for section in ("nodes", "sources", "exposures"):
        for key, record in getattr(manifest, section).items():
            written = truth[section][key]
            for field in ("name", "resource_type", "package_name", "original_file_path", "description"):
                assert getattr(record, field) == written[field], (key, field)
            assert list(record.fqn) == written["fqn"]
            assert json.loads(bytes(record.config)) == written["config"]
    for key, node in manifest.nodes.items():
        written = truth["nodes"][key]
        assert list(node.depends_on.nodes) == written["depends_on"].get("nodes", [])
        assert node.relation_name == written.get("relation_name")
        assert {name: column.description for name, column in node.columns.items()} == {
            name: column["description"] for name, column in written["columns"].items()
        }


@pytest.mark.parametrize("version", VERSIONS)
def test_sql_is_read_apart(version: str) -> None:
    truth = plain(version, "manifest")["nodes"]
    compiled = read_compiled(artefact(version, "manifest"))
    assert {key: node.compiled_code for key, node in compiled.nodes.items()} == {
        key: node.get("compiled_code") for key, node in truth.items()
    }
    spenders = compiled.nodes["model.shop.big_spenders"]
    assert {cte.id for cte in spenders.extra_ctes} == {"model.shop.big_orders", "model.shop.stg_orders"}
    one = read_compiled(artefact(version, "manifest"), ids={"model.shop.customers"})
    assert list(one.nodes) == ["model.shop.customers"]
    assert not one.macros
    parts = read_compiled_with_parts(artefact(version, "manifest"))
    assert parts.macros.keys() == plain(version, "manifest")["macros"].keys()
    assert parts.sources["source.shop.crm.users"].relation_name is not None


@pytest.mark.parametrize("version", VERSIONS)
def test_catalog_run_results_and_sources(version: str) -> None:
    catalog = read_catalog(artefact(version, "catalog"))
    assert set(catalog.content.nodes) == set(plain(version, "catalog")["nodes"])
    countries = catalog.content.nodes["seed.shop.countries"]
    assert [(column.name, column.index) for column in countries.columns.values()] == [
        ("id", 1),
        ("country", 2),
    ]

    results = read_run_results(artefact(version, "run_results"))
    assert results.schema.version == RUN_RESULTS_VERSION[version]
    assert [(result.unique_id, result.status) for result in results.content.results] == [
        (result["unique_id"], result["status"]) for result in plain(version, "run_results")["results"]
    ]
    failed = next(result for result in results.content.results if result.status == "fail")
    assert (failed.unique_id, failed.failures) == ("test.shop.too_strict", 20)

    sources = read_sources(artefact(version, "sources"))
    assert [(result.unique_id, result.status) for result in sources.content.results] == [
        ("source.shop.crm.users", "warn")
    ]
    assert sources.content.results[0].max_loaded_at is not None


def changed(**metadata: Any) -> dict[str, Any]:
    manifest = plain(NEWEST, "manifest")
    manifest["metadata"] |= metadata
    return manifest


def read(manifest: dict[str, Any]) -> tuple[Manifest, list[str]]:
    document = read_manifest(json.dumps(manifest).encode())
    return document.content, [notice.code for notice in document.notices]


def test_a_newer_version_is_read_with_a_notice() -> None:
    newer = changed(
        dbt_schema_version="https://schemas.getdbt.com/dbt/manifest/v20.json", dbt_version="2.1.0"
    )
    manifest, notices = read(newer)
    assert notices == ["newer-document"]
    assert set(manifest.nodes) == set(newer["nodes"])


def test_an_unknown_resource_type_among_the_nodes_is_kept() -> None:
    newer = changed(dbt_version="1.12.0")
    newer["nodes"]["agent.shop.helper"] = {
        "unique_id": "agent.shop.helper",
        "name": "helper",
        "resource_type": "agent",
    }
    manifest, notices = read(newer)
    assert (manifest.nodes["agent.shop.helper"].resource_type, notices) == ("agent", [])


def test_an_unknown_section_of_a_newer_dbt_is_kept() -> None:
    newer = changed(dbt_version="1.13.0")
    newer["data_products"] = {
        "data_product.shop.sales": {
            "unique_id": "data_product.shop.sales",
            "resource_type": "data_product",
            "name": "sales",
            "depends_on": {"nodes": ["model.shop.customers"]},
        },
        "not a resource": 5,
    }
    newer["setting"] = {"a": [1]}
    newer["flag"] = True
    manifest, notices = read(newer)
    assert list(manifest.unknown) == ["data_product.shop.sales"]
    assert manifest.unknown["data_product.shop.sales"].depends_on.nodes == ("model.shop.customers",)
    assert notices == ["unknown-section"] * 3


def test_the_shapes_of_dbt_v2() -> None:
    """As its public source writes them: no nulls, a type only inside `nodes`, checksums as text or as objects."""
    manifest, notices = read(as_v2_writes(changed(dbt_version="2.0.3")))
    assert notices == []
    assert manifest.sources["source.shop.crm.users"].resource_type == ""
    assert manifest.nodes["model.shop.customers"].resource_type == "model"
    assert manifest.functions["function.shop.doubled"].resource_type == ""


def as_v2_writes(manifest: dict[str, Any]) -> dict[str, Any]:
    def without_nulls(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_nulls(item) for key, item in value.items() if item is not None}
        return [without_nulls(item) for item in value] if isinstance(value, list) else value

    lean: dict[str, Any] = without_nulls(manifest)
    for section in SECTIONS[1:]:
        for entry in lean.get(section, {}).values():
            if isinstance(entry, dict):
                entry.pop("resource_type", None)
    for unit_test in lean["unit_tests"].values():
        unit_test["checksum"] = {"name": "sha256", "checksum": unit_test["checksum"]}
    lean["nodes"]["model.shop.customers"]["checksum"] = "abc"
    return lean
