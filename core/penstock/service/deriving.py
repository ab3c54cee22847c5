"""Derives the column edges of a whole graph: definitions asked for, followed, joined to what tools map themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from pathlib import Path

from penstock.assets import (
    Asset,
    AssetKey,
    ColumnEdge,
    ColumnRef,
    Definition,
    DefinitionStatus,
)
from penstock.graph import AssetGraph
from penstock.lineage.project.cache import LineageCache
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.lineage.project.coverage import Known
from penstock.lineage.project.derive import ModelSql, ProjectLineage, derive, processes_that_pay
from penstock.lineage.records import Parts
from penstock.service.columnrecords import (
    EXTERNAL,
    AssetCoverage,
    AssetFinding,
    Columns,
    Coverage,
    External,
    write,
)
from penstock.service.defining import all_definitions, one_each
from penstock.service.edges import Places, Rows, exposures
from penstock.service.machine import cores
from penstock.service.workspace import Workspace


def derive_graph(
    workspace: Workspace, graph: AssetGraph, cache_file: Path, *, may_call: bool = True
) -> tuple[Columns, bool]:
    """Derive every edge; and whether that is all there can be (nothing was left for want of compiled SQL)."""
    definitions = one_each(graph, all_definitions(workspace, graph, may_call))
    return derive_defined(workspace, graph, definitions, cache_file)


def derive_defined(
    workspace: Workspace,
    graph: AssetGraph,
    definitions: dict[AssetKey, Definition],
    cache_file: Path,
    *,
    remade: Container[AssetKey] = (),
) -> tuple[Columns, bool]:
    """The same of definitions that are at hand. `remade` have the columns that their definitions give, whatever the catalog has."""
    cache = LineageCache(cache_file.read_bytes() if cache_file.is_file() else b"")
    by_space: dict[str, list[ModelSql]] = {}
    homes = _homes(graph)
    for key, definition in definitions.items():
        by_space.setdefault(_space(graph.assets[key], homes), []).append(
            _model(graph, graph.assets[key], definition, key in remade)
        )
    gathered = _Gathered(edges=list(graph.fields))
    for space, models in sorted(by_space.items()):
        workspace.progress(f"following the columns of {len(models)} models ...")
        places = Places(graph, space)
        known, partly = _outside(graph, models, places)
        processes = processes_that_pay(models, cores(), cache)
        estate = derive(models, known, partly=partly, cache=cache, processes=processes)
        gathered.take(estate, places, definitions)
        gathered.compare_sources(graph, {model.parts for model in models}, places)
    gathered.edges += exposures(graph)
    if cache.changed:
        write(cache_file, cache.dump())
    complete = not any(d.status is DefinitionStatus.NOT_COMPILED for d in definitions.values())
    return gathered.columns(), complete


def _outside(
    graph: AssetGraph, models: list[ModelSql], places: Places
) -> tuple[dict[Parts, dict[str, str] | None], frozenset[Parts]]:
    """The relations that no model makes, with their columns; and those of which only some columns are told."""
    made = {model.parts for model in models if model.parts}
    known: dict[Parts, dict[str, str] | None] = {}
    partly: set[Parts] = set()
    for parts, key in places.exact.items():
        if parts in made:
            continue
        known[parts] = _names(graph, key) or None
        if all(column.documented and not column.cataloged for column in graph.columns(key)):
            partly.add(parts)  # YAML names the columns that somebody had something to say about
    return known, frozenset(partly)


class _Gathered:
    """What all warehouses together give."""

    def __init__(self, edges: list[ColumnEdge]) -> None:
        self.edges = edges
        self._alone: list[ColumnRef] = []
        self._findings: list[AssetFinding] = []
        self._external: list[External] = []
        self._models: list[AssetCoverage] = []

    def take(self, estate: ProjectLineage, places: Places, definitions: dict[AssetKey, Definition]) -> None:
        for name, lineage in estate.models.items():
            key = AssetKey.parse(name)
            rows = Rows(key, lineage, places, definitions[key].sql or "")
            self.edges += rows.edges()
            self._alone += (ColumnRef(key, column) for column in lineage.columns)
            self._models.append(_counted(estate, name, key, rows.reads))
        for name, several in estate.findings.items():
            key = AssetKey.parse(name)
            self._findings += (AssetFinding(key, f.code, f.message, f.line, f.column) for f in several)
        for key, readers in sorted(places.readers.items(), key=lambda entry: (-len(entry[1]), entry[0])):
            self._external.append(External(key, tuple(readers)))
            self._findings.append(AssetFinding(key, EXTERNAL, _told(key, len(readers), places)))

    def compare_sources(self, graph: AssetGraph, made: set[Parts | None], places: Places) -> None:
        """Columns that documents name and the warehouse does not have, of relations whose SQL nobody knows. Documents are not exact about case."""
        for parts, key in places.exact.items():
            columns = () if parts in made else graph.columns(key)
            there = {one.name.lower() for one in columns if one.cataloged}
            absent = [one.name for one in columns if one.documented and one.name.lower() not in there]
            if absent and there:
                message = f"documented, but the warehouse does not have {', '.join(absent)}"
                self._findings.append(AssetFinding(key, "documented-not-there", message))

    def columns(self) -> Columns:
        return Columns(
            edges=ColumnGraph.of(self.edges, self._alone),
            findings=tuple(self._findings),
            coverage=self._coverage(),
            external=tuple(self._external),
            models=tuple(self._models),
        )

    def _coverage(self) -> Coverage:
        models = self._models
        return Coverage(
            models=len(models),
            not_followed=sum(not one.followed for one in models),
            columns=sum(one.columns for one in models),
            resolved=sum(one.resolved for one in models),
            ambiguous=sum(one.ambiguous for one in models),
            unresolved=sum(one.unresolved for one in models),
            edges=len(self.edges),
            undeclared=sum(one.undeclared for one in models),
            external=len(self._external),
        )


def _counted(estate: ProjectLineage, name: str, key: AssetKey, reads: tuple[AssetKey, ...]) -> AssetCoverage:
    counts = Counter(known for _, known in estate.columns(name))
    return AssetCoverage(
        key,
        followed=not estate.is_not_followed(name),
        columns=counts.total(),
        resolved=counts[Known.DECLARED] + counts[Known.UNDECLARED],
        ambiguous=counts[Known.AMBIGUOUS],
        unresolved=counts[Known.UNRESOLVED],
        undeclared=counts[Known.UNDECLARED],
        reads=reads,
        outputs=estate.models[name].columns,
        open=estate.models[name].is_open,
    )


def _told(key: AssetKey, readers: int, places: Places) -> str:
    read = "1 model reads" if readers == 1 else f"{readers} models read"
    alike = places.elsewhere(key)
    guess = f"; {alike} has the same schema and name" if alike else ""
    return f"no asset here is this relation; {read} it{guess}"


def _homes(graph: AssetGraph) -> dict[tuple[str, str], str]:
    """The warehouse in which each instance makes its relations: where its ephemeral models' names are looked up."""
    return {
        (asset.producer.integration, asset.producer.instance): asset.key.namespace
        for asset in graph.assets.values()
        if asset.producer and asset.relation
    }


def _space(asset: Asset, homes: dict[tuple[str, str], str]) -> str:
    ref = asset.seen_by[0]
    if asset.relation:
        return asset.key.namespace
    return homes.get((ref.integration, ref.instance), asset.key.namespace)


def _model(graph: AssetGraph, asset: Asset, definition: Definition, remade: bool) -> ModelSql:
    return ModelSql(
        key=str(asset.key),
        sql=definition.sql,
        dialect=definition.dialect,
        relation=asset.relation,
        columns=_catalog_columns(graph, asset),
        types=_names(graph, asset.key),
        documented=tuple(c.name for c in graph.columns(asset.key) if c.documented),
        added=definition.added,
        reason=definition.reason,
        remade=remade,
    )


def _catalog_columns(graph: AssetGraph, asset: Asset) -> tuple[str, ...] | None:
    """The columns that a warehouse's catalog has; None when no catalog was read."""
    return tuple(c.name for c in graph.columns(asset.key) if c.cataloged) or None


def _names(graph: AssetGraph, key: AssetKey) -> dict[str, str]:
    return {column.name: column.type or "" for column in graph.columns(key)}
