"""Contexts for driving the DuckDB integration without core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from penstock.integration import Connection, ObserveContext, WarehouseContext
from penstock_duckdb import INTEGRATION
from penstock_duckdb.address import address_of
from penstock_duckdb.config import DuckdbConfig
from penstock_duckdb.warehouse import DuckdbWarehouse


def observe_context(root: Path, path: str = "shop.duckdb") -> ObserveContext[DuckdbConfig]:
    def missing(name: str) -> Connection:
        raise AssertionError(f"asked for the warehouse {name}")

    return ObserveContext(
        project_root=root,
        state_dir=root / ".penstock",
        cache_dir=root / "cache",
        instance="main",
        config=DuckdbConfig(path=path),
        environment="dev",
        may_call=False,
        environ={},
        options={},
        address=lambda connection: address_of(connection, root),
        connection=missing,
        progress=lambda line: None,
    )


def warehouse_at(root: Path, path: str = "shop.duckdb", **settings: Any) -> DuckdbWarehouse:
    connection = Connection(type="duckdb", settings={"path": path, **settings}, base=root)
    warehouse = INTEGRATION.warehouse(WarehouseContext(connection=connection, project_root=root))
    assert isinstance(warehouse, DuckdbWarehouse)
    return warehouse
