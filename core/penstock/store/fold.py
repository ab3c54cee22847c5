"""What events mean for the state tables. Pure: the writer folds a batch into few statements with it, and a rebuild folds
a run's whole history. There is no other way in which state comes to be."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from penstock.errors import StoreError
from penstock.integration import Usage
from penstock.store import schema
from penstock.store.payloads import (
    AttemptEnded,
    AttemptIntended,
    AttemptPrepared,
    AttemptStarted,
    ItemEnded,
    ItemMeasured,
    ItemUsed,
    Judged,
    Materialized,
    RunEnded,
    RunStarted,
    Said,
    StepFormed,
)
from penstock.store.records import EventRecord, NewEvent

Key = tuple[object, ...]
Row = dict[str, object]
Event = NewEvent | EventRecord

_encode = msgspec.json.Encoder().encode


def text(value: object) -> str | None:
    """A structure as the JSON text that its column holds."""
    return None if value is None else _encode(value).decode()


def _empty(table: str) -> Row:
    return {column.name: None for column in schema.metadata.tables[table].columns if column.name != "id"}


_STEP: Row = {**_empty("steps"), "id": None}
_ATTEMPT = _empty("attempts")
_MATERIALIZATION = _empty("materializations")
_CHECK = _empty("check_results")
# Fields of a materialization that are structures; their columns hold JSON text.
_JSON = frozenset({"columns", "inputs", "relation"})
_PLAIN = (
    "code_version",
    "materialized",
    "mode",
    "tool_version",
    "adapter_version",
    "warehouse_token",
    "clone_of",
)


class Delta:
    """The net change of some events: new rows, changed columns of old rows, and rows that are only ever added."""

    def __init__(self) -> None:
        self.new: dict[str, dict[Key, Row]] = {}
        self.changed: dict[str, dict[Key, Row]] = {}
        self.added: dict[str, list[Row]] = {}
        self.run = self.environment = ""  # whose event is being folded

    def insert(self, table: str, key: Key, row: Row) -> None:
        self.new.setdefault(table, {})[key] = row

    def update(self, table: str, key: Key, **values: object) -> None:
        new = self.new.get(table)
        if new is not None and key in new:
            new[key].update(values)
            return
        self.changed.setdefault(table, {}).setdefault(key, {}).update(values)

    def add(self, table: str, row: Row) -> None:
        self.added.setdefault(table, []).append(row)

    def fold(self, run: str, environment: str, event: Event) -> None:
        """Apply one event. Events of one run must come in their order."""
        handler = _FOLDS.get(event.kind)
        if handler is None:
            raise unknown_kind(event.kind)
        self.run, self.environment = run, environment
        handler(self, event)


def _note(_delta: Delta, _event: Event) -> None:
    """Events that are history only."""


def _run(delta: Delta, event: Event) -> None:
    values: Row = {"state": event.state}
    data = event.data
    if event.kind == "run.started":
        first = data.first if isinstance(data, RunStarted) else None
        values["started_at"] = event.at if first is None else first
        values["ended_at"] = None
    elif event.kind in ("run.ended", "run.detached"):
        ended = data if isinstance(data, RunEnded) else RunEnded()
        values["ended_at"] = event.at
        values["counts"] = text(ended.counts)
        values["message"] = ended.message
    delta.update("runs", (delta.run,), **values)


def _step_formed(delta: Delta, event: Event) -> None:
    data = event.data
    assert isinstance(data, StepFormed)
    delta.insert(
        "steps",
        (delta.run, event.step),
        {
            **_STEP,
            "run_id": delta.run,
            "id": event.step,
            "environment": delta.environment,
            "integration": data.integration,
            "instance": data.instance,
            "kind": data.kind,
            "batch": data.batch,
            "state": event.state,
            "items": text(data.items),
            "created_at": event.at,
            "attempts": 0,
        },
    )


def _step(delta: Delta, event: Event) -> None:
    values: Row = {"state": event.state}
    if event.kind == "step.ended":
        values["ended_at"] = event.at
    if isinstance(event.data, Said) and event.data.message is not None:
        values["message"] = event.data.message
    delta.update("steps", (delta.run, event.step), **values)


def _intent(delta: Delta, event: Event) -> None:
    data = event.data
    assert isinstance(data, AttemptIntended)
    delta.insert(
        "attempts",
        (delta.run, event.step, event.attempt),
        {
            **_ATTEMPT,
            "run_id": delta.run,
            "step": event.step,
            "attempt": event.attempt,
            "environment": delta.environment,
            "state": event.state,
            "items": text(data.items),
            "fence": data.fence,
            "intent_at": event.at,
            "retryable": True,
            "log": data.log,
        },
    )
    values: Row = {"state": "running", "attempts": event.attempt}
    if event.attempt == 1:
        values["started_at"] = event.at
    if data.waited is not None:
        values["waited"] = text(data.waited)
    delta.update("steps", (delta.run, event.step), **values)


def _attempt(delta: Delta, event: Event) -> None:
    data = event.data
    values: Row = {"state": event.state}
    if isinstance(data, AttemptStarted):
        values["started_at"] = event.at
        values["external"] = text(data.external)
    elif isinstance(data, AttemptPrepared):
        values["intent"] = text(data.intent)
    elif isinstance(data, AttemptEnded):
        values["ended_at"] = event.at
        values["outcome"] = data.outcome
        values["message"] = data.message
        values["retryable"] = data.retryable
        values["tail"] = text(data.tail)
    delta.update("attempts", (delta.run, event.step, event.attempt), **values)


def _item_started(delta: Delta, event: Event) -> None:
    delta.update(
        "run_items",
        (delta.run, event.item),
        state=event.state,
        step=event.step,
        attempt=event.attempt,
        started_at=event.at,
    )


def _item_retried(delta: Delta, event: Event) -> None:
    cleared = dict.fromkeys(
        ("started_at", "ended_at", "seconds", "rows", "size_bytes", "message", "cause", "provenance")
    )
    delta.update("run_items", (delta.run, event.item), state=event.state, **cleared)


def _item_measured(delta: Delta, event: Event) -> None:
    """Rows counted after the item had ended: of its materialization too, which may be in this same batch."""
    assert isinstance(event.data, ItemMeasured)
    rows = event.data.rows
    delta.update("run_items", (delta.run, event.item), rows=rows)
    for made in delta.added.get("materializations", ()):
        if (made["run_id"], made["asset"]) == (delta.run, event.item):
            made["rows"] = rows
            return
    delta.update("materializations", (delta.run, event.item), rows=rows)


def _item_ended(delta: Delta, event: Event) -> None:
    data = event.data if isinstance(event.data, ItemEnded) else ItemEnded()
    values: Row = {
        "state": event.state,
        "step": event.step,
        "attempt": event.attempt,
        "ended_at": event.at,
        "seconds": data.seconds,
        "rows": data.rows,
        "size_bytes": data.size_bytes,
        "message": data.message,
        "cause": data.cause,
    }
    if data.seconds is not None:
        values["started_at"] = event.at - data.seconds
    if data.provenance is not None:
        values["provenance"] = text(data.provenance)
    if data.usage is not None:
        values.update(_used(data.usage))
    delta.update("run_items", (delta.run, event.item), **values)
    if data.materialization is not None:
        delta.add("materializations", _materialization(delta, event, data, data.materialization))
    if data.check is not None:
        delta.add("check_results", _check(delta, event, data, data.check))


def _item_used(delta: Delta, event: Event) -> None:
    assert isinstance(event.data, ItemUsed)
    delta.update("run_items", (delta.run, event.item), **_used(event.data.usage))


def _used(usage: Usage) -> Row:
    return {
        "used_seconds": usage.seconds,
        "used_bytes": usage.bytes,
        "used_slots": usage.slots,
        "used_money": usage.money,
        "used_currency": usage.currency,
    }


def _result(delta: Delta, event: Event, seconds: float | None) -> Row:
    return {
        "run_id": delta.run,
        "step": event.step,
        "attempt": event.attempt,
        "environment": delta.environment,
        "outcome": event.state,
        "started_at": None if seconds is None else event.at - seconds,
        "ended_at": event.at,
        "seconds": seconds,
    }


def _materialization(delta: Delta, event: Event, data: ItemEnded, made: Materialized) -> Row:
    row = {**_MATERIALIZATION, **_result(delta, event, data.seconds), "asset": event.item}
    row["rows"], row["size_bytes"], row["provenance"] = data.rows, data.size_bytes, text(data.provenance)
    version = made.data_version
    if version is not None:
        row["data_version_kind"], row["data_version"] = version.kind.value, version.value
        row["data_version_at"] = version.taken_at
    if made.window is not None:
        row["window_start"], row["window_end"] = made.window.start, made.window.end
    for name in _JSON:
        row[name] = text(getattr(made, name))
    for name in _PLAIN:
        row[name] = getattr(made, name)
    row["facts"] = text(made.facts) if made.facts else None
    return row


def _check(delta: Delta, event: Event, data: ItemEnded, checked: Judged) -> Row:
    row = {**_CHECK, **_result(delta, event, data.seconds), "check_key": event.item, "name": checked.name}
    row["message"] = data.message
    row["failures"] = checked.failures
    row["inputs"] = text(checked.inputs)
    row["facts"] = text(checked.facts) if checked.facts else None
    return row


_FOLDS: dict[str, Callable[[Delta, Event], None]] = {
    "run.created": _note,
    "run.started": _run,
    "run.stopping": _run,
    "run.detached": _run,
    "run.ended": _run,
    "step.formed": _step_formed,
    "step.retrying": _step,
    "step.running": _step,
    "step.ended": _step,
    "step.phase": _note,
    "attempt.intent": _intent,
    "attempt.prepared": _attempt,
    "attempt.started": _attempt,
    "attempt.adopted": _note,
    "attempt.unreadable": _attempt,
    "attempt.abandoned": _attempt,
    "attempt.ended": _attempt,
    "item.started": _item_started,
    "item.finished": _item_ended,
    "item.measured": _item_measured,
    "item.used": _item_used,
    "item.retried": _item_retried,
    "item.skipped": _item_ended,
    "item.cancelled": _item_ended,
    "item.reused": _item_ended,
}

KINDS = frozenset(_FOLDS)


def unknown_kind(kind: str) -> StoreError:
    return StoreError(f"the run store knows no event of kind {kind!r}", hint="upgrade penstock")
