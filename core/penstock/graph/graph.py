"""The asset graph: immutable, with its walks. Naming is in names, selection in select."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from functools import cached_property
from mmap import mmap
from typing import IO

from penstock.assets import (
    Asset,
    AssetKey,
    Batch,
    Check,
    Column,
    ColumnEdge,
    Finding,
    Observation,
    ObservedMaterialization,
    Producer,
    ToolRef,
)
from penstock.graph.document import Columns, GraphDocument, Packed, Row, columns_in
from penstock.graph.listing import rows
from penstock.graph.merge import merge
from penstock.graph.names import Names
from penstock.graph.writing import Writer


class AssetGraph:
    """All that is known to exist, and what is made from what. Two graphs with one `hash` are equal."""

    def __init__(self, hash: str, source: GraphDocument | Packed) -> None:
        self.hash = hash
        self._source = source

    @classmethod
    def of(cls, observations: Iterable[Observation], file: IO[bytes] | None = None) -> AssetGraph:
        """The graph; into `file` go the bytes from which `stored` gives it again."""
        writer = Writer(file)
        document = merge(observations, writer.assets)
        graph = cls(writer.rest(document), document)
        if file is not None:
            writer.finish(graph.hash, graph.finding_count, graph.rows)
        return graph

    @classmethod
    def stored(cls, data: bytes | mmap) -> AssetGraph:
        """Raises msgspec.DecodeError for bytes that are broken or of another format."""
        packed = Packed(data)
        return cls(packed.hash, packed)

    @cached_property
    def assets(self) -> Mapping[AssetKey, Asset]:
        return {asset.key: asset for asset in self._source.assets}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every asset as a list shows it, in reading order; a stored graph has it without decoding the rest."""
        if isinstance(self._source, Packed):
            return self._source.rows
        return rows(self.names, map(self.assets.__getitem__, self.order))

    @property
    def finding_count(self) -> int:
        source = self._source
        return source.finding_count if isinstance(source, Packed) else len(source.findings)

    @cached_property
    def upstream(self) -> Mapping[AssetKey, tuple[AssetKey, ...]]:
        """Direct upstream assets of each asset that has any, sorted."""
        return self._source.upstream

    @cached_property
    def downstream(self) -> Mapping[AssetKey, tuple[AssetKey, ...]]:
        """Direct downstream assets of each asset that has any, sorted, as `upstream` is."""
        below: dict[AssetKey, list[AssetKey]] = {}
        for key, above in self.upstream.items():
            for parent in above:
                below.setdefault(parent, []).append(key)
        return {key: tuple(children) for key, children in below.items()}

    @cached_property
    def checks(self) -> Mapping[AssetKey, Check]:
        return {check.key: check for check in self._source.checks}

    @cached_property
    def checks_of(self) -> Mapping[AssetKey, tuple[Check, ...]]:
        """The checks of each asset that has any."""
        found: dict[AssetKey, list[Check]] = {}
        for check in self.checks.values():
            for key in check.assets:
                found.setdefault(key, []).append(check)
        return {key: tuple(checks) for key, checks in found.items()}

    @cached_property
    def batches(self) -> Mapping[str, Batch]:
        return {batch.name: batch for batch in self._source.batches}

    @cached_property
    def apart(self) -> Mapping[AssetKey, tuple[AssetKey, ...]]:
        """See `GraphDocument.apart`."""
        return self._source.apart

    @cached_property
    def outside(self) -> Mapping[AssetKey, ObservedMaterialization]:
        """See `GraphDocument.outside`."""
        return self._source.outside

    @cached_property
    def producers(self) -> Mapping[ToolRef, Producer]:
        return {producer.ref: producer for producer in self._source.producers}

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return self._source.findings

    @cached_property
    def _late(self) -> tuple[Columns, tuple[ColumnEdge, ...]]:
        source = self._source
        return source.late if isinstance(source, Packed) else (source.columns, source.fields)

    def columns(self, key: AssetKey) -> tuple[Column, ...]:
        """The known columns in order; empty when nobody has told."""
        kept = self._late[0]
        found = columns_in(kept.get(key, ()))
        if found:
            kept[key] = found
        return found

    @property
    def fields(self) -> tuple[ColumnEdge, ...]:
        """Column edges that tools make themselves, without SQL (a sync's field to its column)."""
        return self._late[1]

    @cached_property
    def names(self) -> Names:
        return Names(self.assets.values())

    @cached_property
    def by_ref(self) -> Mapping[ToolRef, AssetKey]:
        """Assets and checks by each tool's own id."""
        found = {ref: asset.key for asset in self.assets.values() for ref in asset.seen_by}
        found.update({check.seen_by: check.key for check in self.checks.values()})
        return found

    def find(self, name: str) -> Asset:
        """The asset that a user means. Raises UnknownAsset, AmbiguousAsset."""
        return self.names.find(name)

    def walk(
        self, start: Iterable[AssetKey], *, upstream: bool, depth: int | None = None
    ) -> dict[AssetKey, int]:
        """All assets reached from `start` (distance 0), with their least distance, nearest first."""
        steps = self.upstream if upstream else self.downstream
        reached = dict.fromkeys(start, 0)
        queue = deque(reached)
        while queue:
            key = queue.popleft()
            distance = reached[key] + 1
            if depth is not None and distance > depth:
                continue
            for following in steps.get(key, ()):
                if following not in reached:
                    reached[following] = distance
                    queue.append(following)
        return reached

    @cached_property
    def order(self) -> tuple[AssetKey, ...]:
        """Every asset after all its upstream ones; what stands in or behind a cycle comes last, in key order (see `cycle`)."""
        ordered, unordered = self._sorted
        return ordered + unordered

    @cached_property
    def _sorted(self) -> tuple[tuple[AssetKey, ...], tuple[AssetKey, ...]]:
        """What can be ordered, in order, and what cannot."""
        missing = {key: len(above) for key, above in self.upstream.items()}
        ready = deque(key for key in self.assets if key not in missing)
        ordered: list[AssetKey] = []
        below = self.downstream
        while ready:
            key = ready.popleft()
            ordered.append(key)
            for child in below.get(key, ()):
                missing[child] -= 1
                if not missing[child]:
                    ready.append(child)
        return tuple(ordered), tuple(key for key in self.assets if missing.get(key))

    @cached_property
    def cycle(self) -> tuple[AssetKey, ...]:
        """One cycle of assets, each upstream of the next; empty for a sound graph."""
        unordered = frozenset(self._sorted[1])
        if not unordered:
            return ()
        # What cannot be ordered may only stand behind a cycle, but always has a parent that cannot: the way up comes round.
        key = min(unordered)
        path: dict[AssetKey, None] = {}
        while key not in path:
            path[key] = None
            key = next(parent for parent in self.upstream[key] if parent in unordered)
        way = list(path)
        return tuple(reversed(way[way.index(key) :]))
