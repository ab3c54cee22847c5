"""`lineage --check` counted a second time: each statement alone, against the columns that the corpus's own documents tell."""

from __future__ import annotations

import json
import re
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from penstock.cli.main import cli
from penstock.lineage import column_lineage
from penstock.lineage.project.derive import ModelSql
from penstock.lineage.records import LineageEdge, Parts, StatementLineage
from penstock.lineage.scope.catalog import Schema
from tests.corpus.projects import Project, project
from tests.support import unzip_corpus

pytestmark = pytest.mark.xdist_group("lineage-corpora")
COUNTED = ("columns", "resolved", "undeclared", "ambiguous", "unresolved")

IN_PART = "model.dex.eulerswap_*_trades"  # the catalog, which is synthetic, has a part of their columns; SQL has them all


class Second:
    """The second count. Nothing of an estate, of the graph, or of what is kept takes part in it."""

    def __init__(self, corpus: Project) -> None:
        self._corpus = corpus
        self._models = {model.parts: model for model in corpus.models if model.parts}
        self._by_name: dict[str, list[Parts]] = {}
        for parts in (*self._models, *corpus.sources):
            self._by_name.setdefault(parts[-1].lower(), []).append(parts)
        self._read: dict[str, StatementLineage] = {}

    def of(self, model: ModelSql) -> Counter[str]:
        found: Counter[str] = Counter()
        lineage = self._lineage(model)
        names = [column.name for column in lineage.columns if not column.open]
        is_open = len(names) < len(lineage.columns)
        if is_open and model.columns:  # the catalog tells what the star gives, and the star from where
            star = {"resolved", "undeclared"}
            for name in model.columns:
                edges = [edge for edge in lineage.edges if edge.output == name]
                found.update(["columns", *(self._known(edges) if name in names else star)])
            return found
        for name in names:
            found.update(["columns", *self._known([edge for edge in lineage.edges if edge.output == name])])
        found.update(["columns", "unresolved"] * (len(lineage.columns) - len(names)))
        return found

    def _known(self, edges: list[LineageEdge]) -> set[str]:
        if any(edge.certainty == "unresolved" or edge.column == "*" for edge in edges):
            return {"unresolved"}
        if any(edge.certainty == "ambiguous" for edge in edges):
            return {"ambiguous"}
        if any(edge.column.lower() not in self._columns(edge.relation or ()) for edge in edges):
            return {"resolved", "undeclared"}
        return {"resolved"}

    def _columns(self, parts: Parts) -> set[str]:
        model = self._models.get(parts)
        named = {name.lower() for name in self._corpus.sources.get(parts) or ()}
        if model is not None:
            named |= {name.lower() for name in model.columns or ()}
            if not model.columns or fnmatch(model.key, IN_PART):
                named |= {one.name.lower() for one in self._lineage(model).columns if not one.open}
        return named

    def _lineage(self, model: ModelSql) -> StatementLineage:
        if model.key not in self._read:
            self._read[model.key] = StatementLineage(dialect=model.dialect)  # a model that reads itself
            text = model.sql or ""
            words = {*re.findall(r"\w+", text.lower())}
            near = {
                parts
                for word in words
                for parts in self._by_name.get(word, ())
                if parts != model.parts and words >= {part.lower() for part in parts[-2:]}
            }
            schema: Schema = {parts: sorted(names) for parts in near if (names := self._columns(parts))}
            self._read[model.key] = column_lineage(text, dialect=model.dialect, schema=schema)
        return self._read[model.key]


def checked(name: str, folder: Path) -> Any:
    unzip_corpus(name, folder)
    (folder / "penstock.yml").write_text("dbt:\n  corpus: {manifest: manifest.json, catalog: catalog.json}\n")
    done = CliRunner().invoke(cli, ["-C", str(folder), "lineage", "--check", "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(("name", "step"), [("jaffle", 1), ("tuva", 5), ("spellbook_dex", 100)])
def test_a_second_count_finds_the_same(name: str, step: int, tmp_path: Path) -> None:
    _counted_twice(name, step, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(("name", "step"), [("tuva", 1), ("spellbook_dex", 1)])
def test_a_second_count_of_all_models_finds_the_same(name: str, step: int, tmp_path: Path) -> None:
    _counted_twice(name, step, tmp_path)


def _counted_twice(name: str, step: int, folder: Path) -> None:
    corpus = project(name)
    found = checked(name, folder)
    ours = {one["asset"]: one for one in found["models"]}
    second = Second(corpus)
    different = {}
    for model in corpus.models[::step]:
        shown = model.key.split(".", 2)[2]
        counted = second.of(model)
        told = {word: ours[shown][word] for word in COUNTED}
        if told != {word: counted[word] for word in COUNTED}:
            different[model.key] = (told, dict(counted))
    assert different == {}
    for word in COUNTED:
        assert found["coverage"][word] == sum(one[word] for one in found["models"])
    parts = found["coverage"]
    assert parts["columns"] == parts["resolved"] + parts["ambiguous"] + parts["unresolved"]
    assert len({one["relation"] for one in found["external"]}) == parts["external"]
