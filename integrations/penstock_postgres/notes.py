"""What staged rows say of themselves, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.integration import FIELDS_TOLD, UNDECLARED, ColumnRole, TableLoad
from penstock_postgres.connect import literal, quoted

if TYPE_CHECKING:
    from penstock_postgres.connect import Session


def undeclared(session: Session, stage: str, table: TableLoad) -> dict[str, int]:
    """How many rows had each field for which there is no column."""
    meta = next((quoted(column.name) for column in table.columns if column.role is ColumnRole.META), None)
    if meta is None:
        return {}
    found = session.execute(
        f"SELECT c->>'field', count(*) FROM {stage}, jsonb_array_elements({meta}->'changes') AS c"
        f" WHERE {meta}->'changes' <> '[]' AND c->>'reason' = {literal(UNDECLARED)}"
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {FIELDS_TOLD}"
    ).fetchall()
    return dict(found)
