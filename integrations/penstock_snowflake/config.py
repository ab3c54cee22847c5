"""What penstock.yml, or the output of a dbt profile, says about a Snowflake account."""

from __future__ import annotations

from typing import Literal

import msgspec

from penstock.integration import Connection, ObserveContext
from penstock.integration.jobs import JobWords, StartPolicy, policy_of


class TaskConfig(JobWords, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A root task by its name here, or by `task`: `database.schema.name`, or less where the connection tells the rest.
    `reads` and `writes` are tables: `database.schema.table`."""

    task: str | None = None


class SnowflakeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two things in one: a warehouse, `warehouses: {main: {type: snowflake, account: acme-main, user: PENSTOCK, private_key_path: key.p8, ...}}`, in
    dbt's words, and below `snowflake:` an instance, `{work: {warehouse: main, jobs: {...}}}`, whose tasks are steps. Its
    `warehouse` names a warehouse of penstock.yml; with `account` it is the virtual one that queries run on.

    `databases` and `schemas` are those whose catalog is read (default: the connection's database, all its schemas).
    `catalog_every`: so often at most the catalog is read by SQL, which needs a running warehouse; `wake` allows to resume a
    suspended one for it. `statement_seconds` stops a query of penstock that runs longer.
    """

    account: str | None = None
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
    start: str | dict[str, str] = StartPolicy.NEVER.value
    jobs: dict[str, TaskConfig] = {}

    def __post_init__(self) -> None:
        if self.account is None and self.warehouse is None:
            raise ValueError("`account` is missing, or `warehouse`, whose tasks are meant")
        if self.account is not None and self.jobs:
            raise ValueError("`jobs` stand below `snowflake:`, with `warehouse` and without `account`")
        policy_of(self.start)

    @property
    def runs_tasks(self) -> bool:
        """Whether it is an instance of tasks, and no warehouse."""
        return self.account is None


def connection_of(context: ObserveContext[SnowflakeConfig]) -> Connection:
    """The connection of a `type: snowflake` warehouse of penstock.yml, in the words of a dbt profile."""
    config: SnowflakeConfig = context.config
    settings: dict[str, object] = {
        name: value
        for name, value in msgspec.to_builtins(config).items()
        if value is not None and name not in ("type", "start", "jobs")
    }
    return Connection(type="snowflake", settings=settings, base=context.project_root)
