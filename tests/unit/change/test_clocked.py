"""Columns that hold the time and nothing else: only these may stay as they are when nobody reads them."""

from __future__ import annotations

import pytest

from penstock.change.clocked import clocked
from penstock.change.shape import Outside

T = Outside(columns=lambda _parts: ("a", "b", "ts"))

PURE = [
    ("select *, current_timestamp as loaded_at from t", ("loaded_at",)),
    ("with s as (select a, now() as at from t) select a, at as loaded_at from s where a > 1", ("loaded_at",)),
    ("select a, cast(now() as date) as d, current_timestamp(6) as m from t", ("d", "m")),
    ("select a, now() as m from t union all select b, now() from t", ("m",)),
]
MORE = [
    "select a, now() as m from t where ts < now()",
    "select a, case when ts > now() then 1 end as m from t",
    "select a, date_diff('day', ts, current_date) as days from t",
    "select distinct a, now() as m from t",
    "select a, now() as m, random() as r from t",
    "select a, now() as m from t order by m limit 3",
    "select a from (select a, now() as m from t) x join t y on x.m = y.ts",
    "with s as (select a, ts, now() as at from t) select a, at - ts as age from s",
    "select a, row_number() over (partition by now() order by a) as m from t",
    "select a, unnest(generate_series(ts, now(), interval 1 day)) as m from t",
    "select a, (select now()) as m from t",
]


@pytest.mark.parametrize(("sql", "columns"), PURE)
def test_the_time_alone(sql: str, columns: tuple[str, ...]) -> None:
    assert clocked(sql, "duckdb", T) == columns


@pytest.mark.parametrize("sql", MORE)
def test_what_is_made_of_the_time_is_no_audit_column(sql: str) -> None:
    assert clocked(sql, "duckdb", T) is None
