"""All column edges of a graph, compactly kept, and the walks over them. Derives nothing: see derive."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from penstock.assets import AssetKey, Certainty, ColumnEdge, ColumnRef, EdgeSubtype, EdgeType

_SUBTYPES = tuple(EdgeSubtype)
_CERTAINTIES = tuple(Certainty)
_WHOLE = ""
_MASKING = 64


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """Columns once, edges as numbers into them. `codes` hold subtype + 16 * certainty + 64 if masking; `texts` 0 is no expression."""

    keys: tuple[AssetKey, ...]
    columns: tuple[tuple[int, str, str], ...]
    sources: bytes
    targets: bytes
    codes: bytes
    texts: bytes
    expressions: tuple[str, ...]
    candidates: dict[int, tuple[int, ...]]


class Hop(msgspec.Struct, frozen=True):
    """One edge on a walk. `distance` counts from the start (1 is next to it); `ref` is the end that the walk came to."""

    distance: int
    edge: ColumnEdge
    ref: ColumnRef


class ColumnGraph:
    """Column edges by number. An INDIRECT edge to the whole of an asset has a target with column "" and path ""."""

    def __init__(self, stored: _Stored) -> None:
        self._stored = stored
        self._sources = array("I", stored.sources)
        self._targets = array("I", stored.targets)
        self._texts = array("I", stored.texts)

    @classmethod
    def of(cls, edges: Iterable[ColumnEdge], columns: Iterable[ColumnRef] = ()) -> ColumnGraph:
        """`columns` are there also when no edge concerns them."""
        return cls(_store(edges, columns))

    @classmethod
    def decode(cls, data: bytes) -> ColumnGraph:
        """Raises msgspec.DecodeError for bytes that are not a column graph."""
        return cls(msgspec.msgpack.decode(data, type=_Stored))

    def renamed(self, keys: Mapping[AssetKey, AssetKey]) -> ColumnGraph:
        """The same edges between assets of other names; what is not named keeps its own."""
        stored = self._stored
        names = tuple(keys.get(key, key) for key in stored.keys)
        return ColumnGraph(msgspec.structs.replace(stored, keys=names))

    def encode(self) -> bytes:
        return msgspec.msgpack.encode(self._stored)

    def __len__(self) -> int:
        return len(self._sources)

    def __iter__(self) -> Iterator[ColumnEdge]:
        return (self._edge(at) for at in range(len(self._sources)))

    @cached_property
    def _numbers(self) -> dict[tuple[AssetKey, str], list[int]]:
        """Column numbers by asset and column; sub-fields of a column are kept beside it."""
        stored = self._stored
        found: dict[tuple[AssetKey, str], list[int]] = {}
        for number, (asset, column, _) in enumerate(stored.columns):
            found.setdefault((stored.keys[asset], column), []).append(number)
        return found

    @cached_property
    def _into(self) -> dict[int, list[int]]:
        return _index(self._targets)

    @cached_property
    def _out_of(self) -> dict[int, list[int]]:
        return _index(self._sources)

    def columns_of(self, asset: AssetKey) -> tuple[str, ...]:
        """The columns of an asset as far as SQL or an edge tells of them."""
        return tuple(sorted({column for key, column in self._numbers if key == asset and column != _WHOLE}))

    def _ref(self, number: int) -> ColumnRef:
        asset, column, path = self._stored.columns[number]
        return ColumnRef(self._stored.keys[asset], column, path)

    def _edge(self, at: int) -> ColumnEdge:
        stored, code = self._stored, self._stored.codes[at]
        text = self._texts[at]
        return ColumnEdge(
            source=self._ref(self._sources[at]),
            target=self._ref(self._targets[at]),
            subtype=_SUBTYPES[code & 15],
            certainty=_CERTAINTIES[code >> 4 & 3],
            masking=bool(code & _MASKING),
            expression=stored.expressions[text - 1] if text else None,
            candidates=tuple(stored.keys[key] for key in stored.candidates.get(at, ())),
        )

    def edges_into(self, ref: ColumnRef) -> list[ColumnEdge]:
        """The edges that feed a column, those into the whole of its asset last."""
        return [self._edge(at) for at in self._feeding(ref)]

    def edges_out_of(self, ref: ColumnRef) -> list[ColumnEdge]:
        """The edges that a column feeds."""
        return [self._edge(at) for at in self._fed(ref)]

    def into(self, asset: AssetKey) -> list[ColumnEdge]:
        """Every edge that feeds the asset or one of its columns."""
        return [self._edge(at) for at in self._into_assets.get(asset, ())]

    @cached_property
    def _into_assets(self) -> dict[AssetKey, list[int]]:
        found: dict[AssetKey, list[int]] = {}
        keys, columns = self._stored.keys, self._stored.columns
        for at, target in enumerate(self._targets):
            found.setdefault(keys[columns[target][0]], []).append(at)
        return found

    def reads(self) -> dict[AssetKey, dict[AssetKey, set[str]]]:
        """Per asset the columns that it reads of each other one, DIRECT and INDIRECT; with every candidate where it is ambiguous."""
        stored = self._stored
        found: dict[AssetKey, dict[AssetKey, set[str]]] = {}
        for at, (source, target) in enumerate(zip(self._sources, self._targets, strict=True)):
            asset, column, _ = stored.columns[source]
            readers = found.setdefault(stored.keys[stored.columns[target][0]], {})
            for one in (asset, *stored.candidates.get(at, ())):
                readers.setdefault(stored.keys[one], set()).add(column)
        return found

    def flows(self) -> Iterator[tuple[ColumnRef, ColumnRef, EdgeSubtype]]:
        """Every edge as source, target and subtype; an ambiguous one once for each of its candidates."""
        stored = self._stored
        refs = [self._ref(number) for number in range(len(stored.columns))]
        for at, (source, target) in enumerate(zip(self._sources, self._targets, strict=True)):
            subtype = _SUBTYPES[stored.codes[at] & 15]
            yield refs[source], refs[target], subtype
            for one in stored.candidates.get(at, ()):
                yield ColumnRef(stored.keys[one], refs[source].column), refs[target], subtype

    def between(self) -> dict[tuple[AssetKey, AssetKey], Counter[EdgeSubtype]]:
        """How many edges of each subtype lead from one asset to another."""
        stored = self._stored
        asset_of = [asset for asset, _, _ in stored.columns]
        counted = Counter(
            (asset_of[source], asset_of[target], code & 15)
            for source, target, code in zip(self._sources, self._targets, stored.codes, strict=True)
        )
        found: dict[tuple[AssetKey, AssetKey], Counter[EdgeSubtype]] = {}
        for (source, target, subtype), count in counted.items():
            ends = (stored.keys[source], stored.keys[target])
            found.setdefault(ends, Counter())[_SUBTYPES[subtype]] = count
        return found

    def _feeding(self, ref: ColumnRef) -> list[int]:
        found = [at for number in self._own(ref) for at in self._into.get(number, ())]
        if ref.column != _WHOLE:
            whole = self._numbers.get((ref.asset, _WHOLE), ())
            found += [at for number in whole for at in self._into.get(number, ())]
        return found

    def _fed(self, ref: ColumnRef) -> list[int]:
        return [at for number in self._own(ref) for at in self._out_of.get(number, ())]

    def _own(self, ref: ColumnRef) -> list[int]:
        """The numbers of a column; of a field also those of what it stands in and of what stands in it."""
        own = self._numbers.get((ref.asset, ref.column), [])
        if not ref.path:
            return own
        paths = ((number, self._stored.columns[number][2]) for number in own)
        return [
            number
            for number, path in paths
            if not path or _is_within(ref.path, path) or _is_within(path, ref.path)
        ]

    def fields_of(self, asset: AssetKey, column: str) -> tuple[str, ...]:
        """The fields of a column that something reads."""
        own = self._numbers.get((asset, column), ())
        return tuple(sorted(path for number in own if (path := self._stored.columns[number][2])))

    def walk(
        self, start: ColumnRef, *, upstream: bool, depth: int | None = None, direct: bool = False
    ) -> list[Hop]:
        """Every edge reached from a column, nearest first, each once. INDIRECT edges end a walk: what filters a table's
        rows is named, but what that was derived from is no part of this column. `direct` leaves them out."""
        hops: list[Hop] = []
        seen_edges: set[int] = set()
        seen = {(start.asset, start.column)}
        level = [start]
        distance = 0
        while level and (depth is None or distance < depth):
            distance += 1
            following: list[ColumnRef] = []
            for ref in level:
                for at in self._feeding(ref) if upstream else self._fed(ref):
                    if at in seen_edges:
                        continue
                    seen_edges.add(at)
                    edge = self._edge(at)
                    is_direct = edge.type is EdgeType.DIRECT
                    if direct and not is_direct:
                        continue
                    end = edge.source if upstream else edge.target
                    hops.append(Hop(distance, edge, end))
                    place = (end.asset, end.column)
                    if is_direct and place not in seen:
                        seen.add(place)
                        following.append(end)
            level = following
        return hops


def _is_within(path: str, around: str) -> bool:
    return path.casefold() == around.casefold() or path.casefold().startswith(f"{around.casefold()}.")


def _index(ends: array[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for at, number in enumerate(ends):
        found.setdefault(number, []).append(at)
    return found


def _store(edges: Iterable[ColumnEdge], more: Iterable[ColumnRef]) -> _Stored:
    keys: dict[AssetKey, int] = {}
    columns: dict[tuple[int, str, str], int] = {}
    texts: dict[str, int] = {}
    sources, targets, expressions = array("I"), array("I"), array("I")
    codes = bytearray()
    candidates: dict[int, tuple[int, ...]] = {}

    def number(ref: ColumnRef) -> int:
        asset = keys.setdefault(ref.asset, len(keys))
        return columns.setdefault((asset, ref.column, ref.path), len(columns))

    for at, edge in enumerate(edges):
        sources.append(number(edge.source))
        targets.append(number(edge.target))
        doubt = _CERTAINTIES.index(edge.certainty) << 4
        codes.append(_SUBTYPES.index(edge.subtype) | doubt | (_MASKING if edge.masking else 0))
        expressions.append(texts.setdefault(edge.expression, len(texts) + 1) if edge.expression else 0)
        if edge.candidates:
            candidates[at] = tuple(keys.setdefault(key, len(keys)) for key in edge.candidates)
    for ref in more:
        number(ref)
    return _Stored(
        keys=tuple(keys),
        columns=tuple(columns),
        sources=sources.tobytes(),
        targets=targets.tobytes(),
        codes=bytes(codes),
        texts=expressions.tobytes(),
        expressions=tuple(texts),
        candidates=candidates,
    )
