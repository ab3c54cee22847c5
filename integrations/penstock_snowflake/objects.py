"""Which tables and views there are, from SHOW: kinds, owners, comments, sizes, rows, SQL. No warehouse runs for it."""

from __future__ import annotations

from collections.abc import Iterable
from sys import intern
from typing import TYPE_CHECKING

import msgspec

from penstock.integration import text_of
from penstock_snowflake.shows import Row, flag, number, objects

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_SPECIAL = (
    ("is_dynamic", "dynamic table"),
    ("is_external", "external table"),
    ("is_iceberg", "iceberg table"),
    ("is_hybrid", "hybrid table"),
)
# Whose row counts the metadata does not hold exactly.
_ROUGH = frozenset({"external table", "iceberg table", "hybrid table"})


class Found(msgspec.Struct, frozen=True, gc=False):
    """A table or view as SHOW has it."""

    schema: str
    name: str
    kind: str
    owner: str | None
    comment: str | None
    rows: int | None
    exact: bool
    size: int | None
    sql: str | None


def read_objects(session: Session, database: str, schemas: list[str], *, whole: bool) -> list[Found]:
    """What lies in these schemas, in order."""
    found: list[Found] = []
    dynamic = False
    for row in objects(session, "TABLES", database, schemas, whole=whole):
        one = table_of(row)
        dynamic = dynamic or one.kind == "dynamic table" or "is_dynamic" not in row
        found.append(one)
    found += [_view(row) for row in objects(session, "VIEWS", database, schemas, whole=whole)]
    if dynamic:
        found = _with_texts(found, objects(session, "DYNAMIC TABLES", database, schemas, whole=whole))
    return sorted(found, key=lambda one: (one.schema, one.name))


def table_of(row: Row) -> Found:
    kind = next((word for column, word in _SPECIAL if flag(row.get(column))), "table")
    return Found(
        schema=intern(str(row["schema_name"])),  # of a hundred thousand tables few lie in another schema
        name=str(row["name"]),
        kind=kind,
        owner=_same(text_of(row, "owner")),
        comment=text_of(row, "comment"),
        rows=number(row.get("rows")),
        exact=kind not in _ROUGH,
        size=number(row.get("bytes")),
        sql=None,
    )


def _same(text: str | None) -> str | None:
    return text and intern(text)


def _view(row: Row) -> Found:
    return Found(
        schema=intern(str(row["schema_name"])),
        name=str(row["name"]),
        kind="materialized view" if flag(row.get("is_materialized")) else "view",
        owner=_same(text_of(row, "owner")),
        comment=text_of(row, "comment"),
        rows=None,
        exact=False,
        size=None,
        sql=text_of(row, "text"),
    )


def _with_texts(found: list[Found], rows: Iterable[Row]) -> list[Found]:
    texts = {(str(row["schema_name"]), str(row["name"])): text_of(row, "text") for row in rows}
    return [
        msgspec.structs.replace(one, kind="dynamic table", sql=texts[one.schema, one.name])
        if (one.schema, one.name) in texts
        else one
        for one in found
    ]
