"""The SQL of a merge: a staged row replaces the table's row of its key, unless that one is newer. Pure text.

Keys are compared by `=`, which can use a hash or an index; rows with a NULL in their key go through statements of their own,
because IS NOT DISTINCT FROM is a loop over the whole table for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.integration import ColumnRole, TableLoad, WriteMode
from penstock_postgres.connect import quoted

# CDC sources mark a deleted row by a value in this field.
DELETED_AT = "_ab_cdc_deleted_at"
PLACE = "_penstock_place"  # of a row in its stage
_TEXTS = ("character varying", "text")


def is_keyed(table: TableLoad) -> bool:
    """Whether of the staged rows of one key only the newest counts."""
    return bool(table.primary_key) and table.mode is not WriteMode.APPEND


def newest_by(table: TableLoad) -> tuple[str, ...]:
    """The columns that tell which of two rows of one key is newer, most telling first."""
    times = [column.name for column in table.columns if column.role is ColumnRole.EXTRACTED_AT]
    return ((table.cursor,) if table.cursor else ()) + tuple(times)


def untimed(stage: str, table: TableLoad) -> str | None:
    """The query for a staged row without a time, where rows have any."""
    time = _time_of(table)
    return None if time is None else f"SELECT 1 FROM {stage} WHERE {time} IS NULL LIMIT 1"


def fill_times(stage: str, table: TableLoad) -> str:
    """A row without a time has that of the row before it, or behind it; where none has any, that of its load. The time of the load
    beside true ones is later than all of them: the row would be taken for the newest."""
    time = _time_of(table)
    before = f"SELECT {PLACE}, {time} AS told, count({time}) OVER (ORDER BY {PLACE}) AS part FROM {stage}"
    return (
        f"UPDATE {stage} AS t SET {time} = coalesce(near.told,"
        f" (SELECT {time} FROM {stage} WHERE {time} IS NOT NULL ORDER BY {PLACE} LIMIT 1), now())"
        f" FROM (SELECT {PLACE}, max(told) OVER (PARTITION BY part) AS told FROM ({before}) b) AS near"
        f" WHERE t.{PLACE} = near.{PLACE} AND t.{time} IS NULL"
    )


def _time_of(table: TableLoad) -> str | None:
    return next((quoted(one.name) for one in table.columns if one.role is ColumnRole.EXTRACTED_AT), None)


def keep_newest(stage: str, table: TableLoad, types: Mapping[str, str]) -> str:
    """Of the staged rows of one key keep the newest: by cursor, then time of extraction, then place in the file."""
    keys = ", ".join(quoted(column) for column in table.primary_key)
    order = "".join(f"{ordered('', column, types)} DESC NULLS LAST, " for column in newest_by(table))
    return (
        f"DELETE FROM {stage} WHERE {PLACE} IN (SELECT {PLACE} FROM (SELECT {PLACE},"
        f" row_number() OVER (PARTITION BY {keys} ORDER BY {order}{PLACE} DESC) AS n FROM {stage}) r WHERE n > 1)"
    )


def ordered(alias: str, column: str, types: Mapping[str, str]) -> str:
    """A column as it is compared: text by its bytes, whatever language the database sorts by."""
    name = f"{alias}.{quoted(column)}" if alias else quoted(column)
    return f'({name} COLLATE "C")' if types.get(column, "").startswith(_TEXTS) else name


def merge(
    target: str, rows: str, table: TableLoad, types: Mapping[str, str], columns: str
) -> tuple[str, ...]:
    """The statements for rows whose key has no NULL."""
    keys = [quoted(column) for column in table.primary_key]
    same = " AND ".join(f"t.{key} = s.{key}" for key in keys)
    whole = " AND ".join(f"s.{key} IS NOT NULL" for key in keys)
    return _statements(target, rows, table, types, columns, same, whole)


def merge_nulls(
    target: str, rows: str, table: TableLoad, types: Mapping[str, str], columns: str
) -> tuple[str, ...]:
    """The statements for the others. NULL is a key as any other."""
    keys = [quoted(column) for column in table.primary_key]
    same = " AND ".join(f"t.{key} IS NOT DISTINCT FROM s.{key}" for key in keys)
    return _statements(target, rows, table, types, columns, same, f"({any_null('s', table)})")


def any_null(alias: str, table: TableLoad) -> str:
    return " OR ".join(f"{alias}.{quoted(column)} IS NULL" for column in table.primary_key)


def _statements(
    target: str, rows: str, table: TableLoad, types: Mapping[str, str], columns: str, same: str, which: str
) -> tuple[str, ...]:
    order = newest_by(table)
    return (
        f"DELETE FROM {target} AS t USING {rows} AS s WHERE {which} AND {same} AND {_not_newer(order, types)}",
        f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {rows} AS s WHERE {which} AND {alive(table)}"
        f" AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {same})",
    )


def alive(table: TableLoad) -> str:
    """Rows that a CDC source has deleted; they are kept only where every event is wanted: in an append."""
    marks = [
        column.name
        for column in table.columns
        if column.role is ColumnRole.FIELD and column.taken_from == DELETED_AT
    ]
    return " AND ".join(f"s.{quoted(mark)} IS NULL" for mark in marks) or "true"


def _not_newer(order: Sequence[str], types: Mapping[str, str]) -> str:
    """Whether the table's row `t` is at most as new as the staged row `s`; a missing value is the oldest."""
    if not order:
        return "true"
    t, s = ordered("t", order[0], types), ordered("s", order[0], types)
    older = f"({s} IS NOT NULL AND ({t} IS NULL OR {t} < {s}))"
    return f"({older} OR ({t} IS NOT DISTINCT FROM {s} AND {_not_newer(order[1:], types)}))"
