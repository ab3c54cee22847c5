"""What queries used and which tasks ran, from the account's own histories."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import ToolError
from penstock.integration import Connection, Outcome
from penstock_snowflake.usage import tag_of
from penstock_snowflake.warehouse import SnowflakeWarehouse
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble

NOON = 1_800_000_000.0
COMMENT = '/* {"app": "dbt", "dbt_version": "1.11.0", "node_id": "model.shop.orders"} */'


def query(
    estate: Estate, name: str, text: str, tag: str = "", at: float = NOON, credits: tuple[float, ...] = ()
) -> None:
    estate.record("query_history", query_id=name, query_text=text, query_tag=tag, start_time=at - 2, end_time=at,
                  total_elapsed_time=2000, bytes_scanned=512)  # fmt: skip
    for part in credits:
        estate.record("query_attribution_history", query_id=name, start_time=at - 2, end_time=at,
                      credits_attributed_compute=part, credits_used_query_acceleration=None)  # fmt: skip


def test_credits_are_summed_per_query_and_told_by_whom(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    query(estate, "dbt", f"{COMMENT} create table x as select 1", credits=(0.25, 0.5))
    query(estate, "ours", "select 1", tag='{"app":"penstock","for":"checks"}')
    query(estate, "theirs", "select 2", tag="somebody", at=NOON + 5 * 3600, credits=(1.0,))
    query(estate, "too short to be billed", "select 3", tag="somebody")
    query(estate, "before", f"{COMMENT} select 1", at=NOON - 3600, credits=(9.0,))
    rows = {row.query: row for row in warehouse.usage(NOON - 60, NOON + 6 * 3600)}
    assert set(rows) == {"dbt", "ours", "theirs"}
    assert (rows["dbt"].tag, rows["dbt"].usage.money, rows["dbt"].usage.currency) == (
        "model.shop.orders",
        0.75,
        "credits",
    )
    assert (rows["dbt"].usage.seconds, rows["dbt"].usage.bytes, rows["dbt"].at) == (2.0, 512, NOON)
    assert rows["ours"].usage.money is None, "pending"
    assert rows["theirs"].tag == "somebody"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (f"{COMMENT} select 1", "model.shop.orders"),
        (f"select 1 {COMMENT}", "model.shop.orders"),
        ('/* {"app": "other", "node_id": "x"} */ select 1', "tag"),
        ('/* {"app": "dbt", "connection_name": "list_SHOP"} */ show objects', "tag"),
        ('/* {"app": "dbt", broken} */ select 1', "tag"),
    ],
)
def test_dbts_comment_names_the_node(text: str, tag: str) -> None:
    assert tag_of("tag", text, text[-100:]) == tag


def test_a_history_that_may_not_be_read_is_said(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    estate.account_usage = False
    with pytest.raises(ToolError, match="may not read SNOWFLAKE") as caught:
        list(warehouse.usage(NOON, NOON + 60))
    assert "USAGE_VIEWER" in str(caught.value.hint)


def test_no_warehouse_is_resumed_for_a_history(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    estate.warehouses["WH"].state = "SUSPENDED"
    for history in (warehouse.usage(NOON, NOON + 60), warehouse.job_runs(NOON)):
        with pytest.raises(ToolError, match="suspended"):
            list(history)
    assert estate.warehouses["WH"].wakes == 0


def task(estate: Estate, name: str, state: str, attempt: int = 1, at: float = NOON, **words: object) -> None:
    ended = None if state == "EXECUTING" else at + 60
    estate.record("task_history", name=name, database_name="SHOP", schema_name="RAW", state=state, query_id=f"{name}-{attempt}",
                  scheduled_time=at, query_start_time=at + 1, completed_time=ended, graph_run_group_id=f"group-{name}",
                  attempt_number=attempt, scheduled_from="SCHEDULE", **words)  # fmt: skip


def test_the_last_attempt_of_each_task_and_what_still_runs(double: SnowflakeDouble, tmp_path: Path) -> None:
    estate = double.estate
    task(estate, "LOAD", "FAILED", error_message="boom")
    task(estate, "LOAD", "SUCCEEDED", attempt=2, at=NOON + 100)
    task(estate, "BROKEN", "FAILED", error_message="boom")
    task(estate, "LONG", "EXECUTING", at=NOON - 3600)
    task(estate, "OLD", "SUCCEEDED", at=NOON - 3600)
    settings = double.settings(database="shop")
    warehouse = SnowflakeWarehouse(Connection(type="snowflake", settings=settings, base=tmp_path))
    runs = {run.job: run for run in warehouse.job_runs(NOON)}
    assert set(runs) == {"SHOP.RAW.LOAD", "SHOP.RAW.BROKEN", "SHOP.RAW.LONG"}
    assert (runs["SHOP.RAW.LOAD"].outcome, runs["SHOP.RAW.LOAD"].run) == (Outcome.SUCCESS, "LOAD-2")
    assert (runs["SHOP.RAW.BROKEN"].outcome, runs["SHOP.RAW.BROKEN"].message) == (Outcome.ERROR, "boom")
    assert runs["SHOP.RAW.LONG"].outcome is None and runs["SHOP.RAW.LONG"].by == "schedule"
