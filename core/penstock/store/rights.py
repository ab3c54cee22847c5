"""Whether a run store can be made and written by this user. Asks, and makes nothing."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import text

from penstock.store import schema
from penstock.store.database import Database, database

# A standby says that its transactions only read, as does a database whose default that is.
_READS_ONLY = text("SELECT current_setting('transaction_read_only') = 'on'")
# A store that is not there yet is made: nothing lacks but the right to make tables.
_MAY_MAKE = text("SELECT to_regclass('runs') IS NOT NULL OR has_schema_privilege(current_schema(), 'CREATE')")
_LACKS = text(
    "WITH t AS (SELECT name, to_regclass(name) AS kept FROM unnest(CAST(:tables AS text[])) AS name)"
    " SELECT 0 AS place, asked || ' on ' || name FROM t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS asked"
    " WHERE kept IS NOT NULL AND NOT has_table_privilege(kept, asked)"
    " UNION ALL SELECT 1, 'USAGE on ' || s.relname FROM t JOIN pg_depend d ON d.refobjid = t.kept AND d.deptype = 'a'"
    " JOIN pg_class s ON s.oid = d.objid"
    " WHERE CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') ELSE false END"  # others may not be asked
    " ORDER BY 1, 2"
)


def unwritable(url: str, root: Path) -> str | None:
    """Why nothing can be recorded there; None when it can. Raises StoreError, ConfigError."""
    kept = database(url, root)  # not as a reader, who is told that everything only reads
    try:
        return _file(Path(kept.place)) if kept.is_sqlite else _server(kept)
    finally:
        kept.dispose()


def _file(path: Path) -> str | None:
    """SQLite writes beside its file too: the folder must be writable even where the file is there."""
    there = next(folder for folder in path.parents if os.path.exists(folder))  # noqa: PTH110  # false where it may not be asked
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        beside = f": the store writes files beside {path.name}" if there == path.parent else ""
        return f"{there} cannot be written{beside}"
    if path.exists() and not (path.is_file() and os.access(path, os.R_OK | os.W_OK)):
        return f"{path} cannot be written"
    return None


def _server(kept: Database) -> str | None:
    with kept.read() as connection:
        if connection.execute(_READS_ONLY).scalar_one():
            return "this database only reads (a standby, or default_transaction_read_only)"
        if not connection.execute(_MAY_MAKE).scalar_one():
            return "this user may not write there: it needs CREATE on the schema, or its tables"
        tables = sorted(set(schema.metadata.tables) - {schema.version.name})
        lacks = [row[1] for row in connection.execute(_LACKS, {"tables": tables})]
    more = f" and {len(lacks) - 3} more" if len(lacks) > 3 else ""
    return f"this user may not write there: it lacks {', '.join(lacks[:3])}{more}" if lacks else None
