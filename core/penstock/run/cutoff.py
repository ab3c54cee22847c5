"""Early cut-off: what was to be decided is looked at again when all above it is done, and not made when its inputs are unchanged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from penstock.assets import AssetKey
from penstock.plan import UNDECIDED
from penstock.run.board import Board
from penstock.run.downstream import Downstream
from penstock.run.gating import Unit
from penstock.run.notifier import RunNotifier
from penstock.store import ItemState, RunSession

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
    ) -> None:
        self._decide = decide
        self._board = board
        self._session = session
        self._notifier = notifier
        self._downstream = downstream
        self._looked: set[AssetKey] = set()

    async def take(self, units: Sequence[Unit]) -> bool:
        """Pass over what need not be made of the units that are ready. Whether there was any."""
        if self._decide is None:
            return False
        ready = [
            unit.items[0].key
            for unit in units
            if len(unit.items) == 1 and not unit.open_needs and unit.items[0].code == UNDECIDED
        ]
        keys = [key for key in ready if key not in self._looked]
        self._looked.update(keys)
        if not keys:
            return False
        found = await asyncio.to_thread(self._decide, keys)
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
