"""Which rows a table holds, as one hash over all of them, whatever their order. Reads through an open connection."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from penstock.integration import ColumnSet, Content
from penstock_duckdb.connect import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Values that DuckDB's hash takes for equal and that can be told apart: 0.0 and -0.0, a month and thirty days.
_ALIKE = re.compile(r"DOUBLE|FLOAT|INTERVAL|TIME WITH TIME ZONE|TIMETZ|VARIANT|JSON", re.IGNORECASE)


def content_of(
    connection: DuckDBPyConnection, database: str, schema: str, name: str, sets: Iterable[ColumnSet | None]
) -> Content:
    """The content of one table or view; of a view its definition, its rows are not looked at."""
    columns = _columns(connection, database, schema, name)
    view = connection.execute(
        "SELECT sql FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 AND view_name = $3 AND NOT internal",
        [database, schema, name],
    ).fetchone()
    if view is not None:
        return Content(kind="view", columns=columns, definition=_digest(str(view[0])))
    wanted = list(dict.fromkeys(sets))
    chosen = [_chosen(columns, one) for one in wanted]
    sums = [_sum(one) for one in chosen]
    row = connection.execute(
        f"SELECT {', '.join(['count(*)', *sums])} FROM {quoted(database, schema, name)}"
    ).fetchone()
    assert row is not None
    engine = _engine(connection)
    hashes = {
        one: _digest(f"{engine}\0{of}\0{row[0]}\0{total}")
        for one, of, total in zip(wanted, chosen, row[1:], strict=True)
    }
    return Content(kind="table", columns=columns, rows=row[0], hashes=hashes)


def _engine(connection: DuckDBPyConnection) -> str:
    """A hash of another version of DuckDB is not comparable."""
    row = connection.execute("SELECT version()").fetchone()
    return str(row[0]) if row else ""


def _columns(
    connection: DuckDBPyConnection, database: str, schema: str, name: str
) -> tuple[tuple[str, str], ...]:
    found = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = $1 AND schema_name = $2"
        " AND table_name = $3 ORDER BY column_index",
        [database, schema, name],
    ).fetchall()
    return tuple((column, kind) for column, kind in found)


def _chosen(columns: Sequence[tuple[str, str]], wanted: ColumnSet | None) -> list[tuple[str, str]]:
    if wanted is None:
        return list(columns)
    names = {name.lower() for name in wanted}
    return [column for column in columns if column[0].lower() in names]


def _sum(columns: Sequence[tuple[str, str]]) -> str:
    """A sum: with xor two equal rows would be none."""
    if not columns:
        return "0"
    parts = []
    for name, kind in columns:
        parts.append(quoted(name))
        if _ALIKE.search(kind):
            parts.append(f"CAST({quoted(name)} AS VARCHAR)")
    return f"coalesce(sum(CAST(hash({', '.join(parts)}) AS HUGEINT)), 0)"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
