"""What penstock.yml says about the checks of one warehouse."""

from __future__ import annotations

import msgspec


class Rows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many rows there must be: at least `min`, at most `max`."""

    min: int | None = None
    max: int | None = None


class AssetChecks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The checks of one table or view.

    `unique`: columns, or lists of columns whose combination is unique. `relationships`: column -> `table.column` where its
    values are. `freshness`: column of times -> how old its newest may be. `sql`: name -> a query of the rows that are wrong.
    `warn`: the checks that hold nothing up, by kind (`not_null`) or by kind and column or name (`not_null.email`).
    """

    row_count: Rows | None = None
    not_null: tuple[str, ...] = ()
    unique: tuple[str | tuple[str, ...], ...] = ()
    accepted_values: dict[str, tuple[str | int | float | bool, ...]] = {}
    relationships: dict[str, str] = {}
    freshness: dict[str, str] = {}
    sql: dict[str, str] = {}
    warn: tuple[str, ...] = ()


class ChecksConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`checks: {main: {assets: {customers: {not_null: [id]}}}}`: the instance is the warehouse's name.

    A table is named as in SQL: `customers` (in the connection's own schema), `raw.users`, `"Mixed Case".users`.
    """

    assets: dict[str, AssetChecks]
