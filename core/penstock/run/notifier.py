"""What a run tells its listener while it goes on. Adds nothing to what happened, and never fails for the listener's sake."""

from __future__ import annotations

import time
from collections.abc import Callable

from penstock.assets import AssetKey
from penstock.integration import ItemProgress
from penstock.plan import PlanItem
from penstock.run.board import Board, StepNow
from penstock.run.records import RunEvent, RunEventKind, Waiting

Listener = Callable[[RunEvent], None]


class RunNotifier:
    def __init__(self, board: Board, listener: Listener | None) -> None:
        self._board = board
        self._listener = listener
        self.failure: Exception | None = None

    def _send(self, event: RunEvent) -> None:
        """A listener that fails (nobody reads its output any more) hears nothing more; the run goes on. `failure` says why."""
        if self._listener is None:
            return
        try:
            self._listener(event)
        except Exception as error:  # the listener is somebody else's code
            self._listener = None
            self.failure = error

    def tell(
        self,
        kind: RunEventKind,
        *,
        step: StepNow | None = None,
        state: str = "",
        message: str | None = None,
        level: str = "info",
        at: float | None = None,
    ) -> None:
        if self._listener is None:
            return
        self._send(
            RunEvent(
                kind=kind,
                at=time.time() if at is None else at,
                state=str(state),  # a member of an enum until here: most runs have nobody to tell
                step=step.step.id if step else None,
                attempt=step.attempt if step else None,
                items=step.items if step else (),
                message=message,
                level=level,
            )
        )

    def item(self, key: AssetKey, at: float) -> None:
        if self._listener is None:
            return
        now = self._board.items[key]
        self._send(
            RunEvent(
                kind=RunEventKind.ITEM,
                at=at,
                state=now.state.value,
                step=now.step,
                attempt=now.attempt,
                items=(now.item,),
                message=now.message,
                rows=now.rows,
                seconds=now.seconds,
            )
        )

    def progress(self, item: PlanItem, step: StepNow, told: ItemProgress) -> None:
        if self._listener is None:
            return
        self._send(
            RunEvent(
                kind=RunEventKind.PROGRESS,
                at=told.at,
                state=self._board.items[item.key].state.value,
                step=step.step.id,
                attempt=step.attempt,
                items=(item,),
                message=told.message,
                rows=told.rows,
                size_bytes=told.size_bytes,
            )
        )

    def waiting(self, step: str, items: tuple[PlanItem, ...], waits: tuple[Waiting, ...]) -> None:
        if self._listener is None:
            return
        self._send(
            RunEvent(
                kind=RunEventKind.WAIT,
                at=time.time(),
                state="waiting",
                step=step,
                items=items,
                message=", ".join(str(wait) for wait in waits),
                waiting=waits,
            )
        )
