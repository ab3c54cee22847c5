"""What the end of an item means for what depends on it: it may start, or never will. Starts nothing itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from penstock.assets import AssetKey
from penstock.run.board import Board
from penstock.run.gating import Gates
from penstock.run.halt import Halt
from penstock.run.notifier import RunNotifier
from penstock.store import ItemState, RunSession


class Downstream:
    """Of one run. `changed` is called when something may be able to start, or the run may be over."""

    def __init__(
        self,
        board: Board,
        gates: Gates,
        session: RunSession,
        notifier: RunNotifier,
        halt: Halt,
        *,
        fail_fast: bool,
        changed: Callable[[], None],
    ) -> None:
        self._board = board
        self._gates = gates
        self._session = session
        self._notifier = notifier
        self._halt = halt
        self._fail_fast = fail_fast
        self._changed = changed

    def committed(self, keys: Sequence[AssetKey], done: asyncio.Future[object]) -> None:
        """The end of these items is in the store: what depends on them may go on, or never will."""
        if not done.cancelled() and done.exception() is None:
            for key in keys:
                self.item_over(key)

    async def reused(self, found: Mapping[AssetKey, tuple[ItemState, str]]) -> None:
        """These ended without a step, each in that state and for that reason."""
        ends = [
            self._board.ended_without("item.reused", key, state, words, None)
            for key, (state, words) in found.items()
        ]
        await self._session.write(ends)
        for key in found:
            self._notifier.item(key, time.time())
            self.item_over(key)

    def must_be_made(self, found: Mapping[AssetKey, str]) -> None:
        """Why these, which the plan left open, are made."""
        for key, words in found.items():
            self._board.items[key].because = words

    def item_over(self, key: AssetKey) -> None:
        now = self._board.items[key]
        if not now.state.ended:
            return
        self._gates.ended(key, well=now.well)
        if not now.well and not self._halt.stopping:
            self._doom(key)
            if self._fail_fast:
                self._halt.held_back = self._halt.held_back or now.item.name
        self._changed()

    def _doom(self, key: AssetKey) -> None:
        events = []
        for item in self._gates.doomed(key):
            cause, words = self._board.cause(item)
            events.append(
                self._board.ended_without("item.skipped", item.key, ItemState.SKIPPED, words, cause)
            )
            self._gates.ended(item.key, well=False)
            self._notifier.item(item.key, time.time())
        if events:
            self._session.write(events)
