"""Airbyte, dbt and a Snowflake catalog in one graph, from the command line, against both stand-ins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.airbyte import AirbyteDouble
from tests.doubles.airbyte.shop import WAREHOUSE, shop_estate
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.tools.command import Done, environ, penstock

PASSWORD = "secret-of-the-double"
CONFIG = """
name: shop
warehouses:
  main: {{type: snowflake, account: acme-main, host: 127.0.0.1, port: {port}, protocol: http, user: PENSTOCK,
         password: "${{SNOWFLAKE_PASSWORD}}", role: READER, warehouse: WH, database: analytics}}
airbyte:
  cloud: {{type: api, server: "{airbyte}", client_id: id, client_secret: secret}}
dbt:
  transform: {{manifest: manifest.json, warehouse: main}}
"""


def manifest() -> dict[str, Any]:
    """A project of one source (what Airbyte lands) and one model, as dbt-snowflake would write it."""
    head = {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "dbt_version": "1.11.0",
        "adapter_type": "snowflake",
        "project_name": "shop",
    }
    source = {
        "unique_id": "source.shop.raw.orders",
        "resource_type": "source",
        "package_name": "shop",
        "name": "orders",
        "source_name": "raw",
        "fqn": ["shop", "raw", "orders"],
        "config": {},
        "relation_name": "ANALYTICS.RAW.ORDERS",
        "columns": {name: {"name": name, "description": "told"} for name in ("amount", "discount")},
    }
    model = {
        "unique_id": "model.shop.revenue",
        "resource_type": "model",
        "package_name": "shop",
        "name": "revenue",
        "fqn": ["shop", "revenue"],
        "config": {"materialized": "table"},
        "depends_on": {"nodes": ["source.shop.raw.orders"]},
        "relation_name": "ANALYTICS.MARTS.REVENUE",
        "compiled_code": "select customer_id, sum(amount) as revenue from ANALYTICS.RAW.ORDERS group by 1",
        "compiled": True,
        "columns": {"revenue": {"name": "revenue", "description": "told"}},
    }
    return {
        "metadata": head,
        "nodes": {model["unique_id"]: model},
        "sources": {source["unique_id"]: source},
        "parent_map": {model["unique_id"]: [source["unique_id"]]},
        "child_map": {source["unique_id"]: [model["unique_id"]]},
    }


class Project:
    """The three in a folder."""

    def __init__(self, root: Path, snowflake: SnowflakeDouble) -> None:
        self.root = root
        self.snowflake = snowflake
        self.env = environ(None, SNOWFLAKE_PASSWORD=PASSWORD)

    def __call__(self, *arguments: str, code: int = 0) -> Done:
        done = penstock(self.root, *arguments, env=self.env)
        assert done.code == code, done
        return done


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    estate = Estate()
    orders = [("ID", "NUMBER"), ("CUSTOMER_ID", "NUMBER"), ("AMOUNT", "FLOAT")]
    estate.table(("ANALYTICS", "RAW", "ORDERS"), orders, [[1, 1, 2.5]], comment="as the shop's API has them")
    marts = [("CUSTOMER_ID", "NUMBER"), ("REVENUE", "FLOAT")]
    estate.table(("ANALYTICS", "MARTS", "REVENUE"), marts, [[1, 2.5]])
    view = "create or replace view TOP_CUSTOMERS as select CUSTOMER_ID, REVENUE as TOTAL from MARTS.REVENUE"
    estate.table(
        ("ANALYTICS", "MARTS", "TOP_CUSTOMERS"), [*marts[:1], ("TOTAL", "FLOAT")], kind="VIEW", sql=view
    )
    broken = "create view BROKEN as select from where"
    estate.table(("ANALYTICS", "MARTS", "BROKEN"), [("X", "TEXT")], kind="VIEW", sql=broken)
    airbyte = shop_estate(tmp_path / "unused.duckdb")
    place = {"host": "acme-main.snowflakecomputing.com", "database": "ANALYTICS", "schema": "RAW"}
    airbyte.destinations = [
        {**one, "destinationType": "snowflake", "configuration": place}
        for one in airbyte.destinations
        if one["destinationId"] == WAREHOUSE
    ]
    with SnowflakeDouble(estate) as snowflake, AirbyteDouble(airbyte) as server:
        (tmp_path / "manifest.json").write_text(json.dumps(manifest()))
        (tmp_path / "penstock.yml").write_text(CONFIG.format(port=snowflake.port, airbyte=server.url))
        yield Project(tmp_path, snowflake)


@pytest.mark.slow
def test_stream_table_model_and_a_view_that_dbt_does_not_know_are_one_line(project: Project) -> None:
    project("refresh")
    up = project("lineage", "TOP_CUSTOMERS.TOTAL", "--upstream").out
    assert "revenue.revenue" in up.lower() and "orders.amount" in up.lower()
    assert "Shop/orders.amount" in up and "stream" in up

    assets = project("assets", "--json").json()["assets"]
    orders = next(one for one in assets if one["name"].lower() == "orders" and one["kind"] != "stream")
    assert orders["relation"] == "ANALYTICS.RAW.ORDERS"

    coverage = project("lineage", "--check")
    assert "documented, but the warehouse does not have discount" in coverage.out
    assert "documented-not-produced" not in coverage.out

    plan = project("plan", "+revenue").out
    assert "orders" in plan.lower() and "Shop" in plan


@pytest.mark.slow
def test_no_secret_is_kept_or_told_and_nothing_is_resumed(project: Project) -> None:
    project.snowflake.estate.warehouses["WH"].state = "SUSPENDED"
    told = [project("refresh"), project("doctor"), project("assets", "--json"), project("status")]
    assert project.snowflake.estate.warehouses["WH"].wakes == 0
    kept = [path.read_bytes() for path in (project.root / ".penstock").rglob("*") if path.is_file()]
    assert not any(PASSWORD in done.out + done.err for done in told)
    assert not any(PASSWORD.encode() in content for content in kept)


@pytest.mark.slow
def test_a_wrong_password_is_one_clear_line(project: Project) -> None:
    project.env["SNOWFLAKE_PASSWORD"] = "not-the-password"
    done = penstock(project.root, "refresh", env=project.env)
    assert done.code in (1, 2) and "the user or the password is wrong" in done.err, done
    assert "Traceback" not in done.err and "not-the-password" not in done.err
