"""Parsing a load's rows into a DuckDB file of the attempt's own. The warehouse is not touched, and memory stays flat.

A file that is still being written is staged in segments: each is one transaction together with how far it went, so that
whoever comes later goes on there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import CopiedRows, Load, TableLoad
from penstock.system.files import close_to_others, private_folder
from penstock_duckdb.columns import sql_type
from penstock_duckdb.connect import literal, quoted
from penstock_duckdb.lines import SMALL_LINE, Doubled, Lines
from penstock_duckdb.newest import is_keyed, keep_newest, refuse_lost_keys
from penstock_duckdb.numbers import define, exact_name, number_places, settle
from penstock_duckdb.rows import typed_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PART = ".part"
_CPUS = os.cpu_count() or 1
# Small groups are written by several threads, and cost less in all: the default of 122,880 rows leaves most syncs to one.
_ROW_GROUP = 8192


def staged(load: Load) -> Path:
    """The staging file with one table `t<n>` per table of the load: whole, or for a partial load a part that can grow."""
    import duckdb

    target = load.staging / _file_name(load)
    if target.exists():
        return target
    private_folder(load.staging)
    part = _part_of(load)
    try:
        if not _fill(part, load):
            # More was staged than shall count (the connector failed after its last state): begin again.
            _remove(part)
            _fill(part, load)
    except duckdb.Error as error:
        raise ToolError(
            f"the rows cannot be staged: {str(error).splitlines()[0]}", hint="is the disk full?"
        ) from None
    if load.partial:
        return part
    part.rename(target)
    return target


def _part_of(load: Load) -> Path:
    """Told apart by the tables: among others a table would have another one's place, and rows behind what is staged would be
    missing of one that comes later. A part that goes on with other tables is of no use any more."""
    part = load.staging / f"stage-{_hash([str(table.relation) for table in load.tables])}{_PART}"
    for other in load.staging.glob(f"*{_PART}"):
        if other != part:
            _remove(other)
    return part


def _file_name(load: Load) -> str:
    """Told apart by the places that the rows are between: a load that did not come to its commit is staged anew when more has
    been written since. Its file, taken for the larger load's, would lose the rows behind it while the state moves past them."""
    places = [(str(table.relation), table.rows.start, _end(table)) for table in load.tables]
    return f"stage-{_hash(places)}.duckdb"


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _fill(part: Path, load: Load) -> bool:
    """Stage what is missing; False when rows are there already that the load leaves out."""
    # Beside a connector that still writes, one CPU is left to it.
    threads = max(1, _CPUS - 1) if load.partial else _CPUS
    with _opened(part, load.staging, min(4, threads), load.memory_mb) as connection:
        _make_tables(connection, load.tables)
        starts = [table.rows.start for table in load.tables]
        ends = [_end(table) for table in load.tables]
        done = max(_progress(connection), min(starts, default=0))
        if any(end < done for end in ends) and not load.partial:
            return False
        for end in sorted({*starts, *ends}):
            if end > done:
                counted = {
                    place: table
                    for place, table in enumerate(load.tables)
                    if starts[place] < end <= ends[place]
                }
                if counted:
                    _segment(connection, load, counted, done, end)
                done = end
        if not load.partial:
            for place, table in enumerate(load.tables):
                settle(connection, _name(place), table)
                if is_keyed(table):
                    refuse_lost_keys(connection, _name(place), table)
                    keep_newest(connection, _name(place), table)
    return True


@contextmanager
def _opened(part: Path, folder: Path, threads: int, memory_mb: int) -> Iterator[DuckDBPyConnection]:
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
        }
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        define(connection)
        connection.execute(f"ATTACH {literal(str(part))} AS stage (ROW_GROUP_SIZE {_ROW_GROUP})")
        close_to_others(part)
        yield connection
        connection.execute("DETACH stage")
    finally:
        connection.close()


def _name(place: int) -> str:
    return f"stage.main.t{place}"


def _make_tables(connection: DuckDBPyConnection, tables: tuple[TableLoad, ...]) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS stage.main.progress (done BIGINT)")
    for place, table in enumerate(tables):
        columns = ", ".join(
            [
                *(f"{quoted(column.name)} {sql_type(column)}" for column in table.columns),
                *(f"{quoted(exact_name(number))} VARCHAR" for number in number_places(table)),
            ]
        )
        connection.execute(f"CREATE TABLE IF NOT EXISTS {_name(place)} ({columns})")


def _progress(connection: DuckDBPyConnection) -> int:
    row = connection.execute("SELECT max(done) FROM stage.main.progress").fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _end(table: TableLoad) -> int:
    size = table.rows.path.stat().st_size
    return size if table.rows.until is None else min(size, table.rows.until)


def _segment(
    connection: DuckDBPyConnection, load: Load, tables: dict[int, TableLoad], start: int, end: int
) -> None:
    """The rows of these tables between two places in the file, and that they are there. All of them, or none."""
    import duckdb

    path = next(iter(tables.values())).rows.path
    copy = load.staging / "segment.jsonl"
    try:
        closely = alone = False
        while True:
            with copy.open("wb") as target:
                copied = load.copy_part(path, start, end, target.write, closely=closely, known=True)
            connection.execute("BEGIN")
            try:
                _insert(connection, tables, copy, copied)
                connection.execute("INSERT INTO stage.main.progress VALUES ($1)", [end])
                connection.execute("COMMIT")
                return
            except (duckdb.InvalidInputException, Doubled, _Miscounted) as error:
                connection.execute("ROLLBACK")
                if closely or load.reader is None:
                    raise ToolError(f"the rows cannot be read: {str(error).splitlines()[0]}") from None
                closely = True
            except duckdb.OutOfMemoryException:
                connection.execute("ROLLBACK")
                if alone:
                    raise _too_large(load, tables, copied) from None
                connection.execute("SET threads = 1")  # each thread has buffers of its own
                alone = True
    finally:
        copy.unlink(missing_ok=True)


def _insert(
    connection: DuckDBPyConnection, tables: dict[int, TableLoad], copy: Path, copied: CopiedRows | None
) -> None:
    limit = max(SMALL_LINE, copied.longest if copied is not None else copy.stat().st_size)
    counts: Sequence[int | None] = [None] * (max(tables) + 1)
    if copied is not None:
        counts = copied.counts
        filled = {place: table for place, table in tables.items() if copied.counts[place]}
    else:
        present = Lines(copy, list(tables.values())).present(connection, limit)
        filled = {place: table for (place, table), rows in zip(tables.items(), present, strict=True) if rows}
    if not filled:
        return
    lines = Lines(copy, list(filled.values()))
    lines.prepare(connection, limit)
    for place, table in filled.items():
        rows = typed_rows(table, lines.of(table, limit))
        inserted = connection.execute(f"INSERT INTO {_name(place)} {rows}").fetchone()
        if inserted is not None and counts[place] not in (None, inserted[0]):
            raise _Miscounted(
                f"{table.relation.identifier}: {counts[place]} rows were emitted, {inserted[0]} were read"
            )
    lines.forget(connection)


def _too_large(load: Load, tables: dict[int, TableLoad], copied: CopiedRows | None) -> ToolError:
    longest = f", the longest row {copied.longest >> 20} MB" if copied and copied.longest >> 20 else ""
    widest = max(len(table.columns) for table in tables.values())
    return ToolError(
        f"the rows need more than {load.memory_mb} MB of memory (up to {widest} columns{longest})",
        hint="allow more with memory_mb of the airbyte instance, or choose fewer `fields`",
    )


class _Miscounted(Exception):
    """Not as many rows were read as are there."""


def _remove(part: Path) -> None:
    part.unlink(missing_ok=True)
    Path(f"{part}.wal").unlink(missing_ok=True)
