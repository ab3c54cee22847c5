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
    ("duckdb", "select 'today is a day' as words from t"),
    ("postgres", "select today, 'x' from t"),
    (
        "postgres",
        "with recursive x (a) as (values (1)), y (b) as not materialized (table t) select * from x, y",
    ),
    (
        "postgres",
        "with x (a) as ((select 1)), y (a) as (with z (a) as (select 1) select a from z) select a from x, y",
    ),
    ("postgres", "select distinct on (a) b from t join (select 1) z (c) on (c = b) order by a"),
    ("duckdb", "with x (a) as (from t), y (a) as (pivot t on b) select a from x, y"),
    ("duckdb", "select xmin, xmax from t"),
    ("duckdb", "select a from t order by a limit 5"),
    (
        "duckdb",
        "with x as (select a from t order  by a limit 5) select a, (select max(b) from orders) from x",
    ),
    ("bigquery", "select array_agg(a order by b limit 5) from t"),
    ("tsql", "select top (5) lower(b) from t order by a"),
    ("postgres", "select 'nowhere', 'snow 12', 'todays' from t"),
    ("duckdb", "select row_number() over (partition by a order by b) from t"),
    ("snowflake", "select iff(a > 1, 'x', 'y'), split_part(b, '-', 1) from t"),
    ("snowflake", "select top, sample, a:b.c::text from t order by a limit 3"),
    ("snowflake", "select $1 as a from values (1), (2)"),
    ("postgres", "select date_trunc('month', d), extract(year from d) from t"),
    ("postgres", "select 'nowhere', 'snow', 'pretoday' from t"),
    ("postgres", "select 'a'::varchar(3), n::numeric(10, 2), cast(n as double precision) from t"),
    (
        "postgres",
        "select count(*) filter (where a in (1)) over (partition by (b)), grouping(a) from raw.t group by cube (a)",
    ),
    ("duckdb", "select (a).upper(), 'x'.upper(), [a][1].lower().trim() from t"),
    ("duckdb", "select try_cast(a as int), median(b), first(a order by b), t.* replace (1 as a) from raw.t"),
    ("bigquery", "select safe_divide(a, b), safe.substr(c, 1), safe_cast(a as int64) from t"),
    ("snowflake", "select zeroifnull(a), get(b, 0), try_to_date(c) from t"),
    ("databricks", "select try_cast(a as int), first(b), nvl2(a, b, c) from t"),
    ("redshift", "select nvl(a, b), dateadd(day, 1, d), median(a) from t"),
    ("trino", "select coalesce(a, b), upper(c), sum(d) from t group by 1, 2"),
]
# Built in elsewhere, or in newer servers only.
OWN_ON_POSTGRES = [
    "safe_divide",
    "median",
    "first",
    "last",
    "get",
    "try_cast",
    "url_decode",
    "zeroifnull",
    "iff",
    "any_value",
    "list",
    "struct",
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
    ("trino", "select my_own(a) from t"),
    ("postgres", "select '[now,]'::tstzrange"),
    ("postgres", "select 'today UTC'::timestamptz"),
    ("postgres", "select 'yesterday 04:05 PST'::timestamptz"),
    ("postgres", "select 'tomorrow allballs'::timestamptz"),
    ("postgres", "select '{now}'::timestamptz[]"),
    ("postgres", "select 'today12:00'::timestamp"),
    ("postgres", "select '12:00tomorrow'::timestamptz"),
    ("postgres", "select order_id from orders limit 10"),
    ("duckdb", "select a, row_number() over (order by b) from t limit 3"),
    ("duckdb", "with x as (select a from t limit 3) select a from x order by a"),
    ("tsql", "select top (5) a from t"),
    ("postgres", "select top(a) from t"),
    ("postgres", "select 'NOW_'::timestamptz"),
    ("postgres", "select $$now$$::timestamptz"),
    ("postgres", r"select E'\x6eow'::timestamptz"),
    ("postgres", r"select U&'\006eow'::timestamptz"),
    ("postgres", "select system_user"),
    ("postgres", "select enum_range(null::t)"),
    ("redshift", "select 'today UTC'::timestamptz"),
    ("databricks", "select timestamp'today UTC'"),
    ("duckdb", "select enum_range(null::t)"),
    *(
        (one, "select raw.safe_divide(a, b) from t")
        for one in ("postgres", "duckdb", "bigquery", "snowflake")
    ),
    *(("postgres", f"select {name}(a) from t") for name in OWN_ON_POSTGRES),
    *(("duckdb", f"select {name}(a) from t") for name in ("safe_divide", "nvl", "get", "string", "datetime")),
    ("snowflake", "select safe_divide(a, b) from t"),
    ("redshift", "select safe_divide(a, b) from t"),
    ("", "select safe_divide(a, b) from t"),
    *((one, "select raw.lower(a), raw . replace(a) from t") for one in ("postgres", "duckdb", "bigquery")),
    ("postgres", 'select "raw"."lower"(a) from t'),
    ("postgres", 'select "Lower"(a) from t'),
    ("postgres", 'select "my-own"(a) from t'),
    ("postgres", "select my$own(a) from t"),
    ("postgres", "select today()"),
    ("postgres", "select * from my_own(1) as (a int, b text)"),
    ("postgres", "select * from t, my_own(1) as (a int)"),
    ("postgres", "select distinct on (a) my_own(b) from t order by a"),
    ("postgres", "select distinct on ((a), lower(b)) my_own(b) from t order by a"),
    ("duckdb", "select distinct on (a) my_own(b) from t order by a"),
    ("tsql", "select top (5) my_own(b) from t order by a"),
    ("duckdb", "select raw.today()"),
    ("bigquery", "select `raw.lower`(a) from t"),
    ("postgres", "select raw.list(a) from t"),
    ("duckdb", "select raw.list(a) from t"),
    ("postgres", "select * from raw.generate_series(1, 2)"),
]


@pytest.mark.parametrize(("dialect", "sql"), STEADY)
def test_steady(dialect: str, sql: str) -> None:
    assert volatility(sql, dialect) is None


@pytest.mark.parametrize(("dialect", "sql"), ALWAYS)
def test_never_the_same(dialect: str, sql: str) -> None:
    found = volatility(sql, dialect)
    assert found is not None
    assert not found.daily


@pytest.mark.parametrize(
    "sql", ["select current_date", "select today()", "select a from t where d > current_date - 3"]
)
def test_the_date_alone(sql: str) -> None:
    found = volatility(sql, "duckdb")
    assert found is not None
    assert found.daily


def test_a_clock_beside_the_date_counts_more() -> None:
    found = volatility("select current_date, now()", "duckdb")
    assert found is not None
    assert not found.daily
