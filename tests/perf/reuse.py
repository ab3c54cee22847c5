"""What reuse saves and costs: models to build after single-column edits, whole runs with nothing changed, hashing.

Edits are of single columns of corpora/tuva. What they reach is told by the column graph, and checked against the shapes of all models,
each made of the shapes of those that it reads: a model whose shape differs and that was not reached would be missed.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from penstock.assets import (
    AssetKey,
    AssetKind,
    ColumnEdge,
    ColumnRef,
    EdgeSubtype,
    Observation,
    ObservedAsset,
    Relation,
)
from penstock.change.shape import Outside, Shape, shape_of
from penstock.change.spread import Reader, readers, spread
from penstock.graph import AssetGraph
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.lineage.project.derive import ProjectLineage, derive
from penstock.lineage.records import Parts
from tests.corpus.projects import Project, project
from tests.perf.dbt import make
from tests.perf.measure import median, process
from tests.perf.reuse_costs import hashing, planner
from tests.tools.command import environ

DRAWS, EDITS = 5, 50
_SUBTYPES = tuple(EdgeSubtype)


class Estate:
    """A corpus as an asset graph with its readers."""

    def __init__(self, loaded: Project) -> None:
        self.loaded = loaded
        self.models = {model.key: model for model in loaded.models if model.sql}
        self.lineage = derive(loaded.models, loaded.sources)
        self.graph = _graph(loaded)
        self.keys = {ref.id: key for ref, key in self.graph.by_ref.items()}
        self.by_parts = {model.parts: key for key, model in self.models.items() if model.parts}
        self.readers = self._readers()
        self.shapes: dict[str, Shape] = {}
        for key in self._order():
            shape = self.shape(key, str(self.models[key].sql), self.shapes)
            if shape is not None:
                self.shapes[key] = shape

    def _order(self) -> list[str]:
        names = {key: name for name, key in self.keys.items()}
        return [names[key] for key in self.graph.order if names[key] in self.models]

    def _readers(self) -> Mapping[AssetKey, Reader]:
        edges = list(_edges(self.lineage, self.keys, self.by_parts))
        certain = [
            self.keys[key]
            for key, lineage in self.lineage.models.items()
            if not lineage.is_open and not any(row.certainty or row.relation < 0 for row in lineage.rows)
        ]
        return readers(ColumnGraph.of(edges), certain)

    def shape(self, key: str, sql: str, known: Mapping[str, Shape]) -> Shape | None:
        def made(parts: Parts) -> Shape | None:
            return known.get(self.by_parts.get(parts, ""))

        return shape_of(
            sql, self.loaded.dialect, Outside(columns=lambda parts: self._listed(parts), made=made)
        )

    def _listed(self, parts: Parts) -> tuple[str, ...] | None:
        found = self.loaded.sources.get(parts)
        return tuple(found) if found else None

    def reached(self, key: str, column: str) -> set[str]:
        names = {asset: name for name, asset in self.keys.items()}
        return {names[one] for one in spread(self.graph, self.readers, {self.keys[key]: frozenset({column})})}

    def causes(self, key: str, column: str) -> Counter[str]:
        """Of what is reached, how: by a column's value alone, or because a column of something above decides which rows there are."""
        found = spread(self.graph, self.readers, {self.keys[key]: frozenset({column})})
        causes: dict[AssetKey, str] = {}
        for asset, effect in found.items():
            first = effect.column or effect.by is None
            how = effect.how.value if effect.how is not None else "unknown"
            above = causes.get(effect.by, "") if effect.by is not None else ""
            causes[asset] = "value" if effect.columns is not None else how if first else above
        return Counter(causes.values())

    def below(self, key: str) -> set[str]:
        names = {asset: name for name, asset in self.keys.items()}
        found = {key, *(names[one] for one in self.graph.walk([self.keys[key]], upstream=False))}
        return {one for one in found if one not in self.models or self.models[one].parts}

    def differing(self, key: str, column: str) -> set[str]:
        """The models whose shape is another one when that column has other values."""
        shape = self.shapes[key]
        edited = tuple(
            (name, f"edited {value}" if name == column else value) for name, value in shape.columns or ()
        )
        changed = {key: Shape(shape.rows, edited, shape.words)}
        below = self.below(key)
        for one in self._order():
            if one == key or one not in below or one not in self.shapes:
                continue
            if not any(self.by_parts.get(parts) in changed for parts in self.lineage.models[one].reads):
                continue
            again = self.shape(one, str(self.models[one].sql), {**self.shapes, **changed})
            if again is not None and again != self.shapes[one]:
                changed[one] = again
        return set(changed)

    def computed(self) -> list[tuple[str, str]]:
        """The columns that a model makes of an expression: these are what an edit of one column changes."""
        found = []
        for key, shape in sorted(self.shapes.items()):
            lineage = self.lineage.models[key]
            passed = {
                lineage.names[row.output]
                for row in lineage.rows
                if row.output >= 0 and _SUBTYPES[row.subtype] is EdgeSubtype.IDENTITY
            }
            if self.models[key].parts:
                found += [(key, name) for name, _ in shape.columns or () if name not in passed]
        return found

    def all_columns(self) -> list[tuple[str, str]]:
        made = [(key, shape) for key, shape in sorted(self.shapes.items()) if self.models[key].parts]
        return [(key, name) for key, shape in made for name, _ in shape.columns or ()]


def _graph(loaded: Project) -> AssetGraph:
    others = [
        ObservedAsset(
            id=loaded.nodes.get(parts, ".".join(parts)),
            kind=AssetKind.TABLE,
            name=parts[-1],
            resource_type="seed",
            relation=_at(loaded, parts),
        )
        for parts in loaded.sources
    ]
    models = [
        ObservedAsset(
            id=model.key,
            kind=AssetKind.TABLE if model.relation else AssetKind.EPHEMERAL,
            name=model.key.rsplit(".", 1)[-1],
            resource_type="model",
            relation=model.relation,
            upstream=model.upstream,
        )
        for model in loaded.models
    ]
    seen = Observation(integration="dbt", instance="t", taken_at=0.0, assets=(*others, *models))
    return AssetGraph.of([seen])


def _at(loaded: Project, parts: Parts) -> Relation:
    database, schema, name = ("", "", *parts)[-3:]
    return Relation("duckdb:tuva", loaded.dialect, database, schema, name)


def _edges(
    found: ProjectLineage, keys: Mapping[str, AssetKey], by_parts: Mapping[Parts, str]
) -> Iterator[ColumnEdge]:
    for key, lineage in found.models.items():
        for row in lineage.rows:
            source = by_parts.get(lineage.relations[row.relation], "") if row.relation >= 0 else ""
            if source:
                output = lineage.names[row.output] if row.output >= 0 else ""
                yield ColumnEdge(
                    source=ColumnRef(keys[source], lineage.names[row.name]),
                    target=ColumnRef(keys[key], output),
                    subtype=_SUBTYPES[row.subtype],
                )


def edits(estate: Estate, what: str, chosen: list[tuple[str, str]]) -> None:
    shares, spent = [], 0.0
    causes: Counter[str] = Counter()
    whole_all = ours_all = 0
    for draw in range(DRAWS):
        whole = ours = 0
        for key, column in random.Random(draw).sample(chosen, EDITS):
            began = time.process_time()
            ours += len(estate.reached(key, column.lower()))
            spent += time.process_time() - began
            whole += len(estate.below(key))
            causes += estate.causes(key, column.lower())
        shares.append(ours / whole)
        whole_all, ours_all = whole_all + whole, ours_all + ours
    each = ", ".join(f"{share:.0%}" for share in shares)
    why = ", ".join(f"{name} {number / ours_all:.0%}" for name, number in causes.most_common())
    print(
        f"{DRAWS * EDITS} edits of {what}: state:modified+ {whole_all} models, by column {ours_all}: {statistics.mean(shares):.0%} on"
        f" average ({each}); {spent / DRAWS / EDITS * 1000:.1f} ms CPU an edit;"
        f" reached because a column above decides rows, or by its value alone: {why}",
        flush=True,
    )


def missed(estate: Estate, number: int = 20) -> None:
    """Of some edits, the models whose shape differs and that were not reached."""
    lost = differing = 0
    for key, column in random.Random(0).sample(estate.computed(), number):
        found = {one for one in estate.differing(key, column) if estate.models[one].parts}
        differing += len(found)
        lost += len(found - estate.reached(key, column.lower()))
    print(f"{number} of them by shape: {differing} models differ, missed {lost} (budget 0)")


def unchanged(models: int) -> None:
    """Whole runs of a project in which nothing changed, after one that made it by dbt."""
    env = environ("1.11")
    with tempfile.TemporaryDirectory() as name:
        folder = make(Path(name) / "bench", models, "table")
        ours = [sys.executable, "-m", "penstock", "run", "--quiet"]
        made, _ = process(ours, folder, env)
        time.sleep(3)  # until a write and the next one would differ in the file's time
        first, _ = process(ours, folder, env)
        cpu, wall = median(3, lambda: process(ours, folder, env))
    print(
        f"nothing changed on {models} tables: penstock run {cpu:.2f} s CPU (budget 1.0), {wall:.2f} s wall; the first time {first:.2f} s CPU,"
        f" when all rows are hashed; making them {made:.0f} s CPU",
        flush=True,
    )


def main() -> None:
    unchanged(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    estate = Estate(project("tuva"))
    print(f"{len(estate.models)} models, {len(estate.shapes)} with a shape")
    edits(estate, "computed columns (budget 50 %)", estate.computed())
    edits(estate, "any columns", estate.all_columns())
    missed(estate)
    planner()
    hashing()


if __name__ == "__main__":
    main()
