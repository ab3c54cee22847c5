"""What is written of a step while its attempts go on and when they end. Commits first; then what depends on it may go on."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from penstock.assets import AssetKey
from penstock.integration import (
    Handle,
    Intent,
    ItemEvent,
    ItemFinished,
    ItemProgress,
    ItemStarted,
    ItemUsage,
    LogLine,
    Lost,
    Outcome,
    Phase,
    StepEvent,
)
from penstock.plan import PlanItem
from penstock.run.attempt import AttemptEnd
from penstock.run.attempt_ends import attempt_ended, item_ended, step_state, undo, unreported
from penstock.run.batching import Batching
from penstock.run.board import Board, StepNow
from penstock.run.downstream import Downstream
from penstock.run.halt import Halt
from penstock.run.logs import AttemptLog
from penstock.run.notifier import RunNotifier
from penstock.run.policy import LOOK_FIRST, RunPolicy, StopMode
from penstock.run.records import RunEventKind
from penstock.store import AttemptState, ItemState, NewEvent, RunSession, StepState
from penstock.store.payloads import AttemptPrepared, AttemptStarted, StepPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What recorders work with. `settle_only`: what does not end well is left open for the run's next coordinator."""

    board: Board
    session: RunSession
    notifier: RunNotifier
    policy: RunPolicy
    batching: Batching
    downstream: Downstream
    halt: Halt
    settle_only: bool
    chance: random.Random

    def left_for_later(self, end: AttemptEnd) -> bool:
        """Whether what did not end well is kept for the run's next coordinator, which may try it again."""
        if self.settle_only:
            return not end.outcome.good
        return self.halt.mode is StopMode.LOCAL and end.outcome is Outcome.CANCELLED


class StepRecorder:
    """Of one step, over all its attempts. `log` is that of the attempt that goes on; `adopted`: a former coordinator began it."""

    def __init__(self, parts: Recording, now: StepNow) -> None:
        self._parts = parts
        self.now = now
        self.log: AttemptLog | None = None
        self.adopted = False
        self._unwritten: list[NewEvent] = []
        self._news: list[AssetKey] = []  # items among the unwritten events whose end is to be passed on
        self._final: set[AssetKey] = set()  # items whose end has been passed on
        self._left: set[AssetKey] = (
            set()
        )  # items that a process which is gone certainly left undone, or may do twice
        self._triggered: float | None = None  # when the attempt began that no item of has begun yet
        self._items_by_id: dict[str, list[PlanItem]] = {}
        for item in now.items:
            self._items_by_id.setdefault(item.ref.id, []).append(item)

    def unfinished(self) -> tuple[PlanItem, ...]:
        return tuple(item for item in self.now.items if not self._parts.board.items[item.key].state.ended)

    async def on_prepared(self, intent: Intent) -> None:
        """Returns when it is safe on disk: only then may the tool be triggered."""
        event = self._parts.board.attempt_event(
            "attempt.prepared", self.now, AttemptState.INTENT, AttemptPrepared(intent=intent.remembered)
        )
        await self._parts.session.write([event], durable=True)

    def on_started(self, handle: Handle) -> None:
        now = self.now
        self._triggered = time.time()
        event = self._parts.board.attempt_event(
            "attempt.started", now, AttemptState.RUNNING, AttemptStarted(external=handle.external)
        )
        self._parts.notifier.tell(RunEventKind.ATTEMPT, step=now, state=AttemptState.RUNNING)
        self._write(event)

    def on_adopted(self, handle: Handle) -> None:
        now = self.now
        if now.attempt_state is AttemptState.RUNNING:
            event = NewEvent("attempt.adopted", time.time(), None, now.step.id, now.attempt)
            self._write(event)
        else:
            self.on_started(handle)

    # ------------------------------------------------------------ what happens in an attempt

    def on_event(self, event: StepEvent) -> None:
        parts, now = self._parts, self.now
        if isinstance(event, LogLine):
            parts.notifier.tell(
                RunEventKind.LOG, step=now, message=event.message, level=event.level, at=event.at
            )
        elif isinstance(event, Phase):
            parts.notifier.tell(RunEventKind.PHASE, step=now, message=event.message, at=event.at)
            self._write(
                NewEvent(
                    "step.phase",
                    event.at,
                    None,
                    now.step.id,
                    now.attempt,
                    None,
                    StepPhase(phase=event.message),
                )
            )
        elif isinstance(event, ItemStarted | ItemProgress | ItemFinished | ItemUsage):
            self._on_items(event)

    def _on_items(self, event: ItemEvent) -> None:
        told = self._items_by_id.get(event.item, ())
        for item in told:
            self._on_item(item, event)
        if not told and self.log is not None:
            state = event.outcome.value if isinstance(event, ItemFinished) else "running"
            words = f"{event.item} is no part of this step, but was reported as {state}"
            self.log.line(event.at, "warn", words)

    def _on_item(self, item: PlanItem, event: ItemEvent) -> None:
        parts, now = self._parts, self.now
        state = parts.board.items[item.key].state
        if isinstance(event, ItemUsage):
            self._write(parts.board.used(item.key, now, event))
            return
        if isinstance(event, ItemFinished) and self._waits_for_a_look(item, event):
            self._final.add(item.key)
            words = f"{event.message or 'its process is gone'}; it had begun, and may be done or not: {LOOK_FIRST}"
            event = msgspec.structs.replace(event, outcome=Outcome.ERROR, message=words)
        elif (
            isinstance(event, ItemFinished)
            and event.lost is not None
            and self.adopted
            and not parts.halt.stopping
        ):
            if event.remaining is not None:
                parts.board.items[item.key].remaining = event.remaining
            self._left.add(item.key)  # it stays open: the step's next attempt makes it
            return
        if state.ended:
            # An adopted attempt tells everything from its beginning: only what is new is taken.
            if isinstance(event, ItemProgress) and parts.board.items[item.key].rows is None:
                self._write(parts.board.measured(item.key, now, event))
            return
        if isinstance(event, ItemStarted):
            if self._triggered is not None and now.batch is not None:
                parts.batching.measured(now.batch, max(0.0, event.at - self._triggered))
                self._triggered = None
            if state is ItemState.PENDING:
                self._write(parts.board.started(item.key, event.at, now))
                parts.notifier.item(item.key, event.at)
        elif isinstance(event, ItemProgress):
            parts.notifier.progress(item, now, event)
        elif isinstance(event, ItemFinished):
            to = ItemState(event.outcome.value)
            self._write(parts.board.finished(item.key, to, now, event))
            parts.notifier.item(item.key, event.at)
            if parts.board.items[item.key].well or item.key in self._final or self._is_final():
                self._final.add(item.key)
                self._news.append(item.key)

    def _write(self, event: NewEvent) -> None:
        """What happens at one moment is handed in together; what ends the attempt at that moment takes it along."""
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._hand_in)
        self._unwritten.append(event)

    def _hand_in(self) -> None:
        events, news = self._unwritten, self._news
        if events:
            self._unwritten, self._news = [], []
            written = self._parts.session.write(events)
            if news:
                written.add_done_callback(partial(self._parts.downstream.committed, news))

    def _with_unwritten(self, events: list[NewEvent]) -> list[NewEvent]:
        unwritten, self._unwritten, self._news = self._unwritten, [], []
        return unwritten + events

    def _is_final(self) -> bool:
        """Whether what ends badly now will not be tried again."""
        return not self._may_retry() and not self._parts.settle_only

    def _waits_for_a_look(self, item: PlanItem, event: ItemFinished) -> bool:
        """Whether nobody knows if it was made, and made twice its rows would be there twice."""
        if event.lost is not Lost.UNKNOWN or self._parts.halt.stopping:
            return False
        return not self._parts.policy.of(self.now.step).repeats(appends=item.appends)

    def _may_retry(self) -> bool:
        now = self.now
        return now.attempt < self._parts.policy.of(now.step).attempts and not self._parts.halt.stopping

    async def fail(self, items: Sequence[PlanItem], why: str) -> None:
        """Of a step that goes on with the rest: these have ended, and nothing that stands on them will be made."""
        self._hand_in()
        ended = {item.key: Outcome.ERROR for item in items}
        events = []
        for item in self.unfinished():
            outcome = ended.get(item.key)
            if outcome is None and not ended.keys().isdisjoint(item.depends_on):
                outcome = ended[item.key] = Outcome.SKIPPED
            if outcome is not None:
                told = item_ended(item, outcome, why if outcome is Outcome.ERROR else None)
                events.append(self._parts.board.finished(item.key, ItemState(outcome.value), self.now, told))
        await self._parts.session.write(events)
        for key in ended:
            self._final.add(key)
            self._parts.notifier.item(key, time.time())
            self._parts.downstream.item_over(key)

    # ------------------------------------------------------------ the end of an attempt

    async def record(self, end: AttemptEnd) -> float | None:
        """Write how the attempt ended. Returns the seconds until the next one, or None when the step is settled.

        What was handed in before is committed before, or this fails too: only the last write is waited for.
        """
        parts = self._parts
        if end.lost and not parts.halt.stopping:
            repeats = parts.policy.of(self.now.step).repeats
            open_now = (item for item in self.unfinished() if item.key not in self._left)
            unheard = tuple(item for item in open_now if not repeats(appends=item.appends))
            await self.fail(
                unheard, f"{end.message or 'its process is gone'}; nothing was heard of it: {LOOK_FIRST}"
            )
        if parts.left_for_later(end):
            # The run will be resumed: the step stays open, and a new attempt will do what is left.
            await self._reopen(end)
            return None
        if end.lost and self.adopted and not parts.halt.stopping:
            # It died with the coordinator that began it: that was no failure of the work, and counts as none.
            words = f"{end.message or 'its process is gone'}; what it left is made again"
            return 0.0 if await self._reopen(end, words, level="warn") else None
        failed = end.outcome in (Outcome.ERROR, Outcome.PARTIAL)
        if failed and end.retryable and self._may_retry() and self._bad():
            policy = parts.policy.of(self.now.step)
            pause, number = policy.pause(self.now.attempt, parts.chance), self.now.attempt + 1
            words = f"{end.message or 'failed'}; next try in {pause:.0f} s ({number} of {policy.attempts})"
            return pause if await self._reopen(end, words) else None
        await self._record_settled(end)
        return None

    async def _reopen(self, end: AttemptEnd, words: str | None = None, *, level: str = "info") -> bool:
        """The attempt is over, and what it left undone is open again. Whether anything is; if not, the step is settled."""
        parts, now = self._parts, self.now
        self._hand_in()
        events = [attempt_ended(parts.board, now, end)]
        held = undo(parts.board, now, self._final, events)
        if not self.unfinished():
            await self._write_settled(end, events)
            if end.lost and not self._bad():
                note = f"{end.message or 'its process is gone'}; everything was made, but hooks at the end may not have run"
                parts.notifier.tell(RunEventKind.STEP, step=now, state=now.state, message=note, level="warn")
            return False
        events.append(parts.board.step_event("step.retrying", now, StepState.RETRYING, end.message))
        await parts.session.write(events)
        for key in held:
            self._final.add(key)
            parts.notifier.item(key, time.time())
            parts.downstream.item_over(key)
        if words is not None:
            parts.notifier.tell(RunEventKind.STEP, step=now, state=now.state, message=words, level=level)
        return True

    async def _record_settled(self, end: AttemptEnd) -> None:
        parts, now = self._parts, self.now
        unheard = self.unfinished()
        events = []
        for item in unheard:
            told = unreported(now, item, end)
            events.append(parts.board.finished(item.key, ItemState(told.outcome.value), now, told))
        events.append(attempt_ended(parts.board, now, end))
        await self._write_settled(end, self._with_unwritten(events))
        for item in unheard:
            parts.notifier.item(item.key, time.time())

    async def _write_settled(self, end: AttemptEnd, events: list[NewEvent]) -> None:
        parts, now = self._parts, self.now
        bad = self._bad()
        state = step_state(end, bad=bad, adopted=self.adopted)
        now.beside = end.beside
        events.append(parts.board.step_event("step.ended", now, state, end.message))
        await parts.session.write(events, release=now.leases)
        parts.notifier.tell(RunEventKind.STEP, step=now, state=now.state, message=end.message)
        for item in now.items:
            parts.downstream.item_over(item.key)

    def _bad(self) -> bool:
        """Whether something of the step is not made. A step may fail without: a hook of its tool did."""
        return any(not self._parts.board.items[item.key].well for item in self.now.items)
