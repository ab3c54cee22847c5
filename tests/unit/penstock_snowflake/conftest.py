"""A small account behind the stand-in, and the warehouse object that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.integration import Connection, ObserveContext
from penstock_snowflake.config import SnowflakeConfig
from penstock_snowflake.warehouse import SnowflakeWarehouse
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble

Observing = Callable[..., ObserveContext[Any]]


@pytest.fixture
def estate() -> Estate:
    estate = Estate()
    columns = [("ID", "NUMBER"), ("NAME", "TEXT")]
    estate.table(
        ("SHOP", "RAW", "USERS"), columns, [[1, "a"], [2, "b"]], comment="people", comments={"ID": "key"}
    )
    estate.table(("SHOP", "RAW", 'odd "Name".x'), [("größe", "FLOAT")], [[1.5]])
    sql = "create view V as select ID from SHOP.RAW.USERS"
    estate.table(("SHOP", "MARTS", "V"), [("ID", "NUMBER")], [[1], [2]], kind="VIEW", sql=sql)
    estate.table(("OTHER", "PUBLIC", "ELSEWHERE"), [("ID", "NUMBER")])
    return estate


@pytest.fixture
def double(estate: Estate) -> Iterator[SnowflakeDouble]:
    with SnowflakeDouble(estate) as double:
        yield double


@pytest.fixture
def warehouse(double: SnowflakeDouble, tmp_path: Path) -> SnowflakeWarehouse:
    return SnowflakeWarehouse(
        Connection(type="snowflake", settings=double.settings(database="shop"), base=tmp_path)
    )


@pytest.fixture
def observing(double: SnowflakeDouble, tmp_path: Path) -> Observing:
    """A context of an instance with these settings."""

    def context(**settings: Any) -> ObserveContext[Any]:
        def no_connection(name: str) -> Connection:
            raise AssertionError(name)

        return ObserveContext(
            project_root=tmp_path,
            state_dir=tmp_path / ".penstock",
            cache_dir=tmp_path / "cache",
            instance="main",
            config=SnowflakeConfig(**double.settings(database="shop", **settings)),
            environment="dev",
            may_call=True,
            environ={},
            options={},
            address=lambda connection: SnowflakeWarehouse(connection).address,
            connection=no_connection,
            progress=lambda line: None,
        )

    return context
