"""Reading a DuckDB file: what is in it, and what happens when somebody else holds it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from penstock.assets import AssetKind, Column, Relation
from penstock.errors import ToolError, WarehouseBusy
from penstock.integration import Integration
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
    tables = {str(table.relation): table for table in warehouse_at(shop).catalog()}
    assert sorted(tables) == ["shop.main.broken", "shop.raw.users", "shop.shop.names"]
    users = tables["shop.raw.users"]
    assert users.columns == (("id", "BIGINT"), ("Name", "VARCHAR"), ("seen", "TIMESTAMP WITH TIME ZONE"))
    assert (users.kind, users.comment, users.column_comments) == ("table", "people", {"id": "key"})
    assert users.rows == 1000
    assert users.size_bytes is not None and users.size_bytes > 0
    names = tables["shop.shop.names"]
    assert (names.kind, names.rows, names.columns) == ("view", None, (("Name", "VARCHAR"),))
    assert names.sql is not None and "raw.users" in names.sql


def test_a_schema_called_like_the_file_is_no_trouble(shop: Path) -> None:
    relation = Relation("duckdb:shop.duckdb", "duckdb", "shop", "shop", "names")
    assert warehouse_at(shop).row_counts([relation]) == {relation: 1000}


def test_row_counts_leave_out_what_does_not_exist_and_ignore_case(shop: Path) -> None:
    upper = Relation("duckdb:shop.duckdb", "duckdb", "SHOP", "RAW", "USERS")
    absent = Relation("duckdb:shop.duckdb", "duckdb", "shop", "raw", "nothing")
    assert warehouse_at(shop).row_counts([upper, absent]) == {upper: 1000}


def test_a_file_that_is_not_there_is_empty_and_stays_absent(tmp_path: Path) -> None:
    warehouse = warehouse_at(tmp_path)
    assert warehouse.catalog() == ()
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
        warehouse_at(tmp_path).catalog()


def test_observing_gives_assets_with_their_columns(shop: Path) -> None:
    observation = INTEGRATION.observe(observe_context(shop))
    assets = {asset.id: asset for asset in observation.assets}
    users = assets["shop.raw.users"]
    assert (users.kind, users.description, users.rows) == (AssetKind.TABLE, "people", 1000)
    assert users.columns[0] == Column("id", "BIGINT", "key", cataloged=True)
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
