"""Where a warehouse is and how it is reached."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.assets import Hold


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a warehouse: dbt's adapter type and the settings of a profile's output. Holds secrets: never stored or shown.

    Relative paths in `settings` start at `base`.
    """

    type: str
    settings: dict[str, object]
    base: Path


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a warehouse is, without secrets. `resource` is the pool of `slots` that its writers share. `views_fall`: whoever
    replaces a table or view there drops the views above it, and the foreign keys to it."""

    namespace: str  # duckdb:shop.duckdb, postgres://host:5432, snowflake://account
    dialect: str  # sqlglot's name
    resource: str
    slots: int
    database: str | None = None
    schema: str | None = None
    views_fall: bool = False

    def held_elsewhere(self) -> tuple[Hold, ...]:
        """What a job holds of it that works on another machine: a file that lets in one process at a time. Who has made a table
        may have the file open for a moment after the table was told, and would itself find it locked while the job works."""
        return (Hold(self.resource),) if self.slots == 1 else ()
