"""Which document is this: kind and version, from its own metadata, without decoding the rest."""

from __future__ import annotations

import re
from typing import Generic, TypeVar

import msgspec

from penstock_manifests.decode import decode
from penstock_manifests.errors import ManifestError

T = TypeVar("T")

MANIFEST = "manifest"
CATALOG = "catalog"
RUN_RESULTS = "run-results"
SOURCES = "sources"

KNOWN: dict[str, range] = {
    MANIFEST: range(7, 13),
    CATALOG: range(1, 2),
    RUN_RESULTS: range(4, 7),
    SOURCES: range(3, 4),
}

_PATH = "$.metadata.dbt_schema_version"
_HEAD = 8192  # dbt writes `metadata` first
_SCHEMA = re.compile(rb'"dbt_schema_version"\s*:\s*"(?P<url>[^"\\]*)"')
_URL = re.compile(r"/dbt/(?P<kind>[a-z-]+)/v(?P<version>\d+)\.json$")


class Schema(msgspec.Struct, frozen=True, gc=False):
    """A document's kind (`manifest`, `catalog`, `run-results`, `sources`) and the version of its layout."""

    kind: str
    version: int


class Notice(msgspec.Struct, frozen=True, gc=False):
    """Something a reader wants to be known about a document that it could read."""

    file: str
    code: str  # newer-document
    message: str


class Document(msgspec.Struct, Generic[T], frozen=True):
    """A document's content, what it says it is, and what the reader noticed."""

    content: T
    schema: Schema
    notices: tuple[Notice, ...] = ()


class _Metadata(msgspec.Struct, frozen=True):
    dbt_schema_version: str | None = None


class _Any(msgspec.Struct, frozen=True):
    metadata: _Metadata | None = None


_ANY = msgspec.json.Decoder(_Any)


def identify(data: bytes, file: str) -> Schema:
    """Kind and version of an artefact of dbt. Raises ManifestError when it is none."""
    url = _schema_url(data, file)
    match = _URL.search(url or "")
    if match is None:
        raise ManifestError(file, _PATH, "the schema of a dbt artefact", repr(url) if url else "none")
    return Schema(match["kind"], int(match["version"]))


def expect(data: bytes, file: str, kind: str) -> tuple[Schema, tuple[Notice, ...]]:
    """The schema of a document that should be of `kind`, with a notice when it is newer than what is known.

    Other tools write catalogs without a schema: those are read as the newest, with a notice.
    Raises ManifestError for another kind, or a version older than the oldest that is known.
    """
    known = KNOWN[kind]
    newest = Schema(kind, known.stop - 1)
    if kind == CATALOG and _schema_url(data, file) is None:
        return newest, (
            Notice(file, "unversioned-document", f"no {_PATH}: read as {kind} v{newest.version}"),
        )
    schema = identify(data, file)
    if schema.kind != kind:
        raise ManifestError(file, _PATH, f"a dbt {kind} document", f"a {schema.kind} document")
    if schema.version < known.start:
        raise ManifestError(
            file, _PATH, f"version {known.start} or newer of dbt's {kind}", f"v{schema.version}"
        )
    if schema.version in known:
        return schema, ()
    message = f"{kind} v{schema.version} is newer than v{newest.version}, the newest that is known: read as that one"
    return schema, (Notice(file, "newer-document", message),)


def _schema_url(data: bytes, file: str) -> str | None:
    if found := _SCHEMA.search(data, 0, _HEAD):
        return found["url"].decode("utf-8", "replace")
    metadata = decode(_ANY, data, file).metadata
    if metadata is None:
        raise ManifestError(file, "$.metadata", "the metadata of a dbt artefact", "none")
    return metadata.dbt_schema_version
