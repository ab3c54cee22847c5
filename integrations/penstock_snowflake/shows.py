"""SHOW statements, read whole: they need no running warehouse. SHOW cuts its answer at 10,000 rows and does not say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock_snowflake.naming import literal, pattern, quoted

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

LIMIT = 10_000
# Snowflake's own schemas of every database.
HIDDEN = frozenset({"INFORMATION_SCHEMA"})
Row = dict[str, object]


def schemas_of(session: Session, database: str, wanted: tuple[str, ...] | None) -> list[str]:
    """The schemas of a database that this role may see. Named ones are taken as named where the list is cut."""
    rows = session.rows(f"SHOW TERSE SCHEMAS IN DATABASE {quoted(database)}")
    seen = sorted({str(row["name"]) for row in rows} - HIDDEN)
    if wanted is None:
        return seen
    cut = len(rows) >= LIMIT
    return [schema for schema in wanted if cut or schema in seen]


def objects(session: Session, what: str, database: str, schemas: list[str], *, whole: bool) -> Iterator[Row]:
    """Rows of SHOW `what` in these schemas. One statement where the database holds little, else one or more per schema."""
    if whole or len(schemas) > 3:
        rows = session.rows(f"SHOW {what} IN DATABASE {quoted(database)}")
        if len(rows) < LIMIT:
            wanted = set(schemas)
            yield from (row for row in rows if row["schema_name"] in wanted)
            return
    for schema in schemas:
        yield from in_schema(session, what, database, schema)


def in_schema(session: Session, what: str, database: str, schema: str) -> Iterator[Row]:
    """Page by page: the cursor compares names only, so that it is right within one schema alone."""
    seen: set[str] = set()
    after = ""
    while True:
        clause = f" FROM {literal(after)}" if after else ""
        rows = session.rows(f"SHOW {what} IN SCHEMA {quoted(database, schema)} LIMIT {LIMIT}{clause}")
        fresh = [row for row in rows if row["name"] not in seen]
        yield from fresh
        if len(rows) < LIMIT or not fresh:
            return
        seen.update(str(row["name"]) for row in fresh)
        after = str(fresh[-1]["name"])


def named(session: Session, what: str, database: str, schema: str, names: set[str]) -> list[Row]:
    """Only these of a schema: one LIKE for a single name, else the schema is read."""
    if len(names) == 1:
        like = pattern(next(iter(names)))
        rows = session.rows(f"SHOW {what} LIKE {like} IN SCHEMA {quoted(database, schema)}")
    else:
        rows = list(in_schema(session, what, database, schema))
    return [row for row in rows if row["name"] in names]


def flag(value: object) -> bool:
    """Snowflake says yes as Y, YES, true or True, by the statement."""
    return str(value).strip().lower() in ("y", "yes", "true")


def number(value: object) -> int | None:
    return None if value in (None, "") else int(str(value))
