"""The catalog: what is read, by which statements, and that nothing is resumed for it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from penstock.assets import Relation
from penstock.errors import ToolError
from penstock.integration import CatalogTable, Connection, Scope
from penstock_snowflake.observe import definitions, observe
from penstock_snowflake.warehouse import SnowflakeWarehouse
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.unit.penstock_snowflake.conftest import Observing


def read(warehouse: SnowflakeWarehouse, scope: Scope | None = None) -> dict[str, CatalogTable]:
    pages = warehouse.pages(scope or Scope())
    return {str(table.relation): table for page in pages for table in page.tables}


def many(estate: Estate, schemas: int, tables: int) -> None:
    """Rows of metadata only."""
    estate.duck.execute(
        "INSERT INTO meta.main.tables SELECT 'SHOP', 'S' || s, 'T' || t, 'LOADER', 'BASE TABLE', 'TABLE', 'NO', 1, 1, 0, 0,"
        f" '2020-01-01'::timestamptz, NULL, 1 FROM range({schemas}) a(s), range({tables}) b(t)"
    )
    estate.duck.execute(
        "INSERT INTO meta.main.columns SELECT 'SHOP', 'S' || s, 'T' || t, 'C' || c, c, 'NUMBER', NULL, 38, 0, 'YES', NULL"
        f" FROM range({schemas}) a(s), range({tables}) b(t), range(1, 4) d(c)"
    )
    for number in range(schemas):
        estate.schema("SHOP", f"S{number}")


def test_everything_of_a_small_database_by_four_statements(
    warehouse: SnowflakeWarehouse, double: SnowflakeDouble
) -> None:
    tables = read(warehouse)
    assert set(tables) == {"SHOP.RAW.USERS", 'SHOP.RAW.odd "Name".x', "SHOP.MARTS.V"}
    users = tables["SHOP.RAW.USERS"]
    assert users.columns == (("ID", "NUMBER(38,0)"), ("NAME", "VARCHAR"))
    assert (users.comment, users.column_comments, users.owner) == ("people", {"ID": "key"}, "LOADER")
    assert users.rows is not None and users.rows.rows == 2 and users.rows.exact and users.size_bytes == 1024
    assert tables["SHOP.MARTS.V"].sql == "create view V as select ID from SHOP.RAW.USERS"
    assert tables["SHOP.MARTS.V"].rows is None
    assert len(double.sql) == 4 and all(sql.startswith("SHOW ") for sql in double.sql)


def test_every_statement_has_a_tag_and_a_time_out(
    warehouse: SnowflakeWarehouse, double: SnowflakeDouble
) -> None:
    read(warehouse)
    assert {one.tag for one in double.statements} == {'{"app":"penstock","for":"catalog"}'}
    assert {one.timeout for one in double.statements} == {300}


def test_names_with_quotes_dots_and_unicode_are_found_one_by_one(warehouse: SnowflakeWarehouse) -> None:
    odd = Relation("snowflake://acme-main", "snowflake", "SHOP", "RAW", 'odd "Name".x')
    assert read(warehouse, Scope(relations=frozenset({odd})))[str(odd)].columns == (("größe", "FLOAT"),)
    assert warehouse.row_counts([odd])[odd].rows == 1
    assert warehouse.states([odd])[odd].version is not None


def test_a_dynamic_table_has_its_kind_and_its_text(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    text = "create dynamic table D target_lag = '1 hour' warehouse = WH as select ID from SHOP.RAW.USERS"
    estate.table(("SHOP", "MARTS", "D"), [("ID", "NUMBER")], [[1]], kind="DYNAMIC TABLE", sql=text)
    found = read(warehouse)["SHOP.MARTS.D"]
    assert (found.kind, found.sql) == ("dynamic table", text)


def test_a_list_that_is_cut_is_read_by_schema_in_pages(warehouse: SnowflakeWarehouse, estate: Estate) -> None:
    many(estate, 2, 10_500)
    assert len(read(warehouse)) == 21_003


def test_a_suspended_warehouse_is_not_resumed(observing: Observing, estate: Estate) -> None:
    many(estate, 4, 1000)
    estate.warehouses["WH"].state = "SUSPENDED"
    seen = observe(observing())
    assert estate.warehouses["WH"].wakes == 0
    assert len(seen.assets) == 4003 and not seen.assets[-1].all_columns
    assert "suspended" in seen.findings[0].message and "4003" in seen.findings[0].message
    woken = observe(observing(wake=True))
    assert estate.warehouses["WH"].wakes == 1
    assert not woken.findings and all(asset.all_columns for asset in woken.assets)


def test_columns_by_sql_are_kept_and_only_what_changed_is_read_again(
    observing: Observing, double: SnowflakeDouble, estate: Estate
) -> None:
    many(estate, 4, 1000)
    observe(observing())
    assert sum("INFORMATION_SCHEMA" in sql for sql in double.sql) == 5, "4003 tables in pages of 1000"
    double.statements.clear()
    seen = observe(observing())
    assert all(sql.startswith("SHOW ") for sql in double.sql), "catalog_every has not passed"
    assert all(asset.all_columns for asset in seen.assets)
    estate.table(("SHOP", "S0", "MADE"), [("ID", "NUMBER")])
    worked = msgspec.structs.replace(observing(), worked=True)
    assert all(asset.all_columns for asset in observe(worked).assets), "due where a run has worked"
    estate.warehouses["WH"].state = "SUSPENDED"
    observe(worked)
    assert estate.warehouses["WH"].wakes == 0
    estate.warehouses["WH"].state = "STARTED"
    estate.drop(("SHOP", "S0", "MADE"), data=False)
    double.statements.clear()
    estate.table(("SHOP", "S0", "NEW"), [("ID", "NUMBER")])
    estate.drop(("SHOP", "S1", "T1"), data=False)
    seen = observe(observing(catalog_every="0s"))
    asked = [sql for sql in double.sql if "INFORMATION_SCHEMA.COLUMNS" in sql]
    assert len(asked) == 1
    ids = {asset.id for asset in seen.assets if asset.all_columns}
    assert "SHOP.S0.NEW" in ids and "SHOP.S1.T1" not in ids and len(ids) == 4003


def test_too_much_for_one_answer_is_halved(observing: Observing, estate: Estate) -> None:
    many(estate, 4, 1000)
    estate.schema_query_limit = 1000
    seen = observe(observing())
    assert not seen.findings and all(asset.all_columns for asset in seen.assets)


def test_a_schema_without_grant_is_a_gap(observing: Observing, estate: Estate) -> None:
    estate.denied.add(("SHOP", "RAW"))
    assert {asset.id for asset in observe(observing()).assets} == {"SHOP.MARTS.V"}
    told = observe(observing(schemas=("raw", "marts")))
    assert {asset.id for asset in told.assets} == {"SHOP.MARTS.V"}
    assert "RAW" in told.findings[0].message


def test_several_databases_and_one_that_is_not_there(observing: Observing) -> None:
    seen = observe(observing(databases=("shop", "other", "nowhere")))
    assert {asset.id for asset in seen.assets} >= {"SHOP.RAW.USERS", "OTHER.PUBLIC.ELSEWHERE"}
    assert "NOWHERE" in seen.findings[0].message


def test_an_account_is_not_read_whole_unasked(double: SnowflakeDouble, tmp_path: Path) -> None:
    connection = Connection(type="snowflake", settings=double.settings(), base=tmp_path)
    with pytest.raises(ToolError, match="no database is named"):
        read(SnowflakeWarehouse(connection))


def test_definitions_come_from_the_last_look_without_a_call(
    observing: Observing, double: SnowflakeDouble
) -> None:
    observe(observing())
    double.statements.clear()
    (found,) = definitions(observing(), None)
    assert found.id == "SHOP.MARTS.V" and found.sql is not None and "select ID" in found.sql
    assert not double.statements


def test_a_table_dropped_between_two_statements_is_no_error(
    warehouse: SnowflakeWarehouse, estate: Estate, double: SnowflakeDouble
) -> None:
    gone = Relation("snowflake://acme-main", "snowflake", "SHOP", "RAW", "GONE")
    users = Relation("snowflake://acme-main", "snowflake", "SHOP", "RAW", "USERS")
    estate.table(("SHOP", "RAW", "GONE"), [("ID", "NUMBER")])
    estate.vanishes = ("SHOP", "RAW", "GONE")
    states = warehouse.states([gone, users])
    assert states[users].version is not None
    assert states[gone].version is None and not states[gone].equal_means_same


def test_only_what_is_used_is_read_of_whatever_database(
    observing: Observing, double: SnowflakeDouble
) -> None:
    used = frozenset({("SHOP", "MARTS"), ("SHOP", "NOT_MADE_YET"), ("OTHER", "PUBLIC"), ("NOWHERE", "X")})
    seen = observe(msgspec.structs.replace(observing(), used=used))
    assert {asset.id for asset in seen.assets} == {"SHOP.MARTS.V", "OTHER.PUBLIC.ELSEWHERE"}
    assert [finding.message for finding in seen.findings] == [
        "the catalog of 'main' is not whole: database NOWHERE does not exist, or this role may not see it"
    ]
    assert not [sql for sql in double.sql if "RAW" in sql]
