"""What a run has made is asked for again: by who may call, of that warehouse alone, and never of a file that tells by its own stat."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import psycopg
import pytest

from penstock import registry
from penstock.assets import Relation
from penstock.errors import PenstockError
from penstock.project import load_project
from penstock.service.observe import look, look_again
from penstock.service.worked import mark, worked_in
from penstock.service.workspace import Workspace
from tests.contract.cases import settings_of
from tests.doubles.databricks import DatabricksDouble, Estate, table
from tests.doubles.snowflake.estate import Estate as Account
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.scripted import asset

MAIN, OTHER = "warehouse/main", "warehouse/other"
WORKED = "a run has worked there since"


def workspace_of(root: Path, **warehouses: object) -> Workspace:
    (root / "penstock.yml").write_text(json.dumps({"name": "shop", "warehouses": warehouses}))
    project = load_project(root, environment=None, integrations=registry.names(), environ={})
    return Workspace(project, environ=dict(os.environ))


def names(workspace: Workspace, *, may_call: bool = False) -> set[str]:
    return {one.name for one in look(workspace, may_call=may_call).graph.assets.values()}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    started = new_server()
    started.start(fsync=False)
    yield started
    started.remove()


@pytest.mark.slow
def test_postgres_is_asked_again_after_work_and_its_neighbour_is_not(
    server: PostgresServer, tmp_path: Path
) -> None:
    urls = server.url(), server.url()
    both = {
        name: {"type": "postgres", **settings_of(url)}
        for name, url in zip(("main", "other"), urls, strict=True)
    }
    workspace = workspace_of(tmp_path, **both)
    assert names(workspace, may_call=True) == set()
    for number, url in enumerate(urls):
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(f"CREATE TABLE made_{number} (id int)")
    assert names(workspace, may_call=True) == set(), "younger than ten minutes: nobody asks"

    mark(workspace, {MAIN})
    assert look(workspace).stale == {MAIN: WORKED}, "who may not call says so"
    look_again(workspace, {MAIN, OTHER})
    assert names(workspace) == {"made_0"}
    assert look(workspace).stale == {}

    mark(workspace, {OTHER})
    assert names(workspace, may_call=True) == {"made_0", "made_1"}, "or the next look that may call"


def test_a_mark_serves_every_set_of_options_and_only_what_is_older(tmp_path: Path) -> None:
    with DatabricksDouble(Estate(tables=[table("shop.marts.orders")])) as double:
        place = {"type": "databricks", "host": double.url, "token": double.token, "catalog": "shop"}
        plain = workspace_of(tmp_path, main=place)
        aimed = Workspace(plain.project, environ=plain.environ, options={"target": "dev"})
        mark(plain, {MAIN})
        for one in (plain, aimed):
            assert names(one, may_call=True) == {"orders"}
            assert look(one).stale == {}, "asked after the mark"
        double.estate.tables.append(table("shop.marts.made"))
        mark(plain, {MAIN})
        for one in (plain, aimed):
            assert look(one).stale == {MAIN: WORKED}
            assert names(one, may_call=True) == {"orders", "made"}


def test_a_warehouse_that_does_not_answer_stays_as_it_was_known(tmp_path: Path) -> None:
    with DatabricksDouble(Estate(tables=[table("shop.marts.orders")])) as double:
        place = {"type": "databricks", "host": double.url, "token": double.token, "catalog": "shop"}
        workspace = workspace_of(tmp_path, main=place)
        assert names(workspace, may_call=True) == {"orders"}
        mark(workspace, {MAIN})
        double.token = "changed meanwhile"
        with pytest.raises(PenstockError, match="token"):
            look_again(workspace, {MAIN})
        assert names(workspace) == {"orders"}
        assert look(workspace).stale == {MAIN: WORKED}


def test_a_suspended_warehouse_is_not_resumed_for_it(tmp_path: Path) -> None:
    account = Account()
    account.table(("SHOP", "MARTS", "ORDERS"), [("ID", "NUMBER")], [[1]])
    with SnowflakeDouble(account) as double:
        place = {
            "type": "snowflake",
            "account": "acme-main",
            "host": "127.0.0.1",
            "port": double.port,
            "protocol": "http",
            "user": "PENSTOCK",
            "password": "secret-of-the-double",
            "role": "READER",
            "warehouse": "WH",
            "database": "SHOP",
        }
        workspace = workspace_of(tmp_path, main=place)
        assert names(workspace, may_call=True) == {"ORDERS"}
        account.table(("SHOP", "MARTS", "MADE"), [("ID", "NUMBER")], [[1]])
        account.warehouses["WH"].state = "SUSPENDED"
        mark(workspace, {MAIN})
        look_again(workspace, {MAIN})
        assert names(workspace) == {"ORDERS", "MADE"}
        assert account.warehouses["WH"].wakes == 0


def test_a_file_tells_by_itself_and_is_not_opened_for_a_mark(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, main={"type": "duckdb", "path": "shop.duckdb"})
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(str(file)) as made:
        made.execute("create table orders as select 1 as id")
    assert names(workspace, may_call=True) == {"orders"}
    before = look(workspace).taken_at
    mark(workspace, {MAIN})
    look_again(workspace, {MAIN})
    assert look(workspace, may_call=True).taken_at == before
    with duckdb.connect(str(file)) as made:
        made.execute("create table made as select 1 as id")
    assert names(workspace) == {"orders", "made"}


def test_only_the_warehouses_in_which_something_lies_are_marked(tmp_path: Path) -> None:
    files = {name: {"type": "duckdb", "path": f"{name}.duckdb"} for name in ("shop", "same", "elsewhere")}
    files["same"]["path"] = "shop.duckdb"
    workspace = workspace_of(tmp_path, **files)
    item = asset("made")
    assert worked_in(workspace, ()) == frozenset()
    namespace = workspace.address(workspace.connection("shop")).namespace
    placed = msgspec.structs.replace(item, relation=Relation(namespace, "duckdb", "shop", "main", "made"))
    assert worked_in(workspace, (placed, item)) == {"warehouse/shop", "warehouse/same"}
