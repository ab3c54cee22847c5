"""Large real manifests: everything that a plain reader counts is there, at a fraction of its cost."""

from __future__ import annotations

import gc
import json
import time
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest

from penstock.assets import Observation
from penstock_dbt.dialects import dialect_of
from penstock_dbt.translate import Documents, translate
from penstock_dbt.translation import Place
from penstock_manifests.dbt import read_catalog, read_compiled, read_manifest
from tests.support import corpus_bytes

PROJECTS = ("jaffle", "tuva", "spellbook_dex")
SECTIONS = (
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
)


class Corpus:
    """One project's manifest, read by us and by `json`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = corpus_bytes(name, "manifest")
        self.catalog = corpus_bytes(name, "catalog")
        self.truth: dict[str, Any] = json.loads(self.data)
        self.place = Place(
            namespace="w", dialect=dialect_of(self.truth["metadata"]["adapter_type"]), batch="dbt:x"
        )

    def documents(self) -> Documents:
        manifest = read_manifest(self.data)
        return Documents(
            manifest=manifest.content,
            manifest_version=manifest.schema.version,
            catalog=read_catalog(self.catalog).content,
        )

    @cached_property
    def observation(self) -> Observation:
        return translate(self.documents(), self.place, "x", 0.0, None)


@pytest.fixture(scope="module", params=PROJECTS)
def project(request: pytest.FixtureRequest) -> Corpus:
    return Corpus(request.param)


def _enabled(entry: dict[str, Any]) -> bool:
    """Whether dbt itself did not disable it, as it does with a test of a model that is disabled."""
    return entry.get("config", {}).get("enabled") is not False


def test_as_many_of_each_resource_type_as_json_counts(project: Corpus) -> None:
    seen = project.observation
    truth = Counter(
        entry["resource_type"]
        for section in SECTIONS
        for entry in (project.truth.get(section) or {}).values()
        if _enabled(entry)
    )
    found = Counter(one.resource_type for one in seen.assets)
    found.update({"data_test": "test"}.get(one.kind, one.kind) for one in seen.checks)
    assert found == truth


def test_every_node_is_there_with_its_edges_and_relation(project: Corpus) -> None:
    seen = project.observation
    ids = {one.id for one in seen.assets} | {one.id for one in seen.checks}
    told = [(key, entry) for section in SECTIONS for key, entry in (project.truth.get(section) or {}).items()]
    assert ids == {key for key, entry in told if _enabled(entry)}
    off = any(not _enabled(entry) for _, entry in told)
    assert any(finding.code == "left-out" for finding in seen.findings) or not off
    assert not [finding for finding in seen.findings if finding.code == "unknown-upstream"]
    fold = project.place.dialect in ("snowflake",)
    for one in seen.assets:
        written = project.truth["nodes"].get(one.id) or project.truth["sources"].get(one.id) or {}
        if one.resource_type in ("model", "seed", "snapshot", "analysis"):
            assert set(one.upstream) == set(written["depends_on"].get("nodes", ())), one.id
        rendered = written.get("relation_name")
        if rendered and one.resource_type != "test":
            assert not fold and str(one.relation) == rendered.replace('"', ""), one.id


def test_catalog_columns_are_all_there(project: Corpus) -> None:
    catalog = json.loads(project.catalog)
    seen = {one.id: one for one in project.observation.assets}
    for key, entry in {**catalog["nodes"], **catalog["sources"]}.items():
        if key in seen:
            real = [column.name for column in seen[key].all_columns if column.cataloged]
            assert real == [
                column["name"] for column in sorted(entry["columns"].values(), key=lambda c: c["index"])
            ]


def test_all_compiled_code(project: Corpus) -> None:
    compiled = read_compiled(project.data)
    assert {key: node.compiled_code for key, node in compiled.nodes.items()} == {
        key: node.get("compiled_code") for key, node in project.truth["nodes"].items()
    }


@pytest.mark.bench
def test_what_reading_and_translating_cost(project: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    truth, project.truth = (
        project.truth,
        {},
    )  # a forest of dicts on the heap would be paid for by every collection
    try:
        plain = _cpu(lambda: json.loads(project.data))
        read = _cpu(lambda: read_manifest(project.data))
        sql = _cpu(lambda: read_compiled(project.data))
        documents = project.documents()
        translated = _cpu(lambda: translate(documents, project.place, "x", 0.0, None))
    finally:
        project.truth = truth
    with capsys.disabled():
        print(
            f"\n{project.name}: json.loads {plain:.3f} s CPU; read {read:.3f} ({read / plain:.2f}), "
            f"SQL {sql:.3f} ({sql / plain:.2f}), translate {translated:.3f} ({translated / plain:.2f})"
        )


def _cpu(call: Callable[[], object], times: int = 3) -> float:
    """The least CPU seconds of a few calls, garbage collection as it is."""
    best = float("inf")
    for _ in range(times):
        gc.collect()
        before = time.process_time()
        call()
        best = min(best, time.process_time() - before)
    return best
