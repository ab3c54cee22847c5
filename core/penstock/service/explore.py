"""What exists, as documents for people and machines: the asset list, its drawing, its JSON. Starts nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from penstock.assets import Asset, AssetKey
from penstock.graph import AssetGraph
from penstock.graph.listing import rows
from penstock.service.observe import GraphView

__all__ = ["assets_document", "dot", "edges_within", "iso", "listed", "mermaid", "rows"]

FORMAT = 1


class KeyDocument(msgspec.Struct, frozen=True):
    namespace: str
    name: str


class SightingDocument(msgspec.Struct, frozen=True):
    integration: str
    instance: str
    id: str


class ColumnDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    type: str | None = None
    description: str = ""


class CheckDocument(msgspec.Struct, frozen=True):
    name: str
    kind: str
    severity: str
    column: str | None


class AssetDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One asset as `penstock assets --json` prints it. `upstream` and `downstream` are shortest names."""

    name: str
    key: KeyDocument
    kind: str
    resource_type: str
    relation: str | None
    made_by: SightingDocument | None
    seen_by: tuple[SightingDocument, ...]
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]
    columns: tuple[ColumnDocument, ...]
    checks: tuple[CheckDocument, ...]
    description: str
    tags: tuple[str, ...]
    group: str | None
    owner: str | None
    package: str | None
    path: str | None
    materialized: str | None
    rows: int | None
    bytes: int | None
    attributes: dict[str, str]


class AssetsDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    project: str
    environment: str
    hash: str
    as_of: dict[str, str]
    not_refreshed: dict[str, str]
    assets: tuple[AssetDocument, ...]


def listed(graph: AssetGraph, chosen: frozenset[AssetKey] | None) -> list[Asset]:
    """The chosen assets in reading order: by tool, upstream first."""
    keys = graph.assets if chosen is None else chosen
    position = {key: at for at, key in enumerate(graph.order)}
    return [graph.assets[key] for key in sorted(keys, key=lambda key: position[key])]


def assets_document(
    seen: GraphView, assets: Iterable[Asset], project: str, environment: str
) -> AssetsDocument:
    return AssetsDocument(
        format=FORMAT,
        project=project,
        environment=environment,
        hash=seen.graph.hash,
        as_of={name: iso(at) for name, at in sorted(seen.taken_at.items())},
        not_refreshed=dict(sorted(seen.stale.items())),
        assets=tuple(_asset_document(seen.graph, asset) for asset in assets),
    )


def _asset_document(graph: AssetGraph, asset: Asset) -> AssetDocument:
    shown = graph.names.shown
    producer = asset.producer
    return AssetDocument(
        name=shown(asset.key),
        key=KeyDocument(asset.key.namespace, asset.key.name),
        kind=asset.kind.value,
        resource_type=asset.resource_type,
        relation=str(asset.relation) if asset.relation else None,
        made_by=SightingDocument(producer.integration, producer.instance, producer.id) if producer else None,
        seen_by=tuple(SightingDocument(ref.integration, ref.instance, ref.id) for ref in asset.seen_by),
        upstream=tuple(shown(key) for key in graph.upstream.get(asset.key, ())),
        downstream=tuple(shown(key) for key in graph.downstream.get(asset.key, ())),
        columns=tuple(ColumnDocument(c.name, c.type, c.description) for c in graph.columns(asset.key)),
        checks=tuple(
            CheckDocument(check.name, check.kind, check.severity.value, check.column)
            for check in graph.checks_of.get(asset.key, ())
        ),
        description=asset.description,
        tags=asset.tags,
        group=asset.group,
        owner=asset.owner,
        package=asset.package,
        path=asset.path,
        materialized=asset.materialized,
        rows=asset.rows,
        bytes=asset.size_bytes,
        attributes=asset.attributes,
    )


def edges_within(graph: AssetGraph, assets: Iterable[Asset]) -> list[tuple[str, str]]:
    """Edges between the given assets, by shortest names."""
    keys = {asset.key for asset in assets}
    shown = graph.names.shown
    return [
        (shown(parent), shown(key))
        for key in keys
        for parent in graph.upstream.get(key, ())
        if parent in keys
    ]


def dot(graph: AssetGraph, assets: list[Asset]) -> str:
    """Graphviz's language: the graph of these assets, left to right."""
    nodes = [f'  "{_quoted(graph.names.shown(a.key))}" [shape={_shape(a)}];' for a in assets]
    edges = [f'  "{_quoted(a)}" -> "{_quoted(b)}";' for a, b in sorted(edges_within(graph, assets))]
    return "\n".join(["digraph penstock {", "  rankdir=LR;", *nodes, *edges, "}"])


def mermaid(graph: AssetGraph, assets: list[Asset]) -> str:
    """Mermaid's flowchart of these assets, left to right."""
    from penstock.service.drawing import mermaid_text  # with column lineage, which a list does not need

    names = [graph.names.shown(asset.key) for asset in assets]
    ids = {name: f"a{at}" for at, name in enumerate(names)}
    nodes = [f'  {ids[name]}["{mermaid_text(name)}"]' for name in names]
    edges = [f"  {ids[a]} --> {ids[b]}" for a, b in sorted(edges_within(graph, assets))]
    return "\n".join(["flowchart LR", *nodes, *edges])


def _shape(asset: Asset) -> str:
    return {"stream": "cds", "exposure": "note", "view": "ellipse"}.get(asset.kind.value, "box")


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def iso(at: float) -> str:
    """Epoch seconds as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
