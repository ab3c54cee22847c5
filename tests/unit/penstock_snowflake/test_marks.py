"""Marks of states: they move with all that changes rows, and what nothing certain tells has none."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from penstock.assets import Relation
from penstock.errors import ToolError
from penstock_snowflake.warehouse import SnowflakeWarehouse
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble


def of(*parts: str) -> Relation:
    return Relation("snowflake://acme-main", "snowflake", *parts)


USERS = of("SHOP", "RAW", "USERS")
PLACE = ("SHOP", "MARTS", "V")
VIEW = of(*PLACE)


def test_a_state_moves_with_rows_and_with_definitions(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    first = warehouse.marked([USERS])[USERS]
    assert first.kind == "table" and first.rows == 2 and first.state and not first.hashes
    assert first.columns == (("ID", "NUMBER(38,0)"), ("NAME", "VARCHAR"))
    assert warehouse.marked([USERS])[USERS].state == first.state
    estate.write(("SHOP", "RAW", "USERS"), [[3, "c"]])
    written = warehouse.marked([USERS])[USERS]
    assert written.rows == 3 and written.state != first.state
    later = datetime.now(UTC) + timedelta(seconds=1)  # a column dropped and added again: no DML
    estate.duck.execute("UPDATE meta.main.tables SET last_ddl = ? WHERE table_name = 'USERS'", [later])
    assert warehouse.marked([USERS])[USERS].state != written.state


def test_when_it_was_changed_is_told_by_the_clock_here(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    before = time.time()
    estate.write(("SHOP", "RAW", "USERS"), [[3, "c"]])
    changed = warehouse.marked([USERS])[USERS].changed_at
    assert changed is not None and before - 0.001 <= changed <= time.time()


def test_a_view_is_its_text(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    def definition() -> tuple[str, str, str]:
        found = warehouse.marked([VIEW])[VIEW]
        return found.kind, found.state, found.definition

    columns = [("ID", "NUMBER")]
    first = definition()
    assert first[:2] == ("view", "")
    estate.table(PLACE, columns, [], kind="VIEW", sql="create view V as select ID from SHOP.RAW.USERS")
    assert definition() == first
    estate.table(
        PLACE, columns, [], kind="VIEW", sql="create view V as select ID + 1 as ID from SHOP.RAW.USERS"
    )
    assert definition()[:2] == first[:2] and definition() != first
    estate.table(PLACE, columns, [], kind="SECURE VIEW", sql="create secure view V as select 1 as ID")
    assert definition()[0] == "a view whose SQL is not shown"


@pytest.mark.parametrize(
    ("kind", "sql"), [("DYNAMIC TABLE", "create dynamic table D as select 1 as ID"), ("HYBRID TABLE", None)]
)
def test_what_is_filled_by_something_else_has_no_state(
    warehouse: SnowflakeWarehouse, estate: Estate, kind: str, sql: str | None
) -> None:
    estate.table(("SHOP", "MARTS", "D"), [("ID", "NUMBER")], [[1]], kind=kind, sql=sql)
    found = warehouse.marked([of("SHOP", "MARTS", "D")])[of("SHOP", "MARTS", "D")]
    assert (found.kind, found.state) == (kind.lower(), "")


def test_what_is_filled_from_elsewhere_has_no_state(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    estate.replicas["SHOP"] = "OTHER"  # copied there, filled here
    assert warehouse.marked([USERS])[USERS].state
    estate.replicas["SHOP"] = "MAIN"
    assert (warehouse.marked([USERS])[USERS].kind, warehouse.marked([USERS])[USERS].state) == ("table", "")
    estate.replicas.clear()
    estate.shared.add("SHOP")
    assert warehouse.marked([USERS])[USERS].state == ""


def test_what_is_not_told_leaves_no_state(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    estate.duck.execute("UPDATE meta.main.tables SET last_ddl = NULL WHERE table_name = 'USERS'")
    found = warehouse.marked([USERS, of("SHOP", "RAW", "NOT_THERE")])
    assert found.keys() == {USERS}
    assert (found[USERS].state, found[USERS].changed_at) == ("", None)


def test_a_suspended_warehouse_is_started_for_a_run_only(
    warehouse: SnowflakeWarehouse, estate: Estate, double: SnowflakeDouble
) -> None:
    estate.warehouses["WH"].state = "SUSPENDED"
    with pytest.raises(ToolError, match=r"WH is suspended .*a run starts it, and looks"):
        warehouse.marked([USERS])
    assert estate.warehouses["WH"].wakes == 0
    assert warehouse.marked([USERS], wake=True)[USERS].state
    assert estate.warehouses["WH"].wakes == 1
