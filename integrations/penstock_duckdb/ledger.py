"""penstock's own two tables inside the warehouse: what was loaded (by token) and each loader's state.

They live there because they must change in the same transaction as the rows, and travel with the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import Relation
from penstock.integration import LoadedTable
from penstock_duckdb.connect import INTERNAL_SCHEMA, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A token matters only while its attempt can come back.
_KEPT_LOADS = 100


class Ledger:
    """State and tokens of one database, through an open connection."""

    def __init__(self, connection: DuckDBPyConnection, database: str) -> None:
        self._connection = connection
        self._database = database
        self._loads = quoted(database, INTERNAL_SCHEMA, "loads")
        self._state = quoted(database, INTERNAL_SCHEMA, "state")

    def exists(self) -> bool:
        found = self._connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2"
            " AND table_name IN ('loads', 'state')",
            [self._database, INTERNAL_SCHEMA],
        ).fetchone()
        return found == (2,)

    def make(self) -> None:
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._database, INTERNAL_SCHEMA)}")
        self._connection.execute(
            f"CREATE TABLE IF NOT EXISTS {self._loads}"
            " (loader VARCHAR, token VARCHAR, committed_at TIMESTAMP WITH TIME ZONE, tables VARCHAR)"
        )
        self._connection.execute(
            f"CREATE TABLE IF NOT EXISTS {self._state} (loader VARCHAR, key VARCHAR, value VARCHAR)"
        )

    def state(self, loader: str) -> dict[str, str]:
        rows = self._connection.execute(
            f"SELECT key, value FROM {self._state} WHERE loader = $1", [loader]
        ).fetchall()
        return dict(rows)

    def loaded(self, loader: str, token: str) -> tuple[LoadedTable, ...] | None:
        """What the load of that token wrote; None when it was never committed."""
        row = self._connection.execute(
            f"SELECT tables FROM {self._loads} WHERE loader = $1 AND token = $2", [loader, token]
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=tuple[LoadedTable, ...])

    def loaders(self, relations: frozenset[Relation]) -> frozenset[str]:
        """The loaders whose recorded loads wrote any of these tables."""
        rows = self._connection.execute(f"SELECT loader, tables FROM {self._loads}").fetchall()
        wrote = ((loader, msgspec.json.decode(text, type=tuple[LoadedTable, ...])) for loader, text in rows)
        return frozenset(
            loader for loader, tables in wrote if any(table.relation in relations for table in tables)
        )

    def record(self, loader: str, token: str, tables: tuple[LoadedTable, ...], state: dict[str, str]) -> None:
        """Inside the load's transaction."""
        self._connection.execute(
            f"INSERT INTO {self._loads} VALUES ($1, $2, now(), $3)",
            [loader, token, msgspec.json.encode(tables).decode()],
        )
        self._connection.execute(
            f"DELETE FROM {self._loads} WHERE loader = $1 AND token NOT IN"
            f" (SELECT token FROM {self._loads} WHERE loader = $1 ORDER BY committed_at DESC LIMIT {_KEPT_LOADS})",
            [loader],
        )
        self.put_state(loader, state)

    def put_state(self, loader: str, state: Mapping[str, str]) -> None:
        """Inside a transaction: this is the loader's whole state from now on."""
        self._connection.execute(f"DELETE FROM {self._state} WHERE loader = $1", [loader])
        if state:
            self._connection.executemany(
                f"INSERT INTO {self._state} VALUES ($1, $2, $3)",
                [[loader, key, value] for key, value in state.items()],
            )
