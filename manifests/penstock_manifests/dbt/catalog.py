"""catalog.json of dbt, v1: what the warehouse itself said about each relation."""

import msgspec

from penstock_manifests.decode import decode
from penstock_manifests.document import CATALOG, Document, expect


class CatalogColumn(msgspec.Struct, frozen=True, gc=False):
    name: str
    type: str | None = None
    index: int | None = None
    comment: str | None = None


class CatalogMetadata(msgspec.Struct, frozen=True, gc=False):
    """`type` is the adapter's word: BASE TABLE, VIEW, table, EXTERNAL ..."""

    type: str | None = None
    schema: str | None = None
    name: str | None = None
    database: str | None = None


class CatalogStat(msgspec.Struct, frozen=True, gc=False):
    value: bool | int | float | str | None = None
    include: bool | None = None


class CatalogEntry(msgspec.Struct, frozen=True, gc=False):
    """One relation. `stats` differ by adapter: num_rows, row_count, num_bytes, bytes ..."""

    metadata: CatalogMetadata
    columns: dict[str, CatalogColumn] = {}
    stats: dict[str, CatalogStat] = {}


class CatalogDocumentMetadata(msgspec.Struct, frozen=True, gc=False):
    dbt_version: str = ""
    generated_at: str = ""
    invocation_id: str | None = None


class Catalog(msgspec.Struct, frozen=True):
    """Relations by unique_id. `errors` are those of the warehouse queries, if any."""

    metadata: CatalogDocumentMetadata
    nodes: dict[str, CatalogEntry]
    sources: dict[str, CatalogEntry] = {}
    errors: tuple[str, ...] | None = None


_CATALOG = msgspec.json.Decoder(Catalog)


def read_catalog(data: bytes, file: str = "catalog.json") -> Document[Catalog]:
    """Read a catalog. `file` is named in errors. Raises ManifestError."""
    schema, notices = expect(data, file, CATALOG)
    return Document(
        decode(_CATALOG, data, file, {"nodes": CatalogEntry, "sources": CatalogEntry}), schema, notices
    )
