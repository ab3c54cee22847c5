"""The graph as one document, and how the snapshot's bytes of it are read; `writing` makes them. Records and decoding only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from mmap import mmap
from typing import TypeVar

import msgspec

from penstock.assets import (
    Asset,
    AssetKey,
    Batch,
    Check,
    Column,
    ColumnEdge,
    Finding,
    ObservedMaterialization,
    Producer,
    unpack_columns,
)
from penstock.errors import DocumentError

FORMAT = 12

T = TypeVar("T")
Columns = dict[AssetKey, tuple[Column, ...] | msgspec.Raw]
"""Raw: as `pack_columns` gives them. Of a large graph few are looked at."""


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One asset as a list shows it: shortest name, kind, who makes it, relation."""

    name: str
    kind: str
    made_by: str
    relation: str


class GraphDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All that the observations say together. `upstream` holds direct edges; every tuple is sorted.

    `outside` holds what was made (or checked) outside penstock, the newest of each asset and check. `apart` holds, for an asset
    or check, those of its upstream or checked assets that the tool makes under a name other than the one it reads them by (a seed
    that is also a source): the tool itself does not know that one comes after the other.
    """

    assets: tuple[Asset, ...]
    upstream: dict[AssetKey, tuple[AssetKey, ...]]
    checks: tuple[Check, ...]
    producers: tuple[Producer, ...]
    columns: Columns
    fields: tuple[ColumnEdge, ...]
    findings: tuple[Finding, ...]
    batches: tuple[Batch, ...] = ()
    outside: dict[AssetKey, ObservedMaterialization] = {}
    apart: dict[AssetKey, tuple[AssetKey, ...]] = {}


class Head(msgspec.Struct, frozen=True, array_like=True):
    """On disk last, and read first: the rows of the plain list, and how long each part before it is. Parts decode when asked for."""

    format: int
    hash: str
    rows: tuple[Row, ...]
    finding_count: int
    lengths: tuple[int, ...]


class Producers(msgspec.Struct, frozen=True, array_like=True):
    producers: tuple[Producer, ...]
    batches: tuple[Batch, ...]
    outside: tuple[tuple[AssetKey, ObservedMaterialization], ...]
    apart: tuple[tuple[AssetKey, tuple[AssetKey, ...]], ...]


class _Columns(msgspec.Struct, frozen=True, array_like=True):
    columns: tuple[tuple[int, msgspec.Raw], ...]
    fields: tuple[ColumnEdge, ...]


_Edges = tuple[tuple[int, tuple[int, ...]], ...]
PARTS = ("assets", "edges", "checks", "producers", "findings", "columns")
SIZE = 8  # bytes of the head's length, which are the last ones


class Packed:
    """A graph document in its stored form. `hash` is the content hash; each part decodes when it is asked for."""

    def __init__(self, data: bytes | mmap) -> None:
        """Raises msgspec.DecodeError for bytes of another format or a broken file."""
        view = memoryview(data)
        end = len(view) - SIZE
        begin = end - int.from_bytes(view[max(end, 0) :], "little")
        head = msgspec.msgpack.decode(view[max(begin, 0) : max(end, 0)], type=Head)
        if head.format != FORMAT or sum(head.lengths) != begin:
            raise msgspec.DecodeError(f"no whole graph snapshot of format {FORMAT}")
        self.hash = head.hash
        self.rows = head.rows
        self.finding_count = head.finding_count
        self._parts: dict[str, memoryview] = {}
        start = 0
        for name, length in zip(PARTS, head.lengths, strict=True):
            self._parts[name] = view[start : start + length]
            start += length

    def _decode(self, part: str, kind: type[T]) -> T:
        with _whole():
            return msgspec.msgpack.decode(self._parts[part], type=kind)

    @cached_property
    def assets(self) -> tuple[Asset, ...]:
        return self._decode("assets", tuple[Asset, ...])

    @property
    def checks(self) -> tuple[Check, ...]:
        return self._decode("checks", tuple[Check, ...])

    @property
    def upstream(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        keys = [asset.key for asset in self.assets]
        edges = self._decode("edges", _Edges)
        with _whole():
            return {keys[at]: tuple(keys[parent] for parent in above) for at, above in edges}

    @cached_property
    def _produced(self) -> Producers:
        """Four questions are asked of it: decoded once."""
        return self._decode("producers", Producers)

    @property
    def producers(self) -> tuple[Producer, ...]:
        return self._produced.producers

    @property
    def batches(self) -> tuple[Batch, ...]:
        return self._produced.batches

    @property
    def outside(self) -> dict[AssetKey, ObservedMaterialization]:
        return dict(self._produced.outside)

    @property
    def apart(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        return dict(self._produced.apart)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._decode("findings", tuple[Finding, ...])

    @property
    def late(self) -> tuple[Columns, tuple[ColumnEdge, ...]]:
        late = self._decode("columns", _Columns)
        keys = [asset.key for asset in self.assets]
        with _whole():
            found: Columns = {keys[at]: columns for at, columns in late.columns}
        return found, late.fields


def columns_in(found: tuple[Column, ...] | msgspec.Raw) -> tuple[Column, ...]:
    """Raises DocumentError for what a disk has damaged."""
    if not isinstance(found, msgspec.Raw):
        return found
    with _whole():
        return unpack_columns(found)


@contextmanager
def _whole() -> Iterator[None]:
    """A part of a file that a disk or another program has damaged."""
    try:
        yield
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError):
        raise DocumentError(
            "the graph that was kept from the last command is damaged", hint="make it anew: penstock refresh"
        ) from None
