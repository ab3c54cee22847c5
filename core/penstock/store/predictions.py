"""Rows of predictions: when newer data than that of `as_of` was expected, and when it came. Who expects it is not the store's."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, delete, select, text, update

from penstock.assets import AssetKey
from penstock.store import schema_decisions
from penstock.store.database import Database

_TABLE = schema_decisions.predictions
KEPT_EACH = 50  # of each asset, the newest
_KEPT_SECONDS = 90 * 86400.0


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """`as_of`: the age of the data that was there when it was made; one prediction for each."""

    asset: AssetKey
    as_of: float
    made_at: float
    expected_at: float
    arrived_at: float | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """`came`: newer data was there when expected; `late`: it came after that, or has not come yet; `open`: it may still come in time."""

    came: int = 0
    late: int = 0
    open: int = 0


class PredictionStore:
    """Of one environment. Blocking; safe to use from several threads and processes."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def open(self) -> list[Prediction]:
        """Those whose newer data has not been seen."""
        query = select(_TABLE).where(_TABLE.c.environment == self._environment, _TABLE.c.arrived_at.is_(None))
        with self._database.read() as connection:
            return [
                Prediction(
                    asset=AssetKey.parse(row.asset),
                    as_of=row.as_of,
                    made_at=row.made_at,
                    expected_at=row.expected_at,
                )
                for row in connection.execute(query)
            ]

    def write(self, made: Sequence[Prediction], arrived: Sequence[Prediction]) -> None:
        """The first word on data of an age stands, whoever says it. The oldest rows go."""
        words = """
            INSERT INTO freshness_predictions (environment, asset, as_of, made_at, expected_at)
            VALUES (:environment, :asset, :as_of, :made_at, :expected_at) ON CONFLICT DO NOTHING
        """
        with self._database.write() as connection:
            for one in arrived:
                connection.execute(
                    update(_TABLE)
                    .where(*self._of(one.asset), _TABLE.c.as_of == one.as_of)
                    .values(arrived_at=one.arrived_at)
                )
            for one in made:
                values = {"as_of": one.as_of, "made_at": one.made_at, "expected_at": one.expected_at}
                key = {"environment": self._environment, "asset": str(one.asset)}
                connection.execute(text(words), {**key, **values})
                of_it = self._of(one.asset)
                newest = select(_TABLE.c.as_of).where(*of_it).order_by(_TABLE.c.as_of.desc())
                last = newest.limit(1).offset(KEPT_EACH - 1).scalar_subquery()
                connection.execute(delete(_TABLE).where(*of_it, _TABLE.c.as_of < last))
            if made:
                old = max(one.made_at for one in made) - _KEPT_SECONDS
                here = _TABLE.c.environment == self._environment
                connection.execute(delete(_TABLE).where(here, _TABLE.c.made_at < old))

    def coverage(self, now: float) -> Coverage:
        words = """
            SELECT sum(CASE WHEN arrived_at <= expected_at THEN 1 ELSE 0 END) AS came,
                   sum(CASE WHEN coalesce(arrived_at, :now) > expected_at THEN 1 ELSE 0 END) AS late,
                   sum(CASE WHEN arrived_at IS NULL AND expected_at >= :now THEN 1 ELSE 0 END) AS open
            FROM freshness_predictions WHERE environment = :environment
        """
        with self._database.read() as connection:
            row = connection.execute(text(words), {"environment": self._environment, "now": now}).one()
        return Coverage(came=row.came or 0, late=row.late or 0, open=row.open or 0)

    def _of(self, asset: AssetKey) -> tuple[ColumnElement[bool], ...]:
        return _TABLE.c.environment == self._environment, _TABLE.c.asset == str(asset)
