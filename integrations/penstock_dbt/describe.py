"""Columns, rows and bytes of a relation: the project's YAML and the warehouse's catalog as one description."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.assets import Column
from penstock_manifests.dbt import CatalogColumn, CatalogEntry, ManifestColumn

# Each adapter has its own words for the same two numbers.
_ROWS = ("num_rows", "row_count", "rows")
_BYTES = ("num_bytes", "bytes", "size", "total_bytes")


def columns_of(written: dict[str, ManifestColumn], entry: CatalogEntry | None) -> tuple[Column, ...]:
    """The columns of a relation. The catalog decides names, types and order; the YAML gives descriptions.

    Without a catalog entry: the columns that the YAML names.
    """
    if entry is None or not entry.columns:
        if not written:
            return ()
        return tuple([Column(c.name, c.data_type, c.description or "", True) for c in written.values()])
    if not written:
        return tuple(
            [Column(c.name, c.type, c.comment or "", False, True) for c in _ordered(entry.columns.values())]
        )
    described = {column.name.lower(): column.description for column in written.values()}
    return tuple(
        [
            Column(
                c.name,
                c.type,
                described.get(c.name.lower()) or c.comment or "",
                c.name.lower() in described,
                True,
            )
            for c in _ordered(entry.columns.values())
        ]
    )


def missing_columns(written: dict[str, ManifestColumn], entry: CatalogEntry | None) -> list[str]:
    """Columns that the YAML names and the warehouse does not have."""
    if entry is None or not entry.columns or not written:
        return []
    real = {column.name.lower() for column in entry.columns.values()}
    return [column.name for column in written.values() if column.name.lower() not in real]


def size_of(entry: CatalogEntry | None) -> tuple[int | None, int | None]:
    """(rows, bytes) as the catalog's statistics have them."""
    if entry is None or not entry.stats:
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


def _ordered(columns: Iterable[CatalogColumn]) -> list[CatalogColumn]:
    listed = list(columns)
    last = 0
    for column in listed:
        index = column.index or 0
        if index < last:
            return sorted(listed, key=lambda one: one.index or 0)
        last = index
    return listed
