"""An asset by its name, as far as the person may see it."""

from __future__ import annotations

from penstock.assets import AssetKey
from penstock.errors import AmbiguousAsset, UnknownAsset
from penstock.web.routes import Call


def visible_key(call: Call, name: str) -> AssetKey:
    """The asset of that name. Raises UnknownAsset also for one that may not be seen: that it exists is not told."""
    graph, visible = call.serving.seen().graph, call.view.visible
    if visible is None:
        return graph.find(name).key
    try:
        key = graph.find(name).key
    except (UnknownAsset, AmbiguousAsset):
        raise UnknownAsset(name) from None
    if key not in visible:
        raise UnknownAsset(name)
    return key
