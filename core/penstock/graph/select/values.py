"""What assets have that a selection method looks for: the values that can stand behind its colon. Evaluates nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from penstock.assets import Asset


def _maybe(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _tools(asset: Asset) -> Iterator[str]:
    for ref in (asset.producer,) if asset.producer else asset.seen_by:
        yield f"{ref.integration}/{ref.instance}"


def _folders(asset: Asset) -> Iterator[str]:
    folder = (asset.path or "").rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _materialized(asset: Asset) -> tuple[str, ...]:
    """As its configuration says, which is what the method compares; a catalog tells more tables than that."""
    told = msgspec.json.decode(asset.config) if asset.config else {}
    value = told.get("materialized")
    return (value,) if isinstance(value, str) else ()


# Of the methods with few values, those that a person types most first.
VALUES: Mapping[str, Callable[[Asset], Iterable[str]]] = {
    "tag": lambda asset: asset.tags,
    "source": lambda asset: (known.group for known in asset.declared_as),
    "connection": lambda asset: _maybe(asset.attributes.get("connection")),
    "path": _folders,
    "tool": _tools,
    "resource_type": lambda asset: (asset.resource_type,),
    "kind": lambda asset: (asset.kind.value,),
    "group": lambda asset: _maybe(asset.group),
    "package": lambda asset: _maybe(asset.package),
    "config.materialized": _materialized,
    "exposure": lambda asset: (asset.name,) if asset.resource_type == "exposure" else (),
}
