"""Marks of states: each version that may hold other rows is another one, and what nothing certain tells has none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.assets import Relation
from penstock.errors import ToolError
from penstock.integration import UNSEEN, Connection
from penstock_databricks.warehouse import DatabricksWarehouse
from tests.doubles.databricks import DatabricksDouble, Estate, table

MADE = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def double() -> Iterator[DatabricksDouble]:
    view = table("shop.main.names", table_type="VIEW", view_definition="select id from shop.main.users")
    estate = Estate(
        tables=[table("shop.main.users", {"id": "bigint", "name": "string"}), view],
        history={"shop.main.users": [(0, MADE, "CREATE TABLE AS SELECT")]},
    )
    with DatabricksDouble(estate) as double:
        yield double


@pytest.fixture
def warehouse(double: DatabricksDouble, tmp_path: Path) -> DatabricksWarehouse:
    settings: dict[str, object] = {
        "host": double.url,
        "token": double.token,
        "catalog": "shop",
        "http_path": "/sql/1.0/warehouses/abc",
    }
    return DatabricksWarehouse(Connection(type="databricks", settings=settings, base=tmp_path))


def of(double: DatabricksDouble, name: str) -> Relation:
    return Relation(double.namespace, "databricks", "shop", "main", name)


def state(warehouse: DatabricksWarehouse, double: DatabricksDouble) -> str:
    users = of(double, "users")
    return warehouse.marked([users])[users].state


@pytest.mark.parametrize(
    ("operation", "same"),
    [
        ("MERGE", False), ("RESTORE", False), ("CLONE", False), ("CREATE OR REPLACE TABLE AS SELECT", False),
        ("TRUNCATE", False), ("CHANGE COLUMN", False), ("FSCK", False), ("an operation of next year", False),
        ("OPTIMIZE", True), ("VACUUM END", True),
    ],
)  # fmt: skip
def test_versions_that_may_hold_other_rows_are_other_states(
    warehouse: DatabricksWarehouse, double: DatabricksDouble, operation: str, same: bool
) -> None:
    first = state(warehouse, double)
    assert first and state(warehouse, double) == first
    double.estate.history["shop.main.users"].append((1, "2026-01-02T00:00:00.000Z", operation))
    assert (state(warehouse, double) == first) is same


def test_a_table_that_is_made_anew_is_another_one(
    warehouse: DatabricksWarehouse, double: DatabricksDouble
) -> None:
    first = state(warehouse, double)
    double.estate.tables[0]["table_id"] = "another"
    assert state(warehouse, double) != first
    del double.estate.tables[0]["table_id"]
    assert state(warehouse, double) == ""


def test_a_table_is_told_with_its_columns_and_the_time(
    warehouse: DatabricksWarehouse, double: DatabricksDouble
) -> None:
    before = time.time()
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    double.estate.history["shop.main.users"].append((1, moment, "WRITE"))
    users = of(double, "users")
    found = warehouse.marked([users, of(double, "not_there")])
    assert found.keys() == {users}
    assert (found[users].kind, found[users].columns) == ("table", (("id", "bigint"), ("name", "string")))
    changed = found[users].changed_at
    assert changed is not None and before - 0.01 <= changed <= time.time()


def test_a_view_is_its_sql(warehouse: DatabricksWarehouse, double: DatabricksDouble) -> None:
    names = of(double, "names")
    first = warehouse.marked([names])[names]
    assert (first.kind, first.state) == ("view", "")
    double.estate.tables[1]["view_definition"] = "select id + 1 as id from shop.main.users"
    assert warehouse.marked([names])[names].definition != first.definition
    second = warehouse.marked([names])[names]
    double.estate.tables[1]["properties"] = {"view.catalogAndNamespace.part.1": "main", "comment": "words"}
    third = warehouse.marked([names])[names]
    assert third.definition != second.definition
    double.estate.tables[1]["properties"]["comment"] = "other words"
    assert warehouse.marked([names])[names].definition == third.definition
    double.estate.tables[1]["properties"]["view.catalogAndNamespace.part.1"] = (
        "other"  # the same text, of another schema
    )
    assert warehouse.marked([names])[names].definition != third.definition
    double.estate.tables[1]["view_definition"] = None
    assert warehouse.marked([names])[names].kind == "a view whose SQL is not shown"


@pytest.mark.parametrize("kind", ["FOREIGN", "STREAMING_TABLE", "MATERIALIZED_VIEW", "A_KIND_OF_NEXT_YEAR"])
def test_what_is_filled_by_something_else_has_no_state(
    warehouse: DatabricksWarehouse, double: DatabricksDouble, kind: str
) -> None:
    double.estate.tables[0]["table_type"] = kind
    assert state(warehouse, double) == ""


def test_a_table_without_a_history_has_no_state(
    warehouse: DatabricksWarehouse, double: DatabricksDouble
) -> None:
    del double.estate.history["shop.main.users"]
    assert state(warehouse, double) == ""


def test_a_stopped_warehouse_is_started_for_a_run_only(
    warehouse: DatabricksWarehouse, double: DatabricksDouble
) -> None:
    double.estate.warehouse_state = "STOPPED"
    users = of(double, "users")
    with pytest.raises(ToolError, match="small is not running; a run starts it, and looks"):
        warehouse.marked([users])
    assert not double.sql.posted
    assert not warehouse.marked([of(double, "not_there")], wake=True) and not double.sql.posted
    assert warehouse.marked([users], wake=True)[users].state


def test_what_is_closed_is_not_what_does_not_exist(
    warehouse: DatabricksWarehouse, double: DatabricksDouble
) -> None:
    double.estate.denied.add("shop.main")
    users = of(double, "users")
    assert warehouse.marked([users, of(double, "not_there")])[users].kind == UNSEEN
    assert warehouse.marked([of(double, "not_there")]) == {}


def test_what_changes_columns_or_properties_is_a_state_and_no_arrival(
    warehouse: DatabricksWarehouse, double: DatabricksDouble
) -> None:
    users = of(double, "users")
    first = warehouse.states([users])[users]
    for at, operation in enumerate(("CHANGE COLUMN", "SET TBLPROPERTIES", "REORG"), 1):
        double.estate.history["shop.main.users"].append((at, f"2026-01-02T00:00:0{at}.000Z", operation))
        found = warehouse.states([users])[users]
        assert found.version != first.version and found.changed_at == first.changed_at
