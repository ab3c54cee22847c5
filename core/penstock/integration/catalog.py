"""What a warehouse tells of its tables: catalog pages, row counts, states of data. Records, and no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from penstock.assets import AssetKind, DataVersion, ObservedAsset, Relation, Role


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a warehouse is meant. Names are as stored; None is all; `relations` only these tables."""

    database: str | None = None
    schemas: tuple[str, ...] | None = None
    relations: frozenset[Relation] | None = None

    def has(self, relation: Relation) -> bool:
        if self.database is not None and relation.database != self.database:
            return False
        if self.schemas is not None and relation.schema not in self.schemas:
            return False
        return self.relations is None or relation in self.relations


EVERYTHING = Scope()
ALL = "*"
"""As the only one of `schemas` in penstock.yml: every schema, whether somebody uses it or not."""


def scopes_of(
    schemas: tuple[str, ...] | None,
    databases: tuple[str, ...] | None,
    used: frozenset[tuple[str, str]] | None,
) -> tuple[Scope, ...]:
    """What of a warehouse is read: what penstock.yml names; else, where somebody uses a part of it, that part alone: an account may
    hold a hundred thousand tables that nobody here speaks of."""
    if schemas == (ALL,):
        return (EVERYTHING,)
    if schemas is not None or databases is not None or used is None:
        return (Scope(schemas=schemas),)
    by_database: dict[str, list[str]] = {}
    for database, schema in sorted(used):
        by_database.setdefault(database, []).append(schema)
    return tuple(Scope(database=name, schemas=tuple(found)) for name, found in by_database.items())


class RowCount(msgspec.Struct, frozen=True, gc=False):
    """How many rows a table has: counted (`exact`), or as the warehouse's statistics say."""

    rows: int
    exact: bool


class CatalogTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table or view as the warehouse describes it. `sql` is a view's own definition; `changed_at` epoch seconds; `reads` the
    relations that a view reads, where the warehouse itself keeps them. `packed` stands for `columns` and their comments where a
    reader was asked to leave them so (see `packed_columns`)."""

    relation: Relation
    kind: str  # table, view; or the warehouse's own words for another: "materialized view", "foreign table"
    columns: tuple[tuple[str, str], ...]  # (name, type), in order
    comment: str | None = None
    column_comments: dict[str, str] = {}
    rows: RowCount | None = None
    size_bytes: int | None = None
    sql: str | None = None
    changed_at: float | None = None
    owner: str | None = None
    reads: tuple[Relation, ...] = ()
    packed: bytes = b""


class CatalogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the tables. `changes_only`: what `since` left out is unchanged; else the pages together are all that there is."""

    tables: tuple[CatalogTable, ...]
    changes_only: bool = False


_PACK = msgspec.msgpack.Encoder().encode


def packed_columns(columns: Sequence[tuple[str, str]], comments: Mapping[str, str]) -> bytes:
    """As `pack_columns` of a table's columns as records, which are never made: a warehouse has millions."""
    if not comments:
        return _PACK([(name, kind, "", False, True) for name, kind in columns])
    told = comments.get
    return _PACK([(name, kind, told(name, ""), False, True) for name, kind in columns])


def cataloged(table: CatalogTable, *, kind: AssetKind, materialized: str | None = None) -> ObservedAsset:
    """A table of a catalog as an asset; `kind` and `materialized` are what the warehouse's own word for it means."""
    return ObservedAsset(
        id=str(table.relation),
        kind=kind,
        name=table.relation.identifier,
        resource_type=table.kind,
        role=Role.CATALOGS,
        relation=table.relation,
        description=table.comment or "",
        packed=table.packed
        or (packed_columns(table.columns, table.column_comments) if table.columns else b""),
        owner=table.owner,
        materialized=materialized,
        rows=table.rows.rows if table.rows else None,
        size_bytes=table.size_bytes,
    )


class Signal(StrEnum):
    """Where the state of a table's data was read from."""

    COMMIT = "commit"  # the warehouse's own change marker of the table
    HISTORY = "history"  # a versioned table's log, data operations only
    LAST_ALTERED = "last_altered"  # moves with data, definitions and upkeep
    STATISTICS = "statistics"  # counters of writes: a hint
    FILE = "file"  # size and time of the file that holds it
    CONTENT = "content"  # a hash of the rows
    NEWEST_ROW = "newest_row"  # the highest value of a column


class TableState(msgspec.Struct, frozen=True, kw_only=True):
    """Which data a table holds, as far as `signal` tells. `changed_at` is epoch seconds.

    `equal_means_same`: two equal versions prove that the data is the same. Two different ones prove nothing.
    """

    signal: Signal
    version: DataVersion | None = None
    changed_at: float | None = None
    equal_means_same: bool = False


ColumnSet = tuple[str, ...]
"""Names of columns, sorted and in lower case."""


UNSEEN = "something that may not be seen"
"""The kind of a Content whose relation may exist, for all that its warehouse tells this user. It has no columns, and no version."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a table holds. `hashes` per set of columns asked for (None: all); equal hashes of equal sets mean equal rows, in
    whatever order. A view has its `definition` as a digest, and no hashes. Columns are (name, type), in order.

    `state` stands for hashes where a warehouse only marks its states: an equal one means equal rows in all columns, another one tells
    nothing. `laid` stands beside hashes where others may write at any time: an equal one means that no row was written anew, be it the same
    one, nor taken away. `untold`: why nothing is told of its rows. `changed_at`: when it was last changed, or later (epoch seconds by this machine's clock); None: that is not known."""

    kind: str  # table, view
    columns: tuple[tuple[str, str], ...]
    rows: int | None = None
    hashes: dict[ColumnSet | None, str] = {}
    definition: str = ""
    state: str = ""
    changed_at: float | None = None
    laid: str = ""
    untold: str = ""
