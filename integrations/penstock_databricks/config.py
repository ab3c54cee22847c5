"""What penstock.yml, or the output of a dbt profile, says about a Databricks workspace and about jobs of it. No I/O."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from penstock.integration import Connection, ObserveContext
from penstock.integration.jobs import JobWords, StartPolicy, policy_of


class JobConfig(JobWords, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job of the workspace, by its name there or by `id`. `reads` and `writes` are tables: `catalog.schema.table`.
    Without `writes` they are those that the lineage system tables have recorded of its runs."""

    needs_writes: ClassVar[bool] = False
    id: int | None = None


class DatabricksConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two things in one: a warehouse, `warehouses: {main: {type: databricks, host: ..., token: ${TOKEN}}}`, in dbt's words, and
    below `databricks:` an instance, `{work: {warehouse: main, jobs: {...}}}`, whose jobs are steps.

    `catalog_every`: so often at most tags are read, which needs a SQL warehouse that runs; `wake` lets penstock start one for that, and to ask what was used. `catalogs` and `schemas` are those that are read (default: the connection's catalog, all schemas).
    """

    type: Literal["databricks"] = "databricks"
    host: str | None = None
    token: str | None = None
    auth_type: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    azure_client_id: str | None = None
    azure_client_secret: str | None = None
    http_path: str | None = None
    catalog: str | None = None
    database: str | None = None
    schema: str = "default"
    catalogs: tuple[str, ...] | None = None
    schemas: tuple[str, ...] | None = None
    statement_seconds: int = 300
    catalog_every: str = "6h"
    wake: bool = False
    warehouse: str | None = None
    start: str | dict[str, str] = StartPolicy.NEVER.value
    jobs: dict[str, JobConfig] = {}

    def __post_init__(self) -> None:
        if self.warehouse is None and self.jobs:
            raise ValueError("`warehouse` says in which workspace the jobs are: a name below `warehouses`")
        if self.warehouse is None and not self.host:
            raise ValueError("`host` is missing: the workspace's address")
        policy_of(self.start)


def connection_of(context: ObserveContext[DatabricksConfig]) -> Connection:
    """The connection of a `type: databricks` warehouse of penstock.yml, in the words of a dbt profile."""
    settings: dict[str, object] = {
        name: value
        for name, value in msgspec.to_builtins(context.config).items()
        if value is not None and name not in ("type", "warehouse", "start", "jobs")
    }
    return Connection(type="databricks", settings=settings, base=context.project_root)
