"""A load's rows as files in COPY's text format, one per table: parsed and typed beside the warehouse, which is not touched.

A partial load grows: what is staged is remembered in `progress` after every segment, and whatever lies behind it is cut off.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from penstock.errors import ToolError
from penstock.integration import CopiedRows, Load, TableLoad
from penstock.system.files import private_folder
from penstock_postgres.envelope import Envelope
from penstock_postgres.members import Doubled, Unknown
from penstock_postgres.writing import Writer, file_of

_PROGRESS = "progress.json"
_SEGMENT = 4 << 20


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which byte of the file rows are staged, and per table how many bytes and rows that made, and how many of them have a
    note. Files of one `batch` grow only: what was read of them is still there. `others`: rows had fields that nobody knows of.
    `tables`: which they are, in their order."""

    done: int
    sizes: tuple[int, ...]
    counts: tuple[int, ...]
    noted: tuple[int, ...] = ()
    batch: str = ""
    others: bool = False
    tables: tuple[str, ...] = ()


class _Miscounted(Exception):
    """Not as many rows were read as are there."""


def staged(load: Load, told: Callable[[Progress], None]) -> Progress:
    """Stage what is missing of the load, a part at a time; `told` of each, but of the last of a whole load."""
    private_folder(load.staging)
    ends = [_end(table) for table in load.tables]
    starts = [table.rows.start for table in load.tables]
    progress = _read(load)
    if progress is None or (not load.partial and any(end < progress.done for end in ends)):
        # More was staged than shall count (the connector failed after its last state): begin again.
        for file in load.staging.glob("*.copy"):
            file.unlink()
        none = (0,) * len(load.tables)
        progress = Progress(
            done=min(starts, default=0),
            sizes=none,
            counts=none,
            noted=none,
            batch=uuid.uuid4().hex,
            tables=_tables(load),
        )
    for end in sorted({*starts, *ends}):
        counted = [place for place in range(len(ends)) if starts[place] < end <= ends[place]]
        while progress.done < end:
            if counted:
                part = _part(load.tables[counted[0]].rows.path, progress.done, end)
                progress = _segment(load, counted, progress, part)
            else:
                progress = msgspec.structs.replace(progress, done=end)
            _write(load, progress)
            if load.partial or progress.done < max(ends):
                told(progress)
    return progress


def _part(path: Path, start: int, end: int) -> int:
    """Where some whole lines end."""
    if end - start <= _SEGMENT:
        return end
    with path.open("rb") as file:
        file.seek(start + _SEGMENT - 1)
        file.readline()
        return min(end, file.tell())


def _end(table: TableLoad) -> int:
    size = table.rows.path.stat().st_size
    return size if table.rows.until is None else min(size, table.rows.until)


def _read(load: Load) -> Progress | None:
    file = load.staging / _PROGRESS
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Progress)
    except FileNotFoundError:
        return None
    return found if found.tables == _tables(load) else None


def _tables(load: Load) -> tuple[str, ...]:
    """Among others a table would have another one's place, and rows behind what is staged would be missing of one that comes later."""
    return tuple(str(table.relation) for table in load.tables)


def _write(load: Load, progress: Progress) -> None:
    part = load.staging / f"{_PROGRESS}.part"
    part.write_bytes(msgspec.json.encode(progress))
    part.replace(load.staging / _PROGRESS)


def _segment(load: Load, places: Sequence[int], before: Progress, end: int) -> Progress:
    """The rows of these tables between two places in the file."""
    path = load.tables[places[0]].rows.path
    exact, closely = True, False
    while True:
        lines: list[bytes] = []
        known = before.others
        copied = load.copy_part(
            path, before.done, end, lines.append, closely=closely, exact=exact, known=known
        )
        try:
            return _rows(load, places, before, end, lines, copied, trusted=closely)
        except Unknown:
            # The reader leaves them out, and notes them: here and in what follows.
            before = msgspec.structs.replace(before, others=True)
        except (msgspec.DecodeError, Doubled, _Miscounted, UnicodeDecodeError) as error:
            if closely or load.reader is None:
                raise ToolError(f"the rows cannot be read: {str(error).splitlines()[0]}") from None
            # What is no JSON lies in few lines mostly: the reader finds them, before it reads every line closely.
            closely = not exact or not isinstance(error, msgspec.DecodeError)
            exact = False


def _rows(
    load: Load,
    places: Sequence[int],
    before: Progress,
    end: int,
    lines: Sequence[bytes],
    copied: CopiedRows | None,
    *,
    trusted: bool,
) -> Progress:
    watched = load.reader is not None and not before.others and not trusted
    writers = {
        place: Writer(
            load.tables[place],
            file_of(load.staging, before.batch, place),
            before.sizes[place],
            trusted=trusted,
            watched=watched,
        )
        for place in places
    }
    try:
        rows_of = {place: load.tables[place].rows for place in places}
        members = {} if trusted else {place: writer.members for place, writer in writers.items()}
        for batch in Envelope(rows_of, members).batches(lines):
            for place, rows in batch.items():
                writers[place].write(rows)
        for place, writer in writers.items():
            if copied is not None and writer.count != copied.counts[place]:
                name = load.tables[place].relation.identifier
                raise _Miscounted(
                    f"{name}: {copied.counts[place]} rows were emitted, {writer.count} were read"
                )
        sizes, counts, noted = list(before.sizes), list(before.counts), list(before.noted)
        for place, writer in writers.items():
            sizes[place], counts[place] = writer.size, counts[place] + writer.count
            noted[place] += writer.noted
    finally:
        for writer in writers.values():
            writer.close()
    return msgspec.structs.replace(
        before, done=end, sizes=tuple(sizes), counts=tuple(counts), noted=tuple(noted)
    )
