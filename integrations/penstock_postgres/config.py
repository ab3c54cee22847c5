"""What penstock.yml, or the output of a dbt profile, says about a PostgreSQL database."""

from __future__ import annotations

from typing import Literal

import msgspec

from penstock.integration import Connection, ObserveContext


class PostgresConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`warehouses: {main: {type: postgres, host: db, user: loader, password: ${PGPASSWORD}, dbname: shop}}`, in dbt's words.

    `schema` is the default one for syncs that name none. `schemas` are those whose catalog is read (default: all).
    A table of more than `look_megabytes` is not read to tell whether it changed: what reads it is built each time.
    `statement_seconds` stops a query of penstock that runs longer (0: never); loads are not limited by it, but wait for a
    locked table only `lock_seconds`.
    """

    host: str
    type: Literal["postgres"] = "postgres"
    port: int = 5432
    user: str | None = None
    password: str | None = None
    password_alias: str | None = msgspec.field(default=None, name="pass")
    dbname: str | None = None
    database: str | None = None
    schema: str = "public"
    role: str | None = None
    search_path: str | None = None
    sslmode: str | None = None
    sslcert: str | None = None
    sslkey: str | None = None
    sslrootcert: str | None = None
    connect_timeout: int = 10
    keepalives_idle: int = 0
    schemas: tuple[str, ...] | None = None
    statement_seconds: int = 300
    lock_seconds: float = 60.0
    look_megabytes: int = 32


def connection_of(context: ObserveContext[PostgresConfig]) -> Connection:
    """The connection of a `type: postgres` warehouse of penstock.yml, in the words of a dbt profile."""
    config: PostgresConfig = context.config
    settings: dict[str, object] = {
        name: value
        for name, value in msgspec.to_builtins(config).items()
        if value is not None and name != "type"
    }
    return Connection(type="postgres", settings=settings, base=context.project_root)
