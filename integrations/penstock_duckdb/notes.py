"""What rows that are about to be written say of themselves, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.integration import FIELDS_TOLD, UNDECLARED, ColumnRole, TableLoad
from penstock_duckdb.connect import literal, quoted
from penstock_duckdb.rows import unchanged

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def undeclared(connection: DuckDBPyConnection, rows: str, table: TableLoad) -> dict[str, int]:
    """How many rows had each field for which there is no column."""
    meta = next((quoted(column.name) for column in table.columns if column.role is ColumnRole.META), None)
    if meta is None:
        return {}
    found = connection.execute(
        f"SELECT change->>'field', count(*) FROM (SELECT unnest(from_json({meta}->'changes', '[\"JSON\"]')) AS change"
        f" FROM {rows} WHERE {meta} <> {literal(unchanged(table.sync_id))})"
        f" WHERE change->>'reason' = {literal(UNDECLARED)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {FIELDS_TOLD}"
    ).fetchall()
    return dict(found)
