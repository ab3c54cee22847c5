"""Columns, rows and bytes of a relation: the project's YAML and the warehouse's catalog as one description."""

from __future__ import annotations

from operator import attrgetter

import msgspec

from penstock.assets import Relation
from penstock_manifests.dbt import CatalogColumn, CatalogEntry, ManifestColumn

# Each adapter has its own words for the same two numbers.
_ROWS = ("num_rows", "row_count", "rows")
_BYTES = ("num_bytes", "bytes", "size", "total_bytes")
_INDEX = attrgetter("index")
_PACKING = msgspec.msgpack.Encoder()
_Column = tuple[str, str | None, str, bool, bool]


def columns_of(written: dict[str, ManifestColumn], entry: CatalogEntry | None) -> bytes:
    """The columns of a relation, packed. The catalog decides names, types and order, the YAML gives descriptions.

    Columns that only the YAML names come last.
    """
    columns = _columns_of(written, entry)
    return _PACKING.encode(columns) if columns else b""


def _columns_of(written: dict[str, ManifestColumn], entry: CatalogEntry | None) -> list[_Column]:
    """Each as the fields of a `Column`: a tuple costs half, and is packed to the same bytes."""
    real = entry.columns if entry is not None else None
    if not real:
        if not written:
            return []
        return [(c.name, c.data_type, c.description or "", True, False) for c in written.values()]
    if not written:
        return [(c.name, c.type, c.comment or "", False, True) for c in _ordered(real)]
    told = {column.name.lower(): column for column in written.values()}
    columns: list[_Column] = []
    for c in _ordered(real):
        own = told.pop(c.name.lower(), None)
        text = (own.description if own is not None else None) or c.comment or ""
        columns.append((c.name, c.type, text, own is not None, True))
    columns += [(c.name, c.data_type, c.description or "", True, False) for c in told.values()]
    return columns


def describes(entry: CatalogEntry, relation: Relation) -> bool:
    """Whether a catalog entry is about this relation; parts that one of them does not have are no difference."""
    told = entry.metadata
    return (
        _same(told.name, relation.identifier)
        and _same(told.schema, relation.schema)
        and _same(told.database, relation.database)
    )


def _same(one: str | None, other: str | None) -> bool:
    return one == other or not one or not other or one.casefold() == other.casefold()


def size_of(entry: CatalogEntry) -> tuple[int | None, int | None]:
    """(rows, bytes) as the catalog's statistics have them."""
    if not entry.stats:
        return None, None
    return _number(entry, _ROWS), _number(entry, _BYTES)


def _number(entry: CatalogEntry, names: tuple[str, ...]) -> int | None:
    for name in names:
        stat = entry.stats.get(name)
        if stat is None or stat.include is False:
            continue
        try:
            return int(float(stat.value)) if stat.value is not None else None
        except ValueError:
            continue  # an adapter's words instead of a number
    return None


def _ordered(columns: dict[str, CatalogColumn]) -> list[CatalogColumn]:
    try:
        return sorted(columns.values(), key=_INDEX)
    except TypeError:  # one has none
        return sorted(columns.values(), key=lambda one: one.index or 0)
