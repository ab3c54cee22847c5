"""A load's rows as files in COPY's text format, one per table: parsed and typed beside the warehouse, which is not touched.

A partial load grows: what is staged is remembered in `progress` after every segment, and whatever lies behind it is cut off.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from penstock.errors import ToolError
from penstock.integration import ColumnRole, CopiedRows, Load, LoadColumn, TableLoad
from penstock.system.files import private_folder
from penstock_postgres.envelope import Envelope, Line
from penstock_postgres.members import Doubled, members
from penstock_postgres.values import CONVERTERS, NULL, Shortened, document, escaped

_PROGRESS = "progress.json"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUFFER = 1 << 20
_NO_CHANGES = frozenset({b"", b"[]", b"null"})


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which byte of the file rows are staged, and per table how many bytes and rows that made."""

    done: int
    sizes: tuple[int, ...]
    counts: tuple[int, ...]


class _Miscounted(Exception):
    """Not as many rows were read as are there."""


def file_of(folder: Path, place: int) -> Path:
    return folder / f"t{place}.copy"


def staged_columns(table: TableLoad) -> list[LoadColumn]:
    """The columns that a staged file has: the generation is known at the commit only."""
    return [column for column in table.columns if column.role is not ColumnRole.GENERATION]


def staged(load: Load) -> Progress:
    """Stage what is missing of the load."""
    private_folder(load.staging)
    ends = [_end(table) for table in load.tables]
    starts = [table.rows.start for table in load.tables]
    progress = _read(load)
    if progress is None or (not load.partial and any(end < progress.done for end in ends)):
        # More was staged than shall count (the connector failed after its last state): begin again.
        none = (0,) * len(load.tables)
        progress = Progress(done=min(starts, default=0), sizes=none, counts=none)
    for end in sorted({*starts, *ends}):
        if end <= progress.done:
            continue
        counted = [place for place in range(len(ends)) if starts[place] < end <= ends[place]]
        progress = (
            _segment(load, counted, progress, end) if counted else msgspec.structs.replace(progress, done=end)
        )
        _write(load, progress)
    return progress


def _end(table: TableLoad) -> int:
    size = table.rows.path.stat().st_size
    return size if table.rows.until is None else min(size, table.rows.until)


def _read(load: Load) -> Progress | None:
    file = load.staging / _PROGRESS
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Progress)
    except FileNotFoundError:
        return None
    return found if len(found.sizes) == len(load.tables) else None


def _write(load: Load, progress: Progress) -> None:
    part = load.staging / f"{_PROGRESS}.part"
    part.write_bytes(msgspec.json.encode(progress))
    part.replace(load.staging / _PROGRESS)


def _segment(load: Load, places: Sequence[int], before: Progress, end: int) -> Progress:
    """The rows of these tables between two places in the file."""
    copy = load.staging / "segment.jsonl"
    path = load.tables[places[0]].rows.path
    closely = False
    try:
        while True:
            copied = load.copy_part(path, before.done, end, copy, closely=closely)
            try:
                return _rows(load, places, before, end, copy, copied, trusted=closely)
            except (msgspec.DecodeError, Doubled, _Miscounted, UnicodeDecodeError) as error:
                if closely or load.reader is None:
                    raise ToolError(f"the rows cannot be read: {str(error).splitlines()[0]}") from None
                closely = True
    finally:
        copy.unlink(missing_ok=True)


def _rows(
    load: Load,
    places: Sequence[int],
    before: Progress,
    end: int,
    copy: Path,
    copied: CopiedRows | None,
    *,
    trusted: bool,
) -> Progress:
    writers = {place: _Writer(load, place, before, trusted=trusted) for place in places}
    try:
        for line in Envelope({place: load.tables[place].rows for place in places}).lines(copy):
            writers[line.place].write(line)
        for place, writer in writers.items():
            if copied is not None and writer.count != copied.counts[place]:
                name = load.tables[place].relation.identifier
                raise _Miscounted(
                    f"{name}: {copied.counts[place]} rows were emitted, {writer.count} were read"
                )
        for writer in writers.values():
            writer.flush()
        sizes, counts = list(before.sizes), list(before.counts)
        for place, writer in writers.items():
            sizes[place], counts[place] = writer.size, counts[place] + writer.count
    finally:
        for writer in writers.values():
            writer.close()
    return Progress(done=end, sizes=tuple(sizes), counts=tuple(counts))


class _Writer:
    """Appends one table's rows to its file."""

    def __init__(self, load: Load, place: int, before: Progress, *, trusted: bool) -> None:
        table = load.tables[place]
        self._trusted = trusted
        self._columns = staged_columns(table)
        self._fields = [
            (position, column.field or column.name, CONVERTERS[column.type])
            for position, column in enumerate(self._columns)
            if column.role is ColumnRole.FIELD
        ]
        self._roles = [
            (position, column.role)
            for position, column in enumerate(self._columns)
            if column.role is not ColumnRole.FIELD
        ]
        self._sync = b'],"sync_id":%d}' % table.sync_id
        self._unchanged = self._meta(b"", ())
        self._ids = _row_ids()
        self._moment: tuple[float | None, bytes] = (None, NULL)
        self._file = os.fdopen(
            os.open(file_of(load.staging, place), os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=_BUFFER
        )
        self._file.truncate(before.sizes[place])
        self._file.seek(before.sizes[place])
        self.size = before.sizes[place]
        self.count = 0

    def write(self, line: Line) -> None:
        values = members(line.row, trusted=self._trusted)
        cells = [NULL] * len(self._columns)
        lost: list[tuple[str, str]] = []
        for position, field, convert in self._fields:
            raw = values.get(field)
            if raw is None or raw == b"null":
                continue
            cell = convert(raw)
            if cell is None:
                lost.append((field, "NULLED"))
            else:
                if type(cell) is Shortened:
                    lost.append((field, "TRUNCATED"))
                cells[position] = cell
        for position, role in self._roles:
            cells[position] = self._made(role, line, lost)
        text = b"\t".join(cells) + b"\n"
        self._file.write(text)
        self.size += len(text)
        self.count += 1

    def _made(self, role: ColumnRole, line: Line, lost: Sequence[tuple[str, str]]) -> bytes:
        if role is ColumnRole.ROW_ID:
            return next(self._ids)
        if role is ColumnRole.EXTRACTED_AT:
            if line.time != self._moment[0]:
                self._moment = (line.time, _moment(line.time))
            return self._moment[1]
        return self._meta(line.changes, lost) if lost or line.changes not in _NO_CHANGES else self._unchanged

    def _meta(self, own: bytes, lost: Sequence[tuple[str, str]]) -> bytes:
        """What is noted of a row: what its source has changed, then what did not fit here."""
        noted = [msgspec.json.encode(_change(field, change)) for field, change in lost]
        whole = escaped(b",".join(noted))
        if own[:1] == b"[" and (inside := (document(own) or b"[]")[1:-1].strip()):
            whole = inside + (b"," + whole if whole else b"")
        return b'{"changes":[' + whole + self._sync

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _row_ids() -> Iterator[bytes]:
    """Random UUIDs (version 4) as text. Taken by the thousand: one by one they cost as much as all else of a row."""
    while True:
        digits = os.urandom(16_000).hex().encode()
        variants = digits.translate(_VARIANTS)
        for at in range(0, len(digits), 32):
            one, variant = digits[at : at + 32], variants[at + 16 : at + 17]
            yield b"%b-%b-4%b-%b%b-%b" % (one[:8], one[8:12], one[13:16], variant, one[17:20], one[20:])


_VARIANTS = bytes.maketrans(b"0123456789abcdef", b"89ab" * 4)


def _change(field: str, change: str) -> dict[str, str]:
    return {"field": field.replace("\0", ""), "change": change, "reason": "DESTINATION_SERIALIZATION_ERROR"}


def _moment(milliseconds: float | None) -> bytes:
    if milliseconds is None:
        return NULL
    try:
        return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat().encode()
    except (OverflowError, ValueError):
        return NULL
