"""What a sync step carries from the observation to its runner: which connection, and what the plan permitted."""

from __future__ import annotations

import msgspec


class SyncPayload(msgspec.Struct, frozen=True, kw_only=True):
    """`changed` is when the connection was last seen to change (epoch seconds, server's clock); None: not since it was known.

    `max_age` and `patience` are seconds; `may_start` permits the POST; `scheduled`: the connection has a schedule of its own.
    """

    connection: str
    name: str
    may_start: bool
    max_age: float | None = None
    adopt: bool = True
    patience: float = 7200.0
    changed: float | None = None
    scheduled: bool = False
