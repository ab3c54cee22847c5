"""One account that several connections lead to: what one role does not see another one may, and what nobody sees may be there."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock import registry
from penstock.assets import Relation
from penstock.integration import UNSEEN, Connection, Warehouse
from penstock.project import load_project
from penstock.service.contents import Holdings
from penstock.service.health import examine
from penstock.service.workspace import Workspace
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble

SPACE = "snowflake://acme-main"
ORDERS, NOTES = (Relation(SPACE, "snowflake", "SHOP", schema, name) for schema, name in (("RAW", "ORDERS"), ("HR", "NOTES")))  # fmt: skip
ONE = """
  {name}: {{type: snowflake, account: acme-main, host: 127.0.0.1, port: {port}, protocol: http, user: PENSTOCK,
         password: "${{SNOWFLAKE_PASSWORD}}", role: READER, warehouse: WH, database: shop}}
"""


def estate(*denied: str) -> Estate:
    made = Estate(denied={("SHOP", one) for one in denied})
    for relation in (ORDERS, NOTES):
        made.table(("SHOP", relation.schema or "", relation.identifier), [("ID", "NUMBER")], [[1]])
    return made


def workspace(root: Path, *doubles: SnowflakeDouble) -> Workspace:
    named = "".join(ONE.format(name=f"w{at}", port=one.port) for at, one in enumerate(doubles))
    (root / "penstock.yml").write_text(f"name: shop\nwarehouses:{named}")
    return read(root)


def read(root: Path) -> Workspace:
    environ = {**os.environ, "SNOWFLAKE_PASSWORD": "secret-of-the-double"}
    project = load_project(root, environment=None, integrations=registry.names(), environ=environ)
    return Workspace(project, environ=environ)


@pytest.fixture
def double() -> Iterator[SnowflakeDouble]:
    with SnowflakeDouble(estate("HR")) as double:
        yield double


def test_each_role_is_asked_until_one_sees(tmp_path: Path, double: SnowflakeDouble) -> None:
    """The same account by two roles: the stand-in grants per server."""
    with SnowflakeDouble(estate("RAW")) as other:
        holdings = Holdings(workspace(tmp_path, double, other), wakes=True)
        found = holdings.of({ORDERS: (None,), NOTES: (None,)})
        assert [found[one].kind for one in (ORDERS, NOTES)] == ["table", "table"]
        other.estate.warehouses["WH"].state = "SUSPENDED"
        found = Holdings(workspace(tmp_path, double, other)).of({ORDERS: (None,), NOTES: (None,)})
        assert [found[one].kind for one in (ORDERS, NOTES)] == ["table", UNSEEN]


def test_what_nobody_may_see_is_no_gap(tmp_path: Path, double: SnowflakeDouble) -> None:
    gone = Relation(SPACE, "snowflake", "SHOP", "RAW", "GONE")
    found = Holdings(workspace(tmp_path, double), wakes=True).of({NOTES: (None,), gone: (None,)})
    assert {one: content.kind for one, content in found.items()} == {NOTES: UNSEEN}


def test_doctor_starts_no_warehouse_for_a_sensor(tmp_path: Path, double: SnowflakeDouble) -> None:
    double.estate.warehouses["WH"].state = "SUSPENDED"
    workspace(tmp_path, double)
    with (tmp_path / "penstock.yml").open("a") as written:
        written.write("events: {q: {type: value, query: select max(ID) from SHOP.RAW.ORDERS}}\n")
    lines = {line.subject: line for line in examine(read(tmp_path), None).lines}
    assert "WH is suspended" in lines["events/q"].message and lines["events/q"].unchecked
    assert double.estate.warehouses["WH"].wakes == 0
    double.estate.warehouses["WH"].state = "STARTED"
    lines = {line.subject: line for line in examine(read(tmp_path), None).lines}
    assert (lines["events/q"].message, lines["events/q"].unchecked) == ("value: 1 seen now", None)


def test_nobody_looks_where_nothing_is_reused(tmp_path: Path, double: SnowflakeDouble) -> None:
    holdings = Holdings(workspace(tmp_path, double), wakes=True, looks=False)
    assert holdings.of({ORDERS: (None,)}) == {} and holdings.only_marks(SPACE)
    assert not double.sql


class SlowWorkspace(Workspace):
    """Somebody else asks while it looks for the first warehouse."""

    asks: threading.Thread

    def warehouse_of(self, connection: Connection) -> Warehouse | None:
        if not self.asks.ident:
            self.asks.start()
            self.asks.join(0.1)
        return super().warehouse_of(connection)


def test_whoever_asks_meanwhile_waits_for_all(tmp_path: Path, double: SnowflakeDouble) -> None:
    base = workspace(tmp_path, double)
    slow = SlowWorkspace(base.project, environ=base.environ)
    holdings = Holdings(slow)
    told: list[bool] = []
    slow.asks = threading.Thread(target=lambda: told.append(holdings.only_marks(SPACE)))
    assert holdings.only_marks(SPACE)
    slow.asks.join()
    assert told == [True]
