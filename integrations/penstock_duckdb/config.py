"""What penstock.yml says about a DuckDB warehouse."""

from __future__ import annotations

from typing import Literal

import msgspec

from penstock.integration import Connection, ObserveContext


class DuckdbConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`warehouses: {main: {type: duckdb, path: shop.duckdb}}`. `path` starts at penstock.yml's folder; `schema` is the
    default one for syncs that name none. `attach` names further files that are read, as in a dbt profile: `{path, alias}`."""

    path: str
    type: Literal["duckdb"] = "duckdb"
    schema: str = "main"
    attach: tuple[str | dict[str, object], ...] | None = None


def connection_of(context: ObserveContext[DuckdbConfig]) -> Connection:
    """The connection of a `type: duckdb` warehouse of penstock.yml, in the words of a dbt profile."""
    config: DuckdbConfig = context.config
    settings: dict[str, object] = {
        "path": config.path,
        "schema": config.schema,
        "attach": config.attach or (),
    }
    return Connection(type="duckdb", settings=settings, base=context.project_root)
