"""The columns of many tables: from SHOW where its answer is whole, else by SQL in pages of tables, which needs a warehouse."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from penstock.integration import text_of
from penstock_snowflake.connect import TOO_MUCH, SqlError
from penstock_snowflake.kept import Described
from penstock_snowflake.naming import instant, literal, quoted, sql_type, text_type
from penstock_snowflake.shows import LIMIT

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

PAGE = 1000  # tables of one query: the connector holds its whole answer
Place = tuple[str, str]  # (schema, name)


def shown_columns(
    session: Session, database: str, schema: str | None = None
) -> dict[Place, Described] | None:
    """All columns of a database or schema by one SHOW; None when the answer is cut."""
    scope = f"DATABASE {quoted(database)}" if schema is None else f"SCHEMA {quoted(database, schema)}"
    rows = session.rows(f"SHOW COLUMNS IN {scope}")
    if len(rows) >= LIMIT:
        return None
    return _grouped(
        (
            str(row["schema_name"]),
            str(row["table_name"]),
            str(row["column_name"]),
            _shown_type(str(row["data_type"])),
            text_of(row, "comment"),
        )
        for row in rows
    )


def queried_columns(
    session: Session, database: str, places: Sequence[Place]
) -> Iterator[dict[Place, Described]]:
    """The columns of these tables (sorted), so many tables at a time. A page that is too much is halved."""
    for start in range(0, len(places), PAGE):
        yield from _page(session, database, places[start : start + PAGE])


def changed_since(session: Session, database: str, moment: float) -> set[Place]:
    """Tables whose definition changed after `moment` (epoch seconds). Columns change by DDL only."""
    rows = session.rows(
        f"SELECT table_schema, table_name FROM {quoted(database)}.INFORMATION_SCHEMA.TABLES"
        f" WHERE last_ddl IS NULL OR last_ddl >= {instant(moment)}"
    )
    return {(str(row["table_schema"]), str(row["table_name"])) for row in rows}


def _page(session: Session, database: str, places: Sequence[Place]) -> Iterator[dict[Place, Described]]:
    wanted = set(places)
    try:
        rows = session.stream(
            "SELECT table_schema, table_name, column_name, data_type, character_maximum_length,"
            f" numeric_precision, numeric_scale, comment FROM {quoted(database)}.INFORMATION_SCHEMA.COLUMNS"
            f" WHERE {condition(places)} ORDER BY table_schema, table_name, ordinal_position"
        )
        told = _described(rows)
        found = {place: listed for place, listed in told if place in wanted}
    except SqlError as error:
        if error.code != TOO_MUCH or len(places) < 2:
            raise
        half = len(places) // 2
        yield from _page(session, database, places[:half])
        yield from _page(session, database, places[half:])
        return
    yield found


def _described(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[Place, Described]]:
    """Rows as `_page` asks for them, table by table. Millions of columns have few types."""
    types: dict[tuple[object, ...], str] = {}
    for place, listed in groupby(rows, key=itemgetter(0, 1)):
        columns: list[tuple[str, str]] = []
        comments: dict[str, str] = {}
        for _, _, name, kind, length, precision, scale, comment in listed:
            told = (kind, length, precision, scale)
            known = types.get(told)
            if known is None:
                known = types[told] = _queried_type(str(kind), length, precision, scale)
            columns.append((str(name), known))
            if comment:
                comments[str(name)] = str(comment)
        yield place, (tuple(columns), comments)


def condition(places: Sequence[Place]) -> str:
    """A condition for a run of sorted names: one range per schema."""
    ranges: dict[str, list[str]] = {}
    for schema, name in places:
        ranges.setdefault(schema, []).append(name)
    return " OR ".join(
        f"(table_schema = {literal(schema)} AND table_name >= {literal(min(names))}"
        f" AND table_name <= {literal(max(names))})"
        for schema, names in ranges.items()
    )


def _grouped(rows: Iterable[tuple[str, str, str, str, str | None]]) -> dict[Place, Described]:
    columns: dict[Place, list[tuple[str, str]]] = {}
    comments: dict[Place, dict[str, str]] = {}
    for schema, table, name, kind, comment in rows:
        columns.setdefault((schema, table), []).append((sys.intern(name), sys.intern(kind)))
        if comment:
            comments.setdefault((schema, table), {})[name] = comment
    return {place: (tuple(found), comments.get(place, {})) for place, found in columns.items()}


def _shown_type(text: str) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        return text
    return sql_type(told) if isinstance(told, dict) else text


def _queried_type(kind: str, length: object, precision: object, scale: object) -> str:
    if kind == "NUMBER":
        return f"NUMBER({precision},{scale})"
    return text_type(length) if kind == "TEXT" else kind
