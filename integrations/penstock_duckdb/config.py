"""What penstock.yml says about a DuckDB warehouse."""

from __future__ import annotations

from typing import Literal

import msgspec


class DuckdbConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`warehouses: {main: {type: duckdb, path: shop.duckdb}}`. `path` starts at penstock.yml's folder; `schema` is the
    default one for syncs that name none."""

    path: str
    type: Literal["duckdb"] = "duckdb"
    schema: str = "main"
