"""What an integration of connections offers to a person who handles one of them by hand: check, discover, state, clear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import msgspec

from penstock.integration.observing import AnyObserveContext, Diagnosis
from penstock.integration.running import AnyRunContext, RunContext


class OfferedStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream as its source offers it (`modes`, `source_key`, `source_cursor`, `fields` by type), and as it is configured:
    `sync_mode` None means that it is not synced. A key or cursor below the top level is written with dots."""

    name: str
    modes: tuple[str, ...]
    source_key: tuple[str, ...]
    source_cursor: str | None
    cursor_is_the_sources: bool
    fields: dict[str, str]
    sync_mode: str | None = None
    table: str | None = None
    primary_key: tuple[str, ...] = ()
    cursor: str | None = None


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """A stream whose table was emptied; `rows` None: there was no table."""

    name: str
    table: str
    rows: int | None


@runtime_checkable
class ByHand(Protocol):
    """Its instances have connections that can be handled by hand. All of it raises UsageError for a name that is not known."""

    def connections(self, context: AnyObserveContext) -> tuple[str, ...]: ...

    def check(self, context: AnyObserveContext, connection: str) -> Diagnosis:
        """Whether its source can be reached."""
        ...

    def discover(self, context: AnyObserveContext, connection: str) -> tuple[OfferedStream, ...]:
        """The streams that its source offers now."""
        ...

    def state(self, context: RunContext[object], connection: str) -> bytes:
        """The committed state, as the tool itself writes it: JSON. Raises WarehouseBusy."""
        ...

    def set_state(self, context: RunContext[object], connection: str, state: bytes) -> None:
        """Replace it. Raises DocumentError for what is no state of this connection."""
        ...

    def clear(self, context: AnyRunContext, connection: str, streams: Sequence[str]) -> tuple[Cleared, ...]:
        """Empty the tables of these streams (none given: all), and forget where they are to go on."""
        ...

    def items(self, context: RunContext[object], connection: str, streams: Sequence[str]) -> tuple[str, ...]:
        """The ids of what these streams (none given: all) make."""
        ...

    def from_scratch(self, items: Sequence[str]) -> dict[str, object]:
        """The options of a run that reads the streams of these items from their beginning."""
        ...
