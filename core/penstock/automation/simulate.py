"""Automation on a virtual clock: the same decisions as the daemon's, over loads that are made up. Sleeps never, runs nothing."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from random import Random

import msgspec

from penstock.assets import AssetKey
from penstock.automation.evaluate import evaluate, key_at
from penstock.automation.promise import Fresh, deadline_of
from penstock.automation.wanted import Ways, ancestors
from penstock.automation.world import (
    Built,
    Evaluated,
    Limits,
    Promised,
    Rule,
    Seen,
    Standing,
    Tried,
    Version,
    World,
)

_DAY = 86400.0
_KEPT = 12  # versions of an asset that are remembered


class Load(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Assets were loaded from outside; `rows` False: verified up to then, and the same data as before."""

    ended_at: float
    started_at: float
    assets: tuple[AssetKey, ...]
    rows: bool = True


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated: a graph as automation sees it, its rules and promises, and how long each build takes."""

    order: Sequence[AssetKey]
    reads: Mapping[AssetKey, tuple[AssetKey, ...]]
    rules: Mapping[AssetKey, Rule]
    limits: Limits
    promises: Mapping[AssetKey, Fresh]
    takes: Mapping[AssetKey, Sequence[float]]
    names: Mapping[AssetKey, str]
    views: frozenset[AssetKey] = frozenset()


class Kept(msgspec.Struct, kw_only=True):
    """How a promise came out. `broken`: seconds, of which for `avoidable` newer data was there in time."""

    broken: float = 0.0
    avoidable: float = 0.0
    times: int = 0


class Simulated(msgspec.Struct, kw_only=True):
    """`builds` by asset and day; `waves` are the runs that were started; `held` counts the evaluations that held an asset, by code."""

    builds: dict[AssetKey, Counter[int]]
    waves: list[tuple[float, int]]
    kept: dict[AssetKey, Kept]
    failed: int = 0
    held: Counter[str] = msgspec.field(default_factory=Counter)
    predicted: list[tuple[float, float]] = []

    @property
    def total(self) -> int:
        return sum(sum(days.values()) for days in self.builds.values())


Fails = Callable[[AssetKey, float], bool]


class Simulation:
    """State moves only in `_apply`: everything else is decided by `evaluate`."""

    def __init__(
        self,
        setting: Setting,
        loads: Iterable[Load],
        *,
        start: float = 0.0,
        seed: int = 0,
        fails: Fails = lambda _asset, _at: False,
        cancels: Callable[[int], bool] = lambda _wave: False,
    ) -> None:
        self._setting = setting
        self._chance = Random(seed)
        self._fails, self._cancels = fails, cancels
        self._events: list[tuple[float, int, Load | None]] = [
            (load.ended_at, number, load) for number, load in enumerate(loads)
        ]
        heapq.heapify(self._events)
        self._number = len(self._events)
        self.now = start
        self.code: dict[AssetKey, str] = {}
        self.versions: dict[AssetKey, list[Version]] = defaultdict(list)
        self.built: dict[AssetKey, Built] = {}
        self.tried: dict[AssetKey, Tried] = {}
        self.as_of: dict[AssetKey, float] = {}
        self.released: dict[AssetKey, float] = {}
        self._loaded: dict[AssetKey, list[tuple[float, float]]] = defaultdict(list)
        self._seen = {asset: Seen(mark=rule.mark, since=start) for asset, rule in setting.rules.items()}
        self._marks = {rule.mark: start for rule in setting.rules.values()}
        self._ways = Ways(setting.order, setting.reads, setting.takes, setting.views)
        self._above = {asset: ancestors(setting.reads, asset) for asset in setting.promises}
        self._by_events = any(rule.build in ("change", "schedule") for rule in setting.rules.values())
        self._awaits_loads = True
        self._busy: tuple[AssetKey, ...] = ()
        self._busy_since = 0.0
        self._runs: list[float] = []
        self._day, self._today = 0, dict[AssetKey, int]()
        self.found = Simulated(
            builds=defaultdict(Counter), waves=[], kept={one: Kept() for one in setting.promises}
        )
        self.standing: Mapping[AssetKey, Standing] = {}

    def begin(self, loaded: Iterable[AssetKey], at: float) -> None:
        """What is loaded from outside is there, and all has been built of it: none of that counts as a build."""
        for asset in loaded:
            self.as_of[asset] = at
            self._version(asset, at)
        world = self._world()
        for asset in self._setting.order:
            self._make(world, asset, at, at)
        self.found.builds.clear()
        self._today = {}

    def run(self, until: float) -> Simulated:
        self._look()
        while self._events and self._events[0][0] <= until:
            at, _, load = heapq.heappop(self._events)
            self._pass_to(at)
            if load is not None:
                self._load(load)
            elif self._busy and at >= self._busy_until:
                self._end()
            last = not self._events or self._events[0][0] > self.now
            if last and not self._busy and (load is None or self._awaits_loads):
                self._look()
        self._pass_to(until)
        return self.found

    # ------------------------------------------------------------ what happens

    def _load(self, load: Load) -> None:
        for asset in load.assets:
            self._loaded[asset].append((load.ended_at, load.started_at))
            del self._loaded[asset][:-_KEPT]
            self.as_of[asset] = load.started_at
            if load.rows or not self.versions[asset]:
                self._version(asset, load.ended_at)

    def _version(self, asset: AssetKey, at: float) -> None:
        self._number += 1
        self.versions[asset].append(Version(at, str(self._number)))
        del self.versions[asset][:-_KEPT]

    def _start(self, wave: tuple[AssetKey, ...]) -> None:
        ends: dict[AssetKey, float] = {}
        for asset in wave:
            sample = self._setting.takes.get(asset) or (1.0,)
            begins = max(
                (ends[one] for one in self._setting.reads.get(asset, ()) if one in ends), default=self.now
            )
            ends[asset] = begins + self._chance.choice(sample)
        self._busy, self._ends, self._busy_since = wave, ends, self.now
        self._busy_until = max(ends.values())
        takes, _ = self._ways.of(tuple(one for one in wave if one not in self._setting.views))
        self.found.predicted.append((takes, self._busy_until - self.now))
        self.found.waves.append((self.now, len(wave)))
        self._runs = [at for at in self._runs if at > self.now - 3600] + [self.now]
        self._push(self._busy_until)

    def _end(self) -> None:
        """The builds of a run, each of what was there when it began."""
        wave, ends, world = self._busy, self._ends, self._world()
        self._busy = ()
        if self._cancels(len(self.found.waves)):
            for asset in wave:
                self._try(world, asset, self._busy_since, cancelled=True)
            return
        bad: set[AssetKey] = set()
        for asset in wave:
            above = self._setting.reads.get(asset, ())
            begun = max((ends[one] for one in above if one in ends), default=self._busy_since)
            if bad.intersection(above) or self._fails(asset, begun):
                self.found.failed += asset not in self._setting.views
                bad.add(asset)
                self._try(world, asset, begun)
            else:
                self._make(world, asset, begun, ends[asset])

    def _make(self, world: World, asset: AssetKey, begun: float, ended: float) -> None:
        code, built = self.code.get(asset, ""), self.built.get(asset)
        same = built is not None and key_at(world, asset, begun, code) == key_at(
            world, asset, built.started_at, built.code
        )
        above = self._setting.reads.get(asset, ())
        self.as_of[asset] = min((self._as_of_at(one, begun) for one in above), default=begun)
        self.tried.pop(asset, None)
        self.built[asset] = Built(started_at=begun, ended_at=begun if same else ended, code=code)
        if not same:
            self._version(asset, ended)
            if asset not in self._setting.views:
                self._count_build(asset, ended)

    def _count_build(self, asset: AssetKey, at: float) -> None:
        day = int(at // _DAY)
        self.found.builds[asset][day] += 1
        if day != self._day:
            self._day, self._today = day, {}
        self._today[asset] = self.found.builds[asset][day]

    def _as_of_at(self, asset: AssetKey, at: float) -> float:
        loads = self._loaded.get(asset)
        if loads:
            return next((began for ended, began in reversed(loads) if ended <= at), -inf)
        return self.as_of.get(asset, inf)

    def _try(self, world: World, asset: AssetKey, begun: float, *, cancelled: bool = False) -> None:
        key = key_at(world, asset, begun, self.code.get(asset, ""))
        before = self.tried.get(asset)
        times = before.times + 1 if before is not None and before.key == key else 1
        self.tried[asset] = Tried(key=key, times=times, ended_at=self.now, cancelled=cancelled)

    # ------------------------------------------------------------ looking

    def _look(self) -> None:
        found = evaluate(
            self._world(), self._setting.rules, self._setting.limits, self._setting.names, self._ways
        )
        self.standing = found.standing
        self._awaits_loads = self._by_events or found.lacking
        self._count(found)
        if found.wave and not self._busy:
            self._start(found.wave)
        elif found.due is not None and found.due > self.now:
            self._push(found.due)

    def _count(self, found: Evaluated) -> None:
        for one in found.standing.values():
            if one.code in ("guard", "failed", "cancelled", "max_plan", "quiet", "retry"):
                self.found.held[one.code] += 1

    def _push(self, at: float) -> None:
        self._number += 1
        heapq.heappush(self._events, (at, self._number, None))

    def _pass_to(self, at: float) -> None:
        """Time passes: promises that are broken meanwhile are."""
        for asset, fresh in self._setting.promises.items():
            late = self._deadline(asset, fresh, warn=False)
            if late < at:
                kept = self.found.kept[asset]
                kept.times += late >= self.now
                kept.broken += at - max(late, self.now)
                if self._could_have(asset, late):
                    kept.avoidable += at - max(late, self.now)
        self.now = at

    def _could_have(self, asset: AssetKey, deadline: float) -> bool:
        """Whether data that keeps the promise had been loaded, twice as long before as the way takes."""
        takes, retry = self._ways.whole(asset)
        loaded = [one for one in self._above[asset] if one in self._loaded]
        in_time = min(
            (self._as_of_at(one, deadline - 2 * (takes + retry) - 120) for one in loaded), default=-inf
        )
        return in_time > self._promised_as_of(asset)

    def _promised_as_of(self, asset: AssetKey) -> float:
        if asset in self.as_of:
            return self.as_of[asset]
        return min((self.as_of.get(one, -inf) for one in self._setting.reads.get(asset, ())), default=-inf)

    def _deadline(self, asset: AssetKey, fresh: Fresh, *, warn: bool) -> float:
        limit = (fresh.warn or fresh.fail) if warn else (fresh.fail or fresh.warn)
        return deadline_of(fresh, limit or inf, self._promised_as_of(asset), self.now)

    def _world(self) -> World:
        setting = self._setting
        return World(
            now=self.now,
            order=setting.order,
            reads=setting.reads,
            code=self.code,
            versions=self.versions,
            built=self.built,
            as_of=self.as_of,
            tried=self.tried,
            builds_today=self._today if self._day == int(self.now // _DAY) else {},
            seen=self._seen,
            marks=self._marks,
            released=self.released,
            running="a run goes on" if self._busy else None,
            runs=self._runs,
            takes=setting.takes,
            views=setting.views,
            promised=[
                Promised(
                    asset=asset,
                    as_of=self._promised_as_of(asset),
                    deadline=self._deadline(asset, fresh, warn=True),
                    limit=fresh.warn or fresh.fail or inf,
                )
                for asset, fresh in setting.promises.items()
            ],
        )


def random_loads(
    connections: Mapping[str, Sequence[AssetKey]],
    *,
    start: float,
    until: float,
    every: float = 3600.0,
    rows: float = 1.0,
    seed: int = 0,
) -> list[Load]:
    """Each connection is loaded once in each such time, at a random moment; with new rows in that part of the loads."""
    chance = Random(seed)
    found = []
    for _, assets in sorted(connections.items()):
        at = start
        while at < until:
            took = chance.uniform(20.0, 120.0)
            begun = at + chance.uniform(0.0, max(1.0, every - took))
            found.append(
                Load(
                    ended_at=begun + took,
                    started_at=begun,
                    assets=tuple(assets),
                    rows=chance.random() < rows,
                )
            )
            at += every
    return sorted(found)
