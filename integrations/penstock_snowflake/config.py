"""What penstock.yml, or the output of a dbt profile, says about a Snowflake account."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from penstock.integration import Connection, ObserveContext


class SnowflakeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`warehouses: {main: {type: snowflake, account: acme-main, user: PENSTOCK, private_key_path: key.p8, ...}}`, in dbt's words.

    `databases` and `schemas` are those whose catalog is read (default: the connection's database, all its schemas).
    `catalog_every`: so often at most the catalog is read by SQL, which needs a running warehouse; `wake` allows to resume a
    suspended one for it. `statement_seconds` stops a query of penstock that runs longer.
    """

    account: str
    type: Literal["snowflake"] = "snowflake"
    user: str | None = None
    password: str | None = None
    authenticator: str | None = None
    token: str | None = None
    private_key: str | None = None
    private_key_path: str | None = None
    private_key_passphrase: str | None = None
    oauth_client_id: str | None = None
    oauth_client_secret: str | None = None
    workload_identity_provider: str | None = None
    workload_identity_entra_resource: str | None = None
    role: str | None = None
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None
    host: str | None = None
    port: int | None = None
    protocol: str | None = None
    proxy_host: str | None = None
    proxy_port: int | None = None
    proxy_user: str | None = None
    proxy_password: str | None = None
    databases: tuple[str, ...] | None = None
    schemas: tuple[str, ...] | None = None
    catalog_every: str = "6h"
    wake: bool = False
    statement_seconds: int = 300
    connect_seconds: int = 30


def connection_of(context: ObserveContext[SnowflakeConfig]) -> Connection:
    """The connection of a `type: snowflake` warehouse of penstock.yml, in the words of a dbt profile."""
    config: SnowflakeConfig = context.config
    settings: dict[str, Any] = {
        name: value
        for name, value in msgspec.to_builtins(config).items()
        if value is not None and name != "type"
    }
    return Connection(type="snowflake", settings=settings, base=context.project_root)
