"""Compact lineage joined to the graph: relations as assets or external relations, rows as column edges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from penstock.assets import AssetKey, AssetKind, Certainty, ColumnEdge, ColumnRef, EdgeSubtype, comparable
from penstock.graph import AssetGraph
from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.records import Parts


class Places:
    """The assets of one warehouse by the parts of their relation, as stored and as compared.

    A relation that is no asset gets a key of its own in that warehouse; `readers` has the assets that read it.
    """

    def __init__(self, graph: AssetGraph, space: str) -> None:
        self.exact: dict[Parts, AssetKey] = {}
        self._folded: dict[Parts, AssetKey] = {}
        self._dialect = ""
        self._space = space
        self._parts: dict[AssetKey, Parts] = {}
        self.readers: dict[AssetKey, dict[AssetKey, None]] = {}
        for asset in graph.assets.values():
            if asset.relation and asset.key.namespace == space:
                self._dialect = asset.relation.dialect
                self.exact[asset.relation.parts] = asset.key
                self._folded[self._fold(asset.relation.parts)] = asset.key

    def _fold(self, parts: Parts) -> Parts:
        return tuple(comparable(self._dialect, part) for part in parts)

    def find(self, parts: Parts) -> AssetKey | None:
        return self.exact.get(parts) or self._folded.get(self._fold(parts))

    def key(self, parts: Parts, reader: AssetKey) -> AssetKey:
        """The asset at that relation, else the external relation, which `reader` reads."""
        found = self.find(parts)
        if found is None:
            found = AssetKey(self._space, ".".join(self._fold(parts)))
            self._parts[found] = self._fold(parts)
            self.readers.setdefault(found, {})[reader] = None
        return found

    @cached_property
    def _tails(self) -> dict[Parts, str]:
        return {tuple(part.casefold() for part in parts[-2:]): ".".join(parts) for parts in self.exact}

    def elsewhere(self, external: AssetKey) -> str | None:
        """A relation that differs from the external one by its database alone: a wrong name, or another target's."""
        tail = tuple(part.casefold() for part in self._parts[external][-2:])
        return self._tails.get(tail) if len(tail) == 2 else None


class Rows:
    """One asset's compact lineage as column edges of the graph."""

    def __init__(self, key: AssetKey, lineage: ModelLineage, places: Places, sql: str) -> None:
        self._key = key
        self._lineage = lineage
        self._places = places
        self._sql = sql
        self.reads = tuple(places.key(parts, key) for parts in lineage.reads)
        self._keys = [places.key(parts, key) for parts in lineage.relations]

    def edges(self) -> Iterator[ColumnEdge]:
        lineage = self._lineage
        subtypes, certainties = tuple(EdgeSubtype), tuple(Certainty)
        for row in lineage.rows:
            target = ColumnRef(self._key, "" if row.output < 0 else lineage.names[row.output])
            candidates = tuple(self._keys[at] for at in row.candidates)
            source = self._keys[row.relation] if row.relation >= 0 else None
            if source is None:
                if not candidates:
                    continue  # a name that nothing here can mean: the finding tells it
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


def exposures(graph: AssetGraph) -> Iterator[ColumnEdge]:
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
