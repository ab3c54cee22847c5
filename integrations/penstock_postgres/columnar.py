"""Many JSON values of one column as fields of COPY's text format: what `values` does to one, done to the usual ones at once.

A column is its values' texts with a NUL between two: strict JSON has none. A text that is empty: there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from penstock_postgres.values import CONVERTERS, NULL, Converter, is_extreme

Cells = list[bytes | None]
BETWEEN = b"\0"
_MEMORY, _SHORT = 4096, 64  # values that are remembered, and how long one may be
_FLAT = 1000  # a shorter document cannot be too deep
_USUAL = rb"-?[0-9]{1,18}"
_WHOLE = re.compile(_USUAL + rb"(?:\0" + _USUAL + rb")*")
_DECIMAL = re.compile(_USUAL + rb"(?:\.[0-9]{1,18})?(?:\0" + _USUAL + rb"(?:\.[0-9]{1,18})?)*")


def column_converter(kind: str) -> Callable[[bytes], Cells]:
    """For one column -> its fields, as `values.CONVERTERS` makes them."""
    various, one = _various(kind), CONVERTERS[kind]

    def converted(column: bytes) -> Cells:
        alike = _alike(column)
        return various(column) if alike is None else [_field(alike[0], one)] * alike[1]

    return converted


def _alike(column: bytes) -> tuple[bytes, int] | None:
    """The value that all rows have (often: none), and how many there are; None where they differ."""
    end = column.find(BETWEEN)
    first = column[:end] if end >= 0 else column
    count, over = divmod(len(column) + 1, len(first) + 1)
    if over or not column.endswith(first):
        return None
    return (first, count) if column == BETWEEN.join([first] * count) else None


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
    return lambda column: list(map(known.__getitem__, column.split(BETWEEN)))


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
    """Without an escape, blank or extreme number a document is its own field."""
    if any(sign in column for sign in (b"\\", b"\t", b"\r", b"\n")) or is_extreme(column):
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

    def __missing__(self, cell: bytes) -> bytes | None:
        field = _field(cell, self._one)
        if len(cell) <= _SHORT:
            if len(self) >= _MEMORY:
                self.clear()
            self[cell] = field
        return field
