"""Our own integrations as `penstock.testing` wants them: each in a small world, made again in any process from its folder."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import msgspec
import psycopg

from penstock.assets import Relation
from penstock.integration import Connection, ItemKind, StepItem, Warehouse, WarehouseContext
from penstock.testing import IntegrationCase, WarehouseCase
from penstock_airbyte.config import AirbyteConfig, SyncPayload
from penstock_airbyte.integration import INTEGRATION as AIRBYTE
from penstock_databricks import INTEGRATION as DATABRICKS
from penstock_databricks.config import DatabricksConfig
from penstock_dbt.config import DbtConfig
from penstock_dbt.integration import INTEGRATION as DBT
from penstock_duckdb import INTEGRATION as DUCKDB
from penstock_duckdb.address import address_of
from penstock_duckdb.config import DuckdbConfig
from penstock_postgres import INTEGRATION as POSTGRES
from penstock_postgres.config import PostgresConfig
from penstock_snowflake import INTEGRATION as SNOWFLAKE
from penstock_snowflake.config import SnowflakeConfig
from tests.doubles.databricks import DatabricksDouble, Estate, table
from tests.doubles.databricks.billing import bill, open_tables, statement
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.tools.environment import environ_of
from tests.tools.parsed import as_parsed_before
from tests.unit.penstock_airbyte.sources import TABLE, USERS, user

SECRET = "hunter2-of-the-source"
NOON = 1_800_000_000.0  # a full hour


def duckdb_case(root: Path) -> IntegrationCase:
    """A file with a table and a view."""
    file = root / "shop.duckdb"
    if not file.exists():
        with duckdb.connect(str(file)) as connection:
            connection.execute("CREATE TABLE users AS SELECT range AS id FROM range(10)")
            connection.execute("CREATE VIEW names AS SELECT id FROM users")
    return IntegrationCase(
        integration=DUCKDB,
        root=root,
        config=DuckdbConfig(path="shop.duckdb"),
        broken=DuckdbConfig(path="md:elsewhere"),
        maker="tests.contract.cases:duckdb_case",
    )


def duckdb_warehouse(root: Path) -> WarehouseCase:
    """The file of `duckdb_case` as a warehouse."""
    duckdb_case(root)

    def change() -> None:
        with duckdb.connect(str(root / "shop.duckdb")) as connection:
            connection.execute("INSERT INTO users SELECT range FROM range(100, 5000)")

    def relation(name: str) -> Relation:
        return Relation("duckdb:shop.duckdb", "duckdb", "shop", "main", name)

    return WarehouseCase(
        warehouse=warehouse_of(root),
        tables={relation("users"): 10},
        absent=relation("nothing"),
        change=change,
        endless="SELECT count(*) FROM range(1000000000) a, range(1000) b",
        real="DuckDB itself, on a file",
    )


def connection_of(root: Path) -> Connection:
    return Connection(type="duckdb", settings={"path": "shop.duckdb"}, base=root)


def warehouse_of(root: Path) -> Warehouse:
    found = DUCKDB.warehouse(WarehouseContext(connection=connection_of(root), project_root=root))
    assert found is not None
    return found


# ---------------------------------------------------------------- PostgreSQL


def postgres_case(root: Path, url: str) -> IntegrationCase:
    """A database of a real server, with a table and a view."""
    settings = settings_of(url)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE TABLE IF NOT EXISTS users AS SELECT generate_series(1, 10) AS id")
        session.execute("CREATE OR REPLACE VIEW names AS SELECT id FROM users")
    return IntegrationCase(
        integration=POSTGRES,
        root=root,
        config=PostgresConfig(**settings, password=SECRET),
        broken=PostgresConfig(host="127.0.0.1", port=1, user="nobody", password=SECRET),
        secrets=(SECRET,),
    )


def postgres_warehouse(root: Path, url: str) -> WarehouseCase:
    """The database of `postgres_case` as a warehouse."""
    postgres_case(root, url)
    settings = settings_of(url)
    connection = Connection(type="postgres", settings=settings, base=root)
    found = POSTGRES.warehouse(WarehouseContext(connection=connection, project_root=root))
    assert found is not None

    def change() -> None:
        with psycopg.connect(url, autocommit=True) as session:
            session.execute("INSERT INTO users SELECT generate_series(100, 5000)")

    def relation(name: str) -> Relation:
        namespace = f"postgres://127.0.0.1:{settings['port']}"
        return Relation(namespace, "postgres", settings["dbname"], "public", name)

    return WarehouseCase(
        warehouse=found,
        tables={relation("users"): 10},
        absent=relation("nothing"),
        change=change,
        endless="SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b",
        real="a PostgreSQL server that the tests start",
    )


def settings_of(url: str) -> dict[str, Any]:
    """A profile's settings for the database behind a URL of the test server."""
    parts = urlsplit(url)
    return {"host": parts.hostname, "port": parts.port, "user": parts.username, "dbname": parts.path[1:]}


# ---------------------------------------------------------------- Snowflake


def snowflake_case(root: Path, double: SnowflakeDouble) -> IntegrationCase:
    """An account of the stand-in, with a table and a view."""
    double.estate.users["PENSTOCK"] = SECRET
    place = ("SHOP", "PUBLIC", "USERS")
    if ("SHOP", "PUBLIC") not in double.estate.schemas:
        double.estate.table(place, [("ID", "NUMBER")], [[number] for number in range(10)])
        names = ("SHOP", "PUBLIC", "NAMES")
        double.estate.table(
            names, [("ID", "NUMBER")], kind="VIEW", sql="create view NAMES as select ID from USERS"
        )
    settings = double.settings(database="shop")
    return IntegrationCase(
        integration=SNOWFLAKE,
        root=root,
        config=SnowflakeConfig(**settings),
        broken=SnowflakeConfig(**{**settings, "port": 1, "connect_seconds": 1}),
        secrets=(SECRET,),
    )


def snowflake_warehouse(root: Path, double: SnowflakeDouble) -> WarehouseCase:
    """The account of `snowflake_case` as a warehouse."""
    snowflake_case(root, double)
    _snowflake_histories(double)
    connection = Connection(type="snowflake", settings=double.settings(database="shop"), base=root)
    found = SNOWFLAKE.warehouse(WarehouseContext(connection=connection, project_root=root))
    assert found is not None

    def relation(name: str) -> Relation:
        return Relation("snowflake://acme-main", "snowflake", "SHOP", "PUBLIC", name)

    return WarehouseCase(
        warehouse=found,
        tables={relation("USERS"): 10},
        absent=relation("NOTHING"),
        change=lambda: double.estate.write(("SHOP", "PUBLIC", "USERS"), [[11]]),
        endless="SELECT count(*) FROM range(100000000000) a",
        used=(NOON - 60, NOON + 3600),
        jobs_since=NOON - 3600,
        real="snowflake-connector-python over HTTP; our statements, translated and run in DuckDB",
        stands_in="Snowflake's SQL and types, what SHOW and the histories hold and how late, commit tokens, what wakes a warehouse,"
        " grants, how EXECUTE TASK and cancelling behave",
    )


def _snowflake_histories(double: SnowflakeDouble) -> None:
    """Two queries, of which one is billed, the hour of the warehouse, and two runs of a task."""
    record = double.estate.record
    for name, at in (("q1", NOON + 10), ("q2", NOON + 2000)):
        record("query_history", query_id=name, query_text='/* {"app": "dbt", "node_id": "model.shop.x"} */ select 1', query_tag="",
               start_time=at - 1, end_time=at, total_elapsed_time=1000, bytes_scanned=10)  # fmt: skip
    record("query_attribution_history", query_id="q1", start_time=NOON + 9, end_time=NOON + 10,
           credits_attributed_compute=0.5, credits_used_query_acceleration=None)  # fmt: skip
    record("warehouse_metering_history", warehouse_name="WH", start_time=NOON - 3600, end_time=NOON,
           credits_used_compute=1.0)  # fmt: skip
    for number, state in enumerate(("SUCCEEDED", "EXECUTING")):
        begun = NOON + number
        record("task_history", name="LOAD", database_name="SHOP", schema_name="PUBLIC", state=state, query_id=f"t{number}",
               scheduled_time=begun, query_start_time=begun, completed_time=None if number else NOON + 60,
               graph_run_group_id=f"g{number}", attempt_number=1, scheduled_from="SCHEDULE")  # fmt: skip


# ---------------------------------------------------------------- Databricks, a stand-in


def databricks_estate() -> Estate:
    """A table and a view; the table's last version is one of upkeep."""
    view = table("shop.main.names", table_type="VIEW", view_definition="SELECT id FROM shop.main.users")
    history = [(0, "2026-01-01T00:00:00.000Z", "WRITE"), (1, "2026-01-02T00:00:00.000Z", "OPTIMIZE")]
    return Estate(tables=[table("shop.main.users"), view], history={"shop.main.users": history})


def databricks_settings(double: DatabricksDouble) -> dict[str, Any]:
    return {
        "host": double.url,
        "token": double.token,
        "catalog": "shop",
        "http_path": "/sql/1.0/warehouses/abc123",
    }


def databricks_case(root: Path, double: DatabricksDouble) -> IntegrationCase:
    """The catalog of the stand-in."""
    return IntegrationCase(
        integration=DATABRICKS,
        root=root,
        config=DatabricksConfig(**databricks_settings(double)),
        broken=DatabricksConfig(host="http://127.0.0.1:1", token=SECRET),
        secrets=(double.token, SECRET),
    )


def databricks_warehouse(root: Path, double: DatabricksDouble) -> WarehouseCase:
    """The stand-in as a warehouse, its SQL on DuckDB."""
    double.sql.execute("ATTACH ':memory:' AS shop")
    double.sql.execute("CREATE TABLE shop.main.users AS SELECT range AS id FROM range(10)")
    open_tables(double)
    bill(double, NOON - 3600, 2.0, run=1001)
    bill(double, NOON, 4.0, warehouse="abc123")
    statement(double, "s1", "select 1", NOON + 60, 1000, "abc123")
    settings = databricks_settings(double)
    connection = Connection(type="databricks", settings=settings, base=root)
    found = DATABRICKS.warehouse(WarehouseContext(connection=connection, project_root=root))
    assert found is not None

    def change() -> None:
        double.estate.history["shop.main.users"].append((2, "2026-01-03T00:00:00.000Z", "MERGE"))

    def relation(name: str) -> Relation:
        return Relation(double.namespace, "databricks", "shop", "main", name)

    return WarehouseCase(
        warehouse=found,
        tables={relation("users"): 10},
        absent=relation("nothing"),
        change=change,
        endless="SELECT count(*) FROM range(1000000000) a, range(1000) b",
        used=(NOON - 60, NOON + 7200),
        real="databricks-sdk over HTTP (login, retries, paging); our statements, run in DuckDB",
        stands_in="Unity Catalog's contents and page sizes, Databricks SQL and types, Delta logs, the system tables and how late,"
        " grants, what jobs do",
    )


# ---------------------------------------------------------------- Airbyte


def airbyte_case(root: Path) -> IntegrationCase:
    """Two connections of the scripted connector; each sync adds its three rows once more."""
    data = root / "source.json"
    if not data.exists():
        rows = [user(number, number) for number in (1, 2, 3)]
        data.write_text(json.dumps({"users": {**USERS, "rows": rows}}))
    plain = _connection(data, "raw", {})
    slow = _connection(data, "slow", {"state_every": 1, "pause": 2.0})
    return IntegrationCase(
        integration=AIRBYTE,
        root=root,
        config=msgspec.convert({"connections": {"plain": plain, "slow": slow}}, AirbyteConfig),
        broken=msgspec.convert(
            {"connections": {"plain": {**plain, "source": {"command": ["/nowhere/at-all"], "config": {}}}}},
            AirbyteConfig,
        ),
        environ={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        items=(StepItem("plain/users#table", ItemKind.ASSET),),
        slow=(StepItem("slow/users#table", ItemKind.ASSET),),
        kind="sync",
        payload=_payload("plain"),
        slow_payload=_payload("slow"),
        maker="tests.contract.cases:airbyte_case",
        secrets=(SECRET,),
        done=lambda: _synced(root),
        connection=lambda name: connection_of(root),
        warehouse=lambda name: warehouse_of(root),
        address=lambda connection: address_of(connection, root),
    )


def _connection(data: Path, schema: str, options: Mapping[str, object]) -> dict[str, object]:
    config = {"data": str(data), "token": SECRET, **options}
    return {
        "source": {"command": [sys.executable, "-S", str(TABLE)], "config": config},
        "destination": "main",
        "schema": schema,
        "streams": {"users": {"sync_mode": "full_refresh_append"}},
    }


def _payload(connection: str) -> str:
    return msgspec.json.encode(SyncPayload(connection=connection)).decode()


def _synced(root: Path) -> Mapping[str, int]:
    done: Counter[str] = Counter()
    if not (root / "shop.duckdb").exists():
        return done
    with duckdb.connect(str(root / "shop.duckdb"), read_only=True) as connection:
        for schema, item in (("raw", "plain/users#table"), ("slow", "slow/users#table")):
            there = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = ? AND table_name = 'users'"
            if connection.execute(there, [schema]).fetchone() == (1,):
                (rows,) = connection.execute(f"SELECT count(*) FROM {schema}.users").fetchall()
                done[item] = rows[0] // 3
    return done


# ---------------------------------------------------------------- dbt

_PROJECT = """
name: shop
version: "1.0"
profile: shop
on-run-start: "create table if not exists made (name varchar)"
models:
  shop:
    +materialized: table
    +post-hook: "insert into made values ('{{ model.unique_id }}')"
"""
_PROFILES = """
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 2}
"""
_SLOW = "select count(*) as n from range(40000) a, range(10000) b where (a.range * b.range) % 7 = 3\n"


def dbt_case(root: Path, environ: Mapping[str, str] | None = None) -> IntegrationCase:
    """A project whose models write down each time that they are made."""
    if not (root / "dbt_project.yml").exists():
        (root / "models").mkdir()
        for name, text in (
            ("dbt_project.yml", _PROJECT),
            ("profiles.yml", _PROFILES),
            ("models/quick.sql", "select 1 as n\n"),
            ("models/below.sql", "select n from {{ ref('quick') }}\n"),
            ("models/slow.sql", _SLOW),
        ):
            (root / name).write_text(text)
        as_parsed_before(root)
    return IntegrationCase(
        integration=DBT,
        root=root,
        config=DbtConfig(project="."),
        broken=DbtConfig(project="nowhere"),
        environ=environ_of("1.11") if environ is None else environ,
        items=(
            StepItem("model.shop.quick", ItemKind.ASSET),
            StepItem("model.shop.below", ItemKind.ASSET),
        ),
        slow=(StepItem("model.shop.slow", ItemKind.ASSET),),
        maker="tests.contract.cases:dbt_case",
        done=lambda: _built(root),
        connection=lambda name: connection_of(root),
        address=lambda connection: address_of(connection, root),
    )


def _built(root: Path) -> Mapping[str, int]:
    done: Counter[str] = Counter()
    if not (root / "shop.duckdb").exists():
        return done
    with duckdb.connect(str(root / "shop.duckdb"), read_only=True) as connection:
        there = connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'made'"
        ).fetchone()
        if there == (1,):
            done.update(dict(connection.execute("SELECT name, count(*) FROM made GROUP BY 1").fetchall()))
    return done
