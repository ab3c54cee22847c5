"""The graph as one document, and its bytes: what the snapshot stores. Records and encoding only."""

from __future__ import annotations

import hashlib

import msgspec

from penstock.assets import Asset, AssetKey, Check, Column, ColumnEdge, Finding, Producer

FORMAT = 2

Columns = dict[AssetKey, tuple[Column, ...]]


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One asset as a list shows it: shortest name, kind, who makes it, relation."""

    name: str
    kind: str
    made_by: str
    relation: str


class GraphDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All that the observations say together. `upstream` holds direct edges; every tuple is sorted."""

    assets: tuple[Asset, ...]
    upstream: dict[AssetKey, tuple[AssetKey, ...]]
    checks: tuple[Check, ...]
    producers: tuple[Producer, ...]
    columns: Columns
    fields: tuple[ColumnEdge, ...]
    findings: tuple[Finding, ...]


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """On disk: the rows of the plain list first; the rest as bytes that decode when first asked for."""

    format: int
    hash: str
    rows: tuple[Row, ...]
    finding_count: int
    assets: msgspec.Raw
    edges: msgspec.Raw
    checks: msgspec.Raw
    producers: msgspec.Raw
    findings: msgspec.Raw
    columns: msgspec.Raw


class _Columns(msgspec.Struct, frozen=True, array_like=True):
    columns: tuple[tuple[int, tuple[Column, ...]], ...]
    fields: tuple[ColumnEdge, ...]


_Edges = tuple[tuple[int, tuple[int, ...]], ...]
_DECODER = msgspec.msgpack.Decoder(_Packed)


class Packed:
    """A graph document in its stored form. `hash` is the content hash; each part decodes when it is asked for."""

    def __init__(self, data: bytes) -> None:
        """Raises msgspec.DecodeError for bytes of another format or a broken file."""
        packed = _DECODER.decode(data)
        if packed.format != FORMAT:
            raise msgspec.DecodeError(f"graph snapshot of format {packed.format}, expected {FORMAT}")
        self.hash = packed.hash
        self.rows = packed.rows
        self.finding_count = packed.finding_count
        self._packed = packed
        self._assets: tuple[Asset, ...] | None = None

    @property
    def assets(self) -> tuple[Asset, ...]:
        if self._assets is None:
            self._assets = msgspec.msgpack.decode(self._packed.assets, type=tuple[Asset, ...])
        return self._assets

    @property
    def checks(self) -> tuple[Check, ...]:
        return msgspec.msgpack.decode(self._packed.checks, type=tuple[Check, ...])

    @property
    def upstream(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        keys = [asset.key for asset in self.assets]
        edges = msgspec.msgpack.decode(self._packed.edges, type=_Edges)
        return {keys[at]: tuple(keys[parent] for parent in above) for at, above in edges}

    @property
    def producers(self) -> tuple[Producer, ...]:
        return msgspec.msgpack.decode(self._packed.producers, type=tuple[Producer, ...])

    @property
    def findings(self) -> tuple[Finding, ...]:
        return msgspec.msgpack.decode(self._packed.findings, type=tuple[Finding, ...])

    @property
    def late(self) -> tuple[Columns, tuple[ColumnEdge, ...]]:
        late = msgspec.msgpack.decode(self._packed.columns, type=_Columns)
        keys = [asset.key for asset in self.assets]
        return {keys[at]: columns for at, columns in late.columns}, late.fields


class Sections(msgspec.Struct, frozen=True, array_like=True):
    """A document encoded part by part, before its list is known."""

    hash: str
    finding_count: int
    parts: tuple[bytes, ...]


def encode(document: GraphDocument) -> Sections:
    """The document's parts as bytes, and their content hash. Equal documents give equal bytes."""
    encoder = msgspec.msgpack.Encoder()
    position = {asset.key: at for at, asset in enumerate(document.assets)}
    edges = tuple(
        (position[key], tuple(position[parent] for parent in above))
        for key, above in document.upstream.items()
    )
    columns = tuple((position[key], columns) for key, columns in document.columns.items())
    parts = tuple(
        encoder.encode(part)
        for part in (
            document.assets,
            edges,
            document.checks,
            document.producers,
            document.findings,
            _Columns(columns, document.fields),
        )
    )
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return Sections(digest.hexdigest(), len(document.findings), parts)


def pack(sections: Sections, rows: tuple[Row, ...]) -> bytes:
    """The stored bytes of a document whose list is `rows`."""
    raw = (msgspec.Raw(part) for part in sections.parts)
    return msgspec.msgpack.encode(_Packed(FORMAT, sections.hash, rows, sections.finding_count, *raw))
