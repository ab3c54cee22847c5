"""The SQL of a manifest, apart from its resources: only who follows columns reads it."""

from __future__ import annotations

from collections.abc import Container

import msgspec

from penstock_manifests.dbt.records import EMPTY, NOTHING, Checksum, DependsOn, Macro
from penstock_manifests.decode import decode
from penstock_manifests.document import MANIFEST, expect


class ExtraCte(msgspec.Struct, frozen=True, gc=False):
    """An ephemeral node whose SQL dbt put inside this one, as the CTE `__dbt__cte__<name>`."""

    id: str


class CompiledNode(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A node's SQL: `compiled_code` is None (or empty) until dbt has compiled it."""

    unique_id: str
    resource_type: str
    package_name: str = ""
    original_file_path: str | None = None
    path: str | None = None
    language: str | None = None
    compiled: bool | None = None
    compiled_code: str | None = None
    compiled_path: str | None = None
    extra_ctes: tuple[ExtraCte, ...] = ()
    checksum: Checksum | str | None = None
    relation_name: str | None = None
    depends_on: DependsOn = NOTHING
    config: msgspec.Raw = EMPTY


class SourceName(msgspec.Struct, frozen=True, gc=False):
    relation_name: str | None = None


class CompiledMetadata(msgspec.Struct, frozen=True, gc=False):
    adapter_type: str | None = None
    dbt_version: str = ""
    generated_at: str = ""
    invocation_id: str | None = None


class Compiled(msgspec.Struct, frozen=True):
    """The nodes with their SQL, and what tells whether that SQL still holds: macros, and the names of sources."""

    metadata: CompiledMetadata
    nodes: dict[str, CompiledNode]
    macros: dict[str, Macro] = {}
    sources: dict[str, SourceName] = {}


class _NodesOnly(msgspec.Struct, frozen=True):
    metadata: CompiledMetadata
    nodes: dict[str, CompiledNode]


class _Unread(msgspec.Struct, frozen=True):
    metadata: CompiledMetadata
    nodes: dict[str, msgspec.Raw]


_ENTRIES: dict[str, type] = {"nodes": CompiledNode, "macros": Macro, "sources": SourceName}


def read_compiled(data: bytes, file: str = "manifest.json", ids: Container[str] | None = None) -> Compiled:
    """The SQL of all nodes, or of `ids` alone (the others are not decoded); without macros and sources.

    Raises ManifestError.
    """
    expect(data, file, MANIFEST)
    if ids is None:
        content = decode(msgspec.json.Decoder(_NodesOnly), data, file, _ENTRIES)
        return Compiled(content.metadata, content.nodes)
    unread = decode(msgspec.json.Decoder(_Unread), data, file, _ENTRIES)
    decoder = msgspec.json.Decoder(CompiledNode)
    nodes = {key: decode(decoder, raw, file) for key, raw in unread.nodes.items() if key in ids}
    return Compiled(unread.metadata, nodes)


def read_compiled_with_parts(data: bytes, file: str = "manifest.json") -> Compiled:
    """The SQL of all nodes, with the macros and the names of sources that it was made from. Raises ManifestError."""
    expect(data, file, MANIFEST)
    return decode(msgspec.json.Decoder(Compiled), data, file, _ENTRIES)
