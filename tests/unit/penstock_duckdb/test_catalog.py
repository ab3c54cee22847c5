"""Reading a DuckDB file: what is in it, and what happens when somebody else holds it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from penstock.assets import AssetKind, Column, Relation
from penstock.errors import ToolError, WarehouseBusy
from penstock.integration import (
    Cancellation,
    Catalog,
    Checks,
    Counts,
    Freshness,
    Integration,
    Jobs,
    Loadable,
    QueryCancelled,
    RowCount,
    Scope,
    Signal,
    SqlCheck,
    UsageReports,
)
from penstock_duckdb import INTEGRATION
from tests.unit.penstock_duckdb.support import observe_context, warehouse_at


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(
            """
            CREATE SCHEMA raw; CREATE SCHEMA shop; CREATE SCHEMA _penstock;
            CREATE TABLE _penstock.state (loader VARCHAR);
            CREATE TABLE raw.users (id BIGINT, "Name" VARCHAR, seen TIMESTAMPTZ);
            INSERT INTO raw.users SELECT i, 'n' || i, now() FROM range(5000) t(i);
            DELETE FROM raw.users WHERE id >= 1000;
            COMMENT ON TABLE raw.users IS 'people';
            COMMENT ON COLUMN raw.users.id IS 'key';
            CREATE VIEW shop.shop.names AS SELECT "Name" FROM raw.users;
            CREATE TABLE gone (i INTEGER); CREATE VIEW broken AS SELECT i FROM gone; DROP TABLE gone;
            """
        )
    return tmp_path


@contextmanager
def held(file: Path) -> Iterator[int]:
    """Another process has the file open for writing."""
    script = (
        f"import duckdb, sys\nc = duckdb.connect({str(file)!r})\nprint('open', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        assert child.stdout.readline() == "open\n"
        yield child.pid
        child.stdin.close()


def test_the_catalog_holds_tables_and_views_but_not_our_own(shop: Path) -> None:
    tables = {str(table.relation): table for page in warehouse_at(shop).pages() for table in page.tables}
    assert sorted(tables) == ["shop.main.broken", "shop.raw.users", "shop.shop.names"]
    users = tables["shop.raw.users"]
    assert users.columns == (("id", "BIGINT"), ("Name", "VARCHAR"), ("seen", "TIMESTAMP WITH TIME ZONE"))
    assert (users.kind, users.comment, users.column_comments) == ("table", "people", {"id": "key"})
    assert users.rows == RowCount(1000, exact=True)
    assert users.size_bytes is not None and users.size_bytes > 0
    names = tables["shop.shop.names"]
    assert (names.kind, names.rows, names.columns) == ("view", None, (("Name", "VARCHAR"),))
    assert names.sql is not None and "raw.users" in names.sql


def test_a_schema_called_like_the_file_is_no_trouble(shop: Path) -> None:
    relation = Relation("duckdb:shop.duckdb", "duckdb", "shop", "shop", "names")
    assert warehouse_at(shop).row_counts([relation]) == {relation: RowCount(1000, exact=True)}


def test_row_counts_leave_out_what_does_not_exist_and_ignore_case(shop: Path) -> None:
    upper = Relation("duckdb:shop.duckdb", "duckdb", "SHOP", "RAW", "USERS")
    absent = Relation("duckdb:shop.duckdb", "duckdb", "shop", "raw", "nothing")
    assert warehouse_at(shop).row_counts([upper, absent]) == {upper: RowCount(1000, exact=True)}


def test_a_file_that_is_not_there_is_empty_and_stays_absent(tmp_path: Path) -> None:
    warehouse = warehouse_at(tmp_path)
    assert list(warehouse.pages()) == []
    assert warehouse.states([]) == {}
    assert warehouse.row_counts([]) == {}
    assert INTEGRATION.observe(observe_context(tmp_path)).assets == ()
    assert list(tmp_path.iterdir()) == []


def test_a_held_file_names_who_holds_it(shop: Path) -> None:
    with held(shop / "shop.duckdb") as pid, pytest.raises(WarehouseBusy, match=f"held by PID {pid}"):
        INTEGRATION.observe(observe_context(shop))
    assert INTEGRATION.observe(observe_context(shop)).assets


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "shop.duckdb").write_text("not a database " * 1000)
    with pytest.raises(ToolError, match=r"DuckDB cannot open shop\.duckdb"):
        list(warehouse_at(tmp_path).pages())


def test_observing_gives_assets_with_their_columns(shop: Path) -> None:
    observation = INTEGRATION.observe(observe_context(shop))
    assets = {asset.id: asset for asset in observation.assets}
    users = assets["shop.raw.users"]
    assert (users.kind, users.description, users.rows) == (AssetKind.TABLE, "people", 1000)
    assert users.all_columns[0] == Column("id", "BIGINT", "key", cataloged=True)
    assert assets["shop.shop.names"].kind is AssetKind.VIEW
    assert observation.inputs == (str(shop / "shop.duckdb"), str(shop / "shop.duckdb.wal"))


def test_a_view_is_defined_by_its_sql(shop: Path) -> None:
    context = observe_context(shop)
    definitions = list(INTEGRATION.definitions(context, frozenset({"shop.shop.names"})))
    assert [definition.id for definition in definitions] == ["shop.shop.names"]
    assert definitions[0].sql is not None and definitions[0].sql.startswith("CREATE VIEW")
    assert len(list(INTEGRATION.definitions(context))) == 2


def test_doctor_tells_a_held_file_from_a_good_one(shop: Path) -> None:
    assert [diagnosis.ok for diagnosis in INTEGRATION.diagnose(observe_context(shop))] == [True]
    with held(shop / "shop.duckdb"):
        (diagnosis,) = INTEGRATION.diagnose(observe_context(shop))
    assert not diagnosis.ok and diagnosis.hint


def test_it_is_an_integration() -> None:
    assert isinstance(INTEGRATION, Integration)


RAW = Relation("duckdb:shop.duckdb", "duckdb", "shop", "raw", "users")


def test_the_catalog_comes_a_schema_at_a_time_and_only_of_the_scope(shop: Path) -> None:
    pages = [[str(table.relation) for table in page.tables] for page in warehouse_at(shop).pages()]
    assert pages == [["shop.main.broken"], ["shop.raw.users"], ["shop.shop.names"]]
    one = list(warehouse_at(shop).pages(Scope(schemas=("raw",)), since=time.time()))
    assert [[table.relation for table in page.tables] for page in one] == [[RAW]]
    assert not one[0].changes_only
    assert list(warehouse_at(shop).pages(Scope(database="elsewhere"))) == []


def test_a_table_has_the_state_of_its_file(shop: Path) -> None:
    before = warehouse_at(shop).states([RAW])[RAW]
    assert (before.signal, before.equal_means_same) == (Signal.FILE, True)
    assert warehouse_at(shop).states([RAW])[RAW] == before
    with duckdb.connect(str(shop / "shop.duckdb")) as connection:
        connection.execute("INSERT INTO raw.users BY NAME SELECT 5000 AS id")
    assert warehouse_at(shop).states([RAW])[RAW].version != before.version


def test_checks_are_run_and_cannot_change_anything(shop: Path) -> None:
    checks = [
        SqlCheck(id="ids", sql="SELECT count(*) FROM raw.users WHERE id IS NULL"),
        SqlCheck(id="all", sql="SELECT count(*) FROM raw.users"),
        SqlCheck(id="typo", sql="SELECT count(*) FROM raw.usres"),
        SqlCheck(id="text", sql="SELECT 'many'"),
        SqlCheck(id="write", sql="DELETE FROM raw.users RETURNING 1"),
    ]
    results = {result.id: result for result in warehouse_at(shop).run_checks(checks)}
    assert (results["ids"].failures, results["all"].failures) == (0, 1000)
    assert results["typo"].failures is None and "usres" in (results["typo"].error or "")
    assert "one whole number" in (results["text"].error or "")
    assert "read-only" in (results["write"].error or "")


def test_a_query_is_cancelled_from_another_thread(shop: Path) -> None:
    endless = SqlCheck(id="endless", sql="SELECT count(*) FROM range(1000000000) a, range(1000) b")
    cancel = Cancellation()
    timer = threading.Timer(0.3, cancel.cancel)
    timer.start()
    with pytest.raises(QueryCancelled):
        list(warehouse_at(shop).run_checks([endless], cancel))
    with pytest.raises(QueryCancelled):
        warehouse_at(shop).row_counts([RAW], cancel=cancel)
    assert warehouse_at(shop).row_counts([RAW])[RAW].rows == 1000


def test_what_a_duckdb_file_can_do_is_said_by_its_protocols(shop: Path) -> None:
    warehouse = warehouse_at(shop)
    for able in (Catalog, Freshness, Counts, Checks, Loadable):
        assert isinstance(warehouse, able)
    for unable in (Jobs, UsageReports):
        assert not isinstance(warehouse, unable)


def test_attached_files_are_read_under_their_own_names(shop: Path) -> None:
    with duckdb.connect(str(shop / "crm.duckdb")) as connection:
        connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.users AS SELECT range AS id FROM range(7)")
    attach = [{"path": "crm.duckdb", "alias": "people"}, "not_made_yet.duckdb", {"path": "md:elsewhere"}]
    warehouse = warehouse_at(shop, attach=attach)
    (place,) = {table.relation.namespace for page in warehouse.pages() for table in page.tables}
    own, other = (Relation(place, "duckdb", name, "raw", "users") for name in ("shop", "people"))
    found = [table.relation for page in warehouse.pages() for table in page.tables]
    assert own in found and other in found
    counts = warehouse.row_counts([own, other, Relation(place, "duckdb", "elsewhere", "raw", "users")])
    assert {relation.database: count.rows for relation, count in counts.items()} == {
        "shop": 1000,
        "people": 7,
    }
    before = warehouse.states([own, other])
    with duckdb.connect(str(shop / "crm.duckdb")) as connection:
        connection.execute("INSERT INTO raw.users VALUES (8)")
    after = warehouse.states([own, other])
    assert before[own] == after[own] and before[other] != after[other]
