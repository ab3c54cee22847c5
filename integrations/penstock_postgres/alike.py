"""Lines that are all rows of one table, told and taken apart in one pass: the usual block. Any other is left to `envelope`.

Nothing may be passed over: each member that is seen, and each text, has its quotation marks. Where the block has no more of them, nothing
is in it but what was seen: a member that is not known, or is named again, has two in its name at least.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter

import msgspec

from penstock_postgres.columnar import Column
from penstock_postgres.members import Members

# A struct type for the members of a row -> one for whole lines.
Whole = Callable[[type[msgspec.Struct]], type[msgspec.Struct]]
Told = tuple[tuple[str | None, ...], list[float | None], dict[str, Column]]
_PATIENCE = 3


class Alike:
    """Reads blocks for one table. `names`: how many members every line has around its row, the row itself included. `parts`: where
    a line's row is, its time, its changes, and what it says of itself, as attributes."""

    def __init__(self, members: Members, whole: Whole, names: int, parts: Sequence[str]) -> None:
        self._members = members
        self._whole = whole
        self._names = names
        self._parts = attrgetter(*parts)
        self._kind: type[msgspec.Struct] | None = None
        self._decode_lines: Callable[[bytes], Sequence[object]] | None = None
        self._patience = _PATIENCE

    def read(self, block: bytes) -> Told | None:
        """What all lines say of themselves, each one's time, and the members of the rows as columns; None where lines differ, or
        have more to tell. Where that goes on it is not tried again."""
        found = self._read(block) if self._patience else None
        self._patience = _PATIENCE if found else max(0, self._patience - 1)
        return found

    def _read(self, block: bytes) -> Told | None:
        lines = self._parsed(block)
        try:
            rows, times, changes, *told = zip(*map(self._parts, lines), strict=True)
        except (AttributeError, ValueError):
            return None
        if None in rows or any(changes) or any(len(set(said)) > 1 for said in told):
            return None
        values = tuple(said[0] for said in told)
        columns, marks = self._members.taken(rows)
        marks += 2 * (len(times) * self._names + len(times) - times.count(None))
        marks += 4 * len(times) * (len(values) - values.count(None))
        return (values, list(times), columns) if marks == block.count(b'"') else None

    def _parsed(self, block: bytes) -> Sequence[object]:
        """The lines; none where they cannot be read so."""
        if (kind := self._members.kind) is None:
            return ()
        if kind is not self._kind or self._decode_lines is None:
            self._kind, self._decode_lines = kind, msgspec.json.Decoder(self._whole(kind)).decode_lines
        try:
            found: Sequence[object] = self._decode_lines(block)
        except (msgspec.DecodeError, RecursionError):
            return ()
        return found if len(found) == block.count(b"\n") + (block[-1:] != b"\n") else ()
