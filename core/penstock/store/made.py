"""What was made since when, in the few columns that freshness and predictions need: many rows are read at once."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from penstock.assets import AssetKey, Window
from penstock.store import schema
from penstock.store.database import Database

_BAD = ("fail", "error")


class MadeRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One materialization."""

    id: int
    asset: AssetKey
    run: str
    started_at: float
    ended_at: float
    window: Window | None


def made(database: Database, environment: str, *, since: float, after: int = 0) -> list[MadeRow]:
    """Materializations that ended after `since` and have a higher id than `after`, oldest first."""
    table = schema.materializations.c
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
        )
        .where(table.environment == environment, table.id > after, table.ended_at > since)
        .order_by(table.id)
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [
        MadeRow(
            id=row.id,
            asset=AssetKey.parse(row.asset),
            run=row.run_id,
            started_at=row.ended_at - (row.seconds or 0.0) if row.started_at is None else row.started_at,
            ended_at=row.ended_at,
            window=None if row.window_start is None else Window(row.window_start, row.window_end),
        )
        for row in rows
    ]


def failed_checks(database: Database, environment: str, *, since: float) -> set[tuple[str, AssetKey]]:
    """(run, check) of checks that failed or could not be done."""
    table = schema.check_results.c
    query = select(table.run_id, table.check_key).where(
        table.environment == environment, table.ended_at > since, table.outcome.in_(_BAD)
    )
    with database.read() as connection:
        return {(row.run_id, AssetKey.parse(row.check_key)) for row in connection.execute(query)}
