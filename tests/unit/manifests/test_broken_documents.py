"""A document that cannot be read says which file, where in it, and what was expected there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from penstock_manifests.dbt import read_catalog, read_compiled, read_manifest, read_run_results, read_sources
from penstock_manifests.document import identify
from penstock_manifests.errors import ManifestError
from tests.fixtures.artefacts import NEWEST, artefact, plain

SCHEMA = "https://schemas.getdbt.com/dbt/{}/v{}.json"


def failure(read: Callable[[bytes, str], Any], data: bytes) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        read(data, "target/some.json")
    assert caught.value.file == "target/some.json"
    assert str(caught.value).startswith("target/some.json: at ")
    return caught.value


@pytest.mark.parametrize(
    ("data", "path", "found"),
    [
        (b"", "$", "an empty file"),
        (b"  \n", "$", "an empty file"),
        (b"hello", "line 1, byte 0", "'hello'"),
        (b'{"metadata": {}, \n oops}', "line 2, byte 19", "'oops}'"),
        (b"[1]", "$", "array"),
        (b'{"name": "shop"}', "$.metadata", "none"),
        (b'{"metadata": {}}', "$.metadata.dbt_schema_version", "none"),
        (b'{"metadata": {"dbt_schema_version": 12}}', "$.metadata.dbt_schema_version", "int"),
        (b'{"metadata": {"dbt_schema_version": "12"}}', "$.metadata.dbt_schema_version", "'12'"),
    ],
)
def test_what_is_no_artefact(data: bytes, path: str, found: str) -> None:
    error = failure(read_manifest, data)
    assert (error.path, error.found) == (path, found)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.99])
@pytest.mark.parametrize(
    ("read", "document"),
    [
        (read_manifest, "manifest"),
        (read_compiled, "manifest"),
        (read_catalog, "catalog"),
        (read_run_results, "run_results"),
        (read_sources, "sources"),
    ],
)
def test_a_truncated_file(read: Callable[[bytes, str], Any], document: str, cut: float) -> None:
    data = artefact(NEWEST, document)
    length = int(len(data) * cut)
    error = failure(read, data[:length])
    assert error.expected == "the end of the JSON document"
    assert error.found == f"the end of the file after {length} bytes"


def test_another_kind_of_document() -> None:
    error = failure(read_manifest, artefact(NEWEST, "run_results"))
    assert (error.expected, error.found) == ("a dbt manifest document", "a run-results document")


def test_a_version_that_is_too_old() -> None:
    document = {"metadata": {"dbt_schema_version": SCHEMA.format("manifest", 6)}, "nodes": {}, "sources": {}}
    error = failure(read_manifest, json.dumps(document).encode())
    assert (error.expected, error.found) == ("version 7 or newer of dbt's manifest", "v6")


@pytest.mark.parametrize(
    ("section", "key", "field", "value", "expected", "found"),
    [
        ("nodes", "model.shop.customers", "fqn", "a.b", "array", "str"),
        ("nodes", "seed.shop.countries", "checksum", [], "str | object | null", "array"),
        ("sources", "source.shop.crm.users", "source_name", None, "str", "null"),
        ("exposures", "exposure.shop.weekly", "owner", "me", "object | null", "str"),
        ("unit_tests", "unit_test.shop.customers.adds_up", "model", 5, "str", "int"),
    ],
)
def test_a_wrong_value_is_found_by_its_key(
    section: str, key: str, field: str, value: Any, expected: str, found: str
) -> None:
    manifest = plain(NEWEST, "manifest")
    manifest[section][key][field] = value
    error = failure(read_manifest, json.dumps(manifest).encode())
    assert (error.path, error.expected, error.found) == (f'$.{section}["{key}"].{field}', expected, found)


def test_a_missing_field_is_found_by_its_key() -> None:
    manifest = plain(NEWEST, "manifest")
    del manifest["nodes"]["model.shop.customers"]["name"]
    error = failure(read_manifest, json.dumps(manifest).encode())
    assert (error.path, error.expected) == ('$.nodes["model.shop.customers"]', "a field name")


def test_a_section_of_the_wrong_shape() -> None:
    manifest = plain(NEWEST, "manifest")
    manifest["nodes"] = []
    error = failure(read_manifest, json.dumps(manifest).encode())
    assert (error.path, error.expected, error.found) == ("$.nodes", "object", "array")


def test_the_kind_is_found_wherever_the_metadata_stands() -> None:
    padded = {"padding": "x" * 10_000, "metadata": {"dbt_schema_version": SCHEMA.format("catalog", 1)}}
    schema = identify(json.dumps(padded).encode(), "f")
    assert (schema.kind, schema.version) == ("catalog", 1)


def test_a_catalog_without_schema_is_read_with_a_notice() -> None:
    catalog = plain(NEWEST, "catalog")
    catalog["metadata"] = {}
    document = read_catalog(json.dumps(catalog).encode(), "c.json")
    assert set(document.content.nodes) == set(catalog["nodes"])
    assert [notice.code for notice in document.notices] == ["unversioned-document"]
