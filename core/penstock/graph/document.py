"""The graph as one document, and its bytes: what the snapshot stores. Records and encoding only."""

from __future__ import annotations

import hashlib

import msgspec

from penstock.assets import Asset, AssetKey, Check, Column, ColumnEdge, Finding, Producer

FORMAT = 1


class GraphDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All that the observations say together. `upstream` holds direct edges; every tuple is sorted."""

    assets: tuple[Asset, ...]
    upstream: dict[AssetKey, tuple[AssetKey, ...]]
    checks: tuple[Check, ...]
    producers: tuple[Producer, ...]
    columns: dict[AssetKey, tuple[Column, ...]]
    fields: tuple[ColumnEdge, ...]
    findings: tuple[Finding, ...]


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """On disk: edges by position in `assets`, and columns as bytes that only lineage and `--json` decode."""

    format: int
    hash: str
    assets: tuple[Asset, ...]
    edges: tuple[tuple[int, tuple[int, ...]], ...]
    checks: tuple[Check, ...]
    producers: msgspec.Raw
    findings: msgspec.Raw
    columns: msgspec.Raw


class _Columns(msgspec.Struct, frozen=True, array_like=True):
    columns: tuple[tuple[int, tuple[Column, ...]], ...]
    fields: tuple[ColumnEdge, ...]


class Packed:
    """A graph document in its stored form. `hash` is the content hash; the late parts decode when first asked for."""

    def __init__(self, data: bytes) -> None:
        """Raises msgspec.DecodeError for bytes of another format or a broken file."""
        packed = _DECODER.decode(data)
        if packed.format != FORMAT:
            raise msgspec.DecodeError(f"graph snapshot of format {packed.format}, expected {FORMAT}")
        self.hash = packed.hash
        self._packed = packed

    def document(self) -> GraphDocument:
        packed = self._packed
        keys = [asset.key for asset in packed.assets]
        late = msgspec.msgpack.decode(packed.columns, type=_Columns)
        return GraphDocument(
            assets=packed.assets,
            upstream={keys[at]: tuple(keys[parent] for parent in above) for at, above in packed.edges},
            checks=packed.checks,
            producers=msgspec.msgpack.decode(packed.producers, type=tuple[Producer, ...]),
            columns={keys[at]: columns for at, columns in late.columns},
            fields=late.fields,
            findings=msgspec.msgpack.decode(packed.findings, type=tuple[Finding, ...]),
        )

    @property
    def assets(self) -> tuple[Asset, ...]:
        return self._packed.assets

    @property
    def checks(self) -> tuple[Check, ...]:
        return self._packed.checks

    def upstream(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        keys = [asset.key for asset in self._packed.assets]
        return {keys[at]: tuple(keys[parent] for parent in above) for at, above in self._packed.edges}

    def producers(self) -> tuple[Producer, ...]:
        return msgspec.msgpack.decode(self._packed.producers, type=tuple[Producer, ...])

    def findings(self) -> tuple[Finding, ...]:
        return msgspec.msgpack.decode(self._packed.findings, type=tuple[Finding, ...])

    def columns(self) -> tuple[dict[AssetKey, tuple[Column, ...]], tuple[ColumnEdge, ...]]:
        late = msgspec.msgpack.decode(self._packed.columns, type=_Columns)
        keys = [asset.key for asset in self._packed.assets]
        return {keys[at]: columns for at, columns in late.columns}, late.fields


_DECODER = msgspec.msgpack.Decoder(_Packed)


def pack(document: GraphDocument) -> bytes:
    """The document's stored bytes. Equal documents give equal bytes and one content hash."""
    encoder = msgspec.msgpack.Encoder()
    position = {asset.key: at for at, asset in enumerate(document.assets)}
    edges = tuple(
        (position[key], tuple(position[parent] for parent in above))
        for key, above in document.upstream.items()
    )
    columns = tuple((position[key], columns) for key, columns in document.columns.items())
    late = encoder.encode(_Columns(columns, document.fields))
    body = (
        document.assets,
        edges,
        document.checks,
        msgspec.Raw(encoder.encode(document.producers)),
        msgspec.Raw(encoder.encode(document.findings)),
        msgspec.Raw(late),
    )
    digest = hashlib.sha256(encoder.encode(body)).hexdigest()[:16]
    return encoder.encode(_Packed(FORMAT, digest, *body))
