"""Numbers that a double does not hold: kept as text in the staging file until the commit knows which column they go into.

A number is exact when the shortest text of its double is the same number. Only the others are kept; most columns have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from penstock.errors import ToolError
from penstock.integration import ColumnRole, LoadColumn, TableLoad, WriteMode
from penstock_duckdb.connect import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_DIGITS = 38  # what a DECIMAL holds
_WHOLE = 2**53  # up to here a double holds every whole number
_SCALE = 9  # places after the point that a new DECIMAL has, when its whole part leaves room for them
# Equal texts for equal numbers: the digits without zeros at either end, and the power of ten. Only for texts of numbers.
_MACROS = (
    r"CREATE OR REPLACE TEMP MACRO _number_parts(t) AS regexp_extract(t,"
    r" '^[ +]*(-?)0*([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))? *$', ['sign', 'whole', 'part', 'power'])",
    "CREATE OR REPLACE TEMP MACRO _number_digits(p) AS rtrim(ltrim(p.whole || p.part, '0'), '0')",
    "CREATE OR REPLACE TEMP MACRO _number_power(p) AS CAST(coalesce(TRY_CAST(nullif(p.power, '') AS HUGEINT), 0)"
    " - length(p.part) + length(ltrim(p.whole || p.part, '0')) - length(_number_digits(p)) AS HUGEINT)",
    "CREATE OR REPLACE TEMP MACRO canonical(t) AS CASE WHEN _number_digits(_number_parts(t)) = '' THEN '0' ELSE"
    " _number_parts(t).sign || _number_digits(_number_parts(t)) || 'e' || _number_power(_number_parts(t)) END",
    "CREATE OR REPLACE TEMP MACRO places_after(t) AS greatest(0, -_number_power(_number_parts(t)))",
    "CREATE OR REPLACE TEMP MACRO places_before(t) AS"
    " greatest(0, length(_number_digits(_number_parts(t))) + _number_power(_number_parts(t)))",
)


def define(connection: DuckDBPyConnection) -> None:
    """The macros that the SQL of this module uses."""
    for macro in _MACROS:
        connection.execute(macro)


def exact_name(place: int) -> str:
    """The staging column beside the number column at that place: the text of what its double does not hold."""
    return f"_penstock_exact_{place}"


def number_places(table: TableLoad) -> list[int]:
    return [
        place
        for place, column in enumerate(table.columns)
        if column.role is ColumnRole.FIELD and column.type == "number"
    ]


def exact_text(text: str, double: str) -> str:
    """SQL: `text` when it may be a number that `double`, its nearest one, does not hold; else NULL. `settle` makes sure."""
    return (
        f"CASE WHEN {double} IS NOT NULL AND ((length({text}) <= 15 AND NOT contains(lower({text}), 'e'))"
        f" OR CAST({double} AS VARCHAR) = {text}) THEN NULL"
        f" WHEN regexp_full_match({text}, ' *[+-]?[0-9]+\\.?[0-9]*([eE][+-]?[0-9]+)? *') THEN {text} END"
    )


def settle(connection: DuckDBPyConnection, name: str, table: TableLoad) -> None:
    """Forget the texts of numbers that their doubles hold after all, written in another way. Seldom is there any text."""
    places = number_places(table)
    if not places:
        return
    counted = ", ".join(f"count({quoted(exact_name(place))})" for place in places)
    counts = connection.execute(f"SELECT {counted} FROM {name}").fetchone() or ()
    for place in (place for place, count in zip(places, counts, strict=True) if count):
        exact, double = quoted(exact_name(place)), quoted(table.columns[place].name)
        connection.execute(
            f"UPDATE {name} SET {exact} = NULL WHERE {exact} IS NOT NULL"
            f" AND canonical({exact}) = canonical(CAST({double} AS VARCHAR))"
        )


class NumberColumn(msgspec.Struct, frozen=True, kw_only=True):
    """Where the numbers of one staged column go: the SQL of its values, its type, and a test for those that are not the same."""

    name: str
    type: str
    value: str
    changed: str | None = None


class Numbers:
    """Chooses the types of number columns, inside the transaction of a commit."""

    def __init__(self, connection: DuckDBPyConnection, source: str, target: str, table: TableLoad) -> None:
        self._connection = connection
        self._source = source
        self._target = target
        self._table = table

    def chosen(self, existing: dict[str, tuple[str, str]]) -> list[NumberColumn]:
        """One per number column. `existing` is (name, type) by lower-case name, of the table as it is. Raises ToolError for
        a key that would not be told from another one."""
        return [*self._numbers(existing), *self._integers(existing)]

    def _numbers(self, existing: dict[str, tuple[str, str]]) -> list[NumberColumn]:
        places = number_places(self._table)
        if not places:
            return []
        counted = ", ".join(f"count({quoted(exact_name(place))})" for place in places)
        counts = self._connection.execute(f"SELECT {counted} FROM {self._source}").fetchone()
        return [
            self._column(self._table.columns[place], place, bool(count), existing)
            for place, count in zip(places, counts or (), strict=True)
        ]

    def _integers(self, existing: dict[str, tuple[str, str]]) -> list[NumberColumn]:
        """Whole numbers that go into a column of doubles, which was made when the source said that it has fractions."""
        found = []
        for column in self._table.columns:
            stored = existing.get(column.name.lower(), ("", ""))[1]
            replaced = self._table.mode is WriteMode.REPLACE
            if (
                column.role is not ColumnRole.FIELD
                or column.type != "integer"
                or stored != "DOUBLE"
                or replaced
            ):
                continue
            name = quoted(column.name)
            changed = f"CAST(CAST({name} AS DOUBLE) AS HUGEINT) <> {name}"
            if not self._any(self._source, changed):
                continue
            if self._is_key(column):
                raise _ambiguous(self._table, column, "its column is DOUBLE")
            found.append(
                NumberColumn(
                    name=column.name, type="DOUBLE", value=f"CAST({name} AS DOUBLE)", changed=changed
                )
            )
        return found

    def _is_key(self, column: LoadColumn) -> bool:
        return self._table.mode is not WriteMode.APPEND and column.name in self._table.primary_key

    def _any(self, table: str, test: str) -> bool:
        return self._connection.execute(f"SELECT 1 FROM {table} WHERE {test} LIMIT 1").fetchone() is not None

    def _column(
        self, column: LoadColumn, place: int, inexact: bool, existing: dict[str, tuple[str, str]]
    ) -> NumberColumn:
        name, stored = existing.get(column.name.lower(), (column.name, ""))
        if self._table.mode is WriteMode.REPLACE and not stored.startswith("DECIMAL"):
            stored = ""
        exact, key = quoted(exact_name(place)), self._is_key(column)
        text = f"coalesce({exact}, CAST({quoted(column.name)} AS VARCHAR))"
        if stored == "BIGINT" and (
            inexact or key or self._any(self._target, f"abs({quoted(name)}) > {_WHOLE}")
        ):
            stored = "DECIMAL(19,0)"
        if stored.startswith("DECIMAL") or (not stored and (inexact or key)):
            return self._decimal(column, exact, text, (name, stored))
        if stored not in ("", "DOUBLE", "BIGINT"):
            # Compared with what is there as a number still, where it tells which row is newer.
            value = quoted(column.name) if column.name == self._table.cursor and not inexact else text
            return NumberColumn(name=column.name, type="VARCHAR", value=value)
        if inexact and key:
            raise _ambiguous(self._table, column, "its column is DOUBLE")
        changed = f"{exact} IS NOT NULL" if inexact else None
        return NumberColumn(name=column.name, type="DOUBLE", value=quoted(column.name), changed=changed)

    def _decimal(self, column: LoadColumn, exact: str, text: str, stored: tuple[str, str]) -> NumberColumn:
        """As a DECIMAL wide enough for what is there (name and type, if any) and what comes; else with a change."""
        name, kind = stored
        wide = self._wide_enough(name, kind, *self._places(self._source, text))
        if wide is not None:
            return NumberColumn(name=column.name, type=wide, value=f"CAST({text} AS {wide})")
        if self._is_key(column):
            raise _ambiguous(self._table, column, f"together they need more than {_DIGITS} digits")
        if not kind:
            value, changed = quoted(column.name), f"{exact} IS NOT NULL"
            return NumberColumn(name=column.name, type="DOUBLE", value=value, changed=changed)
        value = f"TRY_CAST({text} AS {kind})"
        changed = (
            f"({text} IS NOT NULL AND coalesce(canonical(CAST({value} AS VARCHAR)), '') <> canonical({text}))"
        )
        return NumberColumn(name=column.name, type=kind, value=value, changed=changed)

    def _wide_enough(self, name: str, kind: str, after: int, before: int) -> str | None:
        """The DECIMAL for numbers of so many places, and for those in the table; None when there is none."""
        if not kind:
            after = max(after, min(_SCALE, _DIGITS - before))
            return f"DECIMAL({_DIGITS},{after})" if after + before <= _DIGITS else None
        digits, _, scale = kind.removeprefix("DECIMAL(").removesuffix(")").partition(",")
        if after <= int(scale) and before <= int(digits) - int(scale):
            return kind
        _, known = self._places(self._target, f"CAST({quoted(name)} AS VARCHAR)")
        after, before = max(after, int(scale)), max(before, known)
        return f"DECIMAL({_DIGITS},{after})" if after + before <= _DIGITS else None

    def _places(self, table: str, text: str) -> tuple[int, int]:
        """The most places after and before the point."""
        row = self._connection.execute(
            f"SELECT max(places_after(t)), max(places_before(t)) FROM (SELECT {text} AS t FROM {table})"
        ).fetchone()
        after, before = row or (0, 0)
        return int(after or 0), int(before or 0)


def _ambiguous(table: TableLoad, column: LoadColumn, why: str) -> ToolError:
    return ToolError(
        f"{table.relation.identifier}: the key {column.name} has numbers that cannot be told apart in its column: {why}",
        hint="drop the table to have it made anew with DECIMAL keys, or declare the field as integer or string",
    )
