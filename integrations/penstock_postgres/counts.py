"""How many rows tables have: the planner's estimate, or counted. Large tables are counted only when that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from penstock.assets import Relation
from penstock.integration import Address, Cancellation, QueryCancelled, RowCount, Scope
from penstock_postgres.catalog import existing, read_relations, relation_at
from penstock_postgres.connect import quoted

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

# Up to so many rows a table is counted even where an estimate would do: it takes milliseconds.
BOUND = 100_000
_CHUNK = 100


def row_counts(
    session: Session,
    address: Address,
    relations: Iterable[Relation],
    exact: bool,
    cancel: Cancellation | None,
) -> dict[Relation, RowCount]:
    """See `Counts.row_counts`. Without `exact`, a table that has more rows than the bound has its estimate, or is left out."""
    wanted = {(relation.schema or "public", relation.identifier): relation for relation in relations}
    there = existing(session, sorted({schema for schema, _ in wanted}))
    places = {place: relation for place, relation in wanted.items() if place in there}
    counted = _counted(session, list(places), None if exact else BOUND, cancel)
    found = {places[place]: RowCount(rows, exact=True) for place, rows in counted.items() if rows is not None}
    missing = {relation for relation in places.values() if relation not in found}
    return found | _estimates(session, address, missing)


def any_rows(session: Session, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    """Whether each of these, which exist, has a row. No estimate is asked: a table that was never analysed has none."""
    found: dict[tuple[str, str], bool] = {}
    for start in range(0, len(places), _CHUNK):
        chunk = places[start : start + _CHUNK]
        parts = [
            f"SELECT {number}, EXISTS (SELECT FROM {quoted(*place)})" for number, place in enumerate(chunk)
        ]
        for number, has_row in session.execute(" UNION ALL ".join(parts)).fetchall():
            found[chunk[number]] = has_row
    return found


def _counted(
    session: Session, places: list[tuple[str, str]], bound: int | None, cancel: Cancellation | None
) -> Mapping[tuple[str, str], int | None]:
    """None: more than the bound."""
    counts: dict[tuple[str, str], int | None] = {}
    for start in range(0, len(places), _CHUNK):
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        chunk = places[start : start + _CHUNK]
        parts = []
        for number, (schema, name) in enumerate(chunk):
            rows = (
                f"{quoted(schema, name)}"
                if bound is None
                else f"(SELECT 1 FROM {quoted(schema, name)} LIMIT {bound + 1}) t"
            )
            parts.append(f"SELECT {number}, count(*) FROM {rows}")
        for number, count in session.execute(" UNION ALL ".join(parts)).fetchall():
            counts[chunk[number]] = count if bound is None or count <= bound else None
    return counts


def _estimates(session: Session, address: Address, relations: set[Relation]) -> dict[Relation, RowCount]:
    if not relations:
        return {}
    found = read_relations(session, Scope(relations=frozenset(relations)), address)
    return {
        relation_at(address, one.schema, one.name): RowCount(round(one.rows), exact=False)
        for one in found
        if one.rows is not None and one.rows > 0
    }
