"""A store made by the migrations is the store that is made at once; and where no migration helps, a sentence."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from penstock.errors import ConfigError, StoreError, ToolMissing
from penstock.store import migrate, open_store, schema
from penstock.store.database import Database, database
from tests.tools.postgres import PostgresServer, new_server

pytestmark = pytest.mark.xdist_group("postgres-migrate")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


def shape(made: Database) -> dict[str, object]:
    """Everything that the database itself knows of the schema."""
    found: dict[str, object] = {}
    with made.read() as connection:
        if made.is_sqlite:
            rows = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            ).all()
            found["without rowid"] = sorted(name for name, sql in rows if "WITHOUT ROWID" in sql)
        inspector = inspect(connection)
        for table in sorted(inspector.get_table_names()):
            if table == schema.version.name:
                continue
            columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)]
            indexes = sorted(
                (i["name"] or "", tuple(i["column_names"]), i["unique"]) for i in inspector.get_indexes(table)
            )
            found[table] = (columns, inspector.get_pk_constraint(table)["constrained_columns"], indexes)
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_migrating_from_nothing_gives_what_is_made_at_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    urls = ["sqlite:///one.db", "sqlite:///two.db"]
    if kind == "postgres":
        server = request.getfixturevalue("server")
        urls = [server.url(), server.url()]
    at_once, step_by_step = (database(url, tmp_path) for url in urls)
    migrate.prepare(at_once, create=True)
    migrate.upgrade(step_by_step)
    assert shape(step_by_step) == shape(at_once)
    assert migrate.schema_version(step_by_step) == migrate.schema_version(at_once) == schema.SCHEMA_VERSION
    for made in (at_once, step_by_step):
        made.dispose()


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"something else entirely, and long enough to be looked at" * 30)
    with pytest.raises(StoreError, match="this file is not a run store"):
        open_store("sqlite:///store.db", root=tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError, match="folder of the run store cannot be made"):
        open_store("sqlite:///taken/store.db", root=tmp_path)


def test_a_store_that_is_locked_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.store.database._BUSY_SECONDS", 0.1)
    store = open_store("sqlite:///store.db", root=tmp_path)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process holds the run store"):
        store.request("x", "cancel")
    assert store.runs() == []
    other.execute("ROLLBACK")
    other.close()
    store.close()


def test_a_server_that_is_not_there_and_a_password_that_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="PostgreSQL cannot be reached") as told:
        open_store("postgresql://penstock:hunter2@127.0.0.1:1/runs", root=tmp_path)
    assert "hunter2" not in str(told.value)
    assert told.value.where == "postgresql://penstock:***@127.0.0.1:1/runs"


@pytest.mark.parametrize("url", ["mysql://localhost/runs", "no url at all", "oracle:///x", ""])
def test_a_url_of_another_kind(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        open_store(url, root=tmp_path)
    assert told.value.hint is not None
    assert "postgresql://" in told.value.hint


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ToolMissing, match="needs psycopg") as told:
        open_store("postgresql://localhost/runs", root=tmp_path)
    assert told.value.hint == "pip install 'penstock[postgres]'"
