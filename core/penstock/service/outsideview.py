"""What the normal form of SQL may know of relations: whose each is, and which columns it has. Reads nothing by itself."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.assets import Relation
from penstock.change.shape import Outside
from penstock.graph import AssetGraph
from penstock.integration import Content
from penstock.lineage.records import Parts


def outside_of(graph: AssetGraph, contents: Mapping[Relation, Content]) -> Outside:
    """A relation is called by what makes it, the same in every environment; its columns are those that it has in the warehouse."""
    databases: dict[str, set[str]] = {}
    for asset in graph.assets.values():
        if asset.relation is not None:
            databases.setdefault(asset.relation.namespace, set()).add((asset.relation.database or "").lower())
    names: dict[Parts, str | None] = {}
    columns: dict[Parts, tuple[str, ...]] = {}
    for asset in graph.assets.values():
        if asset.relation is None:
            continue
        name = str(asset.producer) if asset.producer is not None else ".".join(asset.relation.parts)
        content = contents.get(asset.relation)
        for parts in _ways(asset.relation.parts, short=len(databases[asset.relation.namespace]) == 1):
            names[parts] = None if parts in names else name
            if content is not None and content.columns:
                columns[parts] = tuple(one for one, _ in content.columns)

    def called(parts: Parts) -> str:
        return names.get(_key(parts)) or ".".join(parts)

    def known(parts: Parts) -> tuple[str, ...] | None:
        return columns.get(_key(parts)) if names.get(_key(parts)) else None

    return Outside(names=called, columns=known)


def _key(parts: Parts) -> Parts:
    return tuple(part.lower() for part in parts)


def _ways(parts: Parts, *, short: bool) -> list[Parts]:
    """A relation may be named in full; without its database too, where its warehouse has no second one that could be meant."""
    whole = _key(parts)
    return [whole, whole[1:]] if len(whole) == 3 and short else [whole]
