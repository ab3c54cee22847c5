"""Rows of audits of reuse: what was built to compare, and how it came out. What that means is not the store's."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Row

from penstock.assets import AssetKey
from penstock.store import schema_decisions
from penstock.store.database import Database
from penstock.store.records import ReuseAudit

_TABLE = schema_decisions.reuse_audits


def write(database: Database, audits: Iterable[ReuseAudit]) -> None:
    """One word for each asset of a run: the last."""
    rows = {
        (one.run, one.asset): {
            **{name: getattr(one, name) for name in one.__struct_fields__ if name not in ("run", "asset")},
            "run_id": one.run,
            "asset": str(one.asset),
        }
        for one in audits
    }
    with database.write() as connection:
        for row in rows.values():
            connection.execute(
                delete(_TABLE).where(_TABLE.c.run_id == row["run_id"], _TABLE.c.asset == row["asset"])
            )
        if rows:
            connection.execute(insert(_TABLE), list(rows.values()))


def in_run(database: Database, run: str) -> tuple[ReuseAudit, ...]:
    query = select(_TABLE).where(_TABLE.c.run_id == run).order_by(_TABLE.c.name)
    with database.read() as connection:
        return tuple(_audit(row) for row in connection.execute(query).all())


def newest(database: Database, environment: str) -> tuple[ReuseAudit, ...]:
    """The last word on each asset: of those audits that could compare."""
    told = (_TABLE.c.environment == environment, _TABLE.c.outcome != "unsure")
    last = (
        select(_TABLE.c.asset, func.max(_TABLE.c.compared_at).label("at"))
        .where(*told)
        .group_by(_TABLE.c.asset)
    )
    latest = last.subquery()
    query = (
        select(_TABLE)
        .join(latest, (latest.c.asset == _TABLE.c.asset) & (latest.c.at == _TABLE.c.compared_at))
        .where(*told)
        .order_by(_TABLE.c.name)
    )
    with database.read() as connection:
        return tuple(_audit(row) for row in connection.execute(query).all())


def _audit(row: Row[object]) -> ReuseAudit:
    return ReuseAudit(
        run=row.run_id,
        asset=AssetKey.parse(row.asset),
        environment=row.environment,
        name=row.name,
        compared_at=row.compared_at,
        outcome=row.outcome,
        reason=row.reason,
        before=row.before,
        after=row.after,
        made_by=row.made_by,
    )
