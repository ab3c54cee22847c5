"""examples/shop on Snowflake: an Airbyte server lands, dbt-snowflake builds, penstock joins. Airbyte and Snowflake are stand-ins; dbt,
its adapter and the connectors are real. What fakesnow cannot do (unit tests need temporary tables) is left out by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.doubles.airbyte import AirbyteDouble
from tests.doubles.airbyte.estate import ConnectionRecord, Estate, JobRecord, StreamRecord
from tests.doubles.airbyte.shop import WORKSPACE
from tests.tools.command import SHOP, Done, environ, penstock
from tests.tools.fakesnow import Fakesnow, fakesnow

pytestmark = [pytest.mark.slow, pytest.mark.long]

CONFIG = """
name: shop
warehouses:
  main: {{dbt: transform}}
airbyte:
  cloud: {{type: api, server: "{airbyte}", client_id: id, client_secret: secret, sync: always}}
dbt:
  transform: {{project: transform, profiles_dir: transform}}
"""
PROFILE = """
shop:
  target: dev
  outputs:
    dev: {{type: snowflake, account: fakesnow, host: 127.0.0.1, port: {port}, protocol: http, user: somebody, password: not-checked,
          role: SYSADMIN, warehouse: WH, database: SHOP, schema: ANALYTICS, threads: 2}}
"""
USERS = [
    {"id": n, "name": f"User {n}", "email": f"USER{n}@example.com", "age": 20 + n, "nationality": "NL",
     "created_at": "2026-01-01", "updated_at": "2026-01-02"} for n in range(1, 6)
]  # fmt: skip
PRODUCTS = [{"id": n, "make": "Make", "model": f"M{n}", "year": 2020, "price": 10 * n} for n in range(1, 4)]
PURCHASES = [
    {"id": n, "user_id": 1 + n % 5, "product_id": 1 + n % 3, "added_to_cart_at": "2026-01-03", "purchased_at": "2026-01-04",
     "returned_at": "2026-01-05" if n % 10 == 0 else ""} for n in range(1, 31)
]  # fmt: skip
CUSTOMERS = [
    {"id": n, "email": f"user{n}@example.com", "first_name": "U", "last_name": str(n), "accepts_marketing": "yes",
     "total_spent": 5, "updated_at": "2026-01-02"} for n in range(1, 4)
]  # fmt: skip


def stream(name: str, rows: Sequence[Mapping[str, object]]) -> StreamRecord:
    return StreamRecord(
        name=name,
        fields=[[field] for field in rows[0]],
        primary_key=[["id"]],
        rows=[dict(row) for row in rows],
    )


def estate() -> Estate:
    """Two connections into the schemas that the example's sources name."""
    streams = {
        "shop-source": [stream("users", USERS), stream("products", PRODUCTS), stream("purchases", PURCHASES)],
        "crm-source": [stream("customers", CUSTOMERS)],
    }
    one = {"workspaceId": WORKSPACE, "definitionId": "d", "createdAt": 1_700_000_000}
    return Estate(
        workspaces=[{"workspaceId": WORKSPACE, "name": "Data team"}],
        sources=[
            {**one, "sourceId": name, "name": name, "sourceType": "faker", "configuration": {}}
            for name in streams
        ],
        destinations=[
            {
                **one,
                "destinationId": f"into-{schema}",
                "name": schema,
                "destinationType": "snowflake",
                "configuration": {
                    "host": "fakesnow.snowflakecomputing.com",
                    "database": "SHOP",
                    "schema": schema,
                },
            }
            for schema in ("RAW_SHOP", "RAW_CRM")
        ],
        connections=[
            ConnectionRecord(
                id=f"sync-{source}",
                name=source,
                source_id=source,
                destination_id=f"into-{schema}",
                workspace_id=WORKSPACE,
                streams=[
                    {"name": one.name, "syncMode": "full_refresh_overwrite", "primaryKey": [["id"]]}
                    for one in streams[source]
                ],
            )
            for source, schema in (("shop-source", "RAW_SHOP"), ("crm-source", "RAW_CRM"))
        ],
        streams=streams,
    )


class Landing:
    """What Airbyte's destination does: the rows of a finished job in tables of its schema."""

    def __init__(self, warehouse: Fakesnow) -> None:
        self.warehouse = warehouse
        self.jobs: list[str] = []

    def __call__(self, estate: Estate, job: JobRecord) -> None:
        connection = estate.connection(job.connection_id)
        assert connection is not None
        self.jobs.append(connection.name)
        schema = f"SHOP.{connection.destination_id.removeprefix('into-')}"
        self.warehouse.run(f"create schema if not exists {schema}")
        for one in estate.streams[connection.source_id]:
            table = f"{schema}.{one.name.upper()}"
            columns = ", ".join(
                f"{name} {'text' if isinstance(value, str) else 'number'}"
                for name, value in one.rows[0].items()
            )
            values = ", ".join(
                "("
                + ", ".join(
                    "null" if v == "" else f"'{v}'" if isinstance(v, str) else str(v) for v in row.values()
                )
                + ")"
                for row in one.rows
            )
            self.warehouse.run(
                f"create or replace table {table} ({columns})", f"insert into {table} values {values}"
            )


class Shop:
    def __init__(self, root: Path, warehouse: Fakesnow, landing: Landing) -> None:
        self.root = root
        self.warehouse = warehouse
        self.landing = landing
        self.env = environ("1.11-snowflake")

    def __call__(self, *arguments: str) -> Done:
        done = penstock(self.root, *arguments, env=self.env)
        assert done.code == 0, done
        return done


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shutil.copytree(
        SHOP / "transform", tmp_path / "transform", ignore=shutil.ignore_patterns("target", "logs")
    )
    with fakesnow(tmp_path) as warehouse:
        warehouse.run("create database SHOP")
        landing = Landing(warehouse)
        with AirbyteDouble(estate(), land=landing) as airbyte:
            (tmp_path / "transform" / "profiles.yml").write_text(PROFILE.format(port=warehouse.port))
            (tmp_path / "penstock.yml").write_text(CONFIG.format(airbyte=airbyte.url))
            yield Shop(tmp_path, warehouse, landing)


def test_airbyte_snowflake_and_dbt_are_one_run_and_one_line(shop: Shop) -> None:
    shop("build", "--full-refresh", "--exclude", "resource_type:unit_test")
    assert sorted(shop.landing.jobs) == ["crm-source", "shop-source"]

    bought = [row for row in PURCHASES if row["returned_at"] == ""]
    spent = sum(10 * int(str(row["product_id"])) for row in bought)
    assert shop.warehouse.run("select sum(revenue), count(*) from SHOP.ANALYTICS.CUSTOMER_360") == [
        (spent, len(USERS))
    ]

    up = shop("lineage", "customer_360.lifetime_value", "--upstream").out
    assert "shop-source/products.price" in up and "stream" in up
    known = json.loads(shop("assets", "--json").out)["assets"]
    assert {one["relation"] for one in known} >= {"SHOP.RAW_SHOP.USERS", "SHOP.ANALYTICS.CUSTOMER_360"}
    mart = next(one for one in known if one["name"] == "customer_360")
    assert {column["name"].lower() for column in mart["columns"]} >= {"user_id", "lifetime_value"}

    config = shop.root / "penstock.yml"
    config.write_text(config.read_text().replace("sync: always", "sync: never"))
    again = shop("build", "--exclude", "resource_type:unit_test").out
    assert again.startswith("0 assets to build, 11 up to date, 22 checks"), again
    model = shop.root / "transform" / "models" / "marts" / "product_sales.sql"
    model.write_text(model.read_text() + "\n-- a comment\n")
    assert "code changed in form only, same inputs since run 1" in shop("plan").out
    shop.warehouse.run("insert into SHOP.RAW_CRM.CUSTOMERS select * from SHOP.RAW_CRM.CUSTOMERS")
    items = json.loads(shop("plan", "--no-tests", "--json").out)["items"]
    built = {item["name"]: item["code"] for item in items if item["decision"] == "build"}
    assert built == {"crm_contacts": "new-data", "customer_360": "new-data"}
