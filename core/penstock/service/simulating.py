"""A week of automation over the user's own project, on a virtual clock: what its policies would build. Starts nothing."""

from __future__ import annotations

import time
from collections import Counter

import msgspec

from penstock.assets import AssetKey
from penstock.automation.rules import limits_of
from penstock.automation.simulate import Load, Setting, Simulation, random_loads
from penstock.service.freshness import FreshnessInputs
from penstock.service.observe import look
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace
from penstock.service.world import Worlds
from penstock.store import open_store

_DAY = 86400.0
_HOUR = 3600.0
_UNKNOWN = (30.0,)  # seconds that a build takes of which nothing is known


class PolicyBuilds(msgspec.Struct, frozen=True, kw_only=True):
    build: str
    tables: int
    per_day: float


class PromiseKept(msgspec.Struct, frozen=True, kw_only=True):
    """`broken_seconds`, of which newer data was there in time for `avoidable_seconds`."""

    name: str
    promised: str
    times: int
    broken_seconds: float
    avoidable_seconds: float


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """`per_sync`: builds per day if each sync built all that is below it. `covered`: how often a run took no longer than
    predicted (p90). `assumed`: of how many builds the duration is not known. `guarded`: a guard held something back."""

    format: int = 1
    days: float
    tables: int
    loads: int
    runs: int
    builds_per_day: float
    per_sync: float
    policies: tuple[PolicyBuilds, ...]
    busiest: dict[str, float]
    promises: tuple[PromiseKept, ...]
    covered: float | None
    assumed: int
    guarded: bool


def simulate(
    workspace: Workspace, command_of: CommandOf, *, days: float, every: float, rows: float, seed: int
) -> Simulated:
    """`every`: seconds between the syncs of a connection; `rows`: the part of syncs that bring new rows. Raises ConfigError."""
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        estate = FreshnessInputs(workspace, look(workspace), store, command_of, time.time())
        worlds = Worlds(workspace, estate, store, {})
        rules = worlds.rules()
    finally:
        store.close()
    order = tuple(key for key in worlds.order if key not in estate.shape.loaded)
    names = {key: estate.graph.names.shown(key) for key in estate.graph.order}
    setting = Setting(
        order=order,
        reads=worlds.reads,
        rules=rules,
        limits=limits_of(workspace.project),
        promises=estate.promises(),
        takes={key: estate.durations.get(key) or _UNKNOWN for key in order},
        names=names,
        views=worlds.views,
    )
    loads, connections = _loads(estate, days, every, rows, seed)
    simulation = Simulation(setting, loads, seed=seed)
    simulation.begin(estate.shape.loaded, 0.0)
    for key in estate.shape.timeless:
        simulation.as_of[key] = float("inf")
    found = simulation.run(days * _DAY)
    tables = [key for key in order if key not in worlds.views]
    words: Counter[str] = Counter(rules[key].build for key in tables)
    built: Counter[str] = Counter()
    for key, by_day in found.builds.items():
        built[rules[key].build] += sum(by_day.values())
    totals = {key: sum(by_day.values()) / days for key, by_day in found.builds.items()}
    busiest = sorted(totals, key=lambda key: (-totals[key], names[key]))[:5]
    predicted = found.predicted
    return Simulated(
        days=days,
        tables=len(tables),
        loads=len(loads),
        runs=len(found.waves),
        builds_per_day=found.total / days,
        per_sync=_per_sync(worlds, loads, connections, frozenset(tables)) / days,
        policies=tuple(
            PolicyBuilds(build=word, tables=words[word], per_day=built[word] / days) for word in sorted(words)
        ),
        busiest={names[key]: totals[key] for key in busiest},
        promises=tuple(
            PromiseKept(
                name=names[key],
                promised=setting.promises[key].text,
                times=kept.times,
                broken_seconds=kept.broken,
                avoidable_seconds=kept.avoidable,
            )
            for key, kept in found.kept.items()
        ),
        covered=sum(took <= p90 for p90, took in predicted) / len(predicted) if predicted else None,
        assumed=sum(key not in estate.durations for key in tables),
        guarded=found.held["guard"] > 0,
    )


def _loads(
    estate: FreshnessInputs, days: float, every: float, rows: float, seed: int
) -> tuple[list[Load], dict[str, list[AssetKey]]]:
    """Each connection is loaded once in each span, at a random time."""
    connections: dict[str, list[AssetKey]] = {}
    graph = estate.graph
    for key in sorted(estate.shape.loaded - estate.shape.timeless):
        producer = graph.assets[key].producer
        connections.setdefault(str(producer) if producer else str(key), []).append(key)
    found = random_loads(connections, start=0.0, until=days * _DAY, every=every, rows=rows, seed=seed)
    return found, connections


def _per_sync(
    worlds: Worlds, loads: list[Load], connections: dict[str, list[AssetKey]], tables: frozenset[AssetKey]
) -> int:
    below: dict[AssetKey, set[AssetKey]] = {}
    for child in worlds.order:
        for parent in worlds.reads.get(child, ()):
            below.setdefault(parent, set()).add(child)
    sizes = {}
    for assets in connections.values():
        found: set[AssetKey] = set()
        waiting = list(assets)
        while waiting:
            for child in below.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        sizes[tuple(assets)] = len(found & tables)
    return sum(sizes[load.assets] for load in loads)
