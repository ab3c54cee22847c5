"""What a run knows of itself now: the state of every item, step and attempt, changed only by legal events.

Each method that changes something returns the event to be written. Memory is ahead of the store by what is being written;
nobody acts on a change before its event is committed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from penstock.assets import AssetKey, Severity
from penstock.integration import (
    AttemptKey,
    Beside,
    Intent,
    ItemFinished,
    ItemKind,
    ItemProgress,
    ItemUsage,
    Made,
    Step,
)
from penstock.plan import Decision, Plan, PlanItem
from penstock.run import states
from penstock.run.forming import lease_names
from penstock.run.records import ItemResult, StepResult
from penstock.run.versions import Versions
from penstock.store import AttemptState, ItemState, NewEvent, RunState, StepState
from penstock.store.payloads import (
    AttemptIntended,
    ItemEnded,
    ItemMeasured,
    ItemUsed,
    Judged,
    Materialized,
    Payload,
    Said,
    StepFormed,
)

_FIRST = {Decision.BUILD: ItemState.PENDING, Decision.REUSE: ItemState.REUSED, Decision.SKIP: ItemState.LEFT}


def first_state(item: PlanItem) -> ItemState:
    return ItemState.PENDING if item.stands else _FIRST[item.decision]


class ItemNow:
    __slots__ = (
        "attempt",
        "because",
        "cause",
        "ended_at",
        "item",
        "message",
        "remaining",
        "rows",
        "seconds",
        "state",
        "step",
    )

    def __init__(self, item: PlanItem) -> None:
        self.item = item
        self.state = first_state(item)
        self.step: str | None = None
        self.attempt: int | None = None
        self.seconds: float | None = None
        self.rows: int | None = None
        self.message: str | None = None
        self.because: str | None = None  # why it is made after all; told once it is
        self.remaining = item.remaining
        self.cause: str | None = None
        self.ended_at: float | None = None

    @property
    def well(self) -> bool:
        """Ended in a way that lets what depends on it go on."""
        if self.state is ItemState.FAIL:
            return self.item.kind is ItemKind.CHECK and self.item.severity is Severity.WARN
        return self.state in (ItemState.SUCCESS, ItemState.WARN, ItemState.NO_OP, ItemState.REUSED)

    def result(self) -> ItemResult:
        return ItemResult(
            item=self.item,
            state=self.state,
            step=self.step,
            attempt=self.attempt,
            seconds=self.seconds,
            rows=self.rows,
            message=self.message,
            cause=self.cause,
        )


class StepNow:
    """`step` is the whole of it; `attempt` counts its tries, `attempt_state` and `intent` are those of the last one."""

    __slots__ = (
        "attempt",
        "attempt_state",
        "batch",
        "beside",
        "intent",
        "items",
        "leases",
        "log",
        "message",
        "state",
        "step",
        "tail",
        "waited",
    )

    def __init__(self, step: Step, items: tuple[PlanItem, ...], batch: str | None) -> None:
        self.step = step
        self.items = items
        self.batch = batch
        self.state = StepState.WAITING
        self.attempt = 0
        self.attempt_state: AttemptState | None = None
        self.intent = Intent()
        self.message: str | None = None
        self.log: str | None = None
        self.tail: tuple[str, ...] = ()
        self.beside: tuple[Beside, ...] = ()
        self.waited: dict[str, float] = {}
        self.leases = lease_names(items, batch)

    @property
    def settled(self) -> bool:
        """Nothing of it goes on: it has ended, or waits for its next attempt."""
        return self.state.ended or self.attempt_state is None or self.attempt_state.ended

    def result(self) -> StepResult:
        return StepResult(
            id=self.step.id,
            state=self.state.value,
            attempts=self.attempt,
            items=tuple(item.key for item in self.items),
            message=self.message,
            log=self.log,
            tail=self.tail if self.state is not StepState.SUCCEEDED else (),
            beside=self.beside,
        )


class Board:
    def __init__(self, plan: Plan, run: str) -> None:
        self.run = run
        self.versions = Versions()
        self.state = RunState.QUEUED
        self.items = {item.key: ItemNow(item) for item in plan.items}
        self.steps: dict[str, StepNow] = {}
        self._by_name = {now.item.name: now for now in self.items.values()}

    # ------------------------------------------------------------ events

    def run_event(self, kind: str, to: RunState, data: Payload) -> NewEvent:
        states.check(kind, "the run", self.state, to)
        self.state = to
        return NewEvent(kind, time.time(), to.value, None, None, None, data)

    def formed(self, now: StepNow) -> NewEvent:
        step = now.step
        self.steps[step.id] = now
        data = StepFormed(
            integration=step.integration,
            instance=step.instance,
            kind=step.kind,
            batch=now.batch,
            items=tuple(str(item.key) for item in now.items),
        )
        return NewEvent("step.formed", time.time(), now.state.value, step.id, None, None, data)

    def unform(self, now: StepNow) -> None:
        """The step's first intent was refused: nothing of it was written."""
        del self.steps[now.step.id]

    def step_event(self, kind: str, now: StepNow, to: StepState, message: str | None = None) -> NewEvent:
        states.check(kind, now.step.id, now.state, to)
        now.state = to
        now.message = message
        return NewEvent(
            kind, time.time(), to.value, now.step.id, None, None, Said(message=message) if message else None
        )

    def intent(
        self, now: StepNow, key: AttemptKey, items: Iterable[PlanItem] | None, fence: int, log: str
    ) -> NewEvent:
        states.check("attempt.intent", now.step.id, now.state, AttemptState.INTENT)
        now.state, now.attempt, now.attempt_state, now.log = (
            StepState.RUNNING,
            key.attempt,
            AttemptState.INTENT,
            log,
        )
        data = AttemptIntended(
            fence=fence,
            log=log,
            items=None if items is None else tuple(str(item.key) for item in items),
            waited={name: round(seconds, 3) for name, seconds in now.waited.items()} or None,
        )
        return NewEvent(
            "attempt.intent", time.time(), AttemptState.INTENT.value, key.step, key.attempt, None, data
        )

    def attempt_event(self, kind: str, now: StepNow, to: AttemptState, data: Payload) -> NewEvent:
        assert now.attempt_state is not None
        states.check(kind, f"{now.step.id}/{now.attempt}", now.attempt_state, to)
        now.attempt_state = to
        return NewEvent(kind, time.time(), to.value, now.step.id, now.attempt, None, data)

    def started(self, key: AssetKey, at: float, now: StepNow) -> NewEvent:
        item = self._change("item.started", key, ItemState.RUNNING)
        item.step, item.attempt = now.step.id, now.attempt
        return NewEvent("item.started", at, item.state.value, now.step.id, now.attempt, str(key))

    def retried(self, key: AssetKey, now: StepNow) -> NewEvent:
        item = self._change("item.retried", key, ItemState.PENDING)
        item.seconds = item.rows = item.message = item.cause = item.ended_at = None
        return NewEvent("item.retried", time.time(), item.state.value, now.step.id, now.attempt, str(key))

    def finished(self, key: AssetKey, to: ItemState, now: StepNow, told: ItemFinished) -> NewEvent:
        """An item ended in a step, as `told` says."""
        item = self._change("item.finished", key, to)
        item.step, item.attempt = now.step.id, now.attempt
        item.seconds, item.rows = told.seconds, told.rows
        item.message = told.message or (item.because if to is ItemState.SUCCESS else None)
        item.ended_at = told.at
        if told.remaining is not None:
            item.remaining = told.remaining
        if to is ItemState.SKIPPED:
            item.cause, words = self.cause(item.item)
            # Our names before the tool's ids; but what only the tool knows (a held-back remainder) is its to say.
            item.message = words if item.cause else item.message or words
        check = item.item.kind is ItemKind.CHECK
        data = ItemEnded(
            seconds=told.seconds,
            rows=told.rows,
            size_bytes=told.size_bytes,
            message=item.message,
            cause=item.cause if to is ItemState.SKIPPED else None,
            remaining=told.remaining,
            usage=told.usage,
            provenance=told.provenance,
            check=self._checked(item.item, told) if check and to in _JUDGED else None,
            materialization=self._made(item.item, to, now, told) if item.well and not check else None,
        )
        return NewEvent("item.finished", told.at, to.value, now.step.id, now.attempt, str(key), data)

    def _checked(self, item: PlanItem, told: ItemFinished) -> Judged:
        return Judged(
            name=item.name,
            inputs=self.versions.of(item.upstream),
            failures=told.failures,
            facts=told.facts or None,
        )

    def _made(self, item: PlanItem, to: ItemState, now: StepNow, told: ItemFinished) -> Materialized:
        attempt = AttemptKey(self.run, now.step.id, now.attempt)
        made = told.made or Made()
        return Materialized(
            data_version=self.versions.made(
                item.key, attempt, told.data_version, changed=to is not ItemState.NO_OP
            ),
            inputs=self.versions.of(item.upstream) if item.upstream else None,
            relation=item.relation,
            code_version=item.code_version,
            window=told.window or item.window,
            facts=told.facts or None,
            **{name: getattr(made, name) for name in Made.__struct_fields__},
        )

    def measured(self, key: AssetKey, now: StepNow, told: ItemProgress) -> NewEvent:
        """An item that has ended turned out to have so many rows."""
        item = self.items[key]
        item.rows = told.rows
        data = ItemMeasured(rows=told.rows)
        return NewEvent("item.measured", told.at, None, now.step.id, now.attempt, str(key), data)

    def used(self, key: AssetKey, now: StepNow, told: ItemUsage) -> NewEvent:
        """What making an item cost, as far as the tool tells."""
        data = ItemUsed(usage=told.usage)
        return NewEvent("item.used", told.at, None, now.step.id, now.attempt, str(key), data)

    def ended_without(
        self, kind: str, key: AssetKey, to: ItemState, message: str, cause: str | None
    ) -> NewEvent:
        """An item ended and no step made it so (item.skipped, item.cancelled)."""
        item = self._change(kind, key, to)
        item.message, item.cause, item.ended_at = message, cause, time.time()
        data = ItemEnded(message=message, cause=cause or None)
        return NewEvent(kind, time.time(), to.value, item.step, item.attempt, str(key), data)

    def _change(self, kind: str, key: AssetKey, to: ItemState) -> ItemNow:
        item = self.items[key]
        states.check(kind, item.item.name, item.state, to)
        item.state = to
        return item

    # ------------------------------------------------------------ asking

    @property
    def remaining(self) -> dict[AssetKey, str]:
        """What is left to do of items that were made in part."""
        return {key: now.remaining for key, now in self.items.items() if now.remaining}

    def cause(self, item: PlanItem) -> tuple[str | None, str]:
        """What went wrong first above an item that cannot start: its name, and the sentence."""
        for need in item.depends_on:
            now = self.items.get(need)
            if now is None or now.well or not now.state.ended:
                continue
            if now.state in (ItemState.SKIPPED, ItemState.CANCELLED) and now.cause:
                first = self._by_name.get(now.cause)
                return now.cause, _held_by(now.cause, first.state if first else ItemState.ERROR)
            return now.item.name, _held_by(now.item.name, now.state)
        return None, "skipped"


def _held_by(name: str, state: ItemState) -> str:
    return f"upstream {name} {_VERBS.get(state, 'failed')}"


_VERBS = {ItemState.CANCELLED: "was cancelled", ItemState.SKIPPED: "was skipped"}
_JUDGED = (ItemState.SUCCESS, ItemState.WARN, ItemState.FAIL, ItemState.ERROR)
