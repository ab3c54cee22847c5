"""Writing staged tables into the warehouse: swap, append or merge, and the state, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import (
    Address,
    ColumnRole,
    Load,
    LoadedTable,
    TableLoad,
    WriteMode,
    changed_key,
    moved_on,
)
from penstock_duckdb.columns import sql_type, wider
from penstock_duckdb.connect import literal, opened, quoted
from penstock_duckdb.ledger import Ledger
from penstock_duckdb.newest import newest_by
from penstock_duckdb.notes import undeclared
from penstock_duckdb.numbers import NumberColumn, Numbers, define
from penstock_duckdb.rows import change_of, noted, unchanged

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# CDC sources mark a deleted row by a value in this field.
DELETED_AT = "_ab_cdc_deleted_at"


def commit(file: Path, address: Address, load: Load, stage: Path) -> tuple[LoadedTable, ...]:
    """Apply the load, once: a token that is recorded already is answered from the record.

    Raises WarehouseBusy when another process holds the file; nothing has changed then.
    """
    import duckdb

    database = address.database or ""
    with opened(file, write=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        define(connection)
        # What does not fit spills into the staging folder: a large merge must not need a large machine.
        connection.execute(f"SET memory_limit = '{load.memory_mb}MB'")
        connection.execute(f"SET temp_directory = {literal(str(load.staging / 'spill'))}")
        connection.execute(f"ATTACH {literal(str(stage))} AS _penstock_stage (READ_ONLY)")
        connection.execute("BEGIN")
        try:
            ledger = Ledger(connection, database)
            ledger.make()
            done = ledger.loaded(load.loader, load.token)
            if done is None:
                if load.expected not in (None, ledger.state(load.loader)):
                    raise moved_on(load.loader)
                writer = _Writer(connection, database)
                done = tuple(writer.write(place, table) for place, table in enumerate(load.tables))
                ledger.record(load.loader, load.token, done, load.state)
            connection.execute("COMMIT")
        except duckdb.OutOfMemoryException:
            raise ToolError(
                f"{file.name}: the load needs more than {load.memory_mb} MB of memory",
                hint="allow more with memory_mb of the airbyte instance",
            ) from None
        except duckdb.Error as error:
            # Closing without COMMIT rolls back; the file is as it was.
            raise ToolError(f"{file.name} refused the load: {str(error).splitlines()[0]}") from None
    return done


class _Writer:
    """Statements of one transaction."""

    def __init__(self, connection: DuckDBPyConnection, database: str) -> None:
        self._connection = connection
        self._database = database

    def write(self, place: int, table: TableLoad) -> LoadedTable:
        relation = table.relation
        schema, name = relation.schema or "main", relation.identifier
        target = quoted(self._database, schema, name)
        source = f"_penstock_stage.main.t{place}"
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._database, schema)}")
        read = self._count(source)
        existing = self._columns(schema, name)
        numbers = Numbers(self._connection, source, target, table).chosen(existing)
        rows = _rows(source, table, self._generation(target, existing, table), numbers)
        changed = self._changed(rows, table)
        if not existing or table.mode is WriteMode.REPLACE:
            self._connection.execute(
                f"CREATE OR REPLACE TABLE {target} AS SELECT * FROM {rows} WHERE {_alive(table)}"
            )
            notes: tuple[str, ...] = ()
        else:
            notes = self._fit(target, name, existing, table, {number.name: number.type for number in numbers})
            if table.mode is WriteMode.MERGE:
                self._merge(target, rows, table)
            else:
                self._insert(target, rows, table)
        return LoadedTable(
            relation=relation,
            rows_read=read,
            rows_total=self._count(target),
            rows_changed=changed,
            undeclared=undeclared(self._connection, rows, table) if changed else {},
            notes=notes,
        )

    def _changed(self, rows: str, table: TableLoad) -> int:
        """How many rows say that a value is not as the source has it."""
        meta = _column_of(table, ColumnRole.META)
        if meta is None:
            return 0
        return self._count(f"{rows} WHERE {quoted(meta)} <> {literal(unchanged(table.sync_id))}")

    def _generation(self, target: str, existing: dict[str, tuple[str, str]], table: TableLoad) -> int:
        column = _column_of(table, ColumnRole.GENERATION)
        if column is None or column.lower() not in existing:
            return max(table.generation, 1 if table.new_generation else 0)
        row = self._connection.execute(f"SELECT max({quoted(column)}) FROM {target}").fetchone()
        highest = int(row[0]) if row and row[0] is not None else 0
        return max(table.generation, highest + 1 if table.new_generation else highest)

    def _insert(self, target: str, rows: str, table: TableLoad) -> None:
        columns = ", ".join(quoted(column.name) for column in table.columns)
        self._connection.execute(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {rows}")

    def _merge(self, target: str, rows: str, table: TableLoad) -> None:
        """A staged row replaces the table's row of its key, unless that one is newer. Keys compare NULL = NULL."""
        same = " AND ".join(
            f"t.{quoted(column)} IS NOT DISTINCT FROM s.{quoted(column)}" for column in table.primary_key
        )
        self._connection.execute(
            f"DELETE FROM {target} AS t USING {rows} AS s WHERE {same} AND {_not_newer(newest_by(table))}"
        )
        alive = f"{rows} AS s WHERE {_alive(table)} AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {same})"
        self._insert(target, alive, table)

    def _fit(
        self,
        target: str,
        name: str,
        existing: dict[str, tuple[str, str]],
        table: TableLoad,
        numbers: Mapping[str, str],
    ) -> tuple[str, ...]:
        """Give the table the columns and the widths that the load needs. Columns it does not know stay."""
        notes = []
        for column in table.columns:
            wanted = numbers.get(column.name) or sql_type(column)
            if column.name.lower() not in existing:
                self._connection.execute(f"ALTER TABLE {target} ADD COLUMN {quoted(column.name)} {wanted}")
                notes.append(f"{name}: new column {column.name} ({wanted})")
                continue
            stored_name, stored_type = existing[column.name.lower()]
            if table.mode is WriteMode.MERGE and column.name in table.primary_key:
                _refuse_other_spelling(table, column.name, stored_type, sql_type(column))
            if (wide := wider(stored_type, wanted)) != stored_type:
                self._connection.execute(
                    f"ALTER TABLE {target} ALTER COLUMN {quoted(stored_name)} SET DATA TYPE {wide}"
                )
                notes.append(f"{name}: column {stored_name} widened from {stored_type} to {wide}")
        return tuple(notes)

    def _columns(self, schema: str, name: str) -> dict[str, tuple[str, str]]:
        """(name, type) by lower-case name; empty when there is no such table."""
        rows = self._connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = $1"
            " AND lower(schema_name) = lower($2) AND lower(table_name) = lower($3)",
            [self._database, schema, name],
        ).fetchall()
        return {column.lower(): (column, data_type) for column, data_type in rows}

    def _count(self, table: str) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return row[0] if row else 0


def _rows(source: str, table: TableLoad, generation: int, numbers: Sequence[NumberColumn]) -> str:
    """The staged rows as they go into the table: its generation, its types of numbers, and what those do not hold."""
    values = {number.name: number.value for number in numbers}
    fields = {column.name: column.taken_from for column in table.columns}
    lost = [
        (number.changed, _change(fields[number.name], number.value)) for number in numbers if number.changed
    ]
    for column in table.columns:
        name = quoted(column.name)
        if column.role is ColumnRole.GENERATION:
            values[column.name] = f"CAST({generation} AS BIGINT)"
        elif column.role is ColumnRole.META and lost:
            tests = " OR ".join(test for test, _ in lost)
            own = f"{name}->'changes'"
            values[column.name] = f"CASE WHEN {tests} THEN {noted(own, lost, table.sync_id)} ELSE {name} END"
    chosen = ", ".join(
        f"{values[column.name]} AS {quoted(column.name)}" if column.name in values else quoted(column.name)
        for column in table.columns
    )
    return f"(SELECT {chosen} FROM {source})"


def _change(field: str, value: str) -> str:
    return f"CASE WHEN {value} IS NULL THEN {change_of(field, 'NULLED')} ELSE {change_of(field, 'TRUNCATED')} END"


def _refuse_other_spelling(table: TableLoad, key: str, stored: str, wanted: str) -> None:
    """Text beside text, and beside what has one spelling only, compares as its source has it; a document has its own of a moment."""
    kinds = {stored.partition("(")[0], wanted}
    texts = {"VARCHAR", "BIGINT", "BOOLEAN", "DATE"}
    documents = {"JSON", "BIGINT", "BOOLEAN"}
    if kinds & {"VARCHAR", "JSON"} and not (kinds <= texts or kinds <= documents):
        raise changed_key(table.relation, key, stored, wanted)


def _column_of(table: TableLoad, role: ColumnRole) -> str | None:
    return next((column.name for column in table.columns if column.role is role), None)


def _alive(table: TableLoad) -> str:
    """Rows that a CDC source has deleted are kept only where every event is wanted: in an append."""
    if not table.primary_key or table.mode is WriteMode.APPEND:
        return "true"
    marks = [
        column.name
        for column in table.columns
        if column.role is ColumnRole.FIELD and column.taken_from == DELETED_AT
    ]
    return " AND ".join(f"{quoted(mark)} IS NULL" for mark in marks) or "true"


def _not_newer(order: Sequence[str]) -> str:
    """Whether the table's row `t` is at most as new as the staged row `s`; a missing value is the oldest."""
    if not order:
        return "true"
    first, rest = quoted(order[0]), _not_newer(order[1:])
    older = f"(s.{first} IS NOT NULL AND (t.{first} IS NULL OR t.{first} < s.{first}))"
    return f"({older} OR (t.{first} IS NOT DISTINCT FROM s.{first} AND {rest}))"
