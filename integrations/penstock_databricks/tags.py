"""Tags of Unity Catalog. The lists that REST gives do not hold them: they are asked by SQL, seldom, and never of a stopped warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from penstock.integration import (
    Connection,
    ObserveContext,
    Scope,
    TagRow,
    Tags,
    catalog_pause,
    tags_of,
    text_of,
)
from penstock_databricks.address import host_of
from penstock_databricks.config import DatabricksConfig
from penstock_databricks.statements import Statements
from penstock_databricks.waking import why_asleep

_OF = """SELECT catalog_name, schema_name, table_name, {column} AS column_name, tag_name, tag_value
FROM system.information_schema.{view} WHERE {wanted}"""


def read_tags(
    context: ObserveContext[DatabricksConfig],
    connection: Connection,
    scopes: Sequence[Scope],
    catalogs: tuple[str, ...] | None,
) -> Tags:
    """Those of what the catalog is read of. Where a run has worked, they are due at once."""
    wanted = condition(scopes, catalogs)
    every = 0.0 if context.worked else catalog_pause(context.instance, context.config.catalog_every)
    place = host_of(connection.settings)
    return tags_of(file_of(context), place, wanted, every, lambda: _asked(connection, wanted))


def file_of(context: ObserveContext[DatabricksConfig]) -> Path:
    return context.state_dir / "databricks" / context.instance / "tags.msgpack"


def condition(scopes: Sequence[Scope], catalogs: tuple[str, ...] | None) -> str:
    """What is read, as SQL."""
    parts = []
    for scope in scopes:
        databases = (scope.database,) if scope.database is not None else catalogs
        both = [
            f"{name} IN ({', '.join(map(_literal, values))})"
            for name, values in (("catalog_name", databases), ("schema_name", scope.schemas))
            if values
        ]
        parts.append(" AND ".join(both) or "true")
    return " OR ".join(f"({part})" for part in parts) or "false"


def _asked(connection: Connection, wanted: str) -> Iterable[TagRow] | str:
    if not text_of(connection.settings, "http_path"):
        return "no `http_path` names a SQL warehouse to ask"
    if (asleep := why_asleep(connection)) is not None:
        return f"{asleep} (`wake: true` lets penstock start it)"
    own = _OF.format(column="CAST(NULL AS STRING)", view="table_tags", wanted=wanted)
    columns = _OF.format(column="column_name", view="column_tags", wanted=wanted)
    rows = Statements(connection, "tags").rows(f"{own}\nUNION ALL\n{columns}").rows
    return [
        TagRow(
            str(row[0]),
            str(row[1]),
            str(row[2]),
            None if row[3] is None else str(row[3]),
            str(row[4]),
            None if row[5] is None else str(row[5]),
        )
        for row in rows
    ]


def _literal(text: str) -> str:
    """A text constant: a backslash escapes in it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
