"""The example whole: two real connectors, real dbt, DuckDB; then every command that reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.tools.command import SHOP, Done, copied, penstock

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("shop")]

Built = tuple[Path, Done]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = copied(SHOP, tmp_path_factory.mktemp("shop") / "shop")
    return folder, penstock(folder, "build")


def edges(document: dict[str, Any], direction: str) -> set[tuple[str, str | None, str, str | None]]:
    return {
        (e["source_asset"], e["source_column"], e["target_asset"], e["target_column"])
        for e in document["edges"]
        if e["direction"] == direction and e["type"] == "DIRECT"
    }


def test_one_command_builds_everything(built: Built) -> None:
    _, done = built
    assert done.code == 0, done
    assert "run 1 succeeded" in done.out
    assert "38 success" in done.out


def test_a_mart_column_reaches_both_apis_and_the_exposure(built: Built) -> None:
    folder, _ = built
    document = penstock(folder, "lineage", "customer_360.lifetime_value", "--json").json()
    upstream = edges(document, "upstream")
    assert ("shop/products", "price", "products", "price") in upstream
    assert ("crm/customers", "total_spent", "raw_crm.customers", "total_spent") in upstream
    assert ("customer_360", "lifetime_value", "mailing", "lifetime_value") in edges(document, "downstream")


def test_the_tree_names_types_and_expressions(built: Built) -> None:
    folder, _ = built
    printed = penstock(folder, "lineage", "customers.revenue", "--upstream").out
    assert "orders.amount  AGGREGATION" in printed
    assert "shop/products.price  IDENTITY  stream" in printed
    assert "~ orders.user_id  GROUP_BY  user_id" in printed
    assert "downstream" not in printed


def test_a_destination_table_and_a_dbt_source_are_one_asset(built: Built) -> None:
    folder, _ = built
    assets = {asset["name"]: asset for asset in penstock(folder, "assets", "--json").json()["assets"]}
    for name, connection, source in (
        ("products", "shop", "source.shop.shop.products"),
        ("users", "shop", "source.shop.shop.users"),
        ("purchases", "shop", "source.shop.shop.purchases"),
        ("raw_crm.customers", "crm", "source.shop.crm.customers"),
    ):
        seen = {(seen["integration"], seen["id"]) for seen in assets[name]["seen_by"]}
        assert ("dbt", source) in seen
        assert {"airbyte", "dbt", "duckdb"} <= {integration for integration, _ in seen}
        assert assets[name]["made_by"] == {"integration": "airbyte", "instance": "ingest", "id": connection}
    relations = [asset["relation"] for asset in assets.values() if asset["relation"]]
    assert len(relations) == len(set(relations))


def test_the_plan_gives_a_reason_for_every_asset(built: Built) -> None:
    folder, _ = built
    assets = {asset["name"] for asset in penstock(folder, "assets", "--json").json()["assets"]}
    items = penstock(folder, "plan", "--json").json()["items"]
    assert {item["name"] for item in items if item["kind"] == "asset"} == assets
    assert all(item["reason"] and item["code"] for item in items)


def test_status_shows_rows_checks_and_times(built: Built) -> None:
    folder, _ = built
    states = {state["name"]: state for state in penstock(folder, "status", "--json").json()["assets"]}
    assert states["users"]["rows"] == 1000
    assert states["orders"]["rows"] > 0
    assert states["orders"]["outcome"] == "success"
    assert states["orders"]["made_at"].endswith("Z")
    assert {check["outcome"] for check in states["customers"]["checks"]} == {"success"}
    assert states["weekly_revenue"]["made_at"] is None


def test_the_run_is_recorded_with_each_node(built: Built) -> None:
    folder, _ = built
    detail = penstock(folder, "runs", "latest", "--json").json()
    assert detail["run"]["state"] == "succeeded"
    states = {item["name"]: item["state"] for item in detail["items"]}
    assert states["orders"] == "success"
    assert states["tiers_follow_revenue"] == "success"
    kinds = {step["kind"] for step in detail["steps"]}
    assert "sync" in kinds
    assert 2 <= sum(step["integration"] == "dbt" for step in detail["steps"]) <= 3
    assert "1,000" in penstock(folder, "runs", "1").out


def test_logs_of_a_sync_and_of_a_model(built: Built) -> None:
    folder, _ = built
    assert "users" in penstock(folder, "logs", "latest", "users").out
    assert "orders" in penstock(folder, "logs", "latest", "orders").out
    missing = penstock(folder, "logs", "latest", "ordrs")
    assert missing.code == 2
    assert "did you mean 'orders'?" in missing.err


def test_coverage_is_whole(built: Built) -> None:
    folder, _ = built
    report = penstock(folder, "lineage", "--check", "--json").json()
    assert report["coverage"]["not_followed"] == 0
    assert report["coverage"]["ambiguous"] == report["coverage"]["unresolved"] == 0
    assert {finding["code"] for finding in report["findings"]} <= {"not-documented"}


def test_a_page_that_needs_nothing(built: Built, tmp_path: Path) -> None:
    folder, _ = built
    page = tmp_path / "lineage.html"
    assert penstock(folder, "lineage", "orders.amount", "--html", str(page)).code == 0
    text = page.read_text()
    assert "products.price" in text
    assert "weekly_revenue" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_building_again_gives_the_same_rows(built: Built) -> None:
    folder, _ = built
    before = {s["name"]: s["rows"] for s in penstock(folder, "status", "--json").json()["assets"]}
    again = penstock(folder, "build", "--json")
    assert again.code == 0, again
    assert again.json()["state"] == "succeeded"
    after = {s["name"]: s["rows"] for s in penstock(folder, "status", "--json").json()["assets"]}
    # The connector stamps its rows with the time of the sync, so that the snapshot sees every user changed.
    history = before.pop("users_history")
    assert after.pop("users_history") == 2 * history
    # Times of purchases follow its clock too: an order may come in after the incremental model's mark, never twice.
    assert after.pop("orders") >= before.pop("orders")
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(
            "select schema_name from duckdb_tables() where table_name = 'orders'"
        ).fetchall()
        ((schema,),) = found
        counts = f'select count(*) = count(distinct purchase_id) from "{schema}".orders'
        assert warehouse.execute(counts).fetchone() == (True,)
    assert after == before
