"""manifest.json of dbt, v7 (1.3) to v12 (1.8 and later): every resource, no SQL. The SQL is read by `compiled`, apart."""

import msgspec

from penstock_manifests.dbt.records import (
    Disabled,
    Exposure,
    Group,
    Macro,
    Metric,
    Node,
    SavedQuery,
    SemanticModel,
    Source,
    UnitTest,
    UnknownResource,
)
from penstock_manifests.decode import decode
from penstock_manifests.document import MANIFEST, Document, Notice, Schema, expect

# The newest dbt whose sections are all named in `Manifest`. A later one is also searched for sections of other names.
NEWEST_DBT = (1, 12)


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """`generated_at` is ISO 8601. `project_name` is absent before dbt 1.6."""

    dbt_version: str = ""
    generated_at: str = ""
    invocation_id: str | None = None
    adapter_type: str | None = None
    project_name: str | None = None
    project_id: str | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Every resource by its unique_id. `unknown` holds those of sections that are not known here."""

    metadata: Metadata
    nodes: dict[str, Node]
    sources: dict[str, Source]
    exposures: dict[str, Exposure] = {}
    metrics: dict[str, Metric] = {}
    semantic_models: dict[str, SemanticModel] = {}
    saved_queries: dict[str, SavedQuery] = {}
    unit_tests: dict[str, UnitTest] = {}
    functions: dict[str, Node] = {}
    groups: dict[str, Group] = {}
    macros: dict[str, Macro] = {}
    disabled: dict[str, tuple[Disabled, ...]] | None = None
    selectors: dict[str, msgspec.Raw] | None = None
    unknown: dict[str, UnknownResource] = {}


_MANIFEST = msgspec.json.Decoder(Manifest)
_ENTRIES: dict[str, type] = {
    "nodes": Node,
    "sources": Source,
    "exposures": Exposure,
    "metrics": Metric,
    "semantic_models": SemanticModel,
    "saved_queries": SavedQuery,
    "unit_tests": UnitTest,
    "functions": Node,
    "groups": Group,
    "macros": Macro,
    "disabled": tuple[Disabled, ...],
}
_OTHER_SECTIONS = frozenset({"metadata", "docs", "selectors", "parent_map", "child_map", "group_map"})
_UNKNOWN = msgspec.json.Decoder(UnknownResource)


def read_manifest(data: bytes, file: str = "manifest.json") -> Document[Manifest]:
    """Read a manifest. `file` is named in errors. Raises ManifestError."""
    schema, notices = expect(data, file, MANIFEST)
    manifest = decode(_MANIFEST, data, file, _ENTRIES)
    if not notices and _minor(manifest.metadata.dbt_version) <= NEWEST_DBT:
        return Document(manifest, schema, notices)
    return _with_unknown(manifest, data, schema, notices, file)


def _minor(version: str) -> tuple[int, ...]:
    head = version.split(".")[:2]
    return tuple(int(part) for part in head) if all(part.isdigit() for part in head) else (99,)


def _with_unknown(
    manifest: Manifest, data: bytes, schema: Schema, notices: tuple[Notice, ...], file: str
) -> Document[Manifest]:
    """The manifest of a dbt newer than this reader, with the entries of sections that have no name here."""
    unknown: dict[str, UnknownResource] = {}
    sections = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    for section, raw in sections.items():
        if section in _ENTRIES or section in _OTHER_SECTIONS:
            continue
        found = _resources(raw)
        unknown |= found
        message = f"section `{section}` is not known: {len(found)} resources kept by name"
        notices = (*notices, Notice(file, "unknown-section", message))
    return Document(msgspec.structs.replace(manifest, unknown=unknown), schema, notices)


def _resources(raw: msgspec.Raw) -> dict[str, UnknownResource]:
    """The entries of a section that look like resources; a section of another shape has none."""
    found: dict[str, UnknownResource] = {}
    try:
        entries = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return found
    for key, entry in entries.items():
        try:
            found[key] = _UNKNOWN.decode(entry)
        except msgspec.ValidationError:
            continue  # not a resource: a map of lists, a setting
    return found
