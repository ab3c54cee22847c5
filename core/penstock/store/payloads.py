"""What each kind of event says besides its subject and state: one record per kind, as JSON in the event's row.

Which record an event has is told by its kind, so that the union needs no tag of its own (`PAYLOADS`).
"""

from __future__ import annotations

import msgspec

from penstock.assets import DataVersion, Relation, Window
from penstock.integration import Fact, Provenance, Usage


class Payload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all. What is not known is left out."""


class RunStarted(Payload, frozen=True, kw_only=True):
    """`first` is when its first coordinator started it, in epoch seconds."""

    first: float | None = None
    fence: int | None = None


class RunStopping(Payload, frozen=True, kw_only=True):
    mode: str | None = None


class RunEnded(Payload, frozen=True, kw_only=True):
    """`counts` are numbers of items per state."""

    message: str | None = None
    counts: dict[str, int] | None = None


class StepFormed(Payload, frozen=True, kw_only=True):
    """`items` are the plan's keys."""

    integration: str
    instance: str
    kind: str
    items: tuple[str, ...]
    batch: str | None = None


class StepPhase(Payload, frozen=True, kw_only=True):
    phase: str | None = None


class Said(Payload, frozen=True, kw_only=True):
    """A sentence about it."""

    message: str | None = None


class AttemptIntended(Payload, frozen=True, kw_only=True):
    """`items`: only those of the step; `waited` seconds per thing waited for; `log` relative to the folder of runs."""

    fence: int
    log: str | None = None
    items: tuple[str, ...] | None = None
    waited: dict[str, float] | None = None


class AttemptPrepared(Payload, frozen=True, kw_only=True):
    intent: dict[str, object]


class AttemptStarted(Payload, frozen=True, kw_only=True):
    """`external` is the runner's handle."""

    external: dict[str, object]


class AttemptEnded(Payload, frozen=True, kw_only=True):
    """`tail` are the last lines of its log, where it did not end well."""

    outcome: str | None = None
    message: str | None = None
    retryable: bool = True
    tail: tuple[str, ...] | None = None


class Judged(Payload, frozen=True, kw_only=True):
    """The result of a check; `inputs` are the data versions that it judged, by asset."""

    name: str
    inputs: dict[str, DataVersion | None] | None = None
    failures: int | None = None
    facts: dict[str, Fact] | None = None


class Materialized(Payload, frozen=True, kw_only=True):
    """The asset that was made. Fields as in `MaterializationRecord`; all else that its tool told is in `facts`."""

    data_version: DataVersion | None = None
    inputs: dict[str, DataVersion | None] | None = None
    relation: Relation | None = None
    code_version: str | None = None
    window: Window | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    materialized: str | None = None
    mode: str | None = None
    tool_version: str | None = None
    adapter_version: str | None = None
    warehouse_token: str | None = None
    clone_of: str | None = None
    facts: dict[str, Fact] | None = None


class ItemEnded(Payload, frozen=True, kw_only=True):
    """How an item ended, in a step or without one. `cause` names what went wrong first above it; `remaining` is what is left
    to do of it."""

    seconds: float | None = None
    rows: int | None = None
    size_bytes: int | None = None
    message: str | None = None
    cause: str | None = None
    remaining: str | None = None
    usage: Usage | None = None
    provenance: Provenance | None = None
    check: Judged | None = None
    materialization: Materialized | None = None


class ItemMeasured(Payload, frozen=True, kw_only=True):
    rows: int | None = None


class ItemUsed(Payload, frozen=True, kw_only=True):
    usage: Usage


PAYLOADS: dict[str, type[Payload]] = {
    "run.created": Payload,
    "run.started": RunStarted,
    "run.stopping": RunStopping,
    "run.detached": RunEnded,
    "run.ended": RunEnded,
    "step.formed": StepFormed,
    "step.retrying": Said,
    "step.running": Said,
    "step.ended": Said,
    "step.phase": StepPhase,
    "attempt.intent": AttemptIntended,
    "attempt.prepared": AttemptPrepared,
    "attempt.started": AttemptStarted,
    "attempt.adopted": Payload,
    "attempt.unreadable": Said,
    "attempt.abandoned": Said,
    "attempt.ended": AttemptEnded,
    "item.started": Payload,
    "item.finished": ItemEnded,
    "item.measured": ItemMeasured,
    "item.used": ItemUsed,
    "item.retried": Payload,
    "item.skipped": ItemEnded,
    "item.cancelled": ItemEnded,
    "item.reused": ItemEnded,
}


def decoded(kind: str, text: str | None) -> Payload | None:
    """The payload of an event as its row has it; None where it has none, or its kind is of a later penstock."""
    shape = PAYLOADS.get(kind)
    if text is None or shape is None:
        return None
    if shape is ItemEnded and '"materialization":' in text:
        return _item_ended(text)
    return msgspec.json.decode(text, type=shape)


def _item_ended(text: str) -> ItemEnded:
    """Events of schema 0001 have a tool's own facts beside the fields of a materialization."""
    plain = msgspec.json.decode(text)
    made = plain["materialization"]
    others = {name: made[name] for name in made if name not in _MATERIALIZED}
    if others:
        kept = {name: value for name, value in made.items() if name in _MATERIALIZED}
        plain["materialization"] = {**kept, "facts": {**(kept.get("facts") or {}), **others}}
    return msgspec.convert(plain, ItemEnded)


_MATERIALIZED = frozenset(Materialized.__struct_fields__)
