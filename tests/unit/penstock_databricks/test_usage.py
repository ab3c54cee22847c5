"""What the system tables say was used: by run, by statement, as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.errors import ToolError
from penstock.integration import Connection, UsageRow
from penstock_databricks.warehouse import DatabricksWarehouse
from tests.doubles.databricks import DatabricksDouble, Estate
from tests.doubles.databricks.billing import bill, open_tables, statement

NOON = 1_800_000_000.0 - 1_800_000_000.0 % 3600
COMMENT = '/* {"app": "dbt", "node_id": "model.shop.orders"} */'


@pytest.fixture
def double() -> Iterator[DatabricksDouble]:
    with DatabricksDouble(Estate()) as started:
        open_tables(started)
        yield started


def read(double: DatabricksDouble, root: Path, **words: object) -> dict[str, UsageRow]:
    settings = {"host": double.url, "token": double.token, "http_path": "/sql/1.0/warehouses/abc", **words}
    warehouse = DatabricksWarehouse(Connection(type="databricks", settings=settings, base=root))
    return {row.query: row for row in warehouse.usage(NOON - 10, NOON + 4 * 3600)}


def test_all_records_of_a_run_are_summed_at_the_price_of_their_time(
    double: DatabricksDouble, tmp_path: Path
) -> None:
    bill(double, NOON, 8.0, run=1001)
    bill(double, NOON, -8.0, run=1001, record="RETRACTION")
    bill(double, NOON, 6.0, run=1001, record="RESTATEMENT")
    row = read(double, tmp_path)["run 1001"]
    assert (row.job_run, row.usage.money, row.usage.slots, row.usage.currency) == ("1001", 3.0, 6.0, "USD")
    assert row.list_price and not row.whole


def test_an_hour_of_a_warehouse_is_shared_by_time_and_kept_whole(
    double: DatabricksDouble, tmp_path: Path
) -> None:
    bill(double, NOON, 10.0, warehouse="abc")
    statement(double, "dbt", f"{COMMENT} create table x as select 1", NOON + 60, 3000, "abc")
    statement(double, "theirs", "select 1", NOON + 70, 1000, "abc")
    statement(double, "unbilled", f"select 2 {COMMENT}", NOON + 3700, 1000, "abc")
    rows = read(double, tmp_path)
    assert (rows["abc"].whole, rows["abc"].usage.money) == (True, 5.0)
    assert (rows["dbt"].tag, rows["dbt"].usage.money, rows["dbt"].usage.seconds) == (
        "model.shop.orders",
        3.75,
        3.0,
    )
    assert (rows["theirs"].tag, rows["theirs"].usage.money) == (None, 1.25)
    assert (rows["unbilled"].tag, rows["unbilled"].usage.money) == ("model.shop.orders", None)


def test_an_hour_that_is_billed_in_parts_is_shared_whole(double: DatabricksDouble, tmp_path: Path) -> None:
    bill(double, NOON, 6.0, warehouse="abc")
    bill(double, NOON + 1800, 4.0, warehouse="abc")
    statement(double, "dbt", f"{COMMENT} select 1", NOON + 60, 1000, "abc")
    assert read(double, tmp_path)["dbt"].usage.money == 5.0


def test_a_warehouse_is_not_started_for_it(double: DatabricksDouble, tmp_path: Path) -> None:
    double.estate.warehouse_state = "STOPPED"
    with pytest.raises(ToolError, match="is not running"):
        read(double, tmp_path)
    assert not double.sql.posted
    assert read(double, tmp_path, wake=True) == {}


def test_tables_that_may_not_be_read_are_said(double: DatabricksDouble, tmp_path: Path) -> None:
    double.sql.execute("DROP TABLE system_tables.query.history")
    with pytest.raises(ToolError, match="what was used is not known") as caught:
        read(double, tmp_path)
    assert "GRANT SELECT" in str(caught.value.hint)
