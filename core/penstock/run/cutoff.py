"""Early cut-off: what was to be decided is looked at again when all above it is done, and not made when its inputs are unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from penstock.assets import MEMORY, AssetKey, Hold
from penstock.integration import ItemKind
from penstock.plan import UNDECIDED, PlanItem
from penstock.run.batching import Batching
from penstock.run.downstream import Downstream
from penstock.run.gating import Gates, Unit
from penstock.run.pools import Pools
from penstock.store import ItemState

ALL_THE_TIME = "all"
_PATIENCE = 2.0  # seconds that a decision waits for a warehouse that is in use
_STATES = {"warn": ItemState.WARN, "fail": ItemState.FAIL}


class Settled(msgspec.Struct, frozen=True):
    """Why something need not be made, or with `make` why it must; `verdict` of a check how it came out when it was run."""

    words: str
    verdict: str = ""
    make: bool = False

    @property
    def state(self) -> ItemState:
        return _STATES.get(self.verdict, ItemState.REUSED)


Decide = Callable[[Sequence[AssetKey]], Mapping[AssetKey, Settled]]
"""Of assets and checks whose inputs are done, whether they need be made, with the reason; what is left out is made. Blocking."""


class CutOff:
    """Of one run. Each item is looked at once; what waits only for something in the same step goes along with that, unless it waits for
    checks alone and need not be made: then it is kept back until they have passed."""

    def __init__(
        self,
        decide: Decide | None,
        downstream: Downstream,
        pools: Pools,
        gates: Gates,
        batching: Batching,
    ) -> None:
        self._decide = decide
        self._downstream = downstream
        self._pools = pools
        self._gates = gates
        self._batching = batching
        self._looked: set[AssetKey] = set()
        self._looked_ahead: set[AssetKey] = set()

    async def take(self, units: Sequence[Unit], held: Collection[str]) -> bool:
        """Pass over what need not be made of the units that are ready, or keep it back. Whether there was any. `held` are the
        resources that the step which would make them holds already."""
        if self._decide is None:
            return False
        open_ones = [unit for unit in units if len(unit.items) == 1 and _is_open(unit.items[0])]
        ready = [unit for unit in open_ones if not unit.open_needs]
        keys = [unit.items[0].key for unit in ready if unit.items[0].key not in self._looked]
        ahead = {} if keys else self._ahead(units, open_ones)
        asked = keys or list(ahead)
        if not asked:
            return False
        (self._looked if keys else self._looked_ahead).update(asked)
        holds = {hold for unit in units for hold in unit.items[0].holds if hold.resource not in held}
        told = await self._asked(asked, holds)
        found = {key: one for key, one in told.items() if not one.make}
        if keys:
            self._downstream.must_be_made({key: one.words for key, one in told.items() if one.make})
        if keys and found:
            await self._downstream.reused({key: (one.state, one.words) for key, one in found.items()})
        elif found:
            self._gates.keep_back(ahead[key] for key in found)
        return bool(found)

    def _ahead(self, units: Sequence[Unit], open_ones: Sequence[Unit]) -> dict[AssetKey, Unit]:
        """Those that wait for nothing but checks which the step would run."""
        if not units or not self._batching.may_start_more(units[0].batch):
            return {}
        return {
            unit.items[0].key: unit
            for unit in open_ones
            if unit.items[0].key not in self._looked_ahead
            and unit.open_needs
            and all(self._gates.items[need].kind is ItemKind.CHECK for need in unit.open_needs)
        }

    async def _asked(self, keys: Sequence[AssetKey], holds: set[Hold]) -> Mapping[AssetKey, Settled]:
        """The answer, asked while the warehouses of these items are held: a look at a file that a step has open would make the
        step fail, or be refused. What the step holds itself is not stood in line for. One that stays in use is not looked at, and what stands in it is made."""
        assert self._decide is not None
        wanted = [hold for hold in holds if hold.phase == ALL_THE_TIME and hold.resource != MEMORY]
        request = self._pools.request("what must be made", wanted)
        try:
            await asyncio.wait_for(self._pools.take(request), _PATIENCE)
        except TimeoutError:
            return {}
        try:
            return await asyncio.to_thread(self._decide, keys)
        finally:
            self._pools.give_back(request)


def _is_open(item: PlanItem) -> bool:
    return item.code == UNDECIDED or item.stands
