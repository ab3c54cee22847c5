"""Which warehouses a schedule's run would have to itself (a DuckDB file lets one process in): two runs of one of them are made one
after the other, others beside each other."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from penstock.assets import AssetKey
from penstock.automation import Schedule
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.service.choose import choose
from penstock.service.observe import look
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace, open_workspace
from penstock.service.world import POLICIES

_EVERY = 30.0


class Alone:
    """Asked while something waits. What cannot be told would have them all; what policies build is not known before its turn."""

    def __init__(self, workspace: Workspace, command_of: CommandOf) -> None:
        self._workspace = workspace
        self._command_of = command_of
        self._known: dict[str, frozenset[str] | None] = {}
        self._until = 0.0
        self._project = workspace.project

    def __call__(self, schedules: Iterable[Schedule], names: Iterable[str]) -> dict[str, frozenset[str]]:
        """By name of a schedule; one that is not in penstock.yml any more is among them too."""
        if time.monotonic() > self._until or self._project is not self._workspace.project:
            self._known, self._until = {}, time.monotonic() + _EVERY
            self._project = self._workspace.project
        declared = {one.name: one for one in schedules}
        for name in names:
            if name not in self._known:
                self._known[name] = self._of(declared.get(name))
        found = {name: self._known[name] for name in names}
        whole = frozenset(_single(self._workspace).values())
        whole = whole.union(*(own for own in found.values() if own is not None))
        return {name: whole if own is None else own for name, own in found.items()}

    def _of(self, schedule: Schedule | None) -> frozenset[str] | None:
        if schedule is None or schedule.name == POLICIES:
            return None
        try:
            command = self._command_of(schedule)
            workspace = self._workspace
            if command.options:
                project = workspace.project
                workspace = open_workspace(
                    project.root, environment=project.environment, options=command.options
                )
            seen, asked = look(workspace), command.asked
            assets = choose(workspace, seen, asked.include, asked.exclude, asked.selector).assets
            chosen = frozenset(seen.graph.assets) if assets is None else assets
            return _held(seen.graph, _single(workspace), chosen)
        except PenstockError:
            return None


def _single(workspace: Workspace) -> dict[str, str]:
    """By namespace and by pool, the warehouses that let one process in."""
    found = {}
    for name in workspace.catalogs():
        try:
            warehouse = workspace.warehouse_of(workspace.connection(name))
        except PenstockError:  # said by whoever needs it
            continue
        if warehouse is not None and warehouse.address.slots == 1:
            address = warehouse.address
            found[address.namespace] = found[address.resource] = address.namespace
    return found


def _held(graph: AssetGraph, single: Mapping[str, str], assets: frozenset[AssetKey]) -> frozenset[str]:
    """Where they lie, what they read, and what their tools open."""
    places: set[str] = set()
    for key in assets & graph.assets.keys():
        made_by = graph.assets[key].producer
        producer = graph.producers.get(made_by) if made_by is not None else None
        places |= {key.namespace, *(above.namespace for above in graph.upstream.get(key, ()))}
        if producer is not None:
            places.update(hold.resource for hold in producer.holds)
    return frozenset(single[place] for place in places if place in single)
