"""Which rebuilt tables may differ in more than what was edited."""

from __future__ import annotations

import pytest

from penstock.change.unstable import unstable


@pytest.mark.parametrize(
    ("sql", "types", "word"),
    [
        ("select id, sum(price) as s from t group by id", ["INTEGER", "HUGEINT"], ""),
        ("select id, rank() over (order by v) as r from t", ["INTEGER"], ""),
        ("select id, sum(price) as s from t group by id", ["INTEGER", "DOUBLE"], "sum of floats"),
        ("select cast(avg(v::float) as int) as s from t", ["INTEGER"], "avg of floats"),
        ("select id, row_number() over (order by v) as r from t", ["INTEGER"], "row_number"),
        ("select any_value(v) as v from t", ["INTEGER"], "any_value"),
        ("select id from t order by v limit 3", ["INTEGER"], "limit"),
        ("select distinct on (a) a, b from t", ["INTEGER"], "distinct on"),
        ("select 'limit' as l from t", ["VARCHAR"], ""),
        ("select 'open from t", ["VARCHAR"], "what could not be read"),
    ],
)
def test_by_the_order_of_rows(sql: str, types: list[str], word: str) -> None:
    assert unstable(sql, "duckdb", types) == word
