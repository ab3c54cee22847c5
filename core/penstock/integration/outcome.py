"""How a step and its items end, and what is known of them then. Records only."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock.assets import DataVersion

Fact = str | int | float | bool | None
"""A small fact in the tool's own words."""


class Outcome(StrEnum):
    """How an item or a step ended. FAIL is a check's verdict, ERROR means that it could not be done."""

    SUCCESS = "success"
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"
    PARTIAL = "partial"  # some batches of a microbatch model failed
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    NO_OP = "no_op"
    REUSED = "reused"  # somebody else had just made it: see Reused

    @property
    def good(self) -> bool:
        """Whether what depends on it may go on."""
        return self in (Outcome.SUCCESS, Outcome.WARN, Outcome.NO_OP, Outcome.REUSED)


class Lost(StrEnum):
    """What is known of work whose process is gone: it was certainly not done, or nobody knows."""

    UNDONE = "undone"
    UNKNOWN = "unknown"


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an item used of a warehouse or service. Parts that the tool does not report are None.

    `seconds`: of the warehouse's own work; `slots`: slot-seconds or units; `money` in `currency` (ISO 4217, or credits, DBU).
    """

    seconds: float | None = None
    bytes: int | None = None
    slots: float | None = None
    money: float | None = None
    currency: str | None = None


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who made what a step did not have to make: `job` in the tool's words ("job 812"), who started it ("schedule"), and when it
    ended (epoch seconds)."""

    job: str
    by: str | None = None
    ended_at: float | None = None
    url: str | None = None

    @property
    def maker(self) -> str:
        """`job 812, by schedule`."""
        return f"{self.job}, by {self.by}" if self.by else self.job

    def told(self, now: float) -> str:
        """`job 812, 3 min ago, by schedule`. `now` is epoch seconds."""
        ago = None if self.ended_at is None else f"{_length(max(0.0, now - self.ended_at))} ago"
        by = f"by {self.by}" if self.by else None
        return ", ".join(part for part in (self.job, ago, by) if part)


class ReusedItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one item (by the tool's id) that somebody else made."""

    id: str
    rows: int | None = None
    size_bytes: int | None = None
    data_version: DataVersion | None = None


class Reused(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a runner that did not start a step, because somebody else's job satisfies it: all its items, not a part.

    `items` gives numbers where the tool knows them.
    """

    provenance: Provenance
    items: tuple[ReusedItem, ...] = ()


class Made(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a tool knows of the asset that it made. All optional; each has a column of its own in the run store."""

    columns: tuple[tuple[str, str], ...] | None = None  # (name, type), in order
    materialized: str | None = None  # table, view, incremental
    mode: str | None = None  # full, incremental, batch, clone
    tool_version: str | None = None
    adapter_version: str | None = None
    warehouse_token: str | None = None
    clone_of: str | None = None


def _length(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
