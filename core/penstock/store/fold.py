"""What events mean for the state tables. Pure: the writer folds a batch into few statements with it, and a rebuild folds
a run's whole history. There is no other way in which state comes to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from penstock.errors import StoreError
from penstock.store import schema
from penstock.store.records import EventRecord, NewEvent

Key = tuple[Any, ...]
Row = dict[str, Any]
Event = NewEvent | EventRecord

_encode = msgspec.json.Encoder().encode


def text(value: Any) -> str | None:
    """A structure as the JSON text that its column holds."""
    return None if value is None else _encode(value).decode()


def _empty(table: str) -> Row:
    return {column.name: None for column in schema.metadata.tables[table].columns if column.name != "id"}


_STEP: Row = {**_empty("steps"), "id": None}
_ATTEMPT = _empty("attempts")
_MATERIALIZATION = _empty("materializations")
_CHECK = _empty("check_results")
_JSON = frozenset({"columns", "variables", "inputs", "column_hashes", "relation"})
# What a runner may tell about a materialization; all else that it tells is kept in `facts`.
_TOLD = _JSON | {
    "code_version",
    "text_hash",
    "template_hash",
    "macro_hash",
    "metadata_version",
    "sql_ref",
    "materialized",
    "mode",
    "tool_version",
    "adapter_version",
    "stable",
    "warehouse_token",
    "reuse_key",
    "clone_of",
    "base_commit",
    "dirty",
}


class Delta:
    """The net change of some events: new rows, changed columns of old rows, and rows that are only ever added."""

    def __init__(self) -> None:
        self.new: dict[str, dict[Key, Row]] = {}
        self.changed: dict[str, dict[Key, Row]] = {}
        self.added: dict[str, list[Row]] = {}
        self.run = self.environment = ""  # whose event is being folded

    def insert(self, table: str, key: Key, row: Row) -> None:
        self.new.setdefault(table, {})[key] = row

    def update(self, table: str, key: Key, **values: Any) -> None:
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
    if event.kind == "run.started":
        values["started_at"] = event.data.get("first", event.at)
        values["ended_at"] = None
    elif event.kind in ("run.ended", "run.detached"):
        values["ended_at"] = event.at
        values["counts"] = text(event.data.get("counts"))
        values["message"] = event.data.get("message")
    delta.update("runs", (delta.run,), **values)


def _step_formed(delta: Delta, event: Event) -> None:
    data = event.data
    delta.insert(
        "steps",
        (delta.run, event.step),
        {
            **_STEP,
            "run_id": delta.run,
            "id": event.step,
            "environment": delta.environment,
            "integration": data["integration"],
            "instance": data["instance"],
            "kind": data["kind"],
            "batch": data.get("batch"),
            "state": event.state,
            "items": text(data["items"]),
            "created_at": event.at,
            "attempts": 0,
        },
    )


def _step(delta: Delta, event: Event) -> None:
    values: Row = {"state": event.state}
    if event.kind == "step.ended":
        values["ended_at"] = event.at
    if "message" in event.data:
        values["message"] = event.data["message"]
    delta.update("steps", (delta.run, event.step), **values)


def _intent(delta: Delta, event: Event) -> None:
    data = event.data
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
            "items": text(data.get("items")),
            "fence": data["fence"],
            "intent_at": event.at,
            "retryable": True,
            "log": data.get("log"),
        },
    )
    values: Row = {"state": "running", "attempts": event.attempt}
    if event.attempt == 1:
        values["started_at"] = event.at
    if "waited" in data:
        values["waited"] = text(data["waited"])
    delta.update("steps", (delta.run, event.step), **values)


def _attempt(delta: Delta, event: Event) -> None:
    data = event.data
    values: Row = {"state": event.state}
    if event.kind == "attempt.started":
        values["started_at"] = event.at
        values["external"] = text(data["external"])
    elif event.kind == "attempt.prepared":
        values["intent"] = text(data["intent"])
    elif event.kind == "attempt.ended":
        values["ended_at"] = event.at
        values["outcome"] = data.get("outcome")
        values["message"] = data.get("message")
        values["retryable"] = data.get("retryable", True)
        values["tail"] = text(data.get("tail"))
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
    rows = event.data["rows"]
    delta.update("run_items", (delta.run, event.item), rows=rows)
    for made in delta.added.get("materializations", ()):
        if (made["run_id"], made["asset"]) == (delta.run, event.item):
            made["rows"] = rows
            return
    delta.update("materializations", (delta.run, event.item), rows=rows)


def _item_ended(delta: Delta, event: Event) -> None:
    data = event.data
    seconds = data.get("seconds")
    values: Row = {
        "state": event.state,
        "step": event.step,
        "attempt": event.attempt,
        "ended_at": event.at,
        "seconds": seconds,
        "rows": data.get("rows"),
        "size_bytes": data.get("size_bytes"),
        "message": data.get("message"),
        "cause": data.get("cause"),
    }
    if seconds is not None:
        values["started_at"] = event.at - seconds
    if "provenance" in data:
        values["provenance"] = text(data["provenance"])
    if "usage" in data:
        values.update(_used(data["usage"]))
    delta.update("run_items", (delta.run, event.item), **values)
    made, checked = data.get("materialization"), data.get("check")
    if made is not None:
        delta.add("materializations", _materialization(delta, event, seconds, made))
    if checked is not None:
        delta.add("check_results", _check(delta, event, seconds, checked))


def _item_used(delta: Delta, event: Event) -> None:
    delta.update("run_items", (delta.run, event.item), **_used(event.data["usage"]))


def _used(usage: Mapping[str, Any]) -> Row:
    return {f"used_{name}": usage.get(name) for name in ("seconds", "bytes", "slots", "money", "currency")}


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


def _materialization(delta: Delta, event: Event, seconds: float | None, made: Mapping[str, Any]) -> Row:
    row = {**_MATERIALIZATION, **_result(delta, event, seconds), "asset": event.item}
    row["rows"], row["size_bytes"] = event.data.get("rows"), event.data.get("size_bytes")
    row["provenance"] = text(event.data.get("provenance"))
    facts = dict(made.get("facts") or {})
    for name, value in made.items():
        if name == "data_version" and isinstance(value, Mapping):
            row["data_version_kind"], row["data_version"] = value.get("kind"), value.get("value")
            row["data_version_at"] = value.get("taken_at")
        elif name == "window":
            row["window_start"], row["window_end"] = value
        elif name in _TOLD:
            row[name] = text(value) if name in _JSON else value
        elif name != "facts":
            facts[name] = value
    row["facts"] = text(facts) if facts else None
    return row


def _check(delta: Delta, event: Event, seconds: float | None, checked: Mapping[str, Any]) -> Row:
    row = {**_CHECK, **_result(delta, event, seconds), "check_key": event.item, "name": checked["name"]}
    row["message"] = event.data.get("message")
    row["failures"] = checked.get("failures")
    row["inputs"] = text(checked.get("inputs"))
    row["facts"] = text(checked["facts"]) if checked.get("facts") else None
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
