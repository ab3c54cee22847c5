"""Unit tests and data tests: what their verdict depends on, and what of an edit means nothing to it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.assets import Recipe
from penstock_dbt.recipes import Values
from tests.unit.penstock_dbt_observe.observing import DUCKDB, check, node, written

MODEL, TEST = "model.shop.orders", "unit_test.shop.orders.adds_up"
SQL = "select id, sum(price) as paid from {{ ref('items') }} group by id"
PLACE = msgspec.structs.replace(DUCKDB, values=Values(vars={}, every_var="", environ={}, target=""))


def recipe(rows: object, format: str = "sql", sql: str = SQL, **more: Any) -> Recipe:
    """Of a unit test whose only input has these rows."""
    test = {
        "unique_id": TEST, "resource_type": "unit_test", "package_name": "shop", "name": "adds_up", "model": "orders",
        "fqn": ["shop", "orders", "adds_up"], "checksum": f"of {rows}", "depends_on": {"nodes": [MODEL]},
        "given": [{"input": "ref('items')", "format": format, "rows": rows}],
        "expect": {"format": "dict", "rows": [{"id": 1, "paid": 3}]}, **more,
    }  # fmt: skip
    model = node(MODEL, raw_code=sql, language="sql", checksum={"name": "sha256", "checksum": sql})
    found = check(written({"nodes": {MODEL: model}, "unit_tests": {TEST: test}}, PLACE), "unit_test.").recipe
    assert found is not None
    return found


CONSTANT = [
    "select 1 as id, 2 as price",
    "select 1 as id, -2.5 as price union all\nselect 2, null -- a free one",
    "select cast('2026-01-01' as timestamp with time zone) as at, 'it''s' as name",
    "select '1'::decimal(10, 2) as price, date '2026-01-01' as day, true as paid, 3 as \"Odd name\"",
    "select 1 as id where false limit 0",
    "select 1 as now, 2 as current_date",
]
ASKED = [
    "",
    "select * from raw.items",
    "select id from (values (1)) as t(id)",
    "select now() as at",
    "select current_date as day",
    "select 1 as id, current_timestamp",
    "select cast('now' as timestamp) as at",
    "select 'today'::date as day",
    "select timestamp 'tomorrow' as at",
    "select date() as day",
    "select {{ var('id') }} as id",
    "select 1 as id /* {{ var('id') }} */, {{ x() }} as price",
    "select random() as id",
    'select "id" as id',
    "select 'it\\'s', now() as name",
    "select $$a$$ as name",
    "select 1 as id, (select max(id) from raw.items) as price",
]


@pytest.mark.parametrize("rows", CONSTANT)
def test_constants_written_as_sql_are_rows_like_any(rows: str) -> None:
    assert recipe(rows).open == ""


@pytest.mark.parametrize("rows", ASKED)
def test_sql_that_may_give_other_rows_runs_each_time(rows: str) -> None:
    assert recipe(rows).open == "its rows are asked of the warehouse (format: sql)"


def test_rows_and_overrides_that_tell_the_time_run_each_time() -> None:
    assert recipe([{"id": 1, "price": 2}], "dict").open == ""
    assert "read as the time" in recipe([{"id": 1, "at": "now"}], "dict").open
    frozen = {"macros": {"today": "cast('2026-01-01' as date)"}, "vars": {}, "env_vars": {}}
    moving = {"macros": {"day": "current_date"}, "vars": {}, "env_vars": {}}
    assert recipe([], "dict", overrides=moving).open.startswith("what it puts in the place of a macro")
    assert recipe([], "dict", overrides={**frozen, "macros": {"day": "'2026-01-01'"}}).open == ""


@pytest.mark.parametrize(
    ("sql", "same"),
    [
        (f"-- what was paid\n{SQL}", True),
        (SQL.replace(" group", "\n\ngroup"), True),
        (f"{{# a remark #}}{SQL}", True),
        (SQL.replace("sum", "max"), False),
        (f"-- {{{{ paid() }}}}\n{SQL}", False),
        (SQL.replace("as paid", "as paid, '-- a' as b"), False),
    ],
)
def test_a_remark_in_its_model_is_no_other_test(sql: str, same: bool) -> None:
    one, other = recipe([], "dict"), recipe([], "dict", sql=sql)
    assert (one.template == other.template) is same
    assert (one.parts == other.parts) is same


def test_a_remark_in_a_test_of_data_is_no_other_test() -> None:
    def told(sql: str) -> str:
        test = node(
            "test.shop.none_free", raw_code=sql, language="sql", checksum={"name": "sha256", "checksum": sql}
        )
        found = check(written({"nodes": {test["unique_id"]: test}}, PLACE), "test.").recipe
        assert found is not None
        return found.template

    plain = "select * from {{ ref('items') }} where price = 0"
    assert told(plain) == told(f"-- none is given away\n{plain}")
    assert told(plain) != told(plain.replace("0", "1"))
