"""A table's staged file: rows in COPY's text format, appended some at a time. What a row lost on its way is noted in it; what lost
nothing has no note: the commit writes the one that all of these share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, repeat
from pathlib import Path
from typing import TypeGuard

import msgspec

from penstock.integration import ColumnRole, LoadColumn, TableLoad
from penstock_postgres.columnar import Cells, column_converter
from penstock_postgres.envelope import Rows
from penstock_postgres.members import Members
from penstock_postgres.merging import is_keyed
from penstock_postgres.values import NULL, document, escaped

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_CHANGES = frozenset({b"", b"[]", b"null"})
_WHOLE = {bytes}
Fields = bytes | Sequence[bytes]  # of a column: the one that all rows have, or each row's


def file_of(folder: Path, batch: str, place: int) -> Path:
    """Another batch has files of its own: rows of this one may still be on their way to the server."""
    return folder / f"{batch}-{place}.copy"


def staged_columns(table: TableLoad) -> list[LoadColumn]:
    """The columns that a staged file has: the generation is known at the commit only."""
    return [column for column in table.columns if column.role is not ColumnRole.GENERATION]


class Writer:
    """Appends one table's rows to its file. `watched`: a field that nobody knows of is Unknown, and is passed over otherwise."""

    def __init__(self, table: TableLoad, path: Path, size: int, *, trusted: bool, watched: bool) -> None:
        self._columns = staged_columns(table)
        self._keyed = is_keyed(table)
        fields = [column for column in self._columns if column.role is ColumnRole.FIELD]
        known = table.unasked if watched else None
        self.members = Members([column.taken_from for column in fields], trusted=trusted, known=known)
        self._converters = {column.name: column_converter(column.type) for column in fields}
        self._sync = b'],"sync_id":%d}' % table.sync_id
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self._file.truncate(size)
        self._file.seek(size)
        self.size = size
        self.count = 0
        self.noted = 0

    def write(self, rows: Rows) -> None:
        texts = rows.texts or self.members.columns(rows.content)
        lost: dict[int, list[tuple[str, str]]] = {}
        made: dict[str, Fields] = {}
        for column in self._columns:
            if column.role is ColumnRole.FIELD:
                field = column.taken_from
                made[column.name] = _kept(field, self._converters[column.name](texts[field]), lost)
        for column in self._columns:
            if column.role is not ColumnRole.FIELD:
                made[column.name] = self._made(column.role, rows, lost)
        text = _lines([made[column.name] for column in self._columns], len(rows.times))
        self._file.write(text)
        self.size += len(text)
        self.count += len(rows.times)

    def _made(self, role: ColumnRole, rows: Rows, lost: Mapping[int, Sequence[tuple[str, str]]]) -> Fields:
        count = len(rows.times)
        if role is ColumnRole.ROW_ID:
            return row_ids(count)
        if role is ColumnRole.EXTRACTED_AT:
            moments = {time: _moment(time) or self._no_time() for time in set(rows.times)}
            return [moments[time] for time in rows.times] if len(moments) > 1 else moments[rows.times[0]]
        own = {place: text for place, text in enumerate(rows.changes) if text not in _NO_CHANGES}
        noted = own.keys() | lost.keys()
        if not noted:
            return NULL
        notes = [NULL] * count
        self.noted += len(noted)
        for place in noted:
            notes[place] = self._meta(own.get(place, b""), lost.get(place, ()))
        return notes

    def _no_time(self) -> bytes:
        """Of rows that are kept by key, those without a time wait for that of a neighbour (see `merging`)."""
        return NULL if self._keyed else datetime.now(UTC).isoformat().encode()

    def _meta(self, own: bytes, lost: Sequence[tuple[str, str]]) -> bytes:
        """What is noted of such a row: what its source has changed, then what did not fit here."""
        noted = [msgspec.json.encode(_change(field, change)) for field, change in lost]
        whole = escaped(b",".join(noted))
        if own[:1] == b"[" and (inside := (document(own) or b"[]")[1:-1].strip()):
            whole = inside + (b"," + whole if whole else b"")
        return b'{"changes":[' + whole + self._sync

    def close(self) -> None:
        self._file.close()


def _kept(field: str, cells: bytes | Cells, lost: dict[int, list[tuple[str, str]]]) -> Fields:
    """The cells with NULL for what is not held; `lost` gets what is not whole, by the row's place."""
    if isinstance(cells, bytes) or _are_whole(cells):
        return cells
    kept: list[bytes] = []
    for place, cell in enumerate(cells):
        if type(cell) is not bytes:
            lost.setdefault(place, []).append((field, "NULLED" if cell is None else "TRUNCATED"))
        kept.append(NULL if cell is None else cell)
    return kept


def _lines(columns: Sequence[Fields], count: int) -> bytes:
    """The rows' lines. Fields that all rows have beside each other are put together once."""
    parts: list[Iterable[bytes]] = []
    for same, beside in groupby(columns, lambda fields: isinstance(fields, bytes)):
        if same:
            parts.append(repeat(b"\t".join(field for field in beside if isinstance(field, bytes)), count))
        else:
            parts += [fields for fields in beside if not isinstance(fields, bytes)]
    return b"\n".join(map(b"\t".join, zip(*parts, strict=True))) + b"\n"


def _are_whole(cells: Cells) -> TypeGuard[list[bytes]]:
    return set(map(type, cells)) <= _WHOLE


def row_ids(count: int) -> list[bytes]:
    """Random UUIDs (version 4) as text. All at once, a digit of each at a time: one by one they cost as much as all else of a row."""
    digits = os.urandom(16 * count).hex().encode()
    made = bytearray(_PATTERN * count)
    for place, digit in _DIGITS:
        made[place :: len(_PATTERN)] = digits[digit::32]
    made[_VARIANT :: len(_PATTERN)] = digits[31::32].translate(_VARIANTS)
    return bytes(made).split()


_PATTERN = b"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx "
_DIGITS = tuple(zip((at for at, sign in enumerate(_PATTERN) if sign == 0x78), range(30), strict=True))
_VARIANT = _PATTERN.index(b"y")
_VARIANTS = bytes.maketrans(b"0123456789abcdef", b"89ab" * 4)


def _change(field: str, change: str) -> dict[str, str]:
    return {"field": field.replace("\0", ""), "change": change, "reason": "DESTINATION_SERIALIZATION_ERROR"}


def _moment(milliseconds: float | None) -> bytes | None:
    """None where there is no time, or none that can be one."""
    try:
        return (
            None
            if milliseconds is None
            else (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat().encode()
        )
    except (OverflowError, ValueError):
        return None
