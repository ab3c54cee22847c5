"""Seeds beyond the size that dbt takes a checksum of count by what their files hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from penstock.assets import Recipe
from penstock_dbt.large_seeds import contents
from penstock_dbt.layout import Layout
from penstock_dbt.recipes import Values
from penstock_manifests.dbt import read_manifest
from tests.fixtures.artefacts import NEWEST, plain
from tests.unit.penstock_dbt_observe.observing import DUCKDB, written

SEED = "seed.shop.countries"


def manifest() -> dict[str, Any]:
    found = plain(NEWEST, "manifest")
    found["nodes"][SEED]["checksum"] = {
        "name": "path",
        "checksum": found["nodes"][SEED]["original_file_path"],
    }
    return found


def layout(folder: Path) -> Layout:
    return Layout(
        project=folder, sources=(), target=folder, packages=folder / "dbt_packages", local_packages=()
    )


def found_in(folder: Path, document: dict[str, Any]) -> dict[str, str]:
    return dict(contents(read_manifest(json.dumps(document).encode()).content, layout(folder)))


def recipe(seeds: dict[str, str]) -> Recipe:
    values = Values(vars={}, every_var="", environ={}, target="", seeds=seeds)
    producers = written(manifest(), msgspec.structs.replace(DUCKDB, values=values)).producers
    (one,) = (one.recipe for one in producers if one.id == SEED)
    assert one is not None
    return one


def test_its_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / manifest()["nodes"][SEED]["original_file_path"]
    file.parent.mkdir(parents=True)
    file.write_text("id\n1\n", encoding="utf-8")
    before = found_in(tmp_path, manifest())
    file.write_text("id\n2\n", encoding="utf-8")
    after = found_in(tmp_path, manifest())
    assert before.keys() == after.keys() == {SEED}
    assert recipe(before).open == recipe(after).open == ""
    assert recipe(before).template != recipe(after).template
    assert recipe(before) == recipe(before)


def test_a_file_that_is_not_there_is_not_taken_for_the_same(tmp_path: Path) -> None:
    assert found_in(tmp_path, manifest()) == {}
    assert recipe({}).open == "its file cannot be read"


def test_that_of_a_package_lies_in_its_folder(tmp_path: Path) -> None:
    document = manifest()
    document["nodes"][SEED]["package_name"] = "countries"
    file = tmp_path / "dbt_packages" / "countries" / document["nodes"][SEED]["original_file_path"]
    file.parent.mkdir(parents=True)
    file.write_text("id\n1\n", encoding="utf-8")
    assert found_in(tmp_path, document).keys() == {SEED}
