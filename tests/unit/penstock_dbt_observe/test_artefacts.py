"""Observing from artefacts alone, through the integration's own door."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from penstock.assets import AssetKind
from penstock.errors import DocumentError
from penstock_dbt.config import DbtConfig
from penstock_dbt.integration import INTEGRATION
from tests.fixtures.artefacts import NEWEST, plain, unzip_artefacts
from tests.unit.penstock_dbt_observe.observing import asset, context


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return unzip_artefacts(NEWEST, tmp_path / "target").parent


def test_what_lies_beside_the_manifest_is_read(tmp_path: Path, target: Path) -> None:
    seen = INTEGRATION.observe(context(tmp_path, DbtConfig(manifest="target/manifest.json")))
    customers = asset(seen, "model.shop.customers")
    assert customers.all_columns[1].cataloged
    assert seen.materializations
    assert seen.inputs == tuple(
        str(target / f"{name}.json") for name in ("manifest", "catalog", "run_results", "sources")
    )
    assert {producer.unrunnable is None for producer in seen.producers} == {False}


def test_without_a_warehouse_the_place_is_known_by_name_alone(tmp_path: Path, target: Path) -> None:
    seen = INTEGRATION.observe(context(tmp_path, DbtConfig(manifest="target/manifest.json")))
    relation = asset(seen, "model.shop.customers").relation
    assert relation is not None
    assert (relation.namespace, relation.dialect) == ("duckdb:shop", "duckdb")


def test_with_a_warehouse_of_penstock_yml_the_place_is_its_own(tmp_path: Path, target: Path) -> None:
    config = DbtConfig(manifest="target/manifest.json", warehouse="main")
    seen = INTEGRATION.observe(context(tmp_path, config))
    relation = asset(seen, "model.shop.customers").relation
    assert relation is not None and relation.namespace == "duckdb:shop.duckdb"


def test_artefacts_may_be_zipped(tmp_path: Path, target: Path) -> None:
    (tmp_path / "m.json.gz").write_bytes(gzip.compress((target / "manifest.json").read_bytes()))
    config = DbtConfig(manifest="m.json.gz", catalog="target/catalog.json")
    seen = INTEGRATION.observe(context(tmp_path, config))
    assert asset(seen, "model.shop.customers").all_columns[1].cataloged
    assert not seen.materializations


@pytest.mark.parametrize("name", ["manifest", "catalog", "run_results", "sources"])
def test_a_document_that_is_named_must_be_there(tmp_path: Path, target: Path, name: str) -> None:
    (target / f"{name}.json").unlink()
    named = {"manifest": "target/manifest.json", name: f"target/{name}.json"}
    with pytest.raises(DocumentError) as caught:
        INTEGRATION.observe(context(tmp_path, DbtConfig(**named)))  # type: ignore[arg-type]  # names of str fields
    assert caught.value.what == f"there is no {name} here"
    assert caught.value.where == str(target / f"{name}.json")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "expected a JSON document, found an empty file"),
        ("<html>", "expected JSON, found '<html>'"),
        ('{"name": "shop"}', "at $.metadata: expected the metadata of a dbt artefact"),
    ],
)
def test_a_broken_document_is_one_clear_sentence(tmp_path: Path, target: Path, text: str, what: str) -> None:
    (target / "manifest.json").write_text(text)
    for call in (INTEGRATION.observe, INTEGRATION.definitions):
        with pytest.raises(DocumentError) as caught:
            call(context(tmp_path, DbtConfig(manifest="target/manifest.json")))
        assert what in caught.value.what
        assert caught.value.where == str(target / "manifest.json")


def test_a_document_with_wrong_settings_names_the_resource(tmp_path: Path, target: Path) -> None:
    document = plain(NEWEST, "manifest")
    document["nodes"]["model.shop.customers"]["config"]["unique_key"] = {"a": 1}
    (target / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(DocumentError) as caught:
        INTEGRATION.observe(context(tmp_path, DbtConfig(manifest="target/manifest.json")))
    assert '$.nodes["model.shop.customers"].unique_key' in caught.value.what


def test_a_time_that_is_none(tmp_path: Path, target: Path) -> None:
    document = plain(NEWEST, "sources")
    document["results"][0]["max_loaded_at"] = "yesterday"
    (target / "sources.json").write_text(json.dumps(document))
    with pytest.raises(DocumentError, match="a time in ISO 8601, found 'yesterday'"):
        INTEGRATION.observe(context(tmp_path, DbtConfig(manifest="target/manifest.json")))


@pytest.mark.parametrize("before", [0, (1 << 20) - 1, 1 << 20])
def test_bytes_that_are_no_text_are_found_by_their_place(tmp_path: Path, target: Path, before: int) -> None:
    text = json.dumps(plain(NEWEST, "manifest")).encode()
    padded = text[:-1] + b"\n" + b" " * before
    (target / "manifest.json").write_bytes(padded + b', "x": "\xe9"}')
    with pytest.raises(
        DocumentError, match=f"line 2, byte {len(padded) + 8}: expected UTF-8, found byte 0xe9"
    ):
        INTEGRATION.observe(context(tmp_path, DbtConfig(manifest="target/manifest.json")))


def test_a_zip_that_is_damaged_inside(tmp_path: Path, target: Path) -> None:
    zipped = bytearray(gzip.compress((target / "manifest.json").read_bytes(), mtime=0))
    zipped[600:640] = bytes(40)
    (tmp_path / "m.json.gz").write_bytes(zipped)
    with pytest.raises(DocumentError, match="cannot be read"):
        INTEGRATION.observe(context(tmp_path, DbtConfig(manifest="m.json.gz")))


def test_a_zip_that_ends_early(tmp_path: Path, target: Path) -> None:
    zipped = gzip.compress((target / "manifest.json").read_bytes())
    (tmp_path / "m.json.gz").write_bytes(zipped[:-100])
    with pytest.raises(DocumentError, match="cannot be read"):
        INTEGRATION.observe(context(tmp_path, DbtConfig(manifest="m.json.gz")))


def test_definitions_are_the_compiled_code(tmp_path: Path, target: Path) -> None:
    found = {
        one.id: one
        for one in INTEGRATION.definitions(context(tmp_path, DbtConfig(manifest="target/manifest.json")))
    }
    spenders = found["model.shop.big_spenders"]
    assert spenders.sql is not None and "__dbt__cte__big_orders as (" in spenders.sql
    assert set(spenders.inlined) == {"model.shop.stg_orders", "model.shop.big_orders"}
    assert (spenders.dialect, spenders.path) == ("duckdb", "models/marts/big_spenders.sql")
    assert found["model.shop.stg_orders"].sql is not None
    assert found["analysis.shop.top_customers"].sql is not None
    assert found["snapshot.shop.users_snapshot"].added == (
        "dbt_scd_id",
        "dbt_updated_at",
        "dbt_valid_from",
        "dbt_valid_to",
    )
    assert found["seed.shop.countries"].reason == "a seed: made from its file"
    assert (found["model.shop.scored"].sql, found["model.shop.scored"].reason) == (
        None,
        "a Python model: its columns cannot be followed through its code",
    )
    assert not [key for key in found if key.startswith(("test.", "unit_test.", "operation."))]


def test_definitions_of_some(tmp_path: Path, target: Path) -> None:
    here = context(tmp_path, DbtConfig(manifest="target/manifest.json"))
    ids = frozenset({"model.shop.customers", "test.shop.too_strict", "exposure.shop.weekly"})
    told = {one.id: one.sql is not None for one in INTEGRATION.definitions(here, ids)}
    assert told == {"model.shop.customers": True, "test.shop.too_strict": True}, (
        "a test that is asked for has SQL, too"
    )


def test_every_definition_belongs_to_an_asset(tmp_path: Path, target: Path) -> None:
    here = context(tmp_path, DbtConfig(manifest="target/manifest.json"))
    seen = INTEGRATION.observe(here)
    kinds = {one.id: one.kind for one in seen.assets}
    defined = {one.id for one in INTEGRATION.definitions(here)}
    made = {
        AssetKind.TABLE, AssetKind.VIEW, AssetKind.EPHEMERAL, AssetKind.SEED, AssetKind.SNAPSHOT, AssetKind.ANALYSIS,
    }  # fmt: skip
    expected = {key for key, kind in kinds.items() if kind in made and not key.startswith("source.")}
    assert defined == expected
