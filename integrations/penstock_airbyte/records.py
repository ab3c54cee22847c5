"""The rows of a connector's output as a load reads them: every RECORD line between two places, as one line of strict JSON.

Most lines are copied as they are, a block at a time. What is not plain is read by `mend`; what cannot be read is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from penstock.errors import ToolError
from penstock.integration import CopiedRows
from penstock_airbyte.declared import Declared, read_quickly
from penstock_airbyte.mend import Unreadable, mended, record_in, written
from penstock_airbyte.plain import is_plain, is_text
from penstock_airbyte.roster import Heads, Names

_CHUNK = 64 << 10  # larger memory is given back to the system each time, and asked for anew page by page
_BLOCK = 64 << 10


class BadRecord(ToolError):
    """A line that must not be passed over. `at` is where it begins in the connector's output."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at


class Rows(msgspec.Struct, frozen=True):
    """One name's rows: the place of its table in the load (None: not in this load), each column's field -> type, and all fields
    that its source declares."""

    place: int | None
    types: Mapping[str, str]
    declared: Declared

    def covers(self, lines: bytes) -> bool:
        """Whether there is nothing in its lines that would be passed over."""
        return self.place is None or self.declared.covers(lines)


class Records:
    """Implements `penstock.integration.RowReader` on the file that a connector writes."""

    def __init__(self, path: Path, names: Names, rows: Mapping[str, Rows]) -> None:
        self._path = path
        self._names = names
        self._rows = rows

    def copy(
        self,
        start: int,
        end: int,
        write: Callable[[bytes], object],
        *,
        closely: bool = False,
        exact: bool = False,
        known: bool = False,
    ) -> CopiedRows:
        copying = _Copying(self._names, self._rows, closely, is_text if exact else is_plain, known)
        with self._path.open("rb") as source:
            for at, block in _blocks(source, start, end):
                copying.block(at, block, write)
        return CopiedRows(
            counts=tuple(copying.counts.get(place, 0) for place in self._places()),
            longest=copying.longest,
        )

    def _places(self) -> list[int]:
        return sorted(row.place for row in self._rows.values() if row.place is not None)


def _blocks(source: BinaryIO, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines, some at a time; the last one may have no newline."""
    source.seek(start)
    rest: list[bytes] = []
    at, left = start, end - start
    while left and (chunk := source.read(min(left, _CHUNK))):
        left -= len(chunk)
        whole = chunk.rfind(b"\n") + 1
        if not whole:
            rest.append(chunk)
            continue
        text = b"".join((*rest, chunk[:whole]))
        rest = [chunk[whole:]]
        begun = 0
        while begun < len(text):
            stop = text.find(b"\n", min(begun + _BLOCK, len(text) - 1)) + 1
            yield at + begun, text[begun:stop]
            begun = stop
        at += len(text)
    last = b"".join(rest)
    if last:
        yield at, last + b"\n"


class _Copying:
    """One pass over the file."""

    def __init__(
        self,
        names: Names,
        rows: Mapping[str, Rows],
        closely: bool,
        is_plain: Callable[[bytes], bool],
        known: bool,
    ) -> None:
        self._names = names
        self._rows = rows
        self._closely = closely
        self._is_plain = is_plain
        self._known = known
        self._heads = Heads(names)
        self.counts: dict[int, int] = {}
        self.longest = 0

    def block(self, at: int, block: bytes, write: Callable[[bytes], object]) -> None:
        counts = None if self._closely else self._heads.counts(block)
        if counts is not None and self._is_plain(block) and self._is_covered(counts, block):
            for name, count in counts:
                self._count(name, count)
            if len(block) > self.longest:
                self.longest = max(self.longest, _longest(block))
            write(block)
            return
        for line in block.split(b"\n")[:-1]:
            row = self._line(at, line)
            if row is not None:
                self.longest = max(self.longest, len(row) + 1)
                write(row + b"\n")
            at += len(line) + 1

    def _is_covered(self, counts: Sequence[tuple[str, int]], block: bytes) -> bool:
        """Whether the rows have only the fields of their streams. Those that are in no table of the load, nobody asks."""
        if not self._known:
            return True
        names = {name for name, count in counts if count}
        parts = [(names.pop(), block)] if len(names) == 1 else self._heads.parts(block)
        return all(self._rows[name].covers(lines) for name, lines in parts)

    def _line(self, at: int, line: bytes) -> bytes | None:
        """The line as it is loaded; None when it is no row."""
        name = None if self._closely else self._heads.of(line)
        if name is not None and not self._is_plain(line):
            name = None
        if name is not None and (not self._known or self._rows[name].covers(line)):
            self._count(name, 1)
            return line
        try:
            return self._read(line, name)
        except Unreadable as error:
            raise BadRecord(at, str(error)) from None

    def _read(self, line: bytes, plain: str | None) -> bytes | None:
        """The line with what is repaired and left out noted in it. `plain`: whose row it is, where its JSON is as it should be."""
        quickly = read_quickly(line) if plain is not None else None
        if quickly is not None and plain is not None:
            kept, notes = self._rows[plain].declared.split(quickly[1])
            self._count(plain, 1)
            return written(quickly[0], kept, notes)
        found = record_in(line)
        if found is None:
            return None
        name = self._names(found.stream, found.namespace)
        if name is None:
            raise Unreadable(f"a record is of the stream '{found.stream}', which was not asked for")
        rows = self._rows[name]
        values, changes = mended(found, rows.types)
        kept, notes = rows.declared.split(values) if rows.place is not None else (values, [])
        self._count(name, 1)
        return written(found, kept, [*changes, *notes])

    def _count(self, name: str, count: int) -> None:
        place = self._rows[name].place
        if place is not None:
            self.counts[place] = self.counts.get(place, 0) + count


def _longest(block: bytes) -> int:
    """An upper bound is enough where no line is long."""
    return max(map(len, block.split(b"\n"))) + 1 if len(block) > 2 * _BLOCK else len(block)
