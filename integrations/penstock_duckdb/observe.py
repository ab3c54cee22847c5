"""A DuckDB file as penstock sees it: its catalog translated into assets. Opens the file read-only and closes it at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

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
        connection = connection_of(context)
        file, attached = file_of(connection), attached_of(connection)
        if not file.exists():
            yield _not_made(file, version)
        else:
            with opened(file, attached=attached):
                pass
            writable = os.access(file, os.W_OK)
            words = f"opens with DuckDB {version}" + (
                "" if writable else ", and cannot be written: read only"
            )
            yield Diagnosis(subject=file.name, ok=True, message=words)
        for alias, other in attached.items():
            if not other.exists():
                what = f"attach: {alias}: there is no {other} yet, so nothing is read from it"
                yield Diagnosis(
                    subject=f"{file.name}/{alias}", ok=True, message=what, unchecked="what it will hold"
                )
    except ImportError:
        yield Diagnosis(
            subject="duckdb",
            ok=False,
            message="the Python package duckdb is not installed",
            hint="pip install 'penstock[duckdb]'",
        )
    except PenstockError as error:
        yield Diagnosis(subject=context.instance, ok=False, message=error.what, hint=error.hint)


def _not_made(file: Path, version: str) -> Diagnosis:
    """Whether it can be made: the first load makes missing folders too."""
    there = next(folder for folder in file.parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Diagnosis(
            subject=file.name, ok=False, message=f"not made yet, and cannot be: {there} cannot be written"
        )
    return Diagnosis(
        subject=file.name, ok=True, message=f"not made yet (DuckDB {version}, first load makes it)"
    )


def _tables(context: ObserveContext[DuckdbConfig]) -> list[CatalogTable]:
    """All at once: the file is not held while somebody works on what it holds."""
    warehouse = DuckdbWarehouse(connection_of(context), context.project_root)
    return [table for page in warehouse.pages() for table in page.tables]


def _asset(table: CatalogTable) -> ObservedAsset:
    return cataloged(table, kind=AssetKind.VIEW if table.kind == "view" else AssetKind.TABLE)
