"""Executed truth of reuse: random edits of projects on real rows, decided with the boldest cut-off, against building everything."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping

import duckdb
import pytest
from msgspec.structs import replace

from penstock.assets import (
    AssetKey,
    AssetKind,
    Certainty,
    ColumnEdge,
    ColumnRef,
    EdgeSubtype,
    Observation,
    ObservedAsset,
    ObservedProducer,
    Recipe,
    Relation,
)
from penstock.change import (
    Judged,
    MadeFrom,
    Now,
    Pending,
    Want,
    judge,
    output_version,
    version,
    volatility,
    wants,
)
from penstock.change.editing import Editing, Facts
from penstock.change.inputs import column_set
from penstock.change.noted import with_marks
from penstock.change.records import Input
from penstock.change.shape import Outside, same_but_for_form
from penstock.change.spread import Reader, flows, readers
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet, Content
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.lineage.project.derive import ModelSql, ProjectLineage, derive
from penstock_duckdb.contents import content_of
from tests.property.reuse_checks import Checks
from tests.property.reuse_projects import Model, Project, edited, loads, one_column, project

SPACE = "duckdb:truth.duckdb"


def relation(name: str) -> Relation:
    return Relation(SPACE, "duckdb", "memory", "main", name)


class Estate:
    """One project, its rows twice: in `bold` what is reused stays, in `plain` everything is built each time."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.project: Project = project(rng)
        self.bold, self.plain = duckdb.connect(), duckdb.connect()
        for connection in (self.bold, self.plain):
            connection.execute(
                "create table src0 as select i as id, i % 5 as a, i % 7 as b, 1 as stamp from range(8) t(i)"
            )
            connection.execute(
                "create table src1 as select i as id, i % 4 as k, i % 3 as x from range(9) t(i)"
            )
        self.known: dict[AssetKey, MadeFrom] = {}
        columns = {name: self.project.columns(name) or () for name in self.project.models}
        self.checks = Checks(rng, {name: tuple(several) for name, several in columns.items() if several})
        self.decided: dict[AssetKey, Judged | None] = {}
        self.run = 0
        self.by_column = rng.random() < 0.5  # most edits are of one column

    def close(self) -> None:
        self.bold.close()
        self.plain.close()

    def graph(self) -> AssetGraph:
        kinds = {"table": AssetKind.TABLE, "view": AssetKind.VIEW}
        sources = [
            ObservedAsset(
                id=name, kind=AssetKind.TABLE, name=name, resource_type="source", relation=relation(name)
            )
            for name in self.project.sources
        ]
        models = [
            ObservedAsset(
                id=one.name,
                kind=kinds[one.form],
                name=one.name,
                resource_type="model",
                relation=relation(one.name),
                upstream=tuple(dict.fromkeys(one.parents)),
                producer=one.name,
            )
            for one in self.project.models.values()
        ]
        producers = [
            ObservedProducer(id=one.name, kind="model", recipe=recipe(one))
            for one in self.project.models.values()
        ]
        seen = Observation(
            integration="dbt",
            instance="t",
            taken_at=0.0,
            assets=(*sources, *models),
            producers=tuple(producers),
            checks=self.checks.observed(),
        )
        return AssetGraph.merged([seen])[0]

    def lineage(self) -> ProjectLineage:
        models = [
            ModelSql(key=one.name, sql=one.sql, dialect="duckdb", relation=relation(one.name))
            for one in self.project.models.values()
        ]
        sources = {
            relation(name).parts: dict.fromkeys(names, "") for name, names in self.project.sources.items()
        }
        return derive(models, sources, database="memory", default_schema="main")

    def reads(self) -> dict[str, dict[str, ColumnSet | None]]:
        """As lineage tells, with the columns that the tables really have."""
        found = self.lineage()
        told: dict[str, dict[str, ColumnSet | None]] = {}
        for name, lineage in found.models.items():
            columns: dict[str, set[str]] = {parts[-1]: set() for parts in lineage.reads}
            certain = not found.findings.get(name) and not lineage.is_open
            for row in lineage.rows:
                for at in (row.relation, *row.candidates):
                    if at >= 0:
                        columns.setdefault(lineage.relations[at][-1], set()).add(lineage.names[row.name])
                certain = (
                    certain and tuple(Certainty)[row.certainty] is Certainty.RESOLVED and row.relation >= 0
                )
            told[name] = {one: column_set(of) if certain else None for one, of in columns.items()}
        return told

    def build(self) -> Iterator[tuple[str, bool, str]]:
        """Build both; gives each model, whether it was reused, and why. Everything is decided before anything is built, or each model
        when those above it are done."""
        self.run += 1
        graph, reads = self.graph(), self.reads()
        self.decided = {}
        planned = self.planned(graph, reads) if self.rng.random() < 0.6 else None
        for name, one in self.project.models.items():
            create(self.plain, one)
            key = relation_key(name, graph)
            judged = planned[name] if planned is not None else self.judged(graph, key, one, {})[0]
            if judged is None or not judged.reuse:
                create(self.bold, one)
                self.remember(
                    graph, key, one, {relation_key(at, graph): of for at, of in reads[name].items()}
                )
            yield (
                name,
                judged is not None and judged.reuse,
                f"{planned is not None} {judged.reason if judged else 'first'}",
            )

    def judged(
        self, graph: AssetGraph, key: AssetKey, one: Model, pending: Mapping[AssetKey, Pending]
    ) -> tuple[Judged | None, Judged | None]:
        made = self.known.get(key)
        if made is None:
            return None, None
        now = self.now(graph, key, one, wants(graph, one.form, made.reads, self.known), pending)
        return judge(one.name, now, made), judge(one.name, replace(now, cosmetic=True), made)

    def planned(
        self, graph: AssetGraph, reads: dict[str, dict[str, ColumnSet | None]]
    ) -> dict[str, Judged | None]:
        """As a plan decides: by what lies there now, and by what it will build."""
        keys = {name: relation_key(name, graph) for name in self.project.models}
        recipes = {keys[name]: recipe(one) for name, one in self.project.models.items()}
        contents = {relation(name): held for name in keys if (held := content(self.bold, name, [None]))}
        facts = Facts(
            texts=lambda some: {key: (self.project.models[name].sql, "duckdb") for name, key in keys.items() if key in set(some)},
            outside=lambda: Outside(columns=lambda parts: self.project.columns(parts[-1])),
            readers=lambda: self.readers(graph),
        )  # fmt: skip
        editing = Editing(graph, self.known, recipes, contents, facts)
        pending: set[AssetKey] = set()
        found: dict[str, Judged | None] = {}
        for name, one in self.project.models.items():
            key = keys[name]
            made = self.known.get(key)
            needed = wants(graph, one.form, made.reads, self.known) if made is not None else {}
            judged, otherwise = self.judged(graph, key, one, editing.pending(needed, pending))
            editing.note(key, judged, otherwise, pending)
            found[name] = judged
            if judged is None or not judged.reuse:
                pending.add(key)
        self.decided = self.checks.judged(
            graph, self.known, self.read, lambda needed: editing.pending(needed, pending)
        )
        return found

    def checked(self) -> Iterator[tuple[str, bool]]:
        """Each check, and whether its verdict was reused."""
        graph = self.graph()
        decided = self.decided or self.checks.judged(graph, self.known, self.read, lambda needed: {})
        return self.checks.run(
            graph,
            self.known,
            self.read,
            lambda key: self.content_of(key, Want(True)),
            decided,
            self.plain,
        )

    def read(self, key: AssetKey, want: Want | None) -> Input | None:
        return version(self.content_of(key, want), want, self.known.get(key))

    def readers(self, graph: AssetGraph) -> Mapping[AssetKey, Reader]:
        edges, sure = [], []
        for name, lineage in self.lineage().models.items():
            target = relation_key(name, graph)
            if not lineage.is_open and not any(row.certainty or row.relation < 0 for row in lineage.rows):
                sure.append(target)
            for row in lineage.rows:
                if row.relation >= 0:
                    source = ColumnRef(
                        relation_key(lineage.relations[row.relation][-1], graph), lineage.names[row.name]
                    )
                    output = lineage.names[row.output] if row.output >= 0 else ""
                    edges.append(
                        ColumnEdge(
                            source=source,
                            target=ColumnRef(target, output),
                            subtype=tuple(EdgeSubtype)[row.subtype],
                        )
                    )
        return readers(ColumnGraph.of(edges), sure)

    def now(
        self,
        graph: AssetGraph,
        key: AssetKey,
        one: Model,
        needed: Mapping[AssetKey, Want | None],
        pending: Mapping[AssetKey, Pending],
    ) -> Now:
        return Now(
            recipe=recipe(one),
            output=output_version(content(self.bold, key.name.split(".")[-1], [None])),
            inputs={
                at: version(self.content_of(at, want), want, self.known.get(at))
                for at, want in needed.items()
            },
            names={at: at.name for at in needed},
            pending=pending,
            cosmetic=same_but_for_form(self.known[key].sql, one.sql, "duckdb", self.outside(one)),
        )

    def outside(self, one: Model) -> Outside:
        """The columns that its inputs have."""
        return Outside(
            columns=lambda parts: self.project.columns(parts[-1]) if parts[-1] in one.parents else None
        )

    def content_of(self, key: AssetKey, want: Want | None) -> Content | None:
        sets = [want.columns] if want is not None and want.rows else []
        return content(self.bold, key.name.split(".")[-1], sets)

    def remember(
        self, graph: AssetGraph, key: AssetKey, one: Model, reads: dict[AssetKey, ColumnSet | None]
    ) -> None:
        volatile = volatility(one.sql, "duckdb")
        needed = wants(graph, one.form, reads, self.known)
        inputs = {
            at: version(self.content_of(at, want), want, self.known.get(at)) for at, want in needed.items()
        }
        output = output_version(content(self.bold, one.name, [None]))
        was = self.known.pop(key, None)
        if output is not None and all(inputs.values()):
            made = MadeFrom(
                recipe=recipe(one),
                reads=reads,
                inputs={at: read for at, read in inputs.items() if read},
                output=output,
                run=self.run,
                at=0.0,
                sql=one.sql,
                dialect="duckdb",
                volatile=volatile.why if volatile else "",
                flows=flows(self.readers(graph).get(key, {})) if one.form == "view" else {},
            )
            self.known[key] = with_marks(made, was, self.content_of(key, Want(False)), self.outside(one))


def relation_key(name: str, graph: AssetGraph) -> AssetKey:
    return next(key for key, asset in graph.assets.items() if asset.name == name)


def recipe(one: Model) -> Recipe:
    return Recipe(form=one.form, settings="", template=one.sql)


def create(connection: duckdb.DuckDBPyConnection, one: Model) -> None:
    other = "view" if one.form == "table" else "table"
    kind = connection.execute(
        "select table_type from information_schema.tables where table_name = $1", [one.name]
    ).fetchone()
    if kind is not None and (kind[0] == "VIEW") != (one.form == "view"):
        connection.execute(f"drop {other} {one.name}")
    connection.execute(f"create or replace {one.form} {one.name} as {one.sql}")


def content(connection: duckdb.DuckDBPyConnection, name: str, sets: list[ColumnSet | None]) -> Content | None:
    exists = connection.execute(
        "select 1 from information_schema.tables where table_name = $1", [name]
    ).fetchone()
    return content_of(connection, "memory", "main", name, sets) if exists else None


def rows(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[list[str], list[tuple[object, ...]]]:
    found = connection.execute(f"select * from {name}")
    names = [column[0] for column in found.description or ()]
    return names, sorted(found.fetchall(), key=repr)


def works(trial: Project) -> bool:
    """Whether it can be built from nothing."""
    with duckdb.connect() as connection:
        connection.execute("create table src0 as select 1 as id, 1 as a, 1 as b, 1 as stamp")
        connection.execute("create table src1 as select 1 as id, 1 as k, 1 as x")
        try:
            for one in trial.models.values():
                create(connection, one)
        except duckdb.Error:
            return False
    return True


def step(estate: Estate) -> None:
    """An edit of the project, or of its data; what does not build from nothing is taken back."""
    of_one = estate.by_column and estate.rng.random() < 0.8
    if not of_one and estate.rng.random() < 0.3:
        statement = loads(estate.rng)
        estate.bold.execute(statement)
        estate.plain.execute(statement)
        return
    change = (one_column if of_one else edited)(estate.rng, estate.project)
    old = estate.project.models[change.name]
    estate.project.models[change.name] = change
    if not works(estate.project):
        estate.project.models[change.name] = old


def working(rng: random.Random) -> Estate:
    while True:
        estate = Estate(rng)
        if works(estate.project):
            return estate
        estate.close()


def truth(seed: int, edits: int) -> Counter[str]:
    """Counts of what was reused, built in need and built needlessly. Fails at the first wrong reuse."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    done = 0
    while done < edits:
        estate = working(rng)
        list(estate.build())
        list(estate.checked())
        for _ in range(12):
            before = {name: rows(estate.plain, name) for name in estate.project.models}
            step(estate)
            for name, reused, why in estate.build():
                mine, right = rows(estate.bold, name), rows(estate.plain, name)
                told = f"seed {seed}, edit {done}, {name}: {why}\n{estate.project.models[name].sql}"
                assert not reused or mine == right, f"wrong reuse: {told}\n{mine}\n{right}"
                needless = not reused and before.get(name) == right
                counts["unread"] += "reads none" in why
                counts["reused" if reused else "needless" if needless else "built"] += 1
            counts.update("verdicts reused" if reused else "checks run" for _, reused in estate.checked())
            done += 1
        estate.close()
    return counts + Counter(edits=done)


def test_nothing_is_reused_that_would_be_made_otherwise() -> None:
    counts = truth(seed=7, edits=24)
    assert counts["reused"] > counts["needless"]


@pytest.mark.long
def test_two_thousand_edits() -> None:
    counts = truth(seed=int(os.environ.get("PENSTOCK_SEED", "11")), edits=2000)
    print(dict(counts))
    assert counts["reused"] > 0
