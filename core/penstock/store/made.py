"""What was made since when, in the few columns that freshness and predictions need: many rows are read at once."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, or_, select

from penstock.assets import AssetKey, Window
from penstock.integration import ItemKind, Provenance
from penstock.store import schema
from penstock.store.database import Database
from penstock.store.records import ItemState
from penstock.store.schema_columns import beside

_BAD = ("fail", "error")


class MadeRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One materialization; or, `reused`, one look that found the asset to be what building it would give."""

    id: int
    asset: AssetKey
    run: str
    started_at: float
    ended_at: float
    window: Window | None
    reused: bool = False
    code: str = ""
    version: str = ""
    rows: int | None = None


def made(database: Database, environment: str, *, since: float, after: int = 0) -> list[MadeRow]:
    """Materializations that ended after `since` and have a higher id than `after`, oldest first; and before them of each asset the
    newest that is older: what was made long ago is no less made."""
    table = schema.materializations.c
    mine = beside(table.environment) == environment
    before = select(func.max(table.id)).where(mine, table.ended_at <= since).group_by(table.asset)
    query = (
        select(
            table.id,
            table.asset,
            table.run_id,
            table.started_at,
            table.ended_at,
            table.seconds,
            table.window_start,
            table.window_end,
            table.provenance,
            table.code_version,
            table.data_version_kind,
            table.data_version,
            table.rows,
        )
        .where(mine, table.id > after, or_(table.ended_at > since, table.id.in_(before)))
        .order_by(table.id)
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [
        MadeRow(
            id=row.id,
            asset=AssetKey.parse(row.asset),
            run=row.run_id,
            started_at=_began(row.provenance, row.started_at, row.ended_at, row.seconds or 0.0),
            ended_at=row.ended_at,
            window=None if row.window_start is None else Window(row.window_start, row.window_end),
            code=row.code_version or "",
            version=f"{row.data_version_kind} {row.data_version}" if row.data_version else f"made {row.id}",
            rows=row.rows,
        )
        for row in rows
    ]


def _began(provenance: str | None, started: float | None, ended: float, seconds: float) -> float:
    """A job of somebody else that satisfied the step is as old as it says, not as when it was found."""
    if provenance:
        told = msgspec.json.decode(provenance, type=Provenance)
        if told.ended_at is not None:
            return told.ended_at - seconds
    return ended - seconds if started is None else started


def reused(database: Database, environment: str, *, since: float) -> list[MadeRow]:
    """Assets that a run did not make because they are what it would have made: compared when the run was planned, or, where
    something above was made first, when that had ended."""
    item, run = schema.run_items.c, schema.runs.c
    query = (
        select(item.item, item.run_id, item.ended_at, run.created_at)
        .join_from(schema.run_items, schema.runs, item.run_id == run.id)
        .where(
            run.environment == environment,
            run.created_at > since,
            item.state == ItemState.REUSED.value,
            item.kind == ItemKind.ASSET.value,
            item.provenance.is_(None),
        )
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [
        MadeRow(
            id=0,
            asset=AssetKey.parse(row.item),
            run=row.run_id,
            started_at=row.ended_at or row.created_at,
            ended_at=row.ended_at or row.created_at,
            window=None,
            reused=True,
        )
        for row in rows
    ]


def failed_checks(database: Database, environment: str, *, since: float) -> set[tuple[str, AssetKey]]:
    """(run, check) of checks that failed or could not be done, and of those whose failure stood in that run without being judged again."""
    table, item, run = schema.check_results.c, schema.run_items.c, schema.runs.c
    judged = select(table.run_id, table.check_key).where(
        beside(table.environment) == environment, table.ended_at > since, table.outcome.in_(_BAD)
    )
    stood = (
        select(item.run_id, item.item.label("check_key"))
        .join_from(schema.run_items, schema.runs, item.run_id == run.id)
        .where(
            run.environment == environment,
            run.created_at > since,
            item.state.in_(_BAD),
            item.kind == ItemKind.CHECK.value,
        )
    )
    with database.read() as connection:
        rows = [*connection.execute(judged), *connection.execute(stood)]
    return {(row.run_id, AssetKey.parse(row.check_key)) for row in rows}
