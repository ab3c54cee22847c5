"""Views that go with what a plan makes anew, where views fall with what they read, and that the plan does not build."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.assets import AssetKey, AssetKind
from penstock.change.inputs import readers_of
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.plan import Plan
from penstock.service.contents import Holdings
from penstock.service.witness import recipe_of

_SHOWN = 5


def left_behind(graph: AssetGraph, plan: Plan, holdings: Holdings) -> list[str]:
    """At most one sentence: it is for the user to say whether they are wanted."""
    building = {item.key for item in plan.to_build()}
    try:
        replaced = [key for key in building if _replaced(graph, key) and holdings.views_fall(key.namespace)]
    except PenstockError:
        return []  # that its warehouse is not to be found is said where it is needed
    found = {key: by for key, by in _falling(graph, replaced).items() if key not in building}
    if not found:
        return []
    shown = graph.names.shown
    words = [f"{shown(key)} (reads {shown(found[key])})" for key in sorted(found, key=shown)]
    more = " ..." if len(words) > _SHOWN else ""
    first = shown(found[min(found, key=shown)])
    return [
        f"views fall there with what is made anew, and these are not built: {', '.join(words[:_SHOWN])}{more};"
        f" they are gone until they are built, with --select {first}+ or the next penstock run"
    ]


def _replaced(graph: AssetGraph, key: AssetKey) -> bool:
    """Whether it is replaced, as far as its tool tells how it is made."""
    return _form(graph, key) in ("table", "view")


def _form(graph: AssetGraph, key: AssetKey) -> str:
    recipe = recipe_of(graph, key) if key in graph.assets and graph.assets[key].producer else None
    return recipe.form if recipe is not None else ""


def _is_view(graph: AssetGraph, key: AssetKey) -> bool:
    return graph.assets[key].kind is AssetKind.VIEW or _form(graph, key) == "materialized_view"


def _falling(graph: AssetGraph, replaced: Iterable[AssetKey]) -> dict[AssetKey, AssetKey]:
    """Each view above one of these, and what of it is replaced; a view's views fall with it."""
    found: dict[AssetKey, AssetKey] = {}
    front = [(key, key) for key in sorted(replaced)]
    while front:
        key, first = front.pop()
        for reader in readers_of(graph, key):
            if reader in graph.assets and _is_view(graph, reader) and reader not in found:
                found[reader] = first
                front.append((reader, first))
    return found
