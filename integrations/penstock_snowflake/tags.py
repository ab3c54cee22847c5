"""Tags of a Snowflake account, from ACCOUNT_USAGE: hours late, asked seldom, and never of a suspended warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import Connection, ObserveContext, Scope, TagRow, Tags, tags_of, text_of
from penstock_snowflake.address import account_of
from penstock_snowflake.config import SnowflakeConfig
from penstock_snowflake.connect import DENIED, SqlError
from penstock_snowflake.naming import literal
from penstock_snowflake.waking import why_not

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

# A tag on a database or schema is told there alone: what inherits it is not listed. A function or a stage may have a table's name.
_TAGS = """
SELECT object_database, object_schema, object_name, column_name, tag_name, tag_value
FROM SNOWFLAKE.ACCOUNT_USAGE.TAG_REFERENCES
WHERE object_deleted IS NULL AND object_schema IS NOT NULL AND (domain = 'COLUMN' OR domain LIKE '%TABLE' OR domain LIKE '%VIEW')
  AND ({wanted})"""


def read_tags(
    context: ObserveContext[SnowflakeConfig],
    session: Session,
    connection: Connection,
    scopes: Sequence[Scope],
    databases: Sequence[str],
    every: float,
) -> Tags:
    """Those of what the catalog is read of."""
    wanted = condition(scopes, databases)
    place = account_of(connection)
    return tags_of(file_of(context), place, wanted, every, lambda: _asked(session, connection, wanted))


def file_of(context: ObserveContext[SnowflakeConfig]) -> Path:
    return context.state_dir / "snowflake" / f"{context.instance}-tags.msgpack"


def condition(scopes: Sequence[Scope], databases: Sequence[str]) -> str:
    """What is read, as SQL."""
    parts = []
    for scope in scopes:
        inside = (scope.database,) if scope.database is not None else databases
        both = [
            f"{name} IN ({', '.join(map(literal, values))})"
            for name, values in (("object_database", inside), ("object_schema", scope.schemas))
            if values
        ]
        parts.append(" AND ".join(both) or "true")
    return " OR ".join(f"({part})" for part in parts) or "false"


def _asked(session: Session, connection: Connection, wanted: str) -> Iterable[TagRow] | str:
    if (reason := why_not(session, connection)) is not None:
        return reason
    try:
        rows = session.rows(_TAGS.format(wanted=wanted))
    except SqlError as error:
        if error.code != DENIED:
            raise
        raise ToolError(
            "this role may not read SNOWFLAKE.ACCOUNT_USAGE.TAG_REFERENCES",
            hint="GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER",
        ) from None
    return [
        TagRow(
            str(row["object_database"]),
            str(row["object_schema"]),
            str(row["object_name"]),
            text_of(row, "column_name"),
            str(row["tag_name"]),
            text_of(row, "tag_value"),
        )
        for row in rows
    ]
