"""What another run made while this one waited for it, taken as our own where it is what we would have made.

It is, when it was begun after this run was asked for and after everything above it was made here, by the same code, with
the same options, in the same place. Whatever cannot be compared is made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.integration import ItemKind
from penstock.plan import Plan, PlanItem
from penstock.run.board import Board
from penstock.run.downstream import Downstream
from penstock.run.gating import Unit
from penstock.run.launch import plan_of
from penstock.run.other_runs import OtherRuns
from penstock.store import (
    ItemState,
    LeaseRecord,
    MaterializationRecord,
    RunRecord,
    RunStore,
)


class ReusedFromOtherRuns:
    """Of one run: the assets that it found in other hands."""

    def __init__(
        self,
        plan: Plan,
        run: RunRecord,
        *,
        store: RunStore,
        board: Board,
        other_runs: OtherRuns,
        downstream: Downstream,
    ) -> None:
        self._plan = plan
        self._run = run
        self._store = store
        self._board = board
        self._other_runs = other_runs
        self._downstream = downstream
        self._contested: set[AssetKey] = set()
        self._options: dict[str, dict[str, dict[str, object]]] = {}

    def contest(self, holders: Iterable[LeaseRecord]) -> None:
        for lease in holders:
            if "|" in lease.name:
                self._contested.add(AssetKey.parse(lease.name))

    async def take(self, units: Sequence[Unit]) -> bool:
        """Pass on what another run made of these units. Whether there was any."""
        mine = [unit for unit in units if any(item.key in self._contested for item in unit.items)]
        taken = False
        for unit in mine:
            self._contested -= {item.key for item in unit.items}
            runs = await asyncio.to_thread(self._makers, unit)
            if runs is not None:
                taken = True
                await self._pass_on(unit, runs)
        return taken

    def _makers(self, unit: Unit) -> dict[AssetKey, str] | None:
        """Per item, the run whose result is as good as ours; None when one has none."""
        found: dict[AssetKey, str] = {}
        try:
            for item in unit.items:
                run = self._maker(item)
                if run is None:
                    return None
                found[item.key] = run
        except PenstockError:
            return None  # what cannot be compared is made again
        return found

    def _maker(self, item: PlanItem) -> str | None:
        store = self._store
        newest = store.materializations_of(self._plan.environment, item.key, limit=1)
        if item.kind is not ItemKind.ASSET or not newest or not self._same(item, newest[0]):
            return None
        return newest[0].run

    def _same(self, item: PlanItem, made: MaterializationRecord) -> bool:
        if made.run == self._run.id or made.started_at is None or made.started_at < self._run.created_at:
            return False
        if (
            item.code_version is None
            or made.code_version != item.code_version
            or made.relation != item.relation
        ):
            return False
        above = [self._board.items[need] for need in item.depends_on if need in self._board.items]
        if any((now.ended_at or 0.0) > made.started_at for now in above):
            return False
        name = f"{item.ref.integration}/{item.ref.instance}"
        if made.run not in self._options:
            self._options[made.run] = plan_of(self._store, made.run).options
        return self._options[made.run].get(name, {}) == self._plan.options.get(name, {})

    async def _pass_on(self, unit: Unit, runs: dict[AssetKey, str]) -> None:
        words = "made by {} meanwhile: same code, same options"
        await self._downstream.reused(
            {key: (ItemState.REUSED, words.format(self._other_runs.name(run))) for key, run in runs.items()}
        )
