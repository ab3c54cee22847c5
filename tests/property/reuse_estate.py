"""One random project, built twice: in `bold` what is reused stays, in `plain` everything is made each time. Decided by the product's own
code; only what fetches facts for it is written again here."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

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
from penstock.change.inputs import column_set, direct
from penstock.change.noted import with_marks
from penstock.change.records import Input
from penstock.change.shape import Outside, same_but_for_form
from penstock.change.spread import Reader, flows, readers
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet, Content
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.lineage.project.derive import ModelSql, ProjectLineage, derive
from penstock_dbt.plain import laid_out_plainly
from tests.property.reuse_checks import Checks
from tests.property.reuse_projects import Model, Project, project
from tests.property.reuse_rows import Side

SPACE = "duckdb:truth.duckdb"
_KINDS = {"view": AssetKind.VIEW, "ephemeral": AssetKind.EPHEMERAL, "seed": AssetKind.SEED}
_COMPARED = ("table", "view", "snapshot")
Columns = dict[str, dict[str, ColumnSet | None]]


def relation(name: str) -> Relation:
    return Relation(SPACE, "duckdb", "memory", "main", name)


class Seen:
    """What is observed of a project as it is written now."""

    def __init__(self, made: Project, checks: Checks) -> None:
        self.graph = _graph(made, checks)
        self.keys = {asset.name: key for key, asset in self.graph.assets.items()}
        self.names = {key: name for name, key in self.keys.items()}
        self.lineage = _lineage(made)
        self.readers = _readers(self)
        self.reads = {name: _reads(self, made, name) for name in self.lineage.models}
        self.recipes = {
            self.keys[one.name]: recipe(made, one) for one in made.models.values() if one.form != "ephemeral"
        }


class Estate:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.project: Project = project(rng)
        self.bold, self.plain = Side(), Side()
        self.known: dict[AssetKey, MadeFrom] = {}
        stands = [one.name for one in self.project.models.values() if one.form != "ephemeral"]
        self.checks = Checks(rng, {name: self.project.columns(name) for name in stands})
        self.decided: dict[AssetKey, Judged | None] = {}
        self.run = 0
        self.by_column = rng.random() < 0.5  # most edits are of one column
        self.restless: set[str] = set()  # made again of the same, these hold other rows
        self._seen: tuple[object, Seen] | None = None

    def close(self) -> None:
        self.bold.close()
        self.plain.close()

    def seen(self) -> Seen:
        mark = tuple((one.name, one.form, one.sql) for one in self.project.models.values())
        if self._seen is None or self._seen[0] != mark:
            self._seen = (mark, Seen(self.project, self.checks))
        return self._seen[1]

    def build(self) -> Iterator[tuple[Model, Judged | None, bool]]:
        """Build both; gives each model, how it was judged, and whether it was reused. Everything is decided before anything is built, or
        each model when those above it are done."""
        self.run += 1
        seen = self.seen()
        self.decided = {}
        planned = self.planned(seen) if self.rng.random() < 0.6 else None
        for one in self.project.models.values():
            self.plain.make(self.project, one)
            if one.form == "ephemeral":
                continue
            key = seen.keys[one.name]
            judged = planned[one.name] if planned is not None else self.judged(seen, key, one, {})[0]
            reused = judged is not None and judged.reuse
            if not reused:
                self.bold.make(self.project, one)
                self.remember(seen, key, one)
            if one.form in ("incremental", "snapshot") and not self.plain.rests(self.project, one):
                self.restless.add(one.name)
            yield one, judged, reused

    def again(self, one: Model) -> bool:
        """Make it in both from nothing; whether both have the same rows then."""
        for side in (self.plain, self.bold):
            side.connection.execute(f"drop {'view' if one.form == 'view' else 'table'} {one.name}")
            side.make(self.project, one)
        self.remember(self.seen(), self.seen().keys[one.name], one)
        return self.plain.rows(one.name) == self.bold.rows(one.name)

    def judged(
        self, seen: Seen, key: AssetKey, one: Model, pending: Mapping[AssetKey, Pending]
    ) -> tuple[Judged | None, Judged | None]:
        made = self.known.get(key)
        if made is None or one.name in self.restless:
            return None, None
        now = self.now(seen, key, one, wants(seen.graph, one.form, made.reads, self.known), pending)
        return judge(one.name, now, made), judge(one.name, replace(now, cosmetic=True), made)

    def planned(self, seen: Seen) -> dict[str, Judged | None]:
        """As a plan decides: by what lies there now, and by what it will build."""
        contents = {
            relation(name): held
            for name in seen.keys
            if (held := self.bold.content(name, [None])) is not None
        }
        facts = Facts(
            texts=lambda some: {key: (self.project.again(seen.names[key]), "duckdb") for key in some},
            outside=self.outside,
            readers=lambda: seen.readers,
        )
        editing = Editing(seen.graph, self.known, seen.recipes, contents, facts)
        pending: set[AssetKey] = set()
        found: dict[str, Judged | None] = {}
        for name, one in self.project.models.items():
            if one.form == "ephemeral":
                continue
            key = seen.keys[name]
            made = self.known.get(key)
            needed = wants(seen.graph, one.form, made.reads, self.known) if made is not None else {}
            judged, otherwise = self.judged(seen, key, one, editing.pending(needed, pending))
            editing.note(key, judged, otherwise, pending)
            found[name] = judged
            if judged is None or not judged.reuse:
                pending.add(key)
        self.decided = self.checks.judged(
            seen.graph, self.known, self.read, lambda needed: editing.pending(needed, pending)
        )
        return found

    def checked(self) -> Iterator[tuple[str, bool]]:
        """Each check, and whether its verdict was reused."""
        graph = self.seen().graph
        decided = self.decided or self.checks.judged(graph, self.known, self.read, lambda needed: {})
        return self.checks.run(
            graph,
            self.known,
            self.read,
            lambda key: self.content_of(key, Want(True)),
            decided,
            self.plain.connection,
        )

    def read(self, key: AssetKey, want: Want | None) -> Input | None:
        return version(self.content_of(key, want), want, self.known.get(key))

    def now(
        self,
        seen: Seen,
        key: AssetKey,
        one: Model,
        needed: Mapping[AssetKey, Want | None],
        pending: Mapping[AssetKey, Pending],
    ) -> Now:
        cosmetic = one.form in _COMPARED and same_but_for_form(
            self.known[key].sql, self.project.compiled(one.name), "duckdb", self.outside()
        )
        return Now(
            recipe=seen.recipes[key],
            output=output_version(self.bold.content(one.name, [None])),
            inputs={at: self.read(at, want) for at, want in needed.items()},
            names={at: at.name for at in needed},
            pending=pending,
            cosmetic=cosmetic,
        )

    def outside(self) -> Outside:
        """The columns that relations have there."""
        return Outside(columns=lambda parts: self.bold.columns(parts[-1]))

    def content_of(self, key: AssetKey, want: Want | None) -> Content | None:
        sets = [want.columns] if want is not None and want.rows else []
        return self.bold.content(key.name.split(".")[-1], sets)

    def remember(self, seen: Seen, key: AssetKey, one: Model) -> None:
        was = self.known.pop(key, None)
        sql = self.project.again(one.name)
        volatile = volatility(sql, "duckdb")
        reads = {} if one.form == "seed" else seen.reads[one.name]
        needed = wants(seen.graph, one.form, reads, self.known)
        inputs = {at: self.read(at, want) for at, want in needed.items()}
        output = output_version(self.bold.content(one.name, [None]))
        if output is None or not all(inputs.values()):
            return
        made = MadeFrom(
            recipe=seen.recipes[key],
            reads=reads,
            inputs={at: read for at, read in inputs.items() if read},
            output=output,
            run=self.run,
            at=0.0,
            sql="" if one.form == "seed" else sql,
            dialect="duckdb",
            volatile=volatile.why if volatile else "",
            flows=flows(seen.readers.get(key, {})) if one.form == "view" else {},
        )
        self.known[key] = with_marks(made, was, self.content_of(key, Want(False)), self.outside())


def recipe(made: Project, one: Model) -> Recipe:
    text = made.compiled(one.name)
    if one.form == "incremental":
        text = laid_out_plainly(f"{text} {made.again(one.name)}")
    return Recipe(form=one.form, settings="", template=text)


def _graph(made: Project, checks: Checks) -> AssetGraph:
    sources = [
        ObservedAsset(
            id=name, kind=AssetKind.TABLE, name=name, resource_type="source", relation=relation(name)
        )
        for name in made.sources
    ]
    models = [
        ObservedAsset(
            id=one.name,
            kind=_KINDS.get(one.form, AssetKind.TABLE),
            name=one.name,
            resource_type="model",
            relation=None if one.form == "ephemeral" else relation(one.name),
            upstream=tuple(dict.fromkeys(one.parents)),
            producer=one.name,
        )
        for one in made.models.values()
    ]
    producers = [
        ObservedProducer(id=one.name, kind="model", recipe=recipe(made, one)) for one in made.models.values()
    ]
    seen = Observation(
        integration="dbt",
        instance="t",
        taken_at=0.0,
        assets=(*sources, *models),
        producers=tuple(producers),
        checks=checks.observed(),
    )
    return AssetGraph.of([seen])


def _lineage(made: Project) -> ProjectLineage:
    models = [
        ModelSql(key=one.name, sql=made.again(one.name), dialect="duckdb", relation=relation(one.name))
        for one in made.models.values()
        if one.form != "ephemeral"
    ]
    sources = {relation(name).parts: dict.fromkeys(names, "") for name, names in made.sources.items()}
    return derive(models, sources, database="memory", default_schema="main")


def _certain(found: ProjectLineage, name: str) -> bool:
    lineage = found.models[name]
    rows = all(
        tuple(Certainty)[row.certainty] is Certainty.RESOLVED and row.relation >= 0 for row in lineage.rows
    )
    return rows and not found.findings.get(name) and not lineage.is_open


def _reads(seen: Seen, made: Project, name: str) -> dict[AssetKey, ColumnSet | None]:
    """As lineage tells. Of an incremental one whose text does not read what it has made too little is known."""
    lineage = seen.lineage.models[name]
    columns: dict[str, set[str]] = {
        seen.graph.assets[one].name: set() for one in direct(seen.graph, seen.keys[name])
    }
    columns |= {parts[-1]: set() for parts in lineage.reads}
    for row in lineage.rows:
        for at in (row.relation, *row.candidates):
            if at >= 0:
                columns.setdefault(lineage.relations[at][-1], set()).add(lineage.names[row.name])
    again = made.models[name].form != "incremental" or name in columns
    certain = again and _certain(seen.lineage, name)
    columns.pop(name, None)
    return {seen.keys[one]: column_set(of) if certain else None for one, of in columns.items()}


def _readers(seen: Seen) -> Mapping[AssetKey, Reader]:
    edges, sure = [], []
    for name, lineage in seen.lineage.models.items():
        target = seen.keys[name]
        if not lineage.is_open and not any(row.certainty or row.relation < 0 for row in lineage.rows):
            sure.append(target)
        for row in lineage.rows:
            if row.relation >= 0:
                source = ColumnRef(seen.keys[lineage.relations[row.relation][-1]], lineage.names[row.name])
                output = lineage.names[row.output] if row.output >= 0 else ""
                edge = ColumnEdge(
                    source=source, target=ColumnRef(target, output), subtype=tuple(EdgeSubtype)[row.subtype]
                )
                edges.append(edge)
    return readers(ColumnGraph.of(edges), sure)
