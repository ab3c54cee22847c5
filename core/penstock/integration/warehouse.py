"""What a warehouse is to penstock: where it is, how it is reached, what it can tell. Opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import msgspec

from penstock.assets import Relation
from penstock.integration.address import Address, Connection
from penstock.integration.loading import Destination


class CatalogTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table or view as the warehouse describes it. `rows` may be an estimate; `sql` is a view's own definition."""

    relation: Relation
    kind: str  # table, view
    columns: tuple[tuple[str, str], ...]  # (name, type), in order
    comment: str | None = None
    column_comments: dict[str, str] = {}
    rows: int | None = None
    size_bytes: int | None = None
    sql: str | None = None


class Warehouse(Protocol):
    """A warehouse as penstock reads it. Blocking: call it in a thread."""

    address: Address

    def catalog(self) -> tuple[CatalogTable, ...]:
        """Every table and view. Raises WarehouseBusy when another process holds it."""
        ...

    def row_counts(self, relations: Iterable[Relation]) -> dict[Relation, int]:
        """Exact row counts of those that exist."""
        ...

    def destination(self) -> Destination: ...


class WarehouseContext(msgspec.Struct, frozen=True, kw_only=True):
    connection: Connection
    project_root: Path
