"""Which SQL may give other data of the same inputs: by tables of texts."""

from __future__ import annotations

import pytest

from penstock.change import volatility

STEADY = [
    ("duckdb", ""),
    ("duckdb", "-- nothing but words"),
    ("duckdb", "select a, sum(b) as s from t where c in (1, 2) group by a"),
    ("duckdb", "with x (a) as (select 1), y (b) as (select 2) select * from x, y"),
    ("duckdb", "select 'now, random()' as words from t -- now()"),
    ("duckdb", 'select "now" from t'),
    ("duckdb", "select xmin, xmax from t"),
    ("duckdb", "select a from t order by a limit 5"),
    ("duckdb", "select row_number() over (partition by a order by b) from t"),
    ("snowflake", "select iff(a > 1, 'x', 'y'), split_part(b, '-', 1) from t"),
    ("snowflake", "select top, sample, a:b.c::text from t order by a limit 3"),
    ("snowflake", "select $1 as a from values (1), (2)"),
    ("postgres", "select date_trunc('month', d), extract(year from d) from t"),
]
ALWAYS = [
    ("duckdb", "select now()"),
    ("duckdb", "select NOW ( ) from t"),
    ("duckdb", "select get_current_timestamp()"),
    ("duckdb", "select current_timestamp"),
    ("duckdb", "select nextval('s')"),
    ("duckdb", "select cast('now' as timestamp)"),
    ("duckdb", "select uuid(), a from t"),
    ("duckdb", "select a from t limit 5"),
    ("duckdb", "select * from read_csv('a.csv')"),
    ("duckdb", "select * from 'a.parquet'"),
    ("duckdb", "select age(d) from t"),
    ("duckdb", "select my_own(a) from t"),
    ("duckdb", "select * from t using sample 10"),
    ("duckdb", 'select "a--b", random() from t'),
    ("postgres", "select clock_timestamp()"),
    ("postgres", "select timeofday()"),
    ("postgres", "select a, t.xmin::text from t"),
    ("postgres", 'select t."ctid" from t'),
    ("postgres", "select tableoid from t"),
    ("postgres", "select 't'::regclass::oid"),
    ("snowflake", "select s.nextval from t"),
    ("snowflake", "select sysdate()"),
    ("snowflake", "select seq4() from table(generator(rowcount => 3))"),
    ("snowflake", "select $1 from @stage/a.csv"),
    ("snowflake", "select a from t where b = $floor"),
    ("snowflake", "select * from t sample row (3)"),
    ("snowflake", "select top 5 * from t"),
    ("snowflake", "select * from t fetch first 5 rows"),
    ("snowflake", "select * from t fetch 5 rows only"),
    ("snowflake", "select * from t fetch next row only"),
    ("snowflake", "select * from t offset 3"),
    ("snowflake", "select * from t at(offset => -60)"),
    ("databricks", "select monotonically_increasing_id() from t"),
    ("databricks", "select unix_timestamp()"),
    ("databricks", "select _metadata.file_path from t"),
    ("bigquery", "select generate_uuid()"),
    ("bigquery", "select session_user()"),
    ("redshift", "select getdate()"),
    ("tsql", "select newid()"),
]


@pytest.mark.parametrize(("dialect", "sql"), STEADY)
def test_steady(dialect: str, sql: str) -> None:
    assert volatility(sql, dialect) is None


@pytest.mark.parametrize(("dialect", "sql"), ALWAYS)
def test_never_the_same(dialect: str, sql: str) -> None:
    found = volatility(sql, dialect)
    assert found is not None
    assert not found.daily


@pytest.mark.parametrize("sql", ["select current_date", "select a from t where d > current_date - 3"])
def test_the_date_alone(sql: str) -> None:
    found = volatility(sql, "duckdb")
    assert found is not None
    assert found.daily


def test_a_clock_beside_the_date_counts_more() -> None:
    found = volatility("select current_date, now()", "duckdb")
    assert found is not None
    assert not found.daily
