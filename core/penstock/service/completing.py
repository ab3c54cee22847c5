"""What the last word of a selection may go on to: methods, their values with how many assets have each, and names.

Counts are of assets; a selection may find checks beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import msgspec

from penstock.assets import Asset, AssetKey
from penstock.graph import AssetGraph
from penstock.graph.select.values import VALUES


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """`count`: assets that have the value; None for a method without one."""

    word: str
    about: str
    count: int | None = None


def completions(
    graph: AssetGraph, visible: Collection[AssetKey] | None, text: str, limit: int
) -> tuple[Completion, ...]:
    """For a word without the operators around it. Of what may not be seen, neither a name nor a value nor a count."""
    seen = [graph.assets[key] for key in graph.order if visible is None or key in visible]
    method, colon, begun = text.partition(":")
    if colon:
        found = _values(seen, method, begun) if method in VALUES else ()
        return tuple(found)[:limit]
    methods = [Completion(word=f"{name}:", about="method") for name in VALUES if name.startswith(text)]
    names = _names(graph, seen, text.casefold()) if text else ()
    return (*methods, *names)[:limit]


def _values(seen: Iterable[Asset], method: str, begun: str) -> Iterator[Completion]:
    counts = Counter(value for asset in seen for value in set(VALUES[method](asset)))
    low = begun.casefold()
    fitting = [one for one in counts if low in one.casefold() and " " not in one and "," not in one]
    fitting.sort(key=lambda one: (not one.casefold().startswith(low), -counts[one], one))
    return (Completion(word=f"{method}:{one}", about=method, count=counts[one]) for one in fitting)


def _names(graph: AssetGraph, seen: Iterable[Asset], word: str) -> Iterator[Completion]:
    shown = [(graph.names.shown(asset.key), asset.kind.value) for asset in seen]
    shown = [(name, kind) for name, kind in shown if word in name.casefold()]
    shown.sort(key=lambda one: (not one[0].casefold().startswith(word), len(one[0]), one[0]))
    return (Completion(word=name, about=kind) for name, kind in shown)
