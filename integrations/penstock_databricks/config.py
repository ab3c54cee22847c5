"""What penstock.yml, or the output of a dbt profile, says about a Databricks workspace and about jobs of it. No I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from penstock.integration import Connection, ObserveContext
from penstock.system.durations import EXAMPLES, seconds_of

_OLDER_THAN = "when_older_than"


class StartPolicy(StrEnum):
    """Whether a run may start this job, which costs money. ASK: on a terminal, after a yes; elsewhere as NEVER."""

    ASK = "ask"
    NEVER = "never"
    ALWAYS = "always"


class JobConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job of the workspace, by its name there or by `id`. `reads` and `writes` are tables: `catalog.schema.table`, with the
    name of another warehouse before a colon where they lie elsewhere (`shop:shop.main.orders`, read only)."""

    id: int | None = None
    start: str | dict[str, str] | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    adopt: bool = False
    appends: bool = False
    patience: str = "2h"

    def __post_init__(self) -> None:
        if not self.writes:
            raise ValueError("`writes` names the tables that the job makes, at least one")
        if self.start is not None:
            policy_of(self.start)
        seconds(self.patience)


class DatabricksConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two things in one: a warehouse, `warehouses: {main: {type: databricks, host: ..., token: ${TOKEN}}}`, in dbt's words, and
    below `databricks:` an instance, `{work: {warehouse: main, jobs: {...}}}`, whose jobs are steps.

    `catalogs` and `schemas` are those that are read (default: the connection's catalog, all schemas).
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
    warehouse: str | None = None
    start: str | dict[str, str] = StartPolicy.NEVER.value
    jobs: dict[str, JobConfig] = {}

    def __post_init__(self) -> None:
        if self.warehouse is None and self.jobs:
            raise ValueError("`warehouse` says in which workspace the jobs are: a name below `warehouses`")
        if self.warehouse is None and not self.host:
            raise ValueError("`host` is missing: the workspace's address")
        policy_of(self.start)


def policy_of(told: str | dict[str, str]) -> tuple[StartPolicy, float | None]:
    """The policy, and the age in seconds that `when_older_than` gives with it."""
    if isinstance(told, dict):
        if set(told) == {_OLDER_THAN}:
            return StartPolicy.ALWAYS, seconds(told[_OLDER_THAN])
    elif told.startswith(f"{_OLDER_THAN}:"):
        return StartPolicy.ALWAYS, seconds(told.partition(":")[2])
    elif told in {policy.value for policy in StartPolicy}:
        return StartPolicy(told), None
    raise ValueError(f"`start` is one of ask, never, always, or {_OLDER_THAN}: 1h; not {told!r}")


def seconds(text: str) -> float:
    """A length of time in seconds. Raises ValueError when it is none."""
    found = seconds_of(text)
    if found is None:
        raise ValueError(f"invalid duration '{text}' (examples: {EXAMPLES})")
    return found


def connection_of(context: ObserveContext[DatabricksConfig]) -> Connection:
    """The connection of a `type: databricks` warehouse of penstock.yml, in the words of a dbt profile."""
    settings: dict[str, Any] = {
        name: value
        for name, value in msgspec.to_builtins(context.config).items()
        if value is not None and name not in ("type", "warehouse", "start", "jobs")
    }
    return Connection(type="databricks", settings=settings, base=context.project_root)
