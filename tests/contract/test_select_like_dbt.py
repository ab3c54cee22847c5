"""The same selection gives the same nodes as dbt's own selector, on real and generated projects."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from penstock.errors import SelectionError
from penstock.graph import AssetGraph
from penstock.graph.select import Selection, read_selectors, select
from penstock.graph.select.spec import INDIRECT
from penstock_dbt.translate import Documents, translate
from penstock_dbt.translation import Place
from penstock_manifests.dbt import read_manifest
from tests.contract.selection_project import SELECTORS, write_project
from tests.contract.selection_terms import Terms
from tests.support import corpus_bytes
from tests.tools.forked_dbt import environ_of_forked, forked_environment

pytestmark = pytest.mark.slow
VERSION = "1.11"


class Project(msgspec.Struct, frozen=True):
    """A manifest on disk beside a tree of its root project's files, and the graph that penstock makes of it."""

    manifest: Path
    root: Path
    graph: AssetGraph
    name: str

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.manifest.read_bytes())
        return found


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = write_project(tmp_path_factory.mktemp("shop"))
    for command in ("deps", "parse"):
        subprocess.run(
            [forked_environment(VERSION) / "dbt", "--quiet", command, "--profiles-dir", root],
            cwd=root,
            env=environ_of_forked(VERSION),
            check=True,
        )
    return _project(root / "target" / "manifest.json", root)


@pytest.fixture(scope="session", params=["generated", "jaffle", pytest.param("tuva", marks=pytest.mark.long)])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    if request.param == "generated":
        found: Project = request.getfixturevalue("generated")
        return found
    root = tmp_path_factory.mktemp(request.param)
    manifest = root / "manifest.json"
    manifest.write_bytes(corpus_bytes(request.param, "manifest"))
    _touch_files(json.loads(manifest.read_bytes()), root)
    return _project(manifest, root)


@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.long)])
def test_random_selections_give_the_nodes_of_dbt(project: Project, count: int, tmp_path: Path) -> None:
    terms = Terms(project.document(), seed=count)
    requests = [terms.request() for _ in range(count)]
    answers = _ask(project, requests, tmp_path)
    told = set()
    for request, answer in zip(requests, answers, strict=True):
        if "error" in answer:
            with pytest.raises(SelectionError):
                _select(project, request)
            continue
        told.add(tuple(answer["ids"]))
        assert _difference(project, answer["ids"], _select(project, request)) == ((), ()), request
    assert len(told) > count / 3, "these selections are to tell much apart"


def test_selectors_of_a_yaml_file_give_the_nodes_of_dbt(generated: Project, tmp_path: Path) -> None:
    document = yaml.safe_load(SELECTORS)
    selectors = read_selectors(document)
    asked = [
        {"selector": name, "selectors": document, "indirect": mode} for mode in INDIRECT for name in selectors
    ]
    for request, answer in zip(asked, _ask(generated, asked, tmp_path), strict=True):
        found = select(
            generated.graph,
            selector=request["selector"],
            selectors=selectors,
            indirect_selection=request["indirect"],
            projects=[generated.name],
        )
        assert _difference(generated, answer["ids"], found) == ((), ()), (
            request["selector"],
            request["indirect"],
        )


def test_selectors_as_the_manifest_keeps_them_select_the_same(generated: Project) -> None:
    written = read_selectors(yaml.safe_load(SELECTORS))
    kept = generated.document()["selectors"]
    for name in written:
        ours, theirs = (
            select(generated.graph, selector=name, selectors=selectors, projects=[generated.name])
            for selectors in (written, kept)
        )
        assert ours == theirs, name


def _project(manifest: Path, root: Path) -> Project:
    read = read_manifest(manifest.read_bytes())
    documents = Documents(manifest=read.content, manifest_version=12)
    place = Place(namespace="duckdb:shop.duckdb", dialect="duckdb")
    observation = translate(documents, place, "transform", 0.0, None)
    graph = AssetGraph.of([observation])
    return Project(manifest, root, graph, observation.facts["project"])


def _touch_files(manifest: dict[str, Any], root: Path) -> None:
    """dbt looks for paths on disk: give it those of the root project."""
    package = manifest["metadata"]["project_name"]
    sections = ("nodes", "sources", "exposures", "metrics", "unit_tests", "semantic_models", "saved_queries")
    for section in sections:
        for node in manifest[section].values():
            patch = node.get("patch_path")
            for path in (node["original_file_path"], patch and patch.split("://")[1]):
                if path and node["package_name"] == package:
                    file = root / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.touch()


def _ask(project: Project, requests: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    asked, answered = folder / "requests.json", folder / "answers.json"
    asked.write_text(json.dumps(requests))
    script = Path(__file__).with_name("selection_oracle.py")
    subprocess.run(
        [forked_environment(VERSION) / "python", script, project.manifest, project.root, asked, answered],
        check=True,
    )
    answers: list[dict[str, Any]] = json.loads(answered.read_bytes())
    return answers


def _select(project: Project, request: dict[str, Any]) -> Selection:
    return select(
        project.graph,
        request["select"],
        request["exclude"],
        indirect_selection=request["indirect"],
        projects=[project.name],
    )


def _difference(
    project: Project, ids: list[str], found: Selection
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(only dbt's, only ours), as ids."""
    graph = project.graph
    by_key = {key: ref.id for ref, key in graph.by_ref.items()}
    assert len(by_key) == len(graph.by_ref), "no two nodes of these projects share a relation"
    ours = {by_key[key] for key in found.assets | found.checks}
    return tuple(sorted(set(ids) - ours)), tuple(sorted(ours - set(ids)))
