"""What goes with what a plan makes anew, where views and foreign keys fall with what they rest on, and that the plan does not make again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.assets import AssetKey, AssetKind, Recipe
from penstock.change.inputs import readers_of
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.plan import Plan, PlanItem
from penstock.service.contents import Holdings
from penstock.service.flags import REBUILD
from penstock.service.witness import recipe_of

_SHOWN = 5
_REPLACED = frozenset({"table", "view"})  # made anew under their name, never written in place
_REBUILT = _REPLACED | {"incremental", "seed"}  # where all are asked to be made anew
_Found = Mapping[AssetKey, AssetKey]


def left_behind(graph: AssetGraph, plan: Plan, holdings: Holdings) -> list[str]:
    """At most a sentence for each kind: it is for the user to say whether they are wanted."""
    anew = {item.key for item in plan.to_build() if _made_anew(graph, item, plan)}
    try:
        replaced = [key for key in anew if holdings.views_fall(key.namespace)]
    except PenstockError:
        return []  # that its warehouse is not to be found is said where it is needed
    building = {item.key for item in plan.to_build()}
    views = {key: by for key, by in _falling(graph, replaced).items() if key not in building}
    ours = {key: by for key, by in views.items() if _made_here(graph, key)}
    others = {key: by for key, by in views.items() if key not in ours}
    bound = {key: by for key, by in _bound(graph, replaced).items() if key not in anew}
    return [*_ours(graph, ours), *_others(graph, others), *_keys(graph, bound)]


def replaces(recipe: Recipe | None) -> bool:
    """Whether it is replaced each time that it is made, as far as its tool tells how it is made."""
    return recipe is not None and recipe.form in _REPLACED


def tied(recipe: Recipe) -> bool:
    """Whether to make it is to make its foreign keys again."""
    return recipe.bound and recipe.form == "table"


def holds_up(graph: AssetGraph, key: AssetKey) -> bool:
    """Whether a view or a foreign key rests on it."""
    readers = [one for one in readers_of(graph, key) if one in graph.assets]
    return any(
        _is_view(graph, one) or ((made := _recipe(graph, one)) is not None and made.bound) for one in readers
    )


def _ours(graph: AssetGraph, found: _Found) -> list[str]:
    if not found:
        return []
    shown = graph.names.shown
    first = shown(found[min(found, key=shown)])
    return [
        f"views fall there with what is made anew, and these are not built: {_listed(graph, found)};"
        f" they are gone until they are built, with --select {first}+ or the next penstock run"
    ]


def _others(graph: AssetGraph, found: _Found) -> list[str]:
    if not found:
        return []
    return [
        f"views fall there with what is made anew: {_listed(graph, found)};"
        " nothing here makes them: make them again yourself"
    ]


def _keys(graph: AssetGraph, found: _Found) -> list[str]:
    if not found:
        return []
    names = " ".join(sorted(graph.names.shown(key) for key in found))
    return [
        f"foreign keys fall there with what is made anew, and these are not made anew: {_listed(graph, found)};"
        f" their foreign keys are gone until: penstock run --full-refresh -s {names}"
    ]


def _listed(graph: AssetGraph, found: _Found) -> str:
    shown = graph.names.shown
    words = [f"{shown(key)} (reads {shown(found[key])})" for key in sorted(found, key=shown)]
    return ", ".join(words[:_SHOWN]) + (" ..." if len(words) > _SHOWN else "")


def _made_anew(graph: AssetGraph, item: PlanItem, plan: Plan) -> bool:
    recipe = _recipe(graph, item.key)
    if recipe is None:
        return False
    whole = any(options.get(REBUILD) for options in plan.options.values()) and not recipe.keeps
    return item.anew or recipe.form in (_REBUILT if whole else _REPLACED)


def _made_here(graph: AssetGraph, key: AssetKey) -> bool:
    ref = graph.assets[key].producer
    producer = graph.producers.get(ref) if ref is not None else None
    return producer is not None


def _recipe(graph: AssetGraph, key: AssetKey) -> Recipe | None:
    return recipe_of(graph, key) if key in graph.assets and graph.assets[key].producer else None


def _is_view(graph: AssetGraph, key: AssetKey) -> bool:
    recipe = _recipe(graph, key)
    return graph.assets[key].kind is AssetKind.VIEW or (
        recipe is not None and recipe.form == "materialized_view"
    )


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


def _bound(graph: AssetGraph, replaced: Iterable[AssetKey]) -> dict[AssetKey, AssetKey]:
    """Each table whose foreign keys may refer to one of these, and to which."""
    found: dict[AssetKey, AssetKey] = {}
    for key in sorted(replaced):
        for reader in readers_of(graph, key):
            recipe = _recipe(graph, reader)
            if recipe is not None and recipe.bound and reader != key:
                found.setdefault(reader, key)
    return found
