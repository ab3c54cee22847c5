"""Which data an asset depends on: its inputs, followed through views and ephemeral models down to what holds rows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from penstock.assets import AssetKey, AssetKind
from penstock.change.records import MadeFrom, Pending
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet


class Want(msgspec.Struct, frozen=True, array_like=True):
    """What is read of an input: `rows` of these columns (None: all), or only its shape (a view's definition, a table's columns): of a
    view with the columns that are read through it. `shape`: who reads it is a view, and its SQL does not matter."""

    rows: bool
    columns: ColumnSet | None = None
    shape: bool = False


def direct(graph: AssetGraph, key: AssetKey) -> tuple[AssetKey, ...]:
    """What an asset reads, ephemeral models looked through."""
    found: dict[AssetKey, None] = {}
    for parent in graph.upstream.get(key, ()):
        if graph.assets[parent].kind is AssetKind.EPHEMERAL:
            found.update(dict.fromkeys(direct(graph, parent)))
        else:
            found[parent] = None
    return tuple(found)


def through_views(graph: AssetGraph, parents: Iterable[AssetKey]) -> tuple[AssetKey, ...]:
    """These, and what stands behind those of them that are views."""
    found: dict[AssetKey, None] = {}
    front = list(parents)
    while front:
        one = front.pop()
        if one not in found:
            found[one] = None
            front += direct(graph, one) if graph.assets[one].kind is AssetKind.VIEW else ()
    return tuple(found)


def readers_of(graph: AssetGraph, key: AssetKey) -> tuple[AssetKey, ...]:
    """What reads an asset, through ephemeral models too: assets and checks, and what only shows it."""
    found: dict[AssetKey, None] = {check.key: None for check in graph.checks_of.get(key, ())}
    for child in graph.downstream.get(key, ()):
        if graph.assets[child].kind is AssetKind.EPHEMERAL:
            found.update(dict.fromkeys(readers_of(graph, child)))
        else:
            found[child] = None
    return tuple(found)


def wants(
    graph: AssetGraph,
    form: str,
    reads: Mapping[AssetKey, ColumnSet | None],
    known: Mapping[AssetKey, MadeFrom],
) -> dict[AssetKey, Want | None]:
    """Per input what must be the same for the same result; None where that cannot be told.

    A view holds no rows: what it reads is read, as far as the columns that are read of it come from there. Of a view itself only the
    shapes of its inputs matter.
    """
    found: dict[AssetKey, Want | None] = {}
    _follow(graph, reads, known, found, {}, shapes=form in _SHAPED)
    return found


_SHAPED = frozenset({"view", "unit_check"})


def _follow(
    graph: AssetGraph,
    reads: Mapping[AssetKey, ColumnSet | None],
    known: Mapping[AssetKey, MadeFrom],
    found: dict[AssetKey, Want | None],
    passed: dict[AssetKey, ColumnSet | None],
    *,
    shapes: bool,
) -> None:
    for key, columns in reads.items():
        asset = graph.assets.get(key)
        if asset is None or asset.relation is None or asset.kind is AssetKind.FUNCTION:
            found[key] = None
        elif shapes:
            found[key] = Want(False, shape=True)
        elif asset.kind is AssetKind.VIEW:
            view = known.get(key)
            if view is not None:
                _pass(graph, key, view, columns, known, found, passed)
            found[key] = Want(False, passed[key]) if view is not None else None
        else:
            found[key] = joined(found[key], columns) if key in found else Want(True, columns)


def _pass(
    graph: AssetGraph,
    key: AssetKey,
    view: MadeFrom,
    columns: ColumnSet | None,
    known: Mapping[AssetKey, MadeFrom],
    found: dict[AssetKey, Want | None],
    passed: dict[AssetKey, ColumnSet | None],
) -> None:
    """Follow a view for these of its columns, unless it was followed for at least them."""
    if key in passed:
        before = passed[key]
        if before is None or (columns is not None and set(columns) <= set(before)):
            return
        columns = None if columns is None else tuple(sorted({*columns, *before}))
    passed[key] = columns
    through = {one: _through(view, one, whole, columns) for one, whole in view.reads.items()}
    _follow(graph, through, known, found, passed, shapes=False)


def _through(
    view: MadeFrom, parent: AssetKey, whole: ColumnSet | None, columns: ColumnSet | None
) -> ColumnSet | None:
    """What these columns of the view are made of: of the parent's columns those that give them values, or decide rows."""
    flows = view.flows.get(parent)
    if whole is None or columns is None or flows is None or not {*whole} <= flows.keys():
        return whole
    return tuple(name for name in whole if (into := flows[name]) is None or not {*into}.isdisjoint(columns))


def anew(
    needed: Mapping[AssetKey, Want | None], marked: Collection[AssetKey], open_ones: Collection[AssetKey]
) -> dict[AssetKey, Pending]:
    """Of inputs that are made first, in a warehouse that only marks states: rows that are made again have another mark, whichever of their
    columns changed. `open_ones` may turn out not to be made at all."""
    return {
        one: Pending(anew=one not in open_ones)
        for one, want in needed.items()
        if one in marked and want is not None and want.rows
    }


def falling(
    needed: Iterable[AssetKey],
    pending: Collection[AssetKey],
    replaced: Collection[AssetKey],
    open_ones: Collection[AssetKey],
) -> dict[AssetKey, Pending]:
    """Of what a view reads and is made first, where views fall with what they read. `replaced`: those that are not written in place; of the
    rest only a look, once they are made, tells whether the view is there yet."""
    return {
        one: Pending(anew=one in replaced and one not in open_ones, falls=True)
        for one in needed
        if one in pending
    }


def bound(
    parents: Iterable[AssetKey], pending: Collection[AssetKey], replaced: Collection[AssetKey]
) -> dict[AssetKey, Pending]:
    """Of what a table's foreign keys may refer to and is made first, where they fall with it: no look at the table's rows would tell
    later that they are gone."""
    return {one: Pending(anew=True, falls=True) for one in parents if one in pending and one in replaced}


def joined(want: Want | None, columns: ColumnSet | None) -> Want | None:
    if want is None or not want.rows:
        return None if want is None else Want(True, columns)
    if want.columns is None or columns is None:
        return Want(True)
    return Want(True, tuple(sorted({*want.columns, *columns})))


def column_set(names: Iterable[str]) -> ColumnSet:
    return tuple(sorted({name.lower() for name in names}))
