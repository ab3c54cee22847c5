"""A DuckDB file as penstock sees it: its catalog translated into assets. Opens the file read-only and closes it at once."""

from __future__ import annotations

import time
from collections.abc import Iterable

from penstock.assets import (
    AssetKind,
    Definition,
    DefinitionStatus,
    Observation,
    ObservedAsset,
)
from penstock.errors import PenstockError
from penstock.integration import CatalogTable, Diagnosis, ObserveContext, cataloged
from penstock_duckdb.address import address_of, attached_of, file_of
from penstock_duckdb.config import DuckdbConfig, connection_of
from penstock_duckdb.connect import opened
from penstock_duckdb.warehouse import DuckdbWarehouse


def observe(context: ObserveContext[DuckdbConfig]) -> Observation:
    """Tables and views with their columns. A file that does not exist yet holds nothing, which is no finding.

    Raises WarehouseBusy when another process holds the file: what was known before stays right.
    """
    connection = connection_of(context)
    file = file_of(connection)
    return Observation(
        integration="duckdb",
        instance=context.instance,
        taken_at=time.time(),
        assets=tuple(_asset(table) for table in _tables(context)),
        inputs=tuple(
            name for one in (file, *attached_of(connection).values()) for name in (str(one), f"{one}.wal")
        ),  # a writer that was killed leaves its last commit in the .wal
        facts={"file": address_of(connection, context.project_root).namespace.removeprefix("duckdb:")},
    )


def definitions(context: ObserveContext[DuckdbConfig], ids: frozenset[str] | None) -> Iterable[Definition]:
    """The views' own SQL."""
    for table in _tables(context):
        if table.sql and (ids is None or str(table.relation) in ids):
            yield Definition(
                id=str(table.relation), status=DefinitionStatus.COMPILED, sql=table.sql, dialect="duckdb"
            )


def diagnose(context: ObserveContext[DuckdbConfig]) -> Iterable[Diagnosis]:
    """Whether the file can be opened, and by which DuckDB."""
    try:
        import duckdb

        version = duckdb.__version__
        file = file_of(connection_of(context))
        if not file.exists():
            yield Diagnosis(
                subject=str(file.name),
                ok=True,
                message=f"not made yet (DuckDB {version}, first load makes it)",
            )
            return
        with opened(file):
            pass
        yield Diagnosis(subject=file.name, ok=True, message=f"opens with DuckDB {version}")
    except ImportError:
        yield Diagnosis(
            subject="duckdb",
            ok=False,
            message="the Python package duckdb is not installed",
            hint="pip install 'penstock[duckdb]'",
        )
    except PenstockError as error:
        yield Diagnosis(subject=context.instance, ok=False, message=error.what, hint=error.hint)


def _tables(context: ObserveContext[DuckdbConfig]) -> list[CatalogTable]:
    """All at once: the file is not held while somebody works on what it holds."""
    warehouse = DuckdbWarehouse(connection_of(context), context.project_root)
    return [table for page in warehouse.pages() for table in page.tables]


def _asset(table: CatalogTable) -> ObservedAsset:
    return cataloged(table, kind=AssetKind.VIEW if table.kind == "view" else AssetKind.TABLE)
