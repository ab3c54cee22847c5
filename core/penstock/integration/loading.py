"""What a load writes into a warehouse: tables, rows, the loader's state; and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from penstock.assets import Relation
from penstock.integration.address import Address

_BLOCK = 8 << 20  # bytes that are copied at once

# The reason of a change that is a field's absence: its source does not declare it, so that no column takes it.
UNDECLARED = "SOURCE_FIELD_NOT_DECLARED"
FIELDS_TOLD = 100  # so many of them are told of one table

Write = Callable[[bytes], object]


class WriteMode(StrEnum):
    """What a load does to its table. REPLACE swaps it whole, APPEND adds, MERGE keeps the newest row per key."""

    REPLACE = "replace"
    APPEND = "append"
    MERGE = "merge"


class RowSource(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in a file of JSON lines (`path`), each an envelope. A line belongs to this source when every (JSON path, value)
    of `where` holds; the row is the object at `row`, its time (epoch milliseconds) the number at `time`, and the list at
    `changes` what its source has changed in it already.

    Only lines between the bytes `start` and `until` count (None: the end of the file). A line that is not JSON is an error:
    what else the file holds, a RowReader leaves out.
    """

    path: Path
    where: tuple[tuple[str, str | None], ...]
    row: str
    time: str
    changes: str | None = None
    start: int = 0
    until: int | None = None


class CopiedRows(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows were copied per table of the load, and the bytes of the longest line (or a little more)."""

    counts: tuple[int, ...]
    longest: int


class RowReader(Protocol):
    """Reads the rows out of a load's file, for the destination that parses them."""

    def copy(
        self,
        start: int,
        end: int,
        write: Write,
        *,
        closely: bool = False,
        exact: bool = False,
        known: bool = False,
    ) -> CopiedRows:
        """Write every row between two places of the file, in order, as whole lines of strict JSON.

        Lines that look well are not parsed; a destination that finds them wrong asks again, `closely`. `exact`: it keeps every
        number as it is written, and finds what is no JSON itself: such lines need not be looked for. `known`: rows are written
        with the fields alone that their source declares; each other one is noted among the row's changes (`UNDECLARED`).
        """
        ...


class ColumnRole(StrEnum):
    """Where a column's value comes from: a field of the row, or one that the loader makes."""

    FIELD = "field"
    ROW_ID = "row_id"  # a fresh UUID
    EXTRACTED_AT = "extracted_at"  # the row's time, as timestamp with time zone
    META = "meta"  # {"changes": [{"field", "change", "reason"}], "sync_id": n}: values that are not as the source has them
    GENERATION = "generation"  # the load's generation number


class LoadColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column to write. `field` is the top-level field of the row; `type` one of string, boolean, integer, number, date,
    timestamp_tz, timestamp, time_tz, time, json."""

    name: str
    role: ColumnRole
    type: str
    field: str | None = None

    @property
    def taken_from(self) -> str:
        """The row's field; the empty text is the name of one."""
        return self.name if self.field is None else self.field


class TableLoad(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a load. `primary_key` and `cursor` are column names; MERGE keeps, per key, the row with the highest
    (cursor, extracted_at), and needs a key.

    The generation written is `generation` or the table's highest, whichever is greater; with `new_generation` one more
    than the table's highest. `unasked` are fields of its rows that are left out because nobody wants them."""

    relation: Relation
    mode: WriteMode
    columns: tuple[LoadColumn, ...]
    rows: RowSource
    primary_key: tuple[str, ...] = ()
    cursor: str | None = None
    generation: int = 0
    sync_id: int = 0
    new_generation: bool = False
    unasked: tuple[str, ...] = ()


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one step writes, in one transaction: tables, and the loader's state (JSON text per `state` key).

    `token` identifies the attempt: a load whose token is already recorded is not applied again.
    `expected` is the state that it goes on from: where the warehouse holds another one, nothing is written (see `moved_on`).
    `reader` says which lines of the file are rows, and how many there are: as many are staged, or it is an error.
    `partial`: more lines follow in the same file. What is there is staged already (up to `RowSource.until`); a later call with
    the same staging folder goes on from there, and only what that one returns is committed.
    """

    loader: str  # whose state: integration/instance/connection
    token: str
    tables: tuple[TableLoad, ...]
    state: dict[str, str]
    staging: Path  # a folder of this attempt's own for intermediate files
    reader: RowReader | None = None
    memory_mb: int = 1024  # what staging and commit may use before they spill or give up
    partial: bool = False
    expected: dict[str, str] | None = None

    def copy_part(
        self,
        path: Path,
        start: int,
        end: int,
        write: Write,
        *,
        closely: bool = False,
        exact: bool = False,
        known: bool = False,
    ) -> CopiedRows | None:
        """The lines of `path` between two places, by the reader where there is one (see `RowReader.copy`).

        Without a reader the bytes are copied as they are, and nothing is counted: None.
        """
        if self.reader is not None:
            return self.reader.copy(start, end, write, closely=closely, exact=exact, known=known)
        with path.open("rb") as source:
            source.seek(start)
            left = end - start
            while left and (block := source.read(min(left, _BLOCK))):
                block += source.readline(left - len(block))
                write(block)
                left -= len(block)
        return None


class LoadedTable(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did to a table. `notes` are sentences about what had to change in it (new columns, wider types).

    `rows_changed` of the rows read have a value that is not as the source has it; their META column says which. `undeclared`:
    of the fields for which there is no column, how many rows had each (the most frequent ones)."""

    relation: Relation
    rows_read: int
    rows_total: int
    rows_changed: int = 0
    size_bytes: int | None = None
    notes: tuple[str, ...] = ()
    undeclared: dict[str, int] = {}


class StagedLoad(Protocol):
    """A load whose rows are parsed and typed outside the warehouse; only `commit` touches it."""

    def commit(self) -> tuple[LoadedTable, ...]:
        """Write everything in one transaction. Raises WarehouseBusy when another process holds the warehouse."""
        ...


class Destination(Protocol):
    """The writing side of a warehouse, for integrations that load data themselves. Blocking: call it in a thread."""

    address: Address
    part: int
    """So many bytes of new rows are worth a call of `stage` while more are written."""

    def relation(self, schema: str | None, table: str) -> Relation:
        """Where a table of these (already normalised) names lies."""
        ...

    def state(self, loader: str) -> dict[str, str]:
        """The loader's committed state; empty before the first load (also when the warehouse does not exist yet)."""
        ...

    def loaders(self, relations: Iterable[Relation]) -> frozenset[str]:
        """Those that have written any of these tables, as far back as is recorded."""
        ...

    def holding(self, relations: Iterable[Relation]) -> dict[Relation, bool]:
        """Each of these that exists, and whether it has a row: what is not in the answer is not there."""
        ...

    def committed(self, loader: str, token: str) -> tuple[LoadedTable, ...] | None:
        """What the load of that attempt token wrote; None when it was not committed. Raises WarehouseBusy."""
        ...

    def reset(
        self, loader: str, state: Mapping[str, str], emptied: Sequence[Relation]
    ) -> dict[Relation, int]:
        """Replace the loader's state, and empty these tables, in one transaction; how many rows each of them had. Tables that do
        not exist are left out. Raises WarehouseBusy."""
        ...

    def stage(self, load: Load) -> StagedLoad:
        """Parse and type the rows into the load's staging folder. In the warehouse nothing changes that anybody else sees."""
        ...
