"""Rows that a tool does not report, read from the warehouse once a step has done its work. Wraps a runner; runs nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from penstock.assets import Asset, AssetKind, Relation, ToolRef
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.integration import (
    AttemptKey,
    Counts,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    ItemProgress,
    LogLine,
    Outcome,
    Reused,
    Runner,
    Step,
    StepEvent,
)
from penstock.service.witness import Looked, Witness
from penstock.service.workspace import Workspace

_COUNTED = frozenset({AssetKind.TABLE, AssetKind.SEED, AssetKind.SNAPSHOT})


class MeasuredRunner:
    """A runner whose finished tables get their row counts before its step ends, while its resources are still held."""

    def __init__(
        self,
        inner: Runner,
        relations: Mapping[str, Relation],
        warehouses: Sequence[tuple[str, Counts]],
        witness: Witness | None = None,
        resources: frozenset[str] = frozenset(),
    ) -> None:
        self._inner = inner
        self._resources = resources
        self._relations = relations
        self._warehouses = warehouses
        self._witness = witness
        self._before: dict[AttemptKey, tuple[tuple[ToolRef, ...], Looked]] = {}

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        return await self._inner.prepare(step, attempt)

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        if self._witness is not None and self._has_its_warehouse(step):
            refs = tuple(ToolRef(step.integration, step.instance, item.id) for item in step.items)
            self._before[attempt] = refs, await asyncio.to_thread(self._witness.before, refs)
        return await self._inner.start(step, attempt, intent)

    def _has_its_warehouse(self, step: Step) -> bool:
        """Whether the step holds a warehouse from its beginning to its end. One that holds it only while it commits (a sync)
        may not be looked around: others have the warehouse then."""
        return any(hold.phase == "all" and hold.resource in self._resources for hold in step.holds)

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused | None:
        return await self._inner.find(step, attempt, intent)

    async def cancel(self, handle: Handle) -> None:
        await self._inner.cancel(handle)

    async def close(self, *, detach: bool) -> None:
        await self._inner.close(detach=detach)

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        uncounted: list[str] = []
        looks: list[asyncio.Task[None]] = []
        async for event in self._inner.events(handle):
            if isinstance(event, ItemFinished) and self._witness is not None:
                looks += self._made(handle.attempt, event)
            if isinstance(event, ItemFinished) and event.outcome is Outcome.SUCCESS and event.rows is None:
                uncounted.append(event.item)
            if isinstance(event, Finished) and event.outcome is not Outcome.CANCELLED:
                for counted in await asyncio.to_thread(self._count, uncounted):
                    yield counted
                await asyncio.gather(*looks)
                if self._witness is not None and handle.attempt in self._before:
                    await asyncio.to_thread(self._witness.ended, *self._before.pop(handle.attempt))
            yield event

    def _made(self, attempt: AttemptKey, event: ItemFinished) -> list[asyncio.Task[None]]:
        """Looks at what its tool says that it has made, begun at once: each moment later somebody else may have written there."""
        assert self._witness is not None
        refs = self._refs(attempt, event.item)
        for ref in refs:
            self._witness.done(ref, event.at)
        if event.outcome is not Outcome.SUCCESS:
            return []
        looked = [ref for ref in refs if self._witness.looks_at(ref)]
        return [asyncio.create_task(asyncio.to_thread(self._witness.made, ref)) for ref in looked]

    def _refs(self, attempt: AttemptKey, item: str) -> list[ToolRef]:
        """What of the step that was looked at before it began."""
        refs, _ = self._before.get(attempt, ((), {}))
        return [ref for ref in refs if ref.id == item]

    def _count(self, items: list[str]) -> list[StepEvent]:
        """One event per item that could be counted. That a count fails must not make the step fail: it did its work.

        A table that is too large to be counted unasked has no number: an estimate is not what was made.
        """
        places = {item: self._relations[item] for item in items if item in self._relations}
        found: list[StepEvent] = []
        for namespace, warehouse in self._warehouses:
            wanted = {item: place for item, place in places.items() if place.namespace == namespace}
            if not wanted:
                continue
            try:
                counts = warehouse.row_counts(wanted.values(), exact=False)
            except PenstockError as error:
                found.append(
                    LogLine(
                        at=time.time(),
                        level="warn",
                        message=f"rows not counted: {error.what}",
                    )
                )
                continue
            for item, place in wanted.items():
                if place in counts and counts[place].exact:
                    del places[item]  # another role of the account is asked for what this one does not see
                    found.append(ItemProgress(at=time.time(), item=item, rows=counts[place].rows))
        return found


class Measuring:
    """What can be counted in one project, per instance."""

    def __init__(self, workspace: Workspace, graph: AssetGraph, witness: Witness | None = None) -> None:
        self._witness = witness
        self._relations: dict[tuple[str, str], dict[str, Relation]] = {}
        for asset in graph.assets.values():
            ref = _made_as(asset)
            if ref is not None and asset.relation is not None and asset.kind in _COUNTED:
                self._relations.setdefault((ref.integration, ref.instance), {})[ref.id] = asset.relation
        self._resources = frozenset(
            workspace.address(workspace.connection(name)).resource for name in workspace.catalogs()
        )
        self._warehouses: list[tuple[str, Counts]] = []
        for name in workspace.catalogs():
            warehouse = workspace.warehouse_of(workspace.connection(name))
            if warehouse is not None and isinstance(warehouse, Counts):
                self._warehouses.append((warehouse.address.namespace, warehouse))

    def around(self, runner: Runner, integration: str, instance: str) -> Runner:
        relations = self._relations.get((integration, instance), {})
        return (
            MeasuredRunner(runner, relations, self._warehouses, self._witness, self._resources)
            if self._warehouses and (relations or self._witness is not None)
            else runner
        )


def _made_as(asset: Asset) -> ToolRef | None:
    """The asset's id in the words of the tool that makes it."""
    producer = asset.producer
    if producer is None:
        return None
    own = (producer.integration, producer.instance)
    return next((ref for ref in asset.seen_by if (ref.integration, ref.instance) == own), None)
