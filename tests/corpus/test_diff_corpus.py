"""Random edits of a large real project: what `diff` calls untouched, held against another resolver's reading of every SQL text.

The judge is sqlglot's optimizer, which nothing of `diff` uses: names qualified, stars expanded, unread columns pushed out.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from penstock.change.comparing import compare
from penstock.change.revision import AssetChange, Comparison, Level, Revision
from penstock.service.defining import one_each
from penstock.service.observe import look
from penstock.service.revisions import assembled, contexts_of, definitions_of, described_of
from penstock.service.workspace import open_workspace
from tests.property.sql_edits import edited
from tests.support import unzip_corpus

Schema = dict[str, Any]


class Corpus:
    """The project of given artefacts, whose manifest is edited between looks."""

    def __init__(self, folder: Path, name: str) -> None:
        (folder / ".git").mkdir()
        (folder / "penstock.yml").write_text(
            f"name: {name}\ndbt: {{one: {{manifest: manifest.json, catalog: catalog.json}}}}\n"
        )
        unzip_corpus(name, folder)
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
        catalog = json.loads((folder / "catalog.json").read_bytes())
        self.relations: dict[tuple[str, ...], str] = {}
        self.schema: Schema = {}
        for key, node in {**self.manifest["nodes"], **self.manifest["sources"]}.items():
            if not node.get("relation_name"):
                continue
            parts = tuple(part.strip('"').lower() for part in node["relation_name"].split("."))
            self.relations[parts] = key
            entry = {**catalog["nodes"], **catalog["sources"]}.get(key)
            if entry and len(parts) == 3:
                columns = {column.lower(): "TEXT" for column in entry["columns"]}
                self.schema.setdefault(parts[0], {}).setdefault(parts[1], {})[parts[2]] = columns
        self.models = {
            key: node["compiled_code"]
            for key, node in self.manifest["nodes"].items()
            if node["resource_type"] == "model" and node.get("compiled_code") and node.get("relation_name")
        }

    def look(self) -> None:
        """What the tool says of it, once for all edits."""
        self.workspace = open_workspace(self.folder)
        contexts = contexts_of(self.workspace)
        self.graph = look(self.workspace).graph
        self.described, _ = described_of(self.graph, contexts)
        self.definitions = one_each(self.graph, definitions_of(contexts))
        self.keys = {one.id: key for key, one in self.definitions.items()}

    def revision(self, key: str = "", sql: str = "") -> Revision:
        """The project, or the one in which that model has that SQL."""
        described, definitions = dict(self.described), dict(self.definitions)
        if key:
            place = self.keys[key]
            described[place] = replace(described[place], text=sql)
            definitions[place] = replace(definitions[place], sql=sql)
        cache = self.folder / "lineage.msgpack"
        return assembled(self.workspace, self.graph, described, definitions, cache)


class Judge:
    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.reads = lru_cache(maxsize=None)(self._reads)
        self._schema = MappingSchema(corpus.schema, dialect="duckdb")  # normalised once, not for every model

    def _reads(self, key: str) -> dict[str, set[str]] | None:
        """Per node the columns that this one's SQL needs of it; None when the judge cannot read the SQL."""
        try:
            tree = qualify(
                parse_one(self._corpus.models[key], read="duckdb"), dialect="duckdb", schema=self._schema,
                validate_qualify_columns=False, identify=False,
            )  # fmt: skip
            tree = pushdown_projections(tree)
            scopes = traverse_scope(tree)
        except (SqlglotError, ValueError, KeyError, AttributeError, IndexError, RecursionError):
            return None
        found: dict[str, set[str]] = {}
        for scope in scopes:
            tables = {name: table for name, table in scope.sources.items() if isinstance(table, exp.Table)}
            for table in tables.values():
                found.setdefault(self._node(table), set())
            for column in scope.columns:
                if column.table in tables:
                    found[self._node(tables[column.table])].add(column.name.lower())
        return found

    def _node(self, table: exp.Table) -> str:
        parts = tuple(part.name.lower() for part in table.parts)
        return self._corpus.relations.get(parts, ".".join(parts))

    def untouched(self, found: Comparison, ids: dict[str, str]) -> Counter[str]:
        """Raises AssertionError for a model that is called untouched and needs a column that changes."""
        changed = {
            ids[one.name]: one
            for one in found.assets
            if one.level in (Level.BREAKS, Level.DATA, Level.ADDITIVE) and one.name in ids
        }
        counts: Counter[str] = Counter()
        for key in self._corpus.models:
            if key in changed:
                counts["changed"] += 1
                continue
            reads = self.reads(key)
            if reads is None:
                counts["the judge cannot read"] += 1
                continue
            for parent in reads.keys() & changed.keys():
                wrong = _differing(changed[parent], reads[parent])
                assert not wrong, f"{key} is called untouched, and reads {wrong} of {parent}"
            counts["untouched, judged so"] += 1
        return counts


def _differing(change: AssetChange, reads: set[str]) -> set[str] | str:
    if change.what == "added":
        return set()
    if change.everything:
        return f"rows ({change.everything})"
    gone = {one.column for one in change.changes if one.what == "removed"}
    return reads & (set(change.columns) | gone)


def run(folder: Path, seed: int, count: int) -> Counter[str]:
    corpus = Corpus(folder, "tuva")
    corpus.look()
    before = corpus.revision()
    ids = {member.name: member.id for member in before.members.values()}
    judge, random, totals = Judge(corpus), Random(seed), Counter[str]()
    while count:
        key = random.choice(list(corpus.models))
        try:
            found = edited(corpus.models[key], random)
        except SqlglotError:
            continue
        if found is None:
            continue
        kind, sql = found
        after = corpus.revision(key, sql)
        began = time.process_time()
        comparison = compare(before, after)
        totals["ms of comparing"] += int(1000 * (time.process_time() - began))
        try:
            totals += judge.untouched(comparison, ids)
        except AssertionError as wrong:
            raise AssertionError(f"{kind} of {key}\n{wrong}") from None
        totals[f"edits: {comparison.level.value}"] += 1
        totals["by files and all below"] += comparison.counts.plain
        count -= 1
    return totals


@pytest.mark.long
def test_edits_of_a_large_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    totals = run(tmp_path, seed=2, count=250)
    with capsys.disabled():
        print(f"\n  {dict(totals)}")
    assert totals["untouched, judged so"] > 100_000
