"""What fakesnow leaves out of its catalog: per table the commit token, the times of DDL and of the last change, and the rows.

As Snowflake's documentation has it: the token increases with each DML that is committed, whether it touched rows or not; LAST_DDL moves
with each CREATE, ALTER and UNDROP; LAST_ALTERED with both. Runs in fakesnow's own environment.
"""

from __future__ import annotations

import importlib
import re
import threading
import time
from typing import Any

import sqlglot
from sqlglot import exp

_TABLE = "_fs_global._fs_information_schema._marks"
_MAKE = f"""
create table if not exists {_TABLE} (db varchar, sc varchar, name varchar, token bigint, created timestamptz, ddl timestamptz,
  altered timestamptz, counted bigint)
"""
_JOIN = f" left join {_TABLE} _marks on _marks.db = {{0}} and _marks.sc = {{1}} and _marks.name = {{2}}"
_TOKEN = re.compile(r"SYSTEM\$LAST_CHANGE_COMMIT_TIME\s*\(\s*'((?:[^'\\]|''|\\.)*)'\s*\)", re.IGNORECASE)
_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy)
Place = tuple[str, str, str]


def patch() -> None:
    """Before the first FakeSnow is made: its catalog's views tell our times instead of 1970."""
    schema: Any = importlib.import_module("fakesnow.info_schema")
    show: Any = importlib.import_module("fakesnow.transforms.show")
    made = schema.fs_global_creation_sql
    schema.fs_global_creation_sql = lambda: made() + ";" + _MAKE
    name = "SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW"
    text = getattr(schema, name).template
    zero = "to_timestamp(0)::timestamptz AS"
    for column, told in (("CREATED", "created"), ("LAST_ALTERED", "altered"), ("LAST_DDL", "ddl")):
        text = text.replace(f'{zero} "{column}"', f'_marks.{told} AS "{column}"')
    objects = (
        "(select database_name, schema_name, table_name, estimated_size from duckdb_tables union all"
        " select database_name, schema_name, view_name, null from duckdb_views) tables"
    )
    join = _JOIN.format("tables.database_name", "tables.schema_name", "tables.table_name")
    text = text.replace("from duckdb_tables tables", f"from {objects}{join}")
    setattr(schema, name, type(getattr(schema, name))(text))
    for name in ("SQL_CREATE_VIEW_SHOW_TABLES", "SQL_CREATE_VIEW_SHOW_VIEWS"):
        text = getattr(show, name).replace(
            "to_timestamp(0)::timestamptz as created_on", "_marks.created as created_on"
        )
        text = text.replace("0 as rows", "_marks.counted as rows")
        join = _JOIN.format("table_catalog", "table_schema", "table_name")
        for source in ("tables", "views"):
            text = text.replace(
                f"from information_schema.{source}", f"from information_schema.{source}{join}"
            )
        setattr(show, name, text)


class Unknown(Exception):
    """There is no such table."""


class Marks:
    """Of one account. `connection` is the DuckDB behind it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._open: dict[int, list[Place]] = {}  # what a transaction has written, per session

    def with_tokens(self, sql: str) -> str:
        """The statement with the tokens that it asks for. Raises Unknown."""
        return _TOKEN.sub(lambda found: str(self._token(found[1])), sql)

    def seen(self, session: int, sql: str, database: str, schema: str) -> None:
        """That statement went well."""
        try:
            statement = sqlglot.parse_one(sql, read="snowflake")
        except sqlglot.errors.SqlglotError:
            return
        if isinstance(statement, exp.Transaction):
            self._open[session] = []
        elif isinstance(statement, exp.Rollback):
            self._open.pop(session, None)
        elif isinstance(statement, exp.Commit):
            for place in self._open.pop(session, []):
                self._moved(place, ddl=False)
        elif isinstance(statement, (*_WRITES, exp.Create, exp.Alter)):
            self._written(session, statement, _target(statement, database, schema))

    def _written(self, session: int, statement: Any, target: Place | None) -> None:
        ddl = isinstance(statement, (exp.Create, exp.Alter))
        if target is not None and not ddl and session in self._open:
            self._open[session].append(target)
        elif target is not None:
            self._moved(target, ddl=ddl, new=isinstance(statement, exp.Create))

    def _moved(self, place: Place, *, ddl: bool, new: bool = False) -> None:
        with self._lock:
            cursor = self._connection.cursor()
            now = f"to_timestamp({time.time():.3f})"
            known = cursor.execute(
                f"select token from {_TABLE} where (db, sc, name) = (?, ?, ?)", place
            ).fetchone()
            token = max(time.time_ns(), known[0] + 1 if known else 0)
            if known is None or new:
                cursor.execute(f"delete from {_TABLE} where (db, sc, name) = (?, ?, ?)", place)
                cursor.execute(
                    f"insert into {_TABLE} values (?, ?, ?, ?, {now}, {now}, {now}, 0)", [*place, token]
                )
            elif ddl:  # not the token: whether DDL moves that, nobody says
                cursor.execute(
                    f"update {_TABLE} set ddl = {now}, altered = {now} where (db, sc, name) = (?, ?, ?)",
                    place,
                )
            else:
                cursor.execute(
                    f"update {_TABLE} set token = ?, altered = {now} where (db, sc, name) = (?, ?, ?)",
                    [token, *place],
                )
            name = ".".join('"' + part.replace('"', '""') + '"' for part in place)
            cursor.execute(
                f"update {_TABLE} set counted = (select count(*) from {name}) where (db, sc, name) = (?, ?, ?)",
                place,
            )

    def _token(self, text: str) -> int:
        parts = [
            one[0].replace('""', '"') or one[1].upper() for one in _PART.findall(text.replace("''", "'"))
        ]
        cursor = self._connection.cursor()
        found = cursor.execute(
            f"select token from {_TABLE} where (db, sc, name) = (?, ?, ?)", parts
        ).fetchone()
        if found is None:
            raise Unknown(text)
        return int(found[0])


def _target(statement: Any, database: str, schema: str) -> Place | None:
    """The table that it writes, as stored."""
    table = statement.this if not isinstance(statement, exp.TruncateTable) else statement.expressions[0]
    table = table.find(exp.Table) if table is not None and not isinstance(table, exp.Table) else table
    if (
        table is None
        or statement.find(exp.TemporaryProperty)
        or str(statement.args.get("kind")).upper() in ("SCHEMA", "DATABASE")
    ):
        return None
    parts = [one.name if one.args.get("quoted") else one.name.upper() for one in table.parts]
    return tuple([database, schema, *parts][-3:]) if len(parts) < 3 else tuple(parts)  # type: ignore[return-value]
