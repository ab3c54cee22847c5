"""Many JSON values of one column as fields of COPY's text format: what `values` does to one, done to the usual ones at once.

A column is its values' texts with a NUL between two: strict JSON has none. A text that is empty: there is no value. Many columns have
one value in all rows, often none: it is converted once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from penstock_postgres.doubled import none_doubled
from penstock_postgres.values import CONVERTERS, NULL, USUAL_DAY, USUAL_MOMENT, Converter, is_extreme

Cells = list[bytes | None]
BETWEEN = b"\0"
_MEMORY, _SHORT = 4096, 64  # values that are remembered, and how long one may be
_FLAT = 1000  # a shorter document cannot be too deep
_USUAL = rb"-?[0-9]{1,18}"
_WHOLE = re.compile(_USUAL + rb"(?:\0" + _USUAL + rb")*")
_DECIMAL = re.compile(_USUAL + rb"(?:\.[0-9]{1,18})?(?:\0" + _USUAL + rb"(?:\.[0-9]{1,18})?)*")
_DAYS, _MOMENTS = (re.compile(one + rb"(?:\0" + one + rb")*") for one in (USUAL_DAY, USUAL_MOMENT))


class Same(msgspec.Struct, frozen=True, gc=False):
    """A column of `count` rows that have all the same text."""

    text: bytes
    count: int


Column = bytes | Same


def column_of(texts: Iterable[bytes | msgspec.Raw]) -> Column:
    column = BETWEEN.join(texts)
    end = column.find(BETWEEN)
    if end < 0:
        return column
    count, over = divmod(len(column) + 1, end + 1)
    if over or not column.endswith(first := column[:end]):
        return column
    return Same(first, count) if column == BETWEEN.join([first] * count) else column


def column_converter(kind: str) -> Callable[[Column], bytes | Cells]:
    """For one column -> its fields, as `values.CONVERTERS` makes them; one of them where all rows have it, and it is whole."""
    various, one = _various(kind), CONVERTERS[kind]

    def converted(column: Column) -> bytes | Cells:
        if isinstance(column, bytes):
            return various(column)
        field = _field(column.text, one)
        return field if type(field) is bytes else [field] * column.count

    return converted


def _various(kind: str) -> Callable[[bytes], Cells]:
    one = CONVERTERS[kind]
    if kind == "string":
        return lambda column: _strings(column, one)
    if kind in ("integer", "number"):
        usual = _WHOLE if kind == "integer" else _DECIMAL
        return lambda column: _numbers(column, one, usual)
    if kind == "json":
        return lambda column: _documents(column, one)
    known = _Known(one)
    if kind in ("date", "timestamp_tz"):
        usual = _DAYS if kind == "date" else _MOMENTS
        return lambda column: (
            list(column[1:-1].split(b'"\0"')) if usual.fullmatch(column) else known.each(column)
        )
    return known.each


def _field(cell: bytes, one: Converter) -> bytes | None:
    return one(cell) if cell and cell != b"null" else NULL


def _strings(column: bytes, one: Converter) -> Cells:
    """Where nothing has an escape, each string is what stands between its two quotation marks."""
    if b"\\" in column:
        return [
            cell[1:-1] if cell[:1] == b'"' and b"\\" not in cell else _field(cell, one)
            for cell in column.split(BETWEEN)
        ]
    between = column.count(BETWEEN)
    if column[:1] == b'"' and column.count(b'"\0"') == between and column.count(b'"') == 2 * between + 2:
        return list(column[1:-1].split(b'"\0"'))
    return [cell[1:-1] if cell[:1] == b'"' else _field(cell, one) for cell in column.split(BETWEEN)]


def _numbers(column: bytes, one: Converter, usual: re.Pattern[bytes]) -> Cells:
    if usual.fullmatch(column):
        return list(column.split(BETWEEN))
    return [
        cell if cell.isdigit() and len(cell) <= 18 else _field(cell, one) for cell in column.split(BETWEEN)
    ]


def _documents(column: bytes, one: Converter) -> Cells:
    """Without an escape, blank, extreme number or doubled member a document is its own field."""
    signs = (b"\\", b"\t", b"\r", b"\n")
    if any(sign in column for sign in signs) or is_extreme(column) or not none_doubled(column, BETWEEN):
        return [_field(cell, one) for cell in column.split(BETWEEN)]
    cells = column.split(BETWEEN)
    sizes = set(map(len, cells))
    if min(sizes) > 4 and max(sizes) < _FLAT:
        return list(cells)
    return [cell if 4 < len(cell) < _FLAT else _field(cell, one) for cell in cells]


class _Known(dict[bytes, bytes | None]):
    """Fields of values seen before: times and booleans come again and again."""

    def __init__(self, one: Converter) -> None:
        super().__init__()
        self._one = one

    def each(self, column: bytes) -> Cells:
        return list(map(self.__getitem__, column.split(BETWEEN)))

    def __missing__(self, cell: bytes) -> bytes | None:
        field = _field(cell, self._one)
        if len(cell) <= _SHORT:
            if len(self) >= _MEMORY:
                self.clear()
            self[cell] = field
        return field
