"""Which schema a store has, making a new one, and bringing an old one up. Alembic is imported only for the last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select

from penstock.errors import StoreError
from penstock.store import schema
from penstock.store.database import Database, StoreMissing
from penstock.system.files import private_folder, touch_private

SCRIPTS = "penstock.store:migrations"


def prepare(database: Database, *, create: bool) -> None:
    """Leave `database` with exactly the schema of this penstock, or say in a StoreError why not."""
    if database.path is not None and not _exists(database.path):
        if not create:
            raise StoreMissing("nothing has run here yet", where=database.place, hint="penstock run")
        _make_folder(database)
    found = schema_version(database)
    if found == schema.SCHEMA_VERSION:
        return
    if found is None:
        _create(database, create)
    elif found > schema.SCHEMA_VERSION:
        raise StoreError(
            f"the run store was written by a newer penstock (schema {found}, this one knows {schema.SCHEMA_VERSION})",
            where=database.place,
            hint="upgrade penstock here, or use another store",
        )
    else:
        upgrade(database)


def schema_version(database: Database) -> str | None:
    """The schema's version; None when there is no schema."""
    with database.read() as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(schema.version.name):
        return None
    found: str | None = connection.execute(select(schema.version.c.version_num)).scalar()
    return found


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise StoreError(
            f"the run store cannot be reached: {error.strerror}",
            where=str(path),
            hint="check that its folder is yours",
        ) from None


def _make_folder(database: Database) -> None:
    assert database.path is not None
    try:
        private_folder(database.path.parent)
        touch_private(database.path)  # SQLite gives its own files the mode of this one
    except OSError as error:
        raise StoreError(
            f"the folder of the run store cannot be made: {error.strerror}", where=database.place
        ) from None


def _create(database: Database, create: bool) -> None:
    if database.is_sqlite:
        _set_wal(database)
    elif not create:
        raise StoreMissing("nothing has run here yet", where=database.place, hint="penstock run")
    with database.write() as connection:
        _one_at_a_time(database, connection)
        if _version(connection) is None:  # another process may have been quicker
            schema.metadata.create_all(connection)
            for statement in schema.PARTIAL_INDEXES:
                connection.exec_driver_sql(statement)
            connection.execute(schema.event_count.insert().values(id=1, last=0))
            connection.execute(schema.version.insert().values(version_num=schema.SCHEMA_VERSION))


def _set_wal(database: Database) -> None:
    with database.errors():
        raw = database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.close()
        finally:
            raw.close()


def _one_at_a_time(database: Database, connection: Connection) -> None:
    if not database.is_sqlite:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7369746)")


def upgrade(database: Database, to: str = "head") -> None:
    """Run the migrations that are missing, all in one transaction."""
    from alembic import command  # 0.4 s, and only when the schema is behind

    with database.write() as connection:
        _one_at_a_time(database, connection)
        command.upgrade(_config(connection), to)


def _config(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
