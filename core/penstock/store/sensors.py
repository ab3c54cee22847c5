"""Rows of sensors: what each saw last. What is new to one and its events are written in one transaction, so each is told once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import Connection, insert, select, update

from penstock.store.database import Database
from penstock.store.inbox import keep, one_at_a_time
from penstock.store.schema_inbox import sensors

_MOST = 1_000  # events of one look; what is more is told by the next
_REMEMBERED = 10_000  # things; those that were gone longest are forgotten first


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Something new: `before` is its version until now, None when it was not there. `number` counts the sightings of a sensor."""

    key: str
    version: str
    before: str | None
    number: int


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a sighting. Two with one `id` are one event."""

    id: str
    kind: str
    body: str


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    mark: str
    changed_at: float
    number: int
    seen: dict[str, str]


class SensorStore:
    """Of one environment. Blocking; safe to use from several threads and processes."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def now(self) -> float:
        with self._database.read() as connection:
            return self._database.now(connection)

    def saw(
        self, name: str, mark: str, began: float, found: Mapping[str, str], told: Callable[[Sighting], News]
    ) -> int:
        """Keep what a look that `began` then (by the store's clock) has found, each with its version, and tell of what is new. How many
        events that made. The first look under a `mark` makes none. What is as it was writes nothing; a look that began before somebody
        else's was kept is too old to say anything."""
        with self._database.read() as connection:
            known = self._known(connection, name)
        if known is not None and known.mark == mark and not _new(known, found):
            return 0
        with self._database.write() as connection:
            one_at_a_time(self._database, connection, self._environment)
            known = self._known(connection, name)
            # Kept later than now: the clock was set back, and would make every look too old for as long.
            if known is not None and began < known.changed_at <= self._database.now(connection):
                return 0
            if known is None or known.mark != mark:
                self._keep(connection, name, mark, known.number if known else 0, dict(found))
                return 0
            return self._tell(connection, name, known, found, told)

    def _tell(
        self,
        connection: Connection,
        name: str,
        known: _Known,
        found: Mapping[str, str],
        told: Callable[[Sighting], News],
    ) -> int:
        new, made = _new(known, found)[:_MOST], 0
        for number, key in enumerate(new, start=known.number + 1):
            sighting = Sighting(key=key, version=found[key], before=known.seen.get(key), number=number)
            news = told(sighting)
            made += keep(self._database, connection, self._environment, name, news.id, news.kind, news.body)
        gone = {key: version for key, version in known.seen.items() if key not in found}
        there = {key: version for key, version in known.seen.items() if key in found}
        seen = {**gone, **there, **{key: found[key] for key in new}}
        for key in list(seen)[: max(0, len(seen) - max(_REMEMBERED, len(found)))]:
            del seen[key]
        self._keep(connection, name, known.mark, known.number + len(new), seen)
        return made

    def _known(self, connection: Connection, name: str) -> _Known | None:
        row = connection.execute(
            select(sensors).where(sensors.c.environment == self._environment, sensors.c.name == name)
        ).one_or_none()
        if row is None:
            return None
        seen = msgspec.json.decode(row.seen, type=dict[str, str])
        return _Known(mark=row.mark, changed_at=row.changed_at, number=row.number, seen=seen)

    def _keep(self, connection: Connection, name: str, mark: str, number: int, seen: dict[str, str]) -> None:
        values = {
            "mark": mark,
            "changed_at": self._database.now(connection),
            "number": number,
            "seen": msgspec.json.encode(seen).decode(),
        }
        same = (sensors.c.environment == self._environment, sensors.c.name == name)
        if connection.execute(update(sensors).where(*same).values(**values)).rowcount == 0:
            connection.execute(insert(sensors).values(environment=self._environment, name=name, **values))


def _new(known: _Known, found: Mapping[str, str]) -> list[str]:
    return [key for key, version in found.items() if known.seen.get(key) != version]
