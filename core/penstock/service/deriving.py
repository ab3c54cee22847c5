"""Derives the column edges of a whole graph: definitions asked for, followed, joined to what tools map themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from penstock import registry
from penstock.assets import (
    Asset,
    AssetKey,
    AssetKind,
    Certainty,
    ColumnEdge,
    ColumnRef,
    Definition,
    EdgeSubtype,
    ToolRef,
    comparable,
)
from penstock.graph import AssetGraph
from penstock.lineage.cache import LineageCache
from penstock.lineage.columns import ColumnGraph
from penstock.lineage.compact import ModelLineage
from penstock.lineage.estate import ModelSql, derive
from penstock.lineage.records import Parts
from penstock.service.columns import AssetFinding, Columns, Coverage, write
from penstock.service.workspace import Workspace


def derive_graph(workspace: Workspace, graph: AssetGraph, cache_file: Path) -> tuple[Columns, bool]:
    """Derive every edge; and whether that is all there can be (nothing was left for want of compiled SQL)."""
    definitions = _definitions(workspace, graph)
    cache = LineageCache(cache_file.read_bytes() if cache_file.is_file() else b"")
    edges: list[ColumnEdge] = list(graph.fields)
    findings: list[AssetFinding] = []
    counts: Counter[str] = Counter()
    by_space: dict[str, list[ModelSql]] = {}
    homes = _homes(graph)
    for key, definition in definitions.items():
        by_space.setdefault(_space(graph.assets[key], homes), []).append(
            _model(graph, graph.assets[key], definition)
        )
    for space, models in sorted(by_space.items()):
        workspace.progress(f"following the columns of {len(models)} models ...")
        made = {model.parts for model in models if model.parts}
        places = Places(graph, space)
        sources = {
            parts: _names(graph, key) or None for parts, key in places.exact.items() if parts not in made
        }
        estate = derive(models, sources, cache=cache)
        for name, lineage in estate.models.items():
            key = AssetKey.parse(name)
            sql = definitions[key].sql or ""
            reader = _Rows(key, lineage, places, sql)
            own = list(reader.edges())
            edges += own
            _count(counts, lineage.columns, own, derived=definitions[key].sql is not None)
        findings += [
            AssetFinding(AssetKey.parse(name), f.code, f.message, f.line, f.column)
            for name, several in estate.findings.items()
            for f in several
        ]
    edges += _exposures(graph)
    if cache.changed:
        write(cache_file, cache.dump())
    complete = not any(
        d.sql is None and (d.reason or "").startswith("not compiled") for d in definitions.values()
    )
    coverage = Coverage(edges=len(edges), **counts)
    return Columns(edges=ColumnGraph.of(edges), findings=tuple(findings), coverage=coverage), complete


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


def _definitions(workspace: Workspace, graph: AssetGraph) -> dict[AssetKey, Definition]:
    """One definition per asset: that of its producer, else of the first tool that has one (a view's, by the catalog)."""
    found: dict[AssetKey, Definition] = {}
    for integration, instance, definition in _all_definitions(workspace):
        key = graph.by_ref.get(ToolRef(integration, instance, definition.id))
        asset = graph.assets.get(key) if key else None
        if key is None or asset is None:
            continue
        producer = asset.producer
        own = producer is not None and (producer.integration, producer.instance) == (integration, instance)
        if asset.kind is AssetKind.SEED:
            continue  # made from its file: its columns are what they are, nothing is derived
        if own or (producer is None and key not in found):
            found[key] = definition
    return found


def _all_definitions(workspace: Workspace) -> Iterator[tuple[str, str, Definition]]:
    for integration, instance in workspace.project.instances:
        context = workspace.context(integration, instance, may_call=True)
        for definition in registry.integration(integration).definitions(context):
            yield integration, instance, definition
    for name in workspace.catalogs():
        reader = workspace.catalog_context(name, may_call=False)
        if reader is not None:
            for definition in reader[0].definitions(reader[1]):
                yield reader[0].name, name, definition


def _model(graph: AssetGraph, asset: Asset, definition: Definition) -> ModelSql:
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
    )


def _catalog_columns(graph: AssetGraph, asset: Asset) -> tuple[str, ...] | None:
    """The columns that a warehouse's catalog has; None when no catalog was read."""
    return tuple(c.name for c in graph.columns(asset.key) if c.cataloged) or None


def _names(graph: AssetGraph, key: AssetKey) -> dict[str, str]:
    return {column.name: column.type or "" for column in graph.columns(key)}


class Places:
    """The assets of one warehouse by the parts of their relation, as stored and as compared."""

    def __init__(self, graph: AssetGraph, space: str) -> None:
        self.exact: dict[Parts, AssetKey] = {}
        self._folded: dict[Parts, AssetKey] = {}
        self._dialect = ""
        for asset in graph.assets.values():
            if asset.relation and asset.key.namespace == space:
                self._dialect = asset.relation.dialect
                self.exact[asset.relation.parts] = asset.key
                self._folded[self._fold(asset.relation.parts)] = asset.key

    def _fold(self, parts: Parts) -> Parts:
        return tuple(comparable(self._dialect, part) for part in parts)

    def find(self, parts: Parts) -> AssetKey | None:
        return self.exact.get(parts) or self._folded.get(self._fold(parts))


class _Rows:
    """One asset's compact lineage as column edges of the graph."""

    def __init__(self, key: AssetKey, lineage: ModelLineage, places: Places, sql: str) -> None:
        self._key = key
        self._lineage = lineage
        self._places = places
        self._sql = sql
        self._keys = [places.find(parts) for parts in lineage.relations]

    def edges(self) -> Iterator[ColumnEdge]:
        lineage = self._lineage
        subtypes, certainties = tuple(EdgeSubtype), tuple(Certainty)
        for row in lineage.rows:
            target = ColumnRef(self._key, "" if row.output < 0 else lineage.names[row.output])
            candidates = tuple(key for at in row.candidates if (key := self._keys[at]))
            source = self._keys[row.relation] if row.relation >= 0 else None
            if source is None:
                if not candidates:
                    continue
                source = candidates[0]
            if source == self._key:
                continue
            path = lineage.names[row.path] if row.path >= 0 else ""
            yield ColumnEdge(
                source=ColumnRef(source, lineage.names[row.name], path),
                target=target,
                subtype=subtypes[row.subtype],
                certainty=certainties[row.certainty],
                expression=self._text(row.span),
                candidates=candidates,
                masking=row.masked,
            )

    def _text(self, span: int) -> str | None:
        if span < 0:
            return None
        start, end = self._lineage.spans[span]
        return " ".join(self._sql[start:end].split())


def _count(counts: Counter[str], columns: Iterable[str], edges: list[ColumnEdge], *, derived: bool) -> None:
    counts["models"] += 1
    if not derived:
        counts["not_derived"] += 1
        return
    worst: dict[str, Certainty] = {}
    rank = {Certainty.RESOLVED: 0, Certainty.AMBIGUOUS: 1, Certainty.UNRESOLVED: 2}
    for edge in edges:
        name = edge.target.column
        if rank[edge.certainty] >= rank[worst.get(name, Certainty.RESOLVED)]:
            worst[name] = edge.certainty
    for column in columns:
        counts["columns"] += 1
        counts[worst.get(column, Certainty.RESOLVED).value] += 1


def _exposures(graph: AssetGraph) -> Iterator[ColumnEdge]:
    """What reads whole assets without SQL: an exposure, a metric. Every column of what they read reaches them."""
    readers = (AssetKind.EXPOSURE, AssetKind.METRIC, AssetKind.SEMANTIC_MODEL, AssetKind.SAVED_QUERY)
    for asset in graph.assets.values():
        if asset.kind in readers:
            for parent in graph.upstream.get(asset.key, ()):
                for column in graph.columns(parent):
                    yield ColumnEdge(
                        source=ColumnRef(parent, column.name),
                        target=ColumnRef(asset.key, column.name),
                        subtype=EdgeSubtype.IDENTITY,
                    )
