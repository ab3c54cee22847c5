"""What freshness promises need, and the latest time at which it is safe to start: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import inf
from random import Random

import msgspec

from penstock.assets import AssetKey
from penstock.automation.world import Promised, Rule, World

_DRAWS, _DRAWS_LEAST = 100, 30
_DRAWN = 12_000  # steps in all draws of one path: of many steps there are fewer draws, whose sums differ less
_FEW = 3
_RIDES = 0.25  # what is due within this part of its limit goes along


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What would make an asset's data newer. `start`: the latest safe time; `takes`: the p90 of the way, `retry` of one more
    try. `far`: its time has not come even if all had to be built (`build` is left out). `lacking`: the asset without which nothing gets newer."""

    promised: Promised
    build: tuple[AssetKey, ...] = ()
    start: float = inf
    takes: float = 0.0
    retry: float = 0.0
    far: bool = False
    lacking: AssetKey | None = None


class Ways:
    """What each promised asset comes from, and how long all of that takes: the same as long as the graph and the durations are."""

    def __init__(
        self,
        order: Sequence[AssetKey],
        reads: Mapping[AssetKey, tuple[AssetKey, ...]],
        takes: Mapping[AssetKey, Sequence[float]],
        views: frozenset[AssetKey] = frozenset(),
    ) -> None:
        self._order, self._reads, self._takes, self._views = order, reads, takes, views
        self._above: dict[AssetKey, tuple[AssetKey, ...]] = {}
        self._ends: dict[AssetKey, tuple[float, float]] = {}
        self._known: dict[tuple[AssetKey, ...], tuple[float, float]] = {}

    def above(self, asset: AssetKey) -> tuple[AssetKey, ...]:
        """What can be built of it and of all that it comes from, parents first; no views."""
        if asset not in self._above:
            found = ancestors(self._reads, asset) - self._views
            self._above[asset] = tuple(one for one in self._order if one in found)
        return self._above[asset]

    def whole(self, asset: AssetKey) -> tuple[float, float]:
        """How long building it and all above takes, each with its own p90, and the longest step's; by one pass for all."""
        if not self._ends:
            self._pass()
        known = self._ends.get(asset)
        if known is not None:
            return known
        above = [self._ends[one] for one in self._reads.get(asset, ()) if one in self._ends]
        return max((one[0] for one in above), default=0.0), max((one[1] for one in above), default=0.0)

    def _pass(self) -> None:
        ends, reads, takes, nothing = self._ends, self._reads, self._takes, (0.0, 0.0)
        for asset in self._order:
            sample = takes.get(asset, ())
            own = p90(sample) if sample else 0.0
            begin, longest = 0.0, own
            for parent in reads.get(asset, ()):
                end, step = ends.get(parent, nothing)
                if end > begin:
                    begin = end
                if step > longest:
                    longest = step
            ends[asset] = begin + own, longest

    def of(self, build: tuple[AssetKey, ...]) -> tuple[float, float]:
        if build not in self._known:
            retry = max((p90(self._takes.get(one, ())) for one in build), default=0.0)
            self._known[build] = paths_p90(build, self._reads, self._takes), retry
        return self._known[build]


def wanted(
    world: World,
    rules: Mapping[AssetKey, Rule],
    ways: Ways | None = None,
    held: Collection[AssetKey] = frozenset(),
) -> list[Wanted]:
    """For every promise. What is `held` is not built now: what it alone would read is loaded and built in vain, again and again."""
    if not world.promised:
        return []
    ways = ways or Ways(world.order, world.reads, world.takes, world.views)
    found, possible = [], None
    for promised in world.promised:
        one = _far(world, promised, ways)
        if one is None:
            possible = possible if possible is not None else _possible(world, rules, held)
            one = _wanted(world, promised, possible, ways)
        found.append(one)
    return found


def _far(world: World, promised: Promised, ways: Ways) -> Wanted | None:
    """One whose time has not come even if all had to be built."""
    takes, retry = ways.whole(promised.asset)
    start = promised.deadline - takes - retry - _spare(promised)
    if start - world.now <= promised.limit * _RIDES or start == inf:
        return None
    return Wanted(promised=promised, start=start, takes=takes, retry=retry, far=True)


def needed_by(world: World, wants: Sequence[Wanted]) -> dict[AssetKey, Wanted]:
    """Of what a promise whose time has not come rests on: the promise whose time comes first. One pass up."""
    reads = world.reads
    far = sorted((one for one in wants if one.far), key=lambda one: one.start)
    rank: dict[AssetKey, int] = {}  # numbers: which comes first is asked for every edge of the graph
    for number, one in enumerate(far):
        for asset in (one.promised.asset, *reads.get(one.promised.asset, ())):
            rank.setdefault(asset, number)
    for asset in reversed(world.order) if rank else ():
        mine = rank.get(asset)
        if mine is not None:
            for parent in reads.get(asset, ()):
                if rank.setdefault(parent, mine) > mine:
                    rank[parent] = mine
    return {asset: far[number] for asset, number in rank.items()}


def _spare(promised: Promised) -> float:
    """A short promise leaves little room: a tenth of it is kept for what nobody measured."""
    return min(60.0, promised.limit / 10)


def _possible(
    world: World, rules: Mapping[AssetKey, Rule], held: Collection[AssetKey]
) -> dict[AssetKey, float]:
    """The as_of that building everything now would give."""
    found = dict(world.as_of)
    for asset in world.startable:
        if asset not in held:
            found[asset] = world.now
    free = Rule()
    for asset in world.order:
        if asset in held:
            continue
        above = world.reads.get(asset, ())
        if rules.get(asset, free).build != "never" and found.get(asset) != inf:
            found[asset] = min((found.get(one, inf) for one in above), default=world.now)
    return found


def _wanted(world: World, promised: Promised, possible: Mapping[AssetKey, float], ways: Ways) -> Wanted:
    build = tuple(
        asset
        for asset in ways.above(promised.asset)
        if possible.get(asset, inf) > world.as_of.get(asset, -inf)
    )
    would = min((possible.get(one, inf) for one in world.reads.get(promised.asset, ())), default=inf)
    would = possible.get(promised.asset, would)
    if not build or would <= promised.as_of:
        return Wanted(promised=promised, lacking=_oldest(world, promised.asset, possible))
    takes, retry = ways.of(build)
    start = promised.deadline - takes - retry - _spare(promised)
    return Wanted(promised=promised, build=build, start=start, takes=takes, retry=retry)


def _oldest(world: World, asset: AssetKey, possible: Mapping[AssetKey, float]) -> AssetKey:
    """The way up along what is oldest."""
    passed = {asset}
    while above := [one for one in world.reads.get(asset, ()) if one not in passed]:
        asset = min(above, key=lambda one: possible.get(one, inf))
        passed.add(asset)
    return asset


def ancestors(reads: Mapping[AssetKey, Iterable[AssetKey]], asset: AssetKey) -> set[AssetKey]:
    """The asset and all that it comes from."""
    found, waiting = {asset}, [asset]
    while waiting:
        for parent in reads.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def riding(wants: Sequence[Wanted], now: float) -> list[Wanted]:
    """Those that are due, and those that soon will be: one plan for all. Empty when none is due."""
    if not any(one.start <= now for one in wants):
        return []
    return [one for one in wants if one.build and one.start - now <= one.promised.limit * _RIDES]


def p90(sample: Sequence[float]) -> float:
    """Of few, half more than the longest."""
    if len(sample) < _FEW:
        return max(sample, default=0.0) * 1.5
    return sorted(sample)[min(len(sample) - 1, int(0.9 * len(sample)))]


def paths_p90(
    order: Sequence[AssetKey],
    reads: Mapping[AssetKey, Iterable[AssetKey]],
    samples: Mapping[AssetKey, Sequence[float]],
) -> float:
    """How long building these takes with nine chances in ten, everything in parallel that can be: the longest way, drawn from
    how long each took before. Not the longest way of each step's p90: that not one of many steps is slow is as rare as that all are.
    The same samples give the same answer."""
    at = {asset: number for number, asset in enumerate(order)}
    above = [[at[one] for one in reads.get(asset, ()) if one in at] for asset in order]
    known = [sample if len(sample := samples.get(asset, ())) >= _FEW else (p90(sample),) for asset in order]
    if all(len(sample) == 1 for sample in known):
        return _longest(above, [sample[0] for sample in known])
    chance = Random(len(order)).random
    often = max(_DRAWS_LEAST, min(_DRAWS, _DRAWN // len(order)))
    draws = sorted(
        _longest(above, [sample[int(chance() * len(sample))] for sample in known]) for _ in range(often)
    )
    return draws[round(0.9 * (often - 1))]


def _longest(above: Sequence[Sequence[int]], takes: Sequence[float]) -> float:
    ends: list[float] = []
    for parents, took in zip(above, takes, strict=True):
        begin = 0.0
        for one in parents:
            if ends[one] > begin:
                begin = ends[one]
        ends.append(begin + took)
    return max(ends, default=0.0)
