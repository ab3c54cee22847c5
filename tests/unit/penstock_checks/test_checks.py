"""Checks as declared, compiled and run in real warehouses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import psycopg
import pytest

from penstock.errors import ConfigError
from penstock.integration import Address, Checks, SqlCheckResult, Warehouse
from penstock_checks.compiling import declared, queries, relation_of
from penstock_checks.config import ChecksConfig
from tests.tools.postgres import PostgresServer, new_server
from tests.unit.penstock_duckdb.support import warehouse_at as duckdb_at
from tests.unit.penstock_postgres.loading import warehouse_at as postgres_at

ROWS = """
CREATE TABLE users (id bigint, email varchar, tier varchar, "at" timestamp);
INSERT INTO users VALUES (1, 'a', 'gold', now()), (2, NULL, 'silver', now()), (2, 'b', 'tin', now()), (NULL, 'c', NULL, now());
CREATE TABLE orders (id bigint, user_id bigint, "odd name" bigint, old timestamp);
INSERT INTO orders VALUES (1, 1, 1, '2020-01-01'), (2, 9, 1, '2020-01-01'), (3, NULL, NULL, '2020-01-01');
"""
DECLARED = {
    "users": {
        "row_count": {"min": 1, "max": 3},
        "not_null": ["id", "email"],
        "unique": ["id", ["id", "email"]],
        "accepted_values": {"tier": ["gold", "silver"]},
        "freshness": {"at": "1d"},
        "warn": ["not_null.email"],
    },
    "orders": {
        "row_count": {"min": 3},
        "relationships": {"user_id": "users.id"},
        "unique": ['"odd name"'],
        "freshness": {"old": "1d"},
        "sql": {"wrong": "select * from orders where id > 1;", "broken": "select nothing from nowhere"},
    },
}
FAILURES = {
    "users.row_count": 1,
    "users.not_null.id": 1,
    "users.not_null.email": 1,
    "users.unique.id": 1,
    "users.unique.id+email": 0,
    "users.accepted_values.tier": 1,
    "users.freshness.at": 0,
    "orders.row_count": 0,
    "orders.relationships.user_id": 1,
    'orders.unique."odd name"': 1,
    "orders.freshness.old": 1,
    "orders.sql.wrong": 2,
    "orders.sql.broken": None,
}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    started = new_server()
    started.start(fsync=False)
    yield started
    started.remove()


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.slow)])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    if request.param == "duckdb":
        with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(ROWS)
        return duckdb_at(tmp_path)
    url = request.getfixturevalue("server").url()
    with psycopg.connect(url, autocommit=True, options="-c TimeZone=UTC") as session:
        session.execute(ROWS)
    return postgres_at(url, tmp_path)


def config(assets: dict[str, Any]) -> ChecksConfig:
    return msgspec.convert({"assets": assets}, ChecksConfig)


def test_every_kind_counts_what_is_wrong(warehouse: Warehouse) -> None:
    assert isinstance(warehouse, Checks)
    checks = declared(config(DECLARED), warehouse.address, "checks.main", time.time())
    asked = list(queries(checks, warehouse.address.dialect))
    assert len(asked) == 2 + 1 + 1 + 2, "one for each table, and one for each check that needs its own"
    results = list(warehouse.run_checks(asked))
    assert {result.id: result.failures for result in results} == FAILURES
    assert [check.id for check in checks if check.warn] == ["users.not_null.email"]


def test_a_row_of_another_shape_is_an_error(warehouse: Warehouse) -> None:
    from penstock.integration import SqlCheck

    assert isinstance(warehouse, Checks)
    check = SqlCheck(id="x", sql="SELECT 1, 2, 3", parts=("a", "b"))
    results: list[SqlCheckResult] = list(warehouse.run_checks([check]))
    assert [(result.id, result.failures) for result in results] == [("a", None), ("b", None)]
    assert "2 whole numbers" in str(results[0].error)


ADDRESS = Address(
    namespace="postgres://h:1", dialect="postgres", resource="r", slots=1, database="d", schema="s"
)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("users", ("d", "s", "users")),
        ("Users", ("d", "s", "users")),
        ("raw.users", ("d", "raw", "users")),
        ('"Raw.x".users', ("d", "Raw.x", "users")),
        ('e.raw."a""b"', ("e", "raw", 'a"b')),
    ],
)
def test_a_table_is_named_as_in_sql(name: str, parts: tuple[str, ...]) -> None:
    assert relation_of(name, ADDRESS, "checks.main").parts == parts


@pytest.mark.parametrize("name", ["", "a.b.c.d", "a..b", "a.", '"a'])
def test_a_name_that_is_none_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError, match="names no table"):
        relation_of(name, ADDRESS, "checks.main")


@pytest.mark.parametrize(
    ("checks", "match"),
    [
        ({"row_count": {}}, "row_count needs min or max"),
        ({"freshness": {"at": "5x"}}, "'5x' is no duration"),
        ({"relationships": {"id": "users"}}, "names no column"),
        ({"not_null": ["id"], "warn": ["unique"]}, "warn names 'unique'"),
    ],
)
def test_what_cannot_be_meant_is_refused(checks: dict[str, Any], match: str) -> None:
    run: Callable[[], object] = lambda: declared(config({"t": checks}), ADDRESS, "checks.main", 0.0)  # noqa: E731
    with pytest.raises(ConfigError, match=match):
        run()
