"""The catalog of a real server: every kind of relation, what is hidden, and what is read without scanning."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from penstock.errors import ToolError, WarehouseBusy
from penstock.integration import CatalogTable, RowCount, Scope, SqlCheck, packed_columns
from penstock_postgres.address import address_of
from penstock_postgres.catalog import pages
from penstock_postgres.connect import opened
from tests.tools.postgres import PostgresServer
from tests.unit.penstock_postgres.loading import connection_at, warehouse_at

pytestmark = pytest.mark.slow
WORLD = """
CREATE SCHEMA raw;
CREATE TABLE raw.users (id bigint NOT NULL, "Mixed Case" text, price numeric(10,2));
COMMENT ON TABLE raw.users IS 'who buys';
COMMENT ON COLUMN raw.users.id IS 'the number';
INSERT INTO raw.users SELECT n, 'x', n FROM generate_series(1, 500) n;
CREATE VIEW seen AS SELECT id, price * 2 AS double FROM raw.users;
CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM seen;
CREATE TABLE parts (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (id);
CREATE TABLE parts_2_1 PARTITION OF parts_2 DEFAULT;
INSERT INTO parts SELECT n, '2026-01-01'::date + n % 50 FROM generate_series(1, 100) n;
CREATE TABLE "o""dd.name" (a int);
CREATE TEMPORARY TABLE passing (a int);
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER files FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE outside (line text) SERVER files;
ANALYZE;
"""


def tables(url: str, tmp_path: Path, scope: Scope | None = None) -> dict[str, CatalogTable]:
    pages = warehouse_at(url, tmp_path).pages(scope or Scope())
    return {table.relation.identifier: table for page in pages for table in page.tables}


@pytest.fixture
def url(server: PostgresServer) -> str:
    url = server.url()
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(WORLD)
    return url


def test_every_kind_is_told(url: str, tmp_path: Path) -> None:
    found = tables(url, tmp_path)
    assert {name: table.kind for name, table in found.items()} == {
        "users": "table",
        "seen": "view",
        "kept": "materialized view",
        "parts": "partitioned table",
        'o"dd.name': "table",
        "outside": "foreign table",
    }
    users = found["users"]
    assert users.columns == (("id", "bigint"), ("Mixed Case", "text"), ("price", "numeric(10,2)"))
    assert (users.comment, users.column_comments, users.owner) == (
        "who buys",
        {"id": "the number"},
        "postgres",
    )
    assert users.rows == RowCount(500, exact=False)
    assert users.size_bytes is not None and users.size_bytes > 8000
    assert found["parts"].rows == RowCount(100, exact=False)
    assert found["parts"].size_bytes is not None and found["parts"].size_bytes > 8000
    assert "raw.users" in str(found["seen"].sql)
    assert [place.identifier for place in found["seen"].reads] == ["users"]
    assert [place.identifier for place in found["kept"].reads] == ["seen"]
    assert found['o"dd.name'].rows in (None, RowCount(0, exact=False))


def test_packed_columns_are_those_that_were_unpacked(url: str, tmp_path: Path) -> None:
    connection = connection_at(url, tmp_path)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE TABLE bare ()")
        session.execute('CREATE TABLE "Ünïcode" ("a ""b"" \\ c" text[], "é" timestamptz, gone int)')
        session.execute('ALTER TABLE "Ünïcode" DROP COLUMN gone')
        session.execute("""COMMENT ON COLUMN "Ünïcode"."é" IS 'two\nlines, ''quoted''\t☃'""")
    with opened(connection, tag="test") as reading:
        plain, packed = (
            {
                one.relation: one
                for page in pages(reading, Scope(), address_of(connection), None, packed=way)
                for one in page
            }
            for way in (False, True)
        )
    assert plain.keys() == packed.keys()
    for relation, one in plain.items():
        expected = packed_columns(one.columns, one.column_comments) if one.columns else b""
        assert packed[relation].packed == expected, relation
    assert {one.relation.identifier: one.columns for one in plain.values()}["bare"] == ()
    odd = next(one for one in plain.values() if one.relation.identifier == "Ünïcode")
    assert odd.columns == (('a "b" \\ c', "text[]"), ("é", "timestamp with time zone"))
    assert odd.column_comments == {"é": "two\nlines, 'quoted'\t☃"}


def test_a_scope_is_asked_for_and_no_more(url: str, tmp_path: Path) -> None:
    assert set(tables(url, tmp_path, Scope(schemas=("raw",)))) == {"users"}
    assert tables(url, tmp_path, Scope(database="other")) == {}


def test_a_table_that_is_locked_for_long_is_busy(url: str, tmp_path: Path) -> None:
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE raw.users IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(WarehouseBusy, match="locked by another session"):
            tables(url, tmp_path)


def test_large_tables_are_not_counted_unasked(url: str, tmp_path: Path) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE TABLE large AS SELECT generate_series(1, 100001) AS n")
        session.execute("ANALYZE large")
    warehouse = warehouse_at(url, tmp_path)
    relations = [tables(url, tmp_path)[name].relation for name in ("large", "users")]
    assert [count.exact for count in warehouse.row_counts(relations, exact=False).values()] == [True, False]
    counted = warehouse.row_counts(relations)
    assert counted[relations[0]] == RowCount(100_001, exact=True)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"port": 1}, "nothing listens there"),
        ({"host": "no.such.host.invalid"}, "the host is not known"),
        ({"dbname": "nothing"}, 'database "nothing" does not exist'),
        ({"user": "nobody"}, 'role "nobody" does not exist'),
        ({"role": "nobody"}, 'role "nobody" does not exist'),
    ],
)
def test_a_wrong_connection_is_one_clear_line(
    settings: dict[str, object], told: str, url: str, tmp_path: Path
) -> None:
    with pytest.raises(ToolError) as error:
        list(warehouse_at(url, tmp_path, **settings).pages())
    assert told in error.value.what
    assert "\n" not in error.value.what


def test_a_query_that_takes_too_long_is_stopped(url: str, tmp_path: Path) -> None:
    warehouse = warehouse_at(url, tmp_path, statement_seconds=1)
    with pytest.raises(ToolError, match="took longer than 1 s"):
        list(warehouse.run_checks([SqlCheck(id="slow", sql="SELECT 1 FROM pg_sleep(60)")]))


def test_a_check_cannot_write(url: str, tmp_path: Path) -> None:
    check = SqlCheck(id="x", sql="WITH gone AS (DELETE FROM raw.users RETURNING 1) SELECT count(*) FROM gone")
    (result,) = warehouse_at(url, tmp_path).run_checks([check])
    assert result.failures is None and "read-only" in str(result.error)
