"""Rows of what automation decided about each asset. Whoever decides tells changes only; what an asset was under is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import insert, select, text
from sqlalchemy.engine import Row

from penstock.assets import AssetKey
from penstock.store import schema_decisions
from penstock.store.database import Database

_DECISIONS, _SEEN = schema_decisions.decisions, schema_decisions.seen


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`code` `started` marks a build that automation started of `key`, `compared` one that was not needed (`reason`: its code
    version), `released` a person's word."""

    asset: AssetKey
    at: float
    code: str
    reason: str
    until: float | None = None
    otherwise: str = ""
    line: str = ""
    key: str = ""
    snapshot: str = ""


class SeenRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    asset: AssetKey
    mark: str
    since: float
    code: str


class DecisionStore:
    """Of one environment. Blocking; safe to use from several threads and processes."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def latest(self, *, until: float | None = None) -> dict[AssetKey, DecisionRow]:
        """How each asset stands, or stood then; without what only marks a start."""
        words = """
            SELECT d.* FROM automation_decisions d JOIN (
                SELECT asset, max(at) AS at FROM automation_decisions
                WHERE environment = :environment AND at <= :until AND code NOT IN ('started', 'released', 'compared') GROUP BY asset
            ) newest ON newest.asset = d.asset AND newest.at = d.at WHERE d.environment = :environment
        """
        with self._database.read() as connection:
            rows = connection.execute(
                text(words).columns(*_DECISIONS.c),
                {"environment": self._environment, "until": 1e18 if until is None else until},
            ).all()
        return {AssetKey.parse(row.asset): _decision(row) for row in rows}

    def of_code(self, codes: Sequence[str], *, since: float) -> list[DecisionRow]:
        """Oldest first."""
        table = _DECISIONS.c
        query = select(_DECISIONS).where(
            table.environment == self._environment, table.code.in_(codes), table.at >= since
        )
        with self._database.read() as connection:
            return [_decision(row) for row in connection.execute(query.order_by(table.at)).all()]

    def write(self, rows: Iterable[DecisionRow]) -> None:
        values = [
            {
                "environment": self._environment,
                "asset": str(row.asset),
                "at": row.at,
                "code": row.code,
                "reason": row.reason,
                "until_at": row.until,
                "otherwise": row.otherwise,
                "line": row.line,
                "build_key": row.key,
                "basis": row.snapshot,
            }
            for row in rows
        ]
        self._insert(_DECISIONS.name, values)

    def seen(self) -> dict[AssetKey, SeenRow]:
        query = select(_SEEN).where(_SEEN.c.environment == self._environment)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {
            AssetKey.parse(row.asset): SeenRow(
                asset=AssetKey.parse(row.asset), mark=row.mark, since=row.since, code=row.code
            )
            for row in rows
        }

    def look_at(self, rows: Iterable[SeenRow]) -> None:
        """From now on under these rules; what they were under before is forgotten."""
        given = [
            {
                "environment": self._environment,
                "asset": str(row.asset),
                "mark": row.mark,
                "since": row.since,
                "code": row.code,
            }
            for row in rows
        ]
        if given:
            table = _SEEN.c
            with self._database.write() as connection:
                for one in given:
                    connection.execute(
                        _SEEN.delete().where(
                            table.environment == self._environment, table.asset == one["asset"]
                        )
                    )
                connection.execute(insert(_SEEN), given)

    def _insert(self, name: str, values: list[dict[str, Any]]) -> None:
        if not values:
            return
        columns = list(values[0])
        words = (
            f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join(':' + one for one in columns)})"
            " ON CONFLICT DO NOTHING"
        )
        with self._database.write() as connection:
            connection.execute(text(words), values)


def _decision(row: Row[Any]) -> DecisionRow:
    return DecisionRow(
        asset=AssetKey.parse(row.asset),
        at=row.at,
        code=row.code,
        reason=row.reason,
        until=row.until_at,
        otherwise=row.otherwise,
        line=row.line,
        key=row.build_key,
        snapshot=row.basis,
    )
