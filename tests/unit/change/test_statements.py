"""What an edit of one SQL text changes: nothing, some columns, or all rows."""

from __future__ import annotations

import pytest

from penstock.change.statements import sql_change

SAME = [
    ("select a, b from t", "SELECT a,\n  b FROM t -- as before"),
    ("select a from t", "select a as a from t"),
    ("with x as (select a, b / 100 as b from t) select a from x", "with x as (select a, b / 100.0 as b from t) select a from x"),
]  # fmt: skip
COLUMNS = [
    ("select a, b from t", "select a, b + 1 as b from t", {"b"}),
    ("select a, b from t", "select a, b, c from t", {"c"}),
    ("select a, price from t where price > 5", "select a, price + 1 as price from t where price > 5", {"price"}),
    (
        "with x as (select a, b / 100 as b, c from t), y as (select * from x) select a, b, c, b * 2 as d from y",
        "with x as (select a, b / 100.0 as b, c from t), y as (select * from x) select a, b, c, b * 2 as d from y",
        {"b", "d"},
    ),
    ("select a, b from t union all select c, d from s", "select a, b from t union all select c, d + 1 as d from s", {"b"}),
    ("select a, row_number() over (order by b) as n from t", "select a, row_number() over (order by c) as n from t", {"n"}),
]  # fmt: skip
ROWS = [
    ("select k, coalesce(a, 0) from t", "select k, coalesce(a, 1) from t"),
    ("select k, cast(a as int) from t", "select k, cast(b as int) from t"),
    (
        "with x as (select a + 1 as v from t) select max(v) from x",
        "with x as (select a + 2 as v from t) select max(v) from x",
    ),
    ("select a from t where b > 1", "select a from t where b > 2"),
    ("select a from t", "select max(a) as a from t"),
    ("select distinct a, b from t", "select distinct a, b + 1 as b from t"),
    ("select a, b from t union select c, d from s", "select a, b from t union select c, d + 1 from s"),
    ("select a, b from t group by all", "select a, b + 1 as b from t group by all"),
    ("select a, b from t group by 1, 2", "select a, b + 1 as b from t group by 1, 2"),
    (
        "with x as (select a, b from t) select a from x where b > 1",
        "with x as (select a, b + 1 as b from t) select a from x where b > 1",
    ),
    (
        "with x as (select a, b from t) select a from x natural join s",
        "with x as (select a, b + 1 as b from t) select a from x natural join s",
    ),
    ("with x as (select a, b from t) select x from x", "with x as (select a, b, c from t) select x from x"),
    ("select a, b from t", "select a, unnest(b) as b from t"),
    ("select a, b, b from t", "select a, b, c as b from t"),
    ("select a from t", "select /*+ broadcast(t) */ a from t"),
    ("select a from t", "selekt a from"),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_form_is_no_change(before: str, after: str) -> None:
    assert sql_change(before, after, "duckdb").nothing


@pytest.mark.parametrize(("before", "after", "names"), COLUMNS)
def test_columns_are_told_apart(before: str, after: str, names: set[str]) -> None:
    found = sql_change(before, after, "duckdb")
    assert found.everything == ""
    assert found.names & {"a", "b", "c", "d", "n", "price"} == names


@pytest.mark.parametrize(("before", "after"), ROWS)
def test_what_decides_rows_changes_everything(before: str, after: str) -> None:
    found = sql_change(before, after, "duckdb")
    if found.everything == "":
        assert "x" in found.names  # the row itself, as one column
    else:
        assert found.everything


def test_an_edit_says_where_it_stands() -> None:
    found = sql_change(
        "with x as (select a, b / 100 as b from t) select a, b from x",
        "with x as (select a, b / 100.0 as b from t) select a, b from x",
        "duckdb",
    )
    assert [(one.column, one.before, one.after, one.inside) for one in found.edits] == [
        ("b", "b / 100", "b / 100.0", "x")
    ]
