"""A project that names only a PostgreSQL database: what lies there is the graph, and views are followed by their SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.contract.cases import settings_of
from tests.tools.command import environ, penstock
from tests.tools.postgres import PostgresServer, new_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("warehouse-alone")]
WORLD = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS SELECT n AS id, n % 7 AS user_id, n * 1.5 AS amount FROM generate_series(1, 50) n;
CREATE VIEW shop.paid AS SELECT user_id, amount FROM shop.orders WHERE amount > 3;
CREATE MATERIALIZED VIEW shop.totals AS SELECT user_id, sum(amount) AS spent FROM shop.paid GROUP BY user_id;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    started = new_server()
    started.start(fsync=False)
    yield started
    started.remove()


def test_views_that_nobody_else_knows_are_followed(server: PostgresServer, tmp_path: Path) -> None:
    url = server.url()
    env = environ(None)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(WORLD)
        (tmp_path / ".git").mkdir()
        document = {"name": "alone", "warehouses": {"main": {"type": "postgres", **settings_of(url)}}}
        (tmp_path / "penstock.yml").write_text(json.dumps(document))
        assert penstock(tmp_path, "refresh", env=env).code == 0
        assets = {a["name"]: a for a in penstock(tmp_path, "assets", "--json", env=env).json()["assets"]}
        assert {name: asset["kind"] for name, asset in assets.items()} == {
            "orders": "table",
            "paid": "view",
            "totals": "view",
        }
        found = penstock(tmp_path, "lineage", "totals.spent", "--json", env=env).json()
        edges = {(e["source_asset"], e["source_column"], e["subtype"]) for e in found["edges"]}
        assert {("paid", "amount", "AGGREGATION"), ("orders", "amount", "IDENTITY")} <= edges
        assert "orders" in penstock(tmp_path, "lineage", "totals", env=env).out
        session.execute(
            "CREATE OR REPLACE VIEW shop.paid AS SELECT user_id, amount + id AS amount FROM shop.orders"
        )
        assert penstock(tmp_path, "refresh", env=env).code == 0
        found = penstock(tmp_path, "lineage", "paid.amount", "--upstream", "--json", env=env).json()
        assert {e["source_column"] for e in found["edges"] if e["type"] == "DIRECT"} == {"amount", "id"}
        session.execute("INSERT INTO shop.orders VALUES (51, 1, 9)")
        session.execute("SELECT pg_stat_force_next_flush()")
    assert penstock(tmp_path, "refresh", env=env).code == 0
    told = {one["name"]: one for one in penstock(tmp_path, "status", "--json", env=env).json()["assets"]}
    assert told["orders"]["by"] == "somebody else, seen by statistics" and told["orders"]["made_at"]
    assert told["totals"]["made_at"] is None
    server_is_away = {**document["warehouses"]["main"], "port": 1}  # type: ignore[index]
    (tmp_path / "penstock.yml").write_text(json.dumps({**document, "warehouses": {"main": server_is_away}}))
    gone = penstock(tmp_path, "refresh", env=env)
    assert gone.code == 1
    assert "nothing listens there" in gone.err
