"""How far a change of columns reaches: through DIRECT edges to what is derived of them, through INDIRECT ones to all of an asset. Pure.

Whatever is not known of a reader (ambiguous or unresolved names, an open star, no SQL) makes it read everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from penstock.assets import AssetKey, AssetKind, EdgeSubtype
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet
from penstock.lineage.project.column_graph import ColumnGraph

Columns = frozenset[str] | None
"""Names of columns, in lower case; None: all of them, and which rows there are."""


class Use(msgspec.Struct, frozen=True, array_like=True):
    """What a reader makes of one column of a parent: the `outputs` that come from it (None: all, for it decides rows), and `how`."""

    outputs: Columns
    how: EdgeSubtype


class Effect(msgspec.Struct, frozen=True, array_like=True):
    """The columns of an asset that other data may come to stand in. `by` is the parent that brings it, and `column` of it with `how` it
    is read; of an asset that is itself edited there is no `by`, and where everything is read no `column`. `order`: the word that makes an
    edit of some columns one of all, because the order of rows decides its value."""

    columns: Columns
    by: AssetKey | None = None
    column: str = ""
    how: EdgeSubtype | None = None
    order: str = ""


Reader = Mapping[AssetKey, Mapping[str, Use]]
"""Of one asset, per parent the columns that it reads."""


def readers(edges: ColumnGraph, certain: Iterable[AssetKey]) -> dict[AssetKey, Reader]:
    """How each asset reads its parents, of those for which every name is known. An INDIRECT edge into one column (the order of a window)
    concerns that column alone; one into the whole decides rows."""
    found: dict[AssetKey, dict[AssetKey, dict[str, Use]]] = {key: {} for key in certain}
    for source, target, subtype in edges.flows():
        if target.asset not in found:
            continue
        own = found[target.asset].setdefault(source.asset, {})
        outputs: Columns = frozenset((target.column.lower(),)) if target.column else None
        name = source.column.lower()
        before = own.get(name)
        own[name] = Use(outputs, subtype) if before is None else _joined(before, outputs, subtype)
    return dict(found)


def flows(reader: Reader) -> dict[AssetKey, dict[str, ColumnSet | None]]:
    """Per parent the columns that it gives values to, by the parent's own; None: it decides rows."""
    return {
        parent: {
            name: None if use.outputs is None else tuple(sorted(use.outputs)) for name, use in uses.items()
        }
        for parent, uses in reader.items()
    }


def _joined(use: Use, outputs: Columns, how: EdgeSubtype) -> Use:
    if use.outputs is None:
        return use
    return Use(None, how) if outputs is None else Use(use.outputs | outputs, use.how)


def reached(
    reader: Reader | None, parents: Iterable[AssetKey], effects: Mapping[AssetKey, Effect]
) -> Effect | None:
    """What the changes of `parents` do to one that reads them; None: nothing. `reader` None: it is not known what it reads."""
    found: Effect | None = None
    for parent in parents:
        effect = effects.get(parent)
        if effect is None:
            continue
        here = _of_parent(reader, parent, effect)
        if here is not None and (here.columns is None or found is None):
            found = here
        elif (
            here is not None and found is not None and found.columns is not None and here.columns is not None
        ):
            found = Effect(found.columns | here.columns, found.by, found.column, found.how)
        if found is not None and found.columns is None:
            return found
    return found


def _of_parent(reader: Reader | None, parent: AssetKey, effect: Effect) -> Effect | None:
    if effect.columns is None or reader is None:
        return Effect(None, parent)
    outputs: frozenset[str] = frozenset()
    first: tuple[str, EdgeSubtype] | None = None
    for name, use in reader.get(parent, {}).items():
        if name not in effect.columns:
            continue
        if use.outputs is None:
            return Effect(None, parent, name, use.how)
        outputs |= use.outputs
        first = first or (name, use.how)
    return Effect(outputs, parent, *first) if first is not None else None


def spread(
    graph: AssetGraph, known: Mapping[AssetKey, Reader], changes: Mapping[AssetKey, Columns]
) -> dict[AssetKey, Effect]:
    """Everything that `changes` reach, the edited assets included: `{orders: {"amount"}}`, or None for all of its columns. An edited
    ephemeral model is a part of what reads it, and changes all of that."""
    found: dict[AssetKey, Effect] = {}
    for key in graph.order:
        asset = graph.assets[key]
        if key in changes:
            whole = asset.kind is AssetKind.EPHEMERAL
            found[key] = Effect(None if whole else _lower(changes[key]))
            continue
        effect = reached(known.get(key), parents_of(graph, key), found)
        if effect is not None and asset.kind is not AssetKind.EPHEMERAL:
            found[key] = effect
    return found


def parents_of(graph: AssetGraph, key: AssetKey) -> tuple[AssetKey, ...]:
    """What an asset reads, ephemeral models looked through and named as well."""
    found: dict[AssetKey, None] = {}
    waiting = list(graph.upstream.get(key, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            if graph.assets[one].kind is AssetKind.EPHEMERAL:
                waiting += graph.upstream.get(one, ())
    return tuple(found)


def _lower(columns: Columns) -> Columns:
    return None if columns is None else frozenset(name.lower() for name in columns)
