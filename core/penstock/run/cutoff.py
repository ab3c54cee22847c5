"""Early cut-off: what was to be decided is looked at again when all above it is done, and not made when its inputs are unchanged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from penstock.assets import MEMORY, AssetKey, Hold
from penstock.plan import UNDECIDED
from penstock.run.board import Board
from penstock.run.downstream import Downstream
from penstock.run.gating import Unit
from penstock.run.notifier import RunNotifier
from penstock.run.pools import Pools
from penstock.store import ItemState, RunSession

ALL_THE_TIME = "all"
_PATIENCE = 2.0  # seconds that a decision waits for a warehouse that is in use

Decide = Callable[[Sequence[AssetKey]], Mapping[AssetKey, str]]
"""Of assets whose inputs are done, those that need not be made, with the reason. Blocking."""


class CutOff:
    """Of one run. Each item is looked at once; what waits only for something in the same step goes along with that."""

    def __init__(
        self,
        decide: Decide | None,
        board: Board,
        session: RunSession,
        notifier: RunNotifier,
        downstream: Downstream,
        pools: Pools,
    ) -> None:
        self._decide = decide
        self._board = board
        self._session = session
        self._notifier = notifier
        self._downstream = downstream
        self._pools = pools
        self._looked: set[AssetKey] = set()

    async def take(self, units: Sequence[Unit], held: Collection[str]) -> bool:
        """Pass over what need not be made of the units that are ready. Whether there was any. `held` are the resources that the step
        which would make them holds already."""
        if self._decide is None:
            return False
        ready = [
            unit.items[0].key
            for unit in units
            if len(unit.items) == 1 and not unit.open_needs and unit.items[0].code == UNDECIDED
        ]
        keys = [key for key in ready if key not in self._looked]
        if not keys:
            return False
        self._looked.update(keys)
        holds = {hold for unit in units for hold in unit.items[0].holds if hold.resource not in held}
        found = await self._asked(keys, holds)
        if not found:
            return False
        await self._session.write(
            [
                self._board.ended_without("item.reused", key, ItemState.REUSED, words, None)
                for key, words in found.items()
            ]
        )
        for key in found:
            self._notifier.item(key, time.time())
            self._downstream.item_over(key)
        return True

    async def _asked(self, keys: Sequence[AssetKey], holds: set[Hold]) -> Mapping[AssetKey, str]:
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
