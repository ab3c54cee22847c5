"""Statements over many rows, compiled once per dialect: SQLAlchemy writes the SQL, the driver gets it with the rows.

Compiling and checking each row anew costs three times what SQLite itself needs. Columns must need no conversion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, update

Row = dict[str, Any]


class Statements:
    """The three statements that the writer uses, per table and set of columns."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[str, tuple[str, ...] | None]] = {}

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """All rows have the columns of the first one."""
        columns = tuple(rows[0])
        key = ("insert", table.name, *columns)
        if key not in self._known:
            self._compile(connection, key, insert(table).values({name: bindparam(name) for name in columns}))
        self._execute(connection, key, rows)

    def update(
        self,
        connection: Connection,
        table: Table,
        keys: Sequence[str],
        columns: Sequence[str],
        rows: Sequence[Row],
    ) -> None:
        """Set `columns` of the rows whose `keys` are in each row as `key_...`."""
        key = ("update", table.name, *columns)
        if key not in self._known:
            where = and_(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
            self._compile(
                connection,
                key,
                update(table).where(where).values({name: bindparam(name) for name in columns}),
            )
        self._execute(connection, key, rows)

    def delete(self, connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> None:
        key = ("delete", table.name, *keys)
        if key not in self._known:
            where = and_(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
            self._compile(connection, key, delete(table).where(where))
        self._execute(connection, key, rows)

    def _compile(self, connection: Connection, key: tuple[str, ...], statement: Any) -> None:
        compiled = statement.compile(dialect=connection.dialect)
        order = tuple(compiled.positiontup) if compiled.positional else None
        self._known[key] = (str(compiled), order)

    def _execute(self, connection: Connection, key: tuple[str, ...], rows: Sequence[Row]) -> None:
        sql, order = self._known[key]
        if order is None:
            connection.exec_driver_sql(sql, list(rows))
        else:
            connection.exec_driver_sql(sql, [tuple([row[name] for name in order]) for row in rows])
