"""PostgreSQL as the destination of loads: stage outside the server, then COPY and one transaction."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from penstock.assets import Relation
from penstock.errors import WarehouseBusy
from penstock.integration import Address, Connection, Load, LoadedTable, StagedLoad
from penstock_postgres.catalog import existing
from penstock_postgres.commit import commit
from penstock_postgres.connect import NoConnectionLeft, opened, quoted
from penstock_postgres.counts import any_rows
from penstock_postgres.ledger import Ledger
from penstock_postgres.stages import HeadStart
from penstock_postgres.staging import Progress, staged


class PostgresDestination:
    """Implements `penstock.integration.Destination` on one database."""

    part = 4 << 20

    def __init__(self, connection: Connection, address: Address) -> None:
        self.address = address
        self._connection = connection
        self._ahead: dict[Path, HeadStart] = {}
        self._has_room = True
        weakref.finalize(self, _close, self._ahead).atexit = False  # a process takes its sessions with it

    def relation(self, schema: str | None, table: str) -> Relation:
        address = self.address
        place = schema or address.schema or "public"
        return Relation(address.namespace, address.dialect, address.database, place, table)

    def state(self, loader: str) -> dict[str, str]:
        with self._ledger(loader) as ledger:
            return ledger.state(loader) if ledger else {}

    def loaders(self, relations: Iterable[Relation]) -> frozenset[str]:
        with self._ledger() as ledger:
            return ledger.loaders(frozenset(relations)) if ledger else frozenset()

    def holding(self, relations: Iterable[Relation]) -> dict[Relation, bool]:
        places = {(relation.schema or "public", relation.identifier): relation for relation in relations}
        with opened(self._connection, tag="tables") as session:
            there = existing(session, sorted({schema for schema, _ in places}))
            found = [place for place in places if place in there]
            return {places[place]: has_row for place, has_row in any_rows(session, found).items()}

    def committed(self, loader: str, token: str) -> tuple[LoadedTable, ...] | None:
        with self._ledger(loader) as ledger:
            return ledger.loaded(loader, token) if ledger else None

    def reset(
        self, loader: str, state: Mapping[str, str], emptied: Sequence[Relation]
    ) -> dict[Relation, int]:
        found: dict[Relation, int] = {}
        with opened(self._connection, write=True, tag=f"reset {loader}") as session, session.transaction():
            ledger = Ledger(session)
            ledger.make()
            ledger.lock(loader)
            ledger.put_state(loader, state)
            places = {(relation.schema or "public", relation.identifier): relation for relation in emptied}
            there = existing(session, sorted({schema for schema, _ in places}))
            for place, relation in places.items():
                if there.get(place) in ("r", "p"):
                    row = session.execute(f"SELECT count(*) FROM {quoted(*place)}").fetchone()
                    found[relation] = int(row[0]) if row else 0
                    session.execute(f"TRUNCATE {quoted(*place)}")
        return found

    def stage(self, load: Load) -> StagedLoad:
        return PostgresStagedLoad(self, load, staged(load, lambda done: self._offer(load, done)))

    def commit(self, load: Load, progress: Progress) -> tuple[LoadedTable, ...]:
        """Raises WarehouseBusy where the server has no room for its session: those of head starts make room for it."""
        try:
            return commit(self._connection, load, progress, self._ahead.pop(load.staging, None))
        except NoConnectionLeft as error:
            self._has_room = False
            _close(self._ahead)
            self._ahead.clear()
            raise WarehouseBusy(error.what, hint=error.hint) from None

    def _offer(self, load: Load, progress: Progress) -> None:
        if not self._has_room:
            return
        if load.staging not in self._ahead:
            self._ahead[load.staging] = HeadStart(self._connection, load, progress.batch)
        self._ahead[load.staging].offer(progress)

    @contextmanager
    def _ledger(self, loader: str | None = None) -> Iterator[Ledger | None]:
        """None before the first load. With a loader, after whatever of it is being committed just now."""
        with opened(self._connection, write=True, tag="ledger") as session, session.transaction():
            ledger = Ledger(session)
            if not ledger.exists():
                yield None
                return
            if loader is not None:
                ledger.lock(loader)
            yield ledger


def _close(ahead: dict[Path, HeadStart]) -> None:
    for one in ahead.values():
        one.close()


class PostgresStagedLoad:
    """Rows that are parsed and typed, waiting in the load's staging folder, and in part in a session of the server already."""

    def __init__(self, destination: PostgresDestination, load: Load, progress: Progress) -> None:
        self._destination = destination
        self._load = load
        self._progress = progress

    def commit(self) -> tuple[LoadedTable, ...]:
        return self._destination.commit(self._load, self._progress)
