"""How old the data of an asset is: one clock, as_of, pure. The age of data, not of the last build.

as_of of what is loaded is when its load began. as_of of what is built is the oldest as_of that its needed parents had when it
read them; a view reads them now. So a table that was rebuilt on old data is as old as that data.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import inf

import msgspec

from penstock.assets import AssetKey, Window


class Made(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An asset was made: what it read, it read at `started_at`. `tested`: none of its checks failed in that run."""

    started_at: float
    ended_at: float
    window: Window | None = None
    tested: bool = True


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What as_of needs of a graph. `loaded`: made from outside of the graph; `through`: holds no data of its own, and shows
    that of its parents (a view, an exposure); `timeless`: never gets old (a seed). `parents` without those outside."""

    parents: Mapping[AssetKey, tuple[AssetKey, ...]]
    loaded: frozenset[AssetKey] = frozenset()
    through: frozenset[AssetKey] = frozenset()
    timeless: frozenset[AssetKey] = frozenset()


_Node = tuple[AssetKey, float]


class AsOf(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`at` is inf for what never gets old. `unknown`: the asset of which nothing is known; `at` is then at the latest.
    `because` is the parent that decided, and when it was read."""

    at: float
    unknown: AssetKey | None = None
    because: _Node | None = None


def _filled_until(made: Made) -> tuple[float, float]:
    """Until when an asset holds data after a build of it: a window that lies in the past fills nothing newer."""
    end = made.ended_at if made.window is None else min(made.window.end, made.ended_at)
    return end, made.ended_at


class Clock:
    """as_of of every asset at any moment, from what was made. `only` narrows to what comes from those loaded assets;
    `tested` counts only what was made and passed its checks."""

    def __init__(
        self,
        shape: Shape,
        made: Mapping[AssetKey, Sequence[Made]],
        *,
        only: frozenset[AssetKey] = frozenset(),
        tested: bool = False,
    ) -> None:
        self._shape = shape
        self._only = only
        self._made = {
            key: [one for one in found if one.tested] if tested else found for key, found in made.items()
        }
        self._ends = {key: [one.ended_at for one in found] for key, found in self._made.items()}
        self._known: dict[_Node, AsOf] = {}

    def at(self, asset: AssetKey, now: float) -> AsOf:
        """Walks without recursion: chains may be thousands long."""
        first = self._node(asset, now)
        stack = [first]
        while stack:
            node = stack[-1]
            if node in self._known:
                stack.pop()
                continue
            needed = self._needed(node)
            missing = [one for one in needed if one not in self._known]
            if missing:
                stack += missing
                continue
            self._known[node] = self._oldest(node, needed)
            stack.pop()
        return self._known[first]

    def chain(self, asset: AssetKey, now: float) -> list[AssetKey]:
        """From the asset up to what decided its age."""
        found, node = [asset], self._node(asset, now)
        while (because := self._known[node].because) is not None:
            found.append(because[0])
            node = because
        return found

    def _node(self, asset: AssetKey, when: float) -> _Node:
        """All moments between two builds are one node: the table is the same."""
        if asset in self._shape.through:
            return asset, when
        made = self._latest(asset, when)
        return asset, made.ended_at if made is not None else -inf

    def _latest(self, asset: AssetKey, when: float) -> Made | None:
        """The newest build until then. An old window that was filled later makes nothing newer."""
        ends = self._ends.get(asset)
        if not ends:
            return None
        place = bisect_right(ends, when)
        if not place:
            return None
        newest = self._made[asset][place - 1]
        if newest.window is None:
            return newest
        return max(self._made[asset][:place], key=_filled_until)

    def _needed(self, node: _Node) -> list[_Node]:
        asset, when = node
        shape = self._shape
        if asset in shape.loaded or asset in shape.timeless:
            return []
        if asset not in shape.through:
            made = self._latest(asset, when)
            if made is None:
                return []
            when = made.started_at
        return [self._node(parent, when) for parent in shape.parents.get(asset, ())]

    def _oldest(self, node: _Node, needed: Sequence[_Node]) -> AsOf:
        asset, when = node
        shape = self._shape
        if asset in shape.timeless:
            return AsOf(at=inf)
        made = None if asset in shape.through else self._latest(asset, when)
        if asset in shape.loaded or (not needed and asset not in shape.through):
            if self._only and asset not in self._only:
                return AsOf(at=inf)
            return AsOf(at=made.started_at) if made is not None else AsOf(at=inf, unknown=asset)
        if made is None and asset not in shape.through:
            return AsOf(at=inf, unknown=asset)
        found = [(self._known[one], one) for one in needed]
        unknown = next((one for one in found if one[0].unknown is not None), None)
        oldest = min(found, key=lambda one: one[0].at, default=None)
        if oldest is None:
            return AsOf(at=inf, unknown=asset)
        at = oldest[0].at
        if made is not None and made.window is not None:
            at = min(at, made.window.end)
        if unknown is not None:
            return AsOf(at=at, unknown=unknown[0].unknown, because=unknown[1])
        return AsOf(at=at, because=oldest[1])
