"""penstock's own tables inside the database: what was loaded (by token), each loader's state, each table's generation.

They live there because they must change in the same transaction as the rows. A loader's lock is held until its commit has ended:
who asks whether a load has arrived waits for one that a dead process left in the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import Relation
from penstock.integration import LoadedTable
from penstock_postgres.connect import INTERNAL_SCHEMA, quoted

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

# A token matters only while its attempt can come back.
_KEPT_LOADS = 100
_LOADS, _STATE = quoted(INTERNAL_SCHEMA, "loads"), quoted(INTERNAL_SCHEMA, "state")
_GENERATIONS = quoted(INTERNAL_SCHEMA, "generations")
_MAKE = (
    f"CREATE SCHEMA IF NOT EXISTS {quoted(INTERNAL_SCHEMA)}",
    f"CREATE TABLE IF NOT EXISTS {_LOADS} (loader text, token text, committed_at timestamptz NOT NULL, tables text NOT NULL,"
    " PRIMARY KEY (loader, token))",
    f"CREATE TABLE IF NOT EXISTS {_STATE} (loader text, key text, value text NOT NULL, PRIMARY KEY (loader, key))",
    f"CREATE TABLE IF NOT EXISTS {_GENERATIONS} (relation text PRIMARY KEY, generation bigint NOT NULL)",
)


class Ledger:
    """State and tokens of one database, through an open session; every method wants to be in a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def exists(self) -> bool:
        row = self._session.execute("SELECT to_regclass(%s) IS NOT NULL", [_GENERATIONS]).fetchone()
        return row == (True,)

    def make(self) -> None:
        """Its tables, where they are not there. Two that make them at once would fail, one of them."""
        if self.exists():
            return
        self.lock("")
        # CREATE SCHEMA IF NOT EXISTS asks for the right to create one, also where it exists.
        there = self._session.execute("SELECT to_regnamespace(%s) IS NOT NULL", [INTERNAL_SCHEMA]).fetchone()
        for statement in _MAKE[1:] if there == (True,) else _MAKE:
            self._session.execute(statement)

    def lock(self, loader: str) -> None:
        """Until the end of the transaction nobody else commits for this loader, or asks what it has committed."""
        self._session.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"penstock {loader}"])

    def state(self, loader: str) -> dict[str, str]:
        rows = self._session.execute(f"SELECT key, value FROM {_STATE} WHERE loader = %s", [loader])
        return {key: value for key, value in rows}  # noqa: C416  # the rows of a cursor are no pairs to mypy

    def loaded(self, loader: str, token: str) -> tuple[LoadedTable, ...] | None:
        """What the load of that token wrote; None when it was never committed."""
        row = self._session.execute(
            f"SELECT tables FROM {_LOADS} WHERE loader = %s AND token = %s", [loader, token]
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=tuple[LoadedTable, ...])

    def loaders(self, relations: frozenset[Relation]) -> frozenset[str]:
        """The loaders whose recorded loads wrote any of these tables."""
        rows = self._session.execute(f"SELECT loader, tables FROM {_LOADS}").fetchall()
        wrote = ((loader, msgspec.json.decode(text, type=tuple[LoadedTable, ...])) for loader, text in rows)
        return frozenset(
            loader for loader, tables in wrote if any(table.relation in relations for table in tables)
        )

    def record(self, loader: str, token: str, tables: tuple[LoadedTable, ...], state: dict[str, str]) -> None:
        """Inside the load's transaction."""
        self._session.execute(
            f"INSERT INTO {_LOADS} VALUES (%s, %s, clock_timestamp(), %s)",
            [loader, token, msgspec.json.encode(tables).decode()],
        )
        self._session.execute(
            f"DELETE FROM {_LOADS} WHERE loader = %(loader)s AND token NOT IN (SELECT token FROM {_LOADS}"
            " WHERE loader = %(loader)s ORDER BY committed_at DESC LIMIT %(kept)s)",
            {"loader": loader, "kept": _KEPT_LOADS},
        )
        self.put_state(loader, state)

    def put_state(self, loader: str, state: Mapping[str, str]) -> None:
        """Inside a transaction: this is the loader's whole state from now on."""
        self._session.execute(f"DELETE FROM {_STATE} WHERE loader = %s", [loader])
        if state:
            self._session.execute(
                f"INSERT INTO {_STATE} SELECT %s, * FROM unnest(%s::text[], %s::text[])",
                [loader, list(state), list(state.values())],
            )

    def generation(self, relation: Relation) -> int | None:
        """The highest generation written here; None where nothing is known."""
        row = self._session.execute(
            f"SELECT generation FROM {_GENERATIONS} WHERE relation = %s", [_place(relation)]
        ).fetchone()
        return None if row is None else int(row[0])

    def put_generation(self, relation: Relation, generation: int) -> None:
        self._session.execute(
            f"INSERT INTO {_GENERATIONS} VALUES (%s, %s) ON CONFLICT (relation) DO UPDATE SET generation = excluded.generation",
            [_place(relation), generation],
        )


def _place(relation: Relation) -> str:
    return quoted(relation.schema or "public", relation.identifier)
