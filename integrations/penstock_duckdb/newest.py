"""Of the staged rows of one key the newest; and keys of which it cannot be said whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from penstock.integration import ColumnRole, TableLoad, WriteMode, lost_key
from penstock_duckdb.connect import literal, quoted
from penstock_duckdb.numbers import exact_name, number_places

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ASIDE = "_penstock_aside"


def is_keyed(table: TableLoad) -> bool:
    """Whether of the staged rows of one key only the newest counts."""
    return bool(table.primary_key) and table.mode is not WriteMode.APPEND


def refuse_lost_keys(connection: DuckDBPyConnection, name: str, table: TableLoad) -> None:
    """A key that is not as the source has it may be another row's: merged, one of the two would be gone.

    Asked before the newest rows are kept: the row that says so may be the one that is dropped.
    """
    meta = next((quoted(column.name) for column in table.columns if column.role is ColumnRole.META), None)
    keys = [column for column in table.columns if column.name in table.primary_key]
    if not is_keyed(table) or meta is None or not keys:
        return
    names = ", ".join(literal(column.taken_from) for column in keys)
    # TYPECAST: a number inside of a document, which DuckDB's JSON rounds to a double.
    row = connection.execute(
        f"SELECT change->>'field', change->>'change' FROM (SELECT unnest(from_json({meta}->'changes', '[\"JSON\"]'))"
        f" AS change FROM {name} WHERE {meta}->>'$.changes' <> '[]')"
        f" WHERE change->>'field' IN ({names}) AND (ends_with(change->>'reason', '_SERIALIZATION_ERROR')"
        " OR change->>'reason' = 'DESTINATION_TYPECAST_ERROR') LIMIT 1"
    ).fetchone()
    if row is not None:
        raise lost_key(table.relation, row[0], row[1])


def keep_newest(connection: DuckDBPyConnection, name: str, table: TableLoad) -> None:
    """Of the rows of one key keep the newest: by cursor, then time of extraction, then place in the file."""
    taken = next((column.name for column in table.columns if column.name.lower() == "rowid"), None)
    if taken is not None:  # what `rowid` would mean then, where it shall be the row's place
        connection.execute(f"ALTER TABLE {name} RENAME COLUMN {quoted(taken)} TO {_ASIDE}")
        keep_newest(connection, name, _called(table, taken, _ASIDE))
        connection.execute(f"ALTER TABLE {name} RENAME COLUMN {_ASIDE} TO {quoted(taken)}")
        return
    _fill_times(connection, name, table)
    keys = ", ".join(
        [
            *(quoted(column) for column in table.primary_key),
            *(
                f"canonical({quoted(exact_name(place))})"
                for place in number_places(table)
                if table.columns[place].name in table.primary_key
            ),
        ]
    )
    order = "".join(f"{term} DESC NULLS LAST, " for term in _order(table))
    connection.execute(
        f"DELETE FROM {name} WHERE rowid NOT IN (SELECT rid FROM (SELECT rowid AS rid, row_number() OVER"
        f" (PARTITION BY {keys} ORDER BY {order}rowid DESC) AS place FROM {name}) WHERE place = 1)"
    )


def _fill_times(connection: DuckDBPyConnection, name: str, table: TableLoad) -> None:
    """A row without a time has that of the row before it, or behind it; where none has any, that of its load. The time of the load
    beside true ones is later than all of them: the row would be taken for the newest."""
    for time in (quoted(column.name) for column in table.columns if column.role is ColumnRole.EXTRACTED_AT):
        if connection.execute(f"SELECT 1 FROM {name} WHERE {time} IS NULL LIMIT 1").fetchone() is None:
            continue
        connection.execute(
            f"UPDATE {name} AS t SET {time} = near.told FROM (SELECT rowid AS rid, coalesce("
            f"last_value({time} IGNORE NULLS) OVER (ORDER BY rowid ROWS UNBOUNDED PRECEDING),"
            f" first_value({time} IGNORE NULLS) OVER (ORDER BY rowid ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),"
            f" now()) AS told FROM {name}) AS near WHERE t.rowid = near.rid AND t.{time} IS NULL"
        )


def _order(table: TableLoad) -> Iterator[str]:
    """SQL of what tells the newest. Two numbers with one double are told apart by their digits."""
    for column in newest_by(table):
        yield quoted(column)
        for place in number_places(table):
            if table.columns[place].name == column:
                text = f"coalesce({quoted(exact_name(place))}, CAST({quoted(column)} AS VARCHAR))"
                yield f"TRY_CAST({text} AS DECIMAL(38, 9))"


def _called(table: TableLoad, name: str, other: str) -> TableLoad:
    """The table with one column called otherwise."""
    replaced = msgspec.structs.replace
    return replaced(
        table,
        columns=tuple(replaced(c, name=other) if c.name == name else c for c in table.columns),
        primary_key=tuple(other if key == name else key for key in table.primary_key),
        cursor=other if table.cursor == name else table.cursor,
    )


def newest_by(table: TableLoad) -> tuple[str, ...]:
    """The columns that tell which of two rows of one key is newer, most telling first."""
    times = [column.name for column in table.columns if column.role is ColumnRole.EXTRACTED_AT]
    return ((table.cursor,) if table.cursor else ()) + tuple(times)
