"""The lines of a load's file as rows for DuckDB: which belong to a table, and each field's text. Types come later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from penstock.integration import ColumnRole, LoadColumn, RowSource, TableLoad
from penstock_duckdb.connect import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The longest line that is usually read; a longer one has its own size as the limit.
SMALL_LINE = 16 << 20
# Up to so many tables each read the file for themselves, straight into their own fields. For more, the file is read
# once into a table of lines, which each of them parses: reading the whole file per table would be quadratic.
_DIRECT = 4
_LINES = "stage.main.lines"


class Doubled(Exception):
    """A row names one of its fields twice."""


class Lines:
    """One file and the tables whose rows are in it. All of them share the envelope (`row`, `time`, `changes`)."""

    def __init__(self, path: Path, tables: Sequence[TableLoad]) -> None:
        sources = [table.rows for table in tables]
        self._path = path
        self._tables = tuple(tables)
        self._row, self._time, self._changes = _envelope(sources[0])
        if any(_envelope(source) != _envelope(sources[0]) for source in sources):
            raise ValueError("tables that share a file must share its envelope")
        self._wheres = tuple(dict.fromkeys(where for source in sources for where, _ in source.where))
        # What every table asks for is asked while reading, so that other messages are never stored.
        self._shared = [pair for pair in sources[0].where if all(pair in source.where for source in sources)]
        self._direct = len(tables) <= _DIRECT and not any(_by_path(field_columns(table)) for table in tables)

    def present(self, connection: DuckDBPyConnection, limit: int) -> list[bool]:
        """Per table whether it has any line. A tenth of the cost of reading rows, and most segments are of one stream."""
        counts = ", ".join(
            "count(*) FILTER (WHERE "
            + (" AND ".join(_test(_access(where), value) for where, value in table.rows.where) or "true")
            + ")"
            for table in self._tables
        )
        row = connection.execute(f"SELECT {counts} FROM {self._reader(None, limit)}").fetchone()
        return [bool(count) for count in row or ()]

    def prepare(self, connection: DuckDBPyConnection, limit: int) -> None:
        if self._direct:
            return
        chosen = ", ".join(f"{_access(where)} AS p{place}" for place, where in enumerate(self._wheres))
        tests = [_test(_access(where), value) for where, value in self._shared]
        is_object = f"starts_with({_access(self._row)}, '{{')"
        changes = f", {_access(self._changes)} AS own" if self._changes else ""
        connection.execute(
            f"CREATE OR REPLACE TABLE {_LINES} AS SELECT {chosen}, {_access(self._time)} AS emitted,"
            f" {_access(self._row)} AS data{changes} FROM {self._reader('JSON', limit)}"
            f" WHERE {' AND '.join([*tests, is_object])}"
        )
        # Where a table reads the file itself, DuckDB refuses doubled fields; here it would take the first of them.
        doubled = connection.execute(
            f"SELECT data FROM {_LINES} WHERE len(json_keys(data)) <> len(list_distinct(json_keys(data))) LIMIT 1"
        ).fetchone()
        if doubled is not None:
            raise Doubled(f"a row names a field twice: {doubled[0][:200]}")

    def forget(self, connection: DuckDBPyConnection) -> None:
        connection.execute(f"DROP TABLE IF EXISTS {_LINES}")

    def of(self, table: TableLoad, limit: int) -> str:
        """SELECT of the table's rows in the file's order: `emitted`, `own` (the changes that came with the row), and `r`,
        a struct of its fields' texts."""
        shape = _shape(field_columns(table))
        if self._direct:
            tests = [_test(_access(where), value) for where, value in table.rows.where]
            tests.append(f"{_access(self._row)} IS NOT NULL")
            reader = self._reader("STRUCT(" + _struct(shape) + ")" if shape else "JSON", limit)
            own = _access(self._changes) if self._changes else "NULL"
            return (
                f"SELECT {_access(self._time)} AS emitted, {own} AS own, {_access(self._row)} AS r"
                f" FROM {reader} WHERE {' AND '.join(tests)}"
            )
        tests = [
            _test(f"p{self._wheres.index(where)}", value)
            for where, value in table.rows.where
            if (where, value) not in self._shared
        ]
        parsed = f", from_json(data, {literal(msgspec.json.encode(shape).decode())}) AS r" if shape else ""
        own = "own" if self._changes else "NULL AS own"
        return f"SELECT emitted, {own}, data{parsed} FROM {_LINES} WHERE {' AND '.join(tests) or 'true'}"

    def _reader(self, row: str | None, limit: int) -> str:
        """The file as a table; without the rows' own content when `row`, its type, is None."""
        types = dict.fromkeys(self._wheres, "VARCHAR")
        if row is not None:
            types |= {self._time: "DOUBLE", self._row: row}
            if self._changes:
                types[self._changes] = "JSON"
        return (
            f"read_json({literal(str(self._path))}, format = 'newline_delimited', compression = 'none',"
            f" maximum_object_size = {limit}, columns = {_columns_of(types)})"
        )


def _envelope(source: RowSource) -> tuple[str, str, str | None]:
    return source.row, source.time, source.changes


def field_columns(table: TableLoad) -> list[LoadColumn]:
    return [column for column in table.columns if column.role is ColumnRole.FIELD]


def texts(fields: Sequence[LoadColumn]) -> list[str]:
    """Per field the SQL of its text."""
    apart = _by_path(fields)
    found = []
    for column in fields:
        name = column.taken_from
        if name not in apart:
            found.append(f"r.{quoted(name)}")
            continue
        # DuckDB's own paths have no empty name; a JSON pointer has.
        path = literal('$."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if name else "/")
        if column.type == "json":
            found.append(f"nullif(json_extract(data, {path}), 'null')")
        else:
            found.append(f"json_extract_string(data, {path})")
    return found


def _by_path(fields: Sequence[LoadColumn]) -> set[str]:
    """Names that cannot stand in one STRUCT: the empty one, and those that differ only in case, the same name for DuckDB."""
    folded: dict[str, set[str]] = {}
    for column in fields:
        folded.setdefault(column.taken_from.lower(), set()).add(column.taken_from)
    return {name for names in folded.values() if len(names) > 1 or "" in names for name in names}


def _shape(fields: Sequence[LoadColumn]) -> dict[str, str]:
    apart = _by_path(fields)
    return {
        column.taken_from: "JSON" if column.type == "json" else "VARCHAR"
        for column in fields
        if column.taken_from not in apart
    }


def _struct(shape: dict[str, str]) -> str:
    return ", ".join(f"{quoted(name)} {data_type}" for name, data_type in shape.items())


def _test(expression: str, value: str | None) -> str:
    return f"{expression} IS NULL" if value is None else f"{expression} = {literal(value)}"


def _access(path: str) -> str:
    """`$.record.stream` as access to a struct that was read."""
    return quoted(*path.removeprefix("$.").split("."))


def _columns_of(types: dict[str, str]) -> str:
    """The `columns` argument of read_json for dotted paths: nested STRUCTs."""
    tree: dict[str, object] = {}
    for path, data_type in types.items():
        *parents, leaf = path.removeprefix("$.").split(".")
        node = tree
        for parent in parents:
            child = node.setdefault(parent, {})
            if not isinstance(child, dict):
                raise ValueError(f"{path} lies below another path")
            node = child
        node[leaf] = data_type

    def spelled(node: object) -> str:
        if isinstance(node, dict):
            return (
                "STRUCT(" + ", ".join(f"{quoted(key)} {spelled(child)}" for key, child in node.items()) + ")"
            )
        return str(node)

    return "{" + ", ".join(f"{literal(key)}: {literal(spelled(node))}" for key, node in tree.items()) + "}"
