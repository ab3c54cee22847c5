"""How many rows tables have: from Snowflake's metadata. Only views are counted by a query, and only when an exact number is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from penstock.assets import Relation
from penstock.integration import RowCount, whole_of
from penstock_snowflake.connect import DENIED, SqlError
from penstock_snowflake.naming import quoted
from penstock_snowflake.objects import table_of
from penstock_snowflake.shows import Row, named

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

Place = tuple[str, str, str]


def existing(
    session: Session, relations: Iterable[Relation], default: str | None
) -> dict[Relation, tuple[str, Row]]:
    """What of these exists: (TABLES or VIEWS, its row of SHOW)."""
    return listed(session, relations, default)[0]


def listed(
    session: Session, relations: Iterable[Relation], default: str | None
) -> tuple[dict[Relation, tuple[str, Row]], list[Relation]]:
    """And those whose schema does not exist or is closed to this role: Snowflake does not tell which."""
    by_schema: dict[tuple[str, str], dict[str, Relation]] = {}
    for relation in relations:
        place = (relation.database or default or "", relation.schema or "")
        by_schema.setdefault(place, {})[relation.identifier] = relation
    found: dict[Relation, tuple[str, Row]] = {}
    closed: list[Relation] = []
    for (database, schema), names in by_schema.items():
        left = dict(names)
        for what in ("TABLES", "VIEWS"):
            if not left:
                break
            rows = _named(session, what, database, schema, set(left))
            if rows is None:
                closed += left.values()
                break
            for row in rows:
                found[left.pop(str(row["name"]))] = (what, row)
    return found, closed


def row_counts(
    session: Session, relations: Iterable[Relation], default: str | None, *, exact: bool
) -> dict[Relation, RowCount]:
    """See `Counts.row_counts`."""
    counts: dict[Relation, RowCount] = {}
    uncounted: list[Relation] = []
    for relation, (what, row) in existing(session, relations, default).items():
        one = table_of(row) if what == "TABLES" else None
        if one is not None and one.rows is not None and (one.exact or not exact):
            counts[relation] = RowCount(one.rows, exact=one.exact)
        elif exact:
            uncounted.append(relation)
    for relation in uncounted:
        parts = (relation.database or default or "", relation.schema or "", relation.identifier)
        rows = session.rows(f"SELECT count(*) AS n FROM {quoted(*parts)}")
        counts[relation] = RowCount(whole_of(rows[0], "n") or 0, exact=True)
    return counts


def _named(session: Session, what: str, database: str, schema: str, names: set[str]) -> list[Row] | None:
    try:
        return named(session, what, database, schema, names)
    except SqlError as error:
        if error.code == DENIED:
            return None
        raise
