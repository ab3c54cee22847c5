"""Forgetting old runs. What an asset is now stays known: the newest materializations and check results are kept."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import Connection, Table, delete, select, text

from penstock.store import inbox, schema
from penstock.store.database import Database
from penstock.store.records import RunState

_OF_A_RUN = (
    schema.plans,
    schema.run_items,
    schema.steps,
    schema.attempts,
    schema.events,
    schema.leases,
    schema.schema_decisions.reuse_audits,
)
_AT_ONCE = 100
_ENDED = [state.value for state in RunState if state.ended]


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken away. `runs` are ids: the folders of their logs may go as well."""

    runs: tuple[str, ...]
    materializations: int
    check_results: int
    arrivals: int = 0


def prune(
    database: Database,
    *,
    keep_runs: int,
    older_than: float | None,
    environment: str | None,
    keep_per_asset: int,
) -> Pruned:
    """Forget runs that have ended, except the newest `keep_runs`, and (if given) those younger than `older_than` seconds.

    Of each asset and check the newest `keep_per_asset` results stay. Runs that can be resumed are never touched.
    Events that were handled go after a week, and not before they are `older_than`.
    """
    table = schema.runs
    query = (
        select(table.c.id).where(table.c.state.in_(_ENDED)).order_by(table.c.number.desc()).offset(keep_runs)
    )
    if environment is not None:
        query = query.where(table.c.environment == environment)
    if older_than is not None:
        query = query.where(table.c.created_at < time.time() - older_than)
    with database.read() as connection:
        runs = list(connection.execute(query).scalars())
    made = checked = 0
    for start in range(
        0, len(runs), _AT_ONCE
    ):  # in small transactions: a running coordinator must not wait long
        part = runs[start : start + _AT_ONCE]
        with database.write() as connection:
            made += _results(connection, schema.materializations, "asset", part, keep_per_asset)
            checked += _results(connection, schema.check_results, "check_key", part, keep_per_asset)
            for other in _OF_A_RUN:
                connection.execute(delete(other).where(other.c.run_id.in_(part)))
            connection.execute(delete(table).where(table.c.id.in_(part)))
    with database.write() as connection:
        arrivals = inbox.forget(connection, environment, older_than or 0.0)
    return Pruned(runs=tuple(runs), materializations=made, check_results=checked, arrivals=arrivals)


def _results(connection: Connection, table: Table, key: str, runs: list[str], keep: int) -> int:
    newer = (
        f"(SELECT count(*) FROM (SELECT 1 FROM {table.name} AS newer WHERE newer.environment = {table.name}.environment "
        f"AND newer.{key} = {table.name}.{key} AND newer.id > {table.name}.id LIMIT {int(keep)}) AS newest)"
    )
    done = connection.execute(delete(table).where(table.c.run_id.in_(runs), text(f"{newer} >= {int(keep)}")))
    return done.rowcount


def compact(database: Database) -> None:
    """Give the space of what was pruned back to the disk. SQLite only; PostgreSQL does it by itself."""
    if database.is_sqlite:
        with database.errors():
            raw = database.engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.close()
            finally:
                raw.close()
