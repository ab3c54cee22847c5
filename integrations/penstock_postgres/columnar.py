"""Many JSON values of one column as fields of COPY's text format: what `values` does to one, done to the usual ones at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from penstock_postgres.values import CONVERTERS, NULL, Converter, is_extreme

Cells = list[bytes | None]
_MEMORY, _SHORT = 4096, 64  # values that are remembered, and how long one may be
_FLAT = 1000  # a shorter document cannot be too deep


def column_converter(kind: str) -> Callable[[Sequence[bytes]], Cells]:
    """For one column: texts of JSON values (empty: there is none) -> fields, as `values.CONVERTERS` makes them."""
    one = CONVERTERS[kind]
    if kind == "string":
        return lambda cells: _strings(cells, one)
    if kind in ("integer", "number"):
        return lambda cells: [
            cell if cell.isdigit() and len(cell) <= 18 else _field(cell, one) for cell in cells
        ]
    if kind == "json":
        return lambda cells: _documents(cells, one)
    known = _Known(one)
    return lambda cells: list(map(known.__getitem__, cells))


def _field(cell: bytes, one: Converter) -> bytes | None:
    return one(cell) if cell and cell != b"null" else NULL


def _strings(cells: Sequence[bytes], one: Converter) -> Cells:
    if b"\\" not in b"".join(cells):
        return [cell[1:-1] if cell[:1] == b'"' else _field(cell, one) for cell in cells]
    return [cell[1:-1] if cell[:1] == b'"' and b"\\" not in cell else _field(cell, one) for cell in cells]


def _documents(cells: Sequence[bytes], one: Converter) -> Cells:
    """Without an escape, blank or extreme number a document is its own field."""
    text = b"".join(cells)
    if any(sign in text for sign in (b"\\", b"\t", b"\r", b"\n")) or is_extreme(text):
        return [_field(cell, one) for cell in cells]
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
