"""What a step on PostgreSQL made is told of only when nobody else wrote into it, or into what it read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from penstock import registry
from penstock.assets import AssetKey, Relation, ToolRef
from penstock.project import load_project
from penstock.service.contents import Holdings
from penstock.service.observe import look
from penstock.service.witness import Witness
from penstock.service.workspace import Workspace
from tests.tools.postgres import PostgresServer

MADE = {
    "revenue": ("table", "select customer_id, sum(amount) as revenue from raw.orders group by 1", "source.shop.raw.orders"),
    "rich": ("view", "select * from marts.revenue where revenue > 9", "model.shop.revenue"),
    "richest": ("view", "select max(revenue) as most from marts.rich", "model.shop.rich"),
    "kept": ("table", "select most from marts.richest", "model.shop.richest"),
}  # fmt: skip
REVENUE = ToolRef("dbt", "transform", "model.shop.revenue")


def _node(name: str, database: str) -> dict[str, object]:
    form, sql, parent = MADE[name]
    return {
        "unique_id": f"model.shop.{name}", "resource_type": "model", "package_name": "shop", "name": name, "fqn": ["shop", name],
        "config": {"materialized": form}, "depends_on": {"nodes": [parent]}, "compiled": True, "compiled_code": sql,
        "relation_name": f'"{database}"."marts"."{name}"', "columns": {},
    }  # fmt: skip


def _manifest(database: str) -> dict[str, object]:
    source = {
        "unique_id": "source.shop.raw.orders", "resource_type": "source", "package_name": "shop", "name": "orders", "source_name": "raw",
        "fqn": ["shop", "raw", "orders"], "config": {}, "relation_name": f'"{database}"."raw"."orders"', "columns": {},
    }  # fmt: skip
    nodes = {f"model.shop.{name}": _node(name, database) for name in MADE}
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "dbt_version": "1.11.0",
            "adapter_type": "postgres",
            "project_name": "shop",
        },
        "nodes": nodes,
        "sources": {"source.shop.raw.orders": source},
        "parent_map": {f"model.shop.{name}": [MADE[name][2]] for name in MADE},
        "child_map": {},
    }


class Step:
    """One that makes `revenue` of `orders`, as dbt does, and is looked around."""

    def __init__(self, root: Path, url: str, *others: str) -> None:
        self.url = url
        self.sql(
            "create schema raw",
            "create schema marts",
            "create table raw.orders as select 1 as customer_id, 2 as amount",
            "create table marts.revenue as select 5 as revenue",
        )
        databases = [url, *others]
        named = "".join(f"  w{at}: {_warehouse(one)}\n" for at, one in enumerate(databases))
        (root / "penstock.yml").write_text(
            f"name: shop\nwarehouses:\n{named}dbt:\n  transform: {{manifest: manifest.json, warehouse: w0}}\n"
        )
        (root / "manifest.json").write_text(json.dumps(_manifest(str(conninfo_to_dict(url)["dbname"]))))
        project = load_project(root, environment=None, integrations=registry.names(), environ=os.environ)
        workspace = Workspace(project, environ=dict(os.environ))
        self.graph = look(workspace, may_call=True).graph
        self.holdings = Holdings(workspace)
        self.witness = Witness(self.graph, self.holdings)

    def sql(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as session:
            for one in statements:
                session.execute(one.encode())

    def make(self) -> None:
        """By another table under its name."""
        self.sql(
            "create table marts.other as select sum(amount) as revenue from raw.orders",
            "begin; alter table marts.revenue rename to former; alter table marts.other rename to revenue; commit",
            "drop table marts.former cascade",
        )

    def key(self, name: str) -> AssetKey:
        return next(key for key, asset in self.graph.assets.items() if asset.name == name)


def _warehouse(url: str) -> str:
    told = conninfo_to_dict(url)
    return f"{{type: postgres, host: {told['host']}, port: {told['port']}, user: postgres, dbname: {told['dbname']}}}"


@pytest.fixture
def step(tmp_path: Path, server: PostgresServer) -> Step:
    return Step(tmp_path, server.url())


def test_what_nobody_else_touched_is_told(step: Step) -> None:
    before = step.witness.before([REVENUE])
    step.make()
    assert step.witness.looks_at(REVENUE)
    step.witness.made(REVENUE)
    step.witness.ended([REVENUE], before)
    assert [key.name.rpartition(".")[2] for key in step.witness.after] == ["revenue"]


@pytest.mark.parametrize(
    ("meanwhile", "afterwards"),
    [
        ("insert into raw.orders values (2, 3)", ""),
        ("delete from raw.orders; insert into raw.orders values (1, 2)", ""),  # a step in between read none
        ("", "update marts.revenue set revenue = 7"),
        ("", "delete from marts.revenue"),
        ("", "drop table marts.revenue"),
    ],
)
def test_what_somebody_else_touched_is_not(step: Step, meanwhile: str, afterwards: str) -> None:
    before = step.witness.before([REVENUE])
    step.make()
    if meanwhile:
        step.sql(*meanwhile.split(";"))
    step.witness.made(REVENUE)
    if afterwards:
        step.sql(afterwards)
    step.witness.ended([REVENUE], before)
    assert step.witness.after == {}


def test_what_was_never_said_to_be_made_is_not(step: Step) -> None:
    before = step.witness.before([REVENUE])
    step.make()
    step.witness.ended([REVENUE], before)
    assert step.witness.after == {}


def test_what_is_not_looked_at_says_why(step: Step) -> None:
    place = step.graph.assets[step.key("revenue")].relation
    assert place is not None
    assert step.holdings.of({place: ()})[place].hashes == {}  # no scan
    step.sql("alter table marts.revenue set unlogged")
    assert step.holdings.of({place: (None,)})[place].untold == "an unlogged table is emptied by a crash"


def test_each_database_of_a_server_is_asked(tmp_path: Path, server: PostgresServer) -> None:
    step = Step(tmp_path, server.url(), server.url())
    revenue, orders = (step.graph.assets[step.key(name)].relation for name in ("revenue", "orders"))
    assert revenue is not None and orders is not None
    gone = Relation(revenue.namespace, "postgres", revenue.database, "marts", "gone")
    found = step.holdings.of({revenue: (None,), orders: (None,), gone: (None,)})
    assert {one.identifier: content.rows for one, content in found.items()} == {"revenue": 1, "orders": 1}
    step.sql("insert into raw.orders values (2, 3)")
    assert step.holdings.of({orders: (None,)})[orders].rows == 2
