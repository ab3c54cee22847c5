"""Loads from lines of JSON into a real PostgreSQL, for tests of the destination."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from penstock.integration import Connection, WarehouseContext
from penstock_postgres import INTEGRATION
from penstock_postgres.warehouse import PostgresWarehouse
from tests.unit.penstock_duckdb.loading import Loading


def connection_at(url: str, root: Path, **settings: Any) -> Connection:
    parts = urlsplit(url)
    place = {"host": parts.hostname, "port": parts.port, "user": parts.username, "dbname": parts.path[1:]}
    return Connection(type="postgres", settings=place | settings, base=root)


def warehouse_at(url: str, root: Path, **settings: Any) -> PostgresWarehouse:
    found = INTEGRATION.warehouse(
        WarehouseContext(connection=connection_at(url, root, **settings), project_root=root)
    )
    assert isinstance(found, PostgresWarehouse)
    return found


_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_MADE = "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')"


def clear(url: str) -> None:
    """Ends the sessions of a database and drops its schemas: all that a load leaves there."""
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(_OTHERS)
        for (name,) in session.execute(_MADE).fetchall():
            session.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(name)))


class PostgresLoading(Loading):
    """As `Loading`, into the database behind `url`."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.url = url
        self.warehouse = warehouse_at(url, root)
        self.destination = self.warehouse.destination()
        self.count = 0

    def patient(self, seconds: float) -> PostgresLoading:
        """The same database, by a connection that waits so long for a table's lock."""
        other = PostgresLoading(self.root, self.url)
        other.count = self.count
        other.destination = warehouse_at(self.url, self.root, lock_seconds=seconds).destination()
        return other

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True, options="-c TimeZone=UTC") as session:
            cursor = session.execute(sql)
            return cursor.fetchall() if cursor.description else []
