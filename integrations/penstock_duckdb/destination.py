"""DuckDB as the destination of loads: stage outside the warehouse, then one short transaction inside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from penstock.assets import Relation
from penstock.integration import Address, Load, LoadedTable, StagedLoad
from penstock_duckdb.catalog import count_rows, existing
from penstock_duckdb.commit import commit
from penstock_duckdb.connect import opened
from penstock_duckdb.ledger import Ledger
from penstock_duckdb.reset import reset
from penstock_duckdb.staging import staged


class DuckdbDestination:
    """Implements `penstock.integration.Destination` on one file, which is made by the first commit."""

    part = 32 << 20  # a call costs about 0.1 s beside its rows

    def __init__(self, file: Path, address: Address) -> None:
        self.address = address
        self._file = file

    def relation(self, schema: str | None, table: str) -> Relation:
        return Relation(
            self.address.namespace,
            self.address.dialect,
            self.address.database,
            schema or self.address.schema or "main",
            table,
        )

    def state(self, loader: str) -> dict[str, str]:
        if not self._file.exists():
            return {}
        with opened(self._file) as connection:
            ledger = Ledger(connection, self.address.database or "")
            return ledger.state(loader) if ledger.exists() else {}

    def loaders(self, relations: Iterable[Relation]) -> frozenset[str]:
        if not self._file.exists():
            return frozenset()
        with opened(self._file) as connection:
            ledger = Ledger(connection, self.address.database or "")
            return ledger.loaders(frozenset(relations)) if ledger.exists() else frozenset()

    def holding(self, relations: Iterable[Relation]) -> dict[Relation, bool]:
        if not self._file.exists():
            return {}
        database = self.address.database or ""
        with opened(self._file) as connection:
            there = existing(connection, database)
            found = {
                one: there[place]
                for one in relations
                if (place := ((one.schema or "main").lower(), one.identifier.lower())) in there
            }
            counts = count_rows(connection, database, set(found.values()))
        return {relation: counts[place] > 0 for relation, place in found.items()}

    def committed(self, loader: str, token: str) -> tuple[LoadedTable, ...] | None:
        if not self._file.exists():
            return None
        with opened(self._file) as connection:
            ledger = Ledger(connection, self.address.database or "")
            return ledger.loaded(loader, token) if ledger.exists() else None

    def reset(
        self, loader: str, state: Mapping[str, str], emptied: Sequence[Relation]
    ) -> dict[Relation, int]:
        if not self._file.exists() and not state:
            return {}
        return reset(self._file, self.address.database or "", loader, state, emptied)

    def stage(self, load: Load) -> StagedLoad:
        return DuckdbStagedLoad(self._file, self.address, load, staged(load))


class DuckdbStagedLoad:
    """Rows that are parsed and typed, waiting in `stage`."""

    def __init__(self, file: Path, address: Address, load: Load, stage: Path) -> None:
        self._file = file
        self._address = address
        self._load = load
        self._stage = stage

    def commit(self) -> tuple[LoadedTable, ...]:
        return commit(self._file, self._address, self._load, self._stage)
