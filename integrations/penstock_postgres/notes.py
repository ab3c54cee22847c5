"""What staged rows say of themselves, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.integration import FIELDS_TOLD, UNDECLARED, ColumnRole, TableLoad
from penstock_postgres.connect import literal, quoted

if TYPE_CHECKING:
    from penstock_postgres.connect import Session


def changes_in(stage: str, meta: str) -> str:
    """SQL of what staged rows note, one change a row, as `c` and nothing else: beside the stage's own columns, one of them that is
    called so would be meant."""
    return f"(SELECT jsonb_array_elements({meta}->'changes') AS c FROM {stage} WHERE {meta}->'changes' <> '[]') AS noted"


def undeclared(session: Session, stage: str, table: TableLoad) -> dict[str, int]:
    """How many rows had each field for which there is no column."""
    meta = next((quoted(column.name) for column in table.columns if column.role is ColumnRole.META), None)
    if meta is None:
        return {}
    found = session.execute(
        f"SELECT c->>'field', count(*) FROM {changes_in(stage, meta)} WHERE c->>'reason' = {literal(UNDECLARED)}"
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {FIELDS_TOLD}"
    ).fetchall()
    return dict(found)
