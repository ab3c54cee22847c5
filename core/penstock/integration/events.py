"""What a runner reports while a step runs: a tagged union, one record per kind of event."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import DataVersion, Window
from penstock.integration.outcome import Fact, Lost, Made, Outcome, Provenance, Reused, ReusedItem, Usage


class _Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """`at` is epoch seconds."""

    at: float


class ItemStarted(_Event, frozen=True, kw_only=True, tag="item_started"):
    """The tool began with an item (its own id)."""

    item: str


class ItemProgress(_Event, frozen=True, kw_only=True, omit_defaults=True, tag="item_progress"):
    """Numbers of an item so far. After the item's end `rows` completes what the end did not tell."""

    item: str
    rows: int | None = None
    size_bytes: int | None = None
    message: str | None = None


class ItemFinished(_Event, frozen=True, kw_only=True, omit_defaults=True, tag="item_finished"):
    """An item ended: exactly once per item of the step.

    `failures` is how many rows a check found; `data_version` which data the asset holds now, where the tool knows;
    `window` what part of it was filled; `provenance` who made it when `outcome` is REUSED; `facts` what has no field here.
    `lost`: nothing was heard of the item because what did the work is gone.
    `remaining`, where `outcome` is not good: what is left to do of an item that was made in part, in words that only its
    integration reads. The item's next try, in this run or a retry, is given it as `StepItem.remaining`. "" says all of it.
    """

    item: str
    outcome: Outcome
    message: str | None = None
    rows: int | None = None
    size_bytes: int | None = None
    seconds: float | None = None
    failures: int | None = None
    data_version: DataVersion | None = None
    window: Window | None = None
    usage: Usage | None = None
    made: Made | None = None
    provenance: Provenance | None = None
    lost: Lost | None = None
    remaining: str | None = None
    facts: dict[str, Fact] = {}


class ItemUsage(_Event, frozen=True, kw_only=True, tag="item_usage"):
    """What an item used: also after its end, where the tool accounts later."""

    item: str
    usage: Usage


class Phase(_Event, frozen=True, kw_only=True, tag="phase"):
    """The step itself entered a phase: installing, reading, waiting for ..., committing."""

    message: str


class LogLine(_Event, frozen=True, kw_only=True, omit_defaults=True, tag="log"):
    """A line of the tool's log. `level`: debug, info, warn, error."""

    message: str
    level: str = "info"
    item: str | None = None
    facts: dict[str, Fact] = {}


class Beside(msgspec.Struct, frozen=True):
    """What a tool did beside the items of a step (`kind`: what it is called, in a word: a hook) and did not end well."""

    kind: str
    name: str
    outcome: Outcome
    message: str | None = None


class Finished(_Event, frozen=True, kw_only=True, omit_defaults=True, tag="finished"):
    """Always the last event of a step. `retryable`: false when trying again without a change cannot help.

    `lost`: what did the work is gone and did not say how it ended (killed, its machine restarted).
    """

    outcome: Outcome
    message: str | None = None
    retryable: bool = True
    lost: Lost | None = None
    rows: int | None = None
    seconds: float | None = None
    beside: tuple[Beside, ...] = ()


ItemEvent = ItemStarted | ItemProgress | ItemFinished | ItemUsage
StepEvent = ItemStarted | ItemProgress | ItemFinished | ItemUsage | Phase | LogLine | Finished


def satisfied(items: Iterable[str], reused: Reused, at: float) -> tuple[ItemFinished, ...]:
    """How each of these items (the tool's ids) ended that somebody else's job made."""
    words = f"satisfied by {reused.provenance.told(at)}"
    known = {item.id: item for item in reused.items}
    return tuple(_reused(item, words, reused, known.get(item), at) for item in items)


def _reused(item: str, words: str, reused: Reused, numbers: ReusedItem | None, at: float) -> ItemFinished:
    return ItemFinished(
        at=at,
        item=item,
        outcome=Outcome.REUSED,
        message=words,
        rows=numbers.rows if numbers else None,
        size_bytes=numbers.size_bytes if numbers else None,
        data_version=numbers.data_version if numbers else None,
        provenance=reused.provenance,
    )
