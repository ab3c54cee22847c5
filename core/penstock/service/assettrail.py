"""`lineage` of a whole asset: what it is made from and what reads it, external relations among them. No columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from penstock.assets import AssetKey
from penstock.graph import AssetGraph
from penstock.service.columnrecords import External
from penstock.service.follow import Branch, EdgeDocument, Place, Trail, called, name_of


class AssetTrails:
    """Trees of assets over one graph. `external` are the relations that are no assets, as far as they were looked for."""

    def __init__(self, graph: AssetGraph, external: Iterable[External], *, depth: int | None) -> None:
        self._graph = graph
        self._depth = depth
        self._readers = {one.key: one.readers for one in external}
        self._read: dict[AssetKey, list[AssetKey]] = {}
        for key, readers in self._readers.items():
            for reader in readers:
                self._read.setdefault(reader, []).append(key)

    def trail(self, place: Place, *, upstream: bool, downstream: bool) -> Trail:
        start = place.asset
        return Trail(
            start=called(self._graph, start, None),
            upstream=self._branches(start, True, self._depth, {start}) if upstream else None,
            downstream=self._branches(start, False, self._depth, {start}) if downstream else None,
        )

    def _next(self, key: AssetKey, up: bool) -> tuple[AssetKey, ...]:
        if up:
            return (*self._graph.upstream.get(key, ()), *self._read.get(key, ()))
        return (*self._graph.downstream.get(key, ()), *self._readers.get(key, ()))

    def _branches(
        self, key: AssetKey, up: bool, depth: int | None, seen: set[AssetKey]
    ) -> tuple[Branch, ...]:
        if depth == 0:
            return ()
        found = []
        for other in self._next(key, up):
            again = other in seen
            seen.add(other)
            below = () if again else self._branches(other, up, None if depth is None else depth - 1, seen)
            found.append(
                msgspec.structs.replace(
                    called(self._graph, other, None),
                    branches=below,
                    again=again and bool(self._next(other, up)),
                )
            )
        return tuple(found)

    def edges(self, place: Place, *, upstream: bool, downstream: bool) -> Iterator[EdgeDocument]:
        """The edges between assets, nearest first, for `--json` without a column."""
        for up in [True] * upstream + [False] * downstream:
            seen = {place.asset}
            level = [place.asset]
            distance = 0
            while level and (self._depth is None or distance < self._depth):
                distance += 1
                following: list[AssetKey] = []
                for key in level:
                    for other in self._next(key, up):
                        yield self._document(key, other, distance, up)
                        if other not in seen:
                            seen.add(other)
                            following.append(other)
                level = following

    def _document(self, key: AssetKey, other: AssetKey, distance: int, up: bool) -> EdgeDocument:
        source, target = (other, key) if up else (key, other)
        return EdgeDocument(
            direction="upstream" if up else "downstream",
            distance=distance,
            source_asset=name_of(self._graph, source),
            source_column=None,
            target_asset=name_of(self._graph, target),
            target_column=None,
            type=None,
            subtype=None,
            certainty=None,
            path=None,
            expression=None,
            candidates=(),
        )
