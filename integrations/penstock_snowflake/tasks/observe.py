"""The tasks that penstock.yml names, as producers of the tables that they write. SHOW tells which tasks there are, and their graphs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import Observation, Relation
from penstock.integration import Address, ObserveContext
from penstock.integration.jobs import JobsOf, KnownJob, not_looked_up, observed, place_of
from penstock_snowflake.address import address_of
from penstock_snowflake.config import SnowflakeConfig, TaskConfig
from penstock_snowflake.connect import DENIED, SqlError, opened
from penstock_snowflake.connect import place_of as account_of
from penstock_snowflake.naming import parts_of
from penstock_snowflake.shows import in_schema
from penstock_snowflake.tasks.graph import TaskGraph

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

Rows = dict[str, dict[str, object]]  # by the task's name


def observe(context: ObserveContext[SnowflakeConfig]) -> Observation:
    """Tasks, what they read and write. A task that is not there, or has predecessors, is a finding and cannot be run."""
    config: SnowflakeConfig = context.config
    warehouse = config.warehouse or ""
    if not context.may_call:
        return not_looked_up(context, "snowflake")
    connection = place_of(context, "snowflake", warehouse)
    address = address_of(connection)
    with opened(connection, "jobs") as session:
        seen: dict[tuple[str, str], Rows] = {}
        return observed(
            context,
            JobsOf(
                integration="snowflake",
                tool="Snowflake",
                warehouse=warehouse,
                start=config.start,
                jobs=config.jobs,
                look=lambda name: _looked_up(session, address, seen, name, config.jobs[name]),
                table=relation_at,
                example="database.schema.table",
                facts={"account": account_of(connection)},
            ),
        )


def relation_at(address: Address, text: str) -> Relation | None:
    """The relation of a name; what it leaves out is the connection's."""
    place = _place(address, text)
    return None if place is None else Relation(address.namespace, address.dialect, *place)


def _place(address: Address, text: str) -> tuple[str, str, str] | None:
    parts = parts_of(text)
    if parts is None or len(parts) > 3:
        return None
    whole = [address.database or "", address.schema or "", ""][: 3 - len(parts)] + parts
    return (whole[0], whole[1], whole[2]) if all(whole) else None


def _looked_up(
    session: Session,
    address: Address,
    seen: dict[tuple[str, str], Rows],
    name: str,
    job: TaskConfig,
) -> KnownJob | str:
    told = job.task or name
    place = _place(address, told)
    if place is None:
        return f"'{told}' is no name of a task: write database.schema.name"
    database, schema, root = place
    if (database, schema) not in seen:
        seen[database, schema] = _tasks(session, database, schema)
    tasks = seen[database, schema]
    if root not in tasks:
        return f"there is no task {'.'.join(place)} in {session.place}, or it is not shown to this role"
    before = _predecessors(tasks[root])
    if before:
        return (
            f"the task {'.'.join(place)} follows {', '.join(before)}: only the root of a graph can be started"
        )
    graph = graph_of(database, schema, root, tasks)
    return KnownJob(
        job=msgspec.json.encode(graph).decode(),
        definition=_definition(graph, tasks),
        attributes={"task": ".".join(place), "tasks": str(len(graph.predecessors))},
    )


def _tasks(session: Session, database: str, schema: str) -> Rows:
    try:
        return {str(row["name"]): row for row in in_schema(session, "TASKS", database, schema)}
    except SqlError as error:
        if error.code != DENIED:
            raise
        return {}


def graph_of(database: str, schema: str, root: str, tasks: Rows) -> TaskGraph:
    """The root and what follows it. A task that is suspended does not run, and nothing that waits for it."""
    found: dict[str, tuple[str, ...]] = {root: ()}
    waiting = {
        name: _predecessors(row) for name, row in tasks.items() if str(row.get("state")).lower() == "started"
    }
    while True:
        more = {
            name: before
            for name, before in waiting.items()
            if name not in found and before and all(one in found for one in before)
        }
        if not more:
            break
        found |= more
    return TaskGraph(
        database=database, schema=schema, root=root, id=str(tasks[root]["id"]), predecessors=found
    )


def _predecessors(row: dict[str, object]) -> tuple[str, ...]:
    """The names alone: a graph lies in one schema."""
    told = json.loads(str(row.get("predecessors") or "[]"))
    return tuple(sorted(parts[-1] for one in told if (parts := parts_of(str(one)))))


def _definition(graph: TaskGraph, tasks: Rows) -> bytes:
    words = ("definition", "condition", "config", "warehouse", "predecessors")
    told = {name: [str(tasks[name].get(word) or "") for word in words] for name in graph.predecessors}
    return msgspec.json.encode(told, order="deterministic")
