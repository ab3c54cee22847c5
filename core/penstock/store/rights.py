"""Whether a run store can be made and written by this user. Asks, and makes nothing."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import text

from penstock.store.database import Database, database

# A store that is there is written by its rows, one that is not by making its tables.
_POSTGRES = text(
    "SELECT CASE WHEN to_regclass('runs') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')"
    " ELSE has_table_privilege('runs', 'INSERT') END"
)


def unwritable(url: str, root: Path) -> str | None:
    """Why nothing can be recorded there; None when it can. Raises StoreError, ConfigError."""
    kept = database(url, root, reading=True)
    try:
        return _file(Path(kept.place)) if kept.is_sqlite else _server(kept)
    finally:
        kept.dispose()


def _file(path: Path) -> str | None:
    if path.is_file():
        return None if os.access(path, os.W_OK) else f"{path} cannot be written"
    there = next(folder for folder in path.parents if folder.exists())
    usable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    return None if usable and not path.exists() else f"{path if path.exists() else there} cannot be written"


def _server(kept: Database) -> str | None:
    with kept.read() as connection:
        allowed = connection.execute(_POSTGRES).scalar_one()
    return None if allowed else "this user may not write there: it needs CREATE on the schema, or its tables"
