"""Corpora as automation sees them: the models of a manifest, its sources by connection, and policies to compare."""

from __future__ import annotations

import json
from collections import defaultdict
from math import inf
from typing import Any

from penstock.assets import AssetKey
from penstock.automation.promise import Fresh
from penstock.automation.simulate import Setting, Simulated, Simulation, random_loads
from penstock.automation.world import Limits, Rule
from tests.support import corpus_bytes

HOUR = 3600.0
DAY = 86400.0


def key(name: str) -> AssetKey:
    return AssetKey("corpus", name)


class Estate:
    """`reads`: the tables that each model reads, views looked through."""

    def __init__(self, name: str, connections: int) -> None:
        manifest: dict[str, Any] = json.loads(corpus_bytes(name, "manifest"))
        models = {
            one: node
            for one, node in manifest["nodes"].items()
            if node["resource_type"] in ("model", "seed", "snapshot")
        }
        self.forms = {one: node["config"].get("materialized", "table") for one, node in models.items()}
        parents = {one: node["depends_on"].get("nodes", []) for one, node in models.items()}
        through = {one for one, form in self.forms.items() if form in ("view", "ephemeral")}
        self.loaded = sorted(
            {above for one in models for above in parents[one] if above.startswith("source.")}
            | ({one for one in models if not parents[one]} if not manifest["sources"] else set())
        )
        self.tables = [one for one in _ordered(parents) if one not in through and one not in self.loaded]
        looked: dict[str, tuple[str, ...]] = {}
        for one in _ordered(parents):
            found: dict[str, None] = {}
            for above in parents[one]:
                if above in through and above not in self.loaded:
                    found.update(dict.fromkeys(looked.get(above, ())))
                elif above in models or above in self.loaded:
                    found[above] = None
            looked[one] = tuple(found)
        self.reads = {key(one): tuple(map(key, looked[one])) for one in self.tables}
        self.order = [key(one) for one in self.tables]
        inner = {above for above_ in self.reads.values() for above in above_}
        self.leaves = [one for one in self.order if one not in inner and self.reads[one]]
        groups: dict[str, list[AssetKey]] = defaultdict(list)
        for number, one in enumerate(self.loaded):
            group = manifest["sources"][one]["source_name"] if one in manifest["sources"] else str(number)
            groups[group].append(key(one))
        self.connections: dict[str, list[AssetKey]] = defaultdict(list)
        for number, group in enumerate(sorted(groups)):
            self.connections[f"connection {number % connections}"] += groups[group]

    def simulate(
        self,
        *,
        days: float,
        build: str,
        settle: float = 0.0,
        lag: float | None = None,
        rows: float = 1.0,
        limits: Limits | None = None,
        **given: Any,
    ) -> Simulated:
        rules = {one: Rule(build=build, settle=settle) for one in self.order}  # type: ignore[arg-type]
        promises = {} if lag is None else {one: Fresh(warn=lag, fail=lag * 1.5) for one in self.leaves}
        setting = Setting(
            order=self.order,
            reads=self.reads,
            rules=rules,
            limits=limits or Limits(max_plan=100_000),
            promises=promises,
            takes=dict.fromkeys(self.order, (8.0, 10.0, 11.0, 12.0, 14.0, 9.0, 10.0, 25.0, 10.0, 9.0)),
            names={},
        )
        loads = random_loads(self.connections, start=-HOUR, until=days * DAY, rows=rows)
        simulation = Simulation(setting, loads, start=-HOUR, **given)
        simulation.begin(map(key, self.loaded), -HOUR)
        for one in self.order:
            if not self.reads[one]:
                simulation.as_of[one] = inf
        return simulation.run(days * DAY)

    def per_sync(self, days: float) -> int:
        """One wave for each sync: all tables below what it loads."""
        below: dict[AssetKey, list[AssetKey]] = defaultdict(list)
        for child, above in self.reads.items():
            for one in above:
                below[one].append(child)
        total = 0
        for assets in self.connections.values():
            found, waiting = set(), list(assets)
            while waiting:
                for child in below[waiting.pop()]:
                    if child not in found:
                        found.add(child)
                        waiting.append(child)
            total += len(found)
        return int(total * 24 * days)


def _ordered(parents: dict[str, list[str]]) -> list[str]:
    found: dict[str, None] = {}
    for first in parents:
        stack = [first]
        while stack:
            one = stack[-1]
            missing = [above for above in parents.get(one, ()) if above in parents and above not in found]
            if missing:
                stack += missing
            else:
                found[stack.pop()] = None
    return list(found)
