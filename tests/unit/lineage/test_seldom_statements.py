"""Statements and places that are seldom: every name in them ends in an edge or in a finding."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage

# dialect, statement, what ends in an edge: (output, relation, column)
_FOLLOWED = (
    ("teradata", "locking row for access select a from t", ("a", "t", "a")),
    ("tsql", "exec sp_executesql N'select a from t'", ("a", "t", "a")),
    ("tsql", "exec dbo.sp_executesql @stmt = N'select ''x'' as k, a from t', N'@p int', @p = 1", ("a", "t", "a")),
    ("tsql", "exec (N'insert into u select a from t')", ("a", "t", "a")),
    ("oracle", "select * from xmltable('/r' passing (select a from t) columns x number path 'x')", ("X", "T", "A")),
    ("bigquery", "select * from t union all select a from u", ("*", "u", "a")),
    ("bigquery", "from t |> union all (select a from u)", ("*", "u", "a")),
    ("snowflake", "select * from t pivot (sum(a) for b in (select c from u))", ("*", "U", "C")),
    ("postgres", "select * from rows from (generate_series(1, 3), unnest((select a from t))) as x(m, n)", ("n", "t", "a")),
    ("postgres", "explain (analyze, buffers) insert into u (b) select a from t", ("b", "t", "a")),
    ("mysql", "explain analyze select a from t", ("a", "t", "a")),
    ("trino", "explain analyze verbose select a from t", ("a", "t", "a")),
    ("duckdb", "explain analyze (select a from t)", ("a", "t", "a")),
    ("duckdb", "summarize t", ("max", "t", "*")),
    ("duckdb", "create table s as summarize select a from t", ("q50", "t", "a")),
    ("duckdb", "select column_name as n, max as m from (summarize t)", ("m", "t", "*")),
    ("postgres", "prepare p (int) as insert into u (b) select a from t where c = $1", ("b", "t", "a")),
    ("trino", "prepare p from select a from t", ("a", "t", "a")),
    ("mysql", "prepare p from 'select a from t'; insert into u (b) select c from v", ("b", "v", "c")),
    ("snowflake", "execute immediate 'select a from t'; insert into u (b) select c from v", ("B", "V", "C")),
    ("clickhouse", "create dictionary d (id UInt64, a String) primary key id source(clickhouse(table 't' db 'sh')) layout(flat())", ("a", "t", "a")),
    ("postgres", "insert into u (b) select a from t returning id", ("id", "u", "id")),
    ("postgres", "delete from u using t where t.id = u.id returning u.b, t.c", ("c", "t", "c")),
    ("postgres", "with g as (update u set b = t.a from t where t.id = u.id returning t.c) select c from g", ("c", "t", "c")),
    ("postgres", "merge into u using t on u.id = t.id when matched then update set b = t.a returning t.c", ("c", "t", "c")),
    ("tsql", "update u set a = 1 output inserted.a, deleted.b into log (x, y)", ("y", "u", "b")),
    ("tsql", "delete from u output deleted.b where a = 1", ("b", "u", "b")),
    ("spark", "alter view v as select a from t", ("a", "t", "a")),
    ("postgres", "alter table t alter column a type int using b::int", ("a", "t", "b")),
    ("postgres", "alter table t add column c int generated always as (a + b) stored", ("c", "t", "b")),
    ("tsql", "create table t (a int, b as a * 2 persisted)", ("b", "t", "a")),
    ("clickhouse", "create table t (a Int32, b Int32 default a) engine = MergeTree order by a", ("b", "t", "a")),
    ("snowflake", "create external table e (a int as (value:c1::int)) location = @st", ("A", "@st", "VALUE")),
    ("postgres", "copy t (a) to '/f'", ("a", "t", "a")),
    ("clickhouse", "insert into function file('f.csv') select a from t", ("a", "t", "a")),
)  # fmt: skip
# dialect, statement, a word of the finding
_TOLD = (
    ("bigquery", "create model m options (model_type = 'linear_reg') as select a, b from t", "CREATE MODEL"),
    ("duckdb", "create macro m(x) as (select max(a) from t where b = x)", "CREATE MACRO"),
    ("tsql", "exec sp_executesql @text", "not followed"),
    ("postgres", "explain select a from t", "EXPLAIN"),
    ("postgres", "explain (analyze false) select a from t", "EXPLAIN"),
    ("mysql", "explain select a from t", "EXPLAIN"),
    ("oracle", "explain plan for select a from t", "EXPLAIN"),
    ("duckdb", "select column_type from (describe t)", "DESCRIBE"),
    (
        "clickhouse",
        "create dictionary d (id UInt64) primary key id source(postgresql(host 'h' table 't')) layout(flat())",
        "postgresql",
    ),
    (
        "clickhouse",
        "create dictionary d (id UInt64) primary key id source(clickhouse(query 'select id from t')) layout(flat())",
        "query",
    ),
    ("postgres", "create table x as execute p(1)", "EXECUTE"),
    ("clickhouse", "create table b (x Int32) engine = Buffer(d, u, 16)", "engine"),
    ("postgres", "call p((select max(a) from t))", "CALL"),
    ("snowflake", "call s.p(t.a)", "CALL"),
)


@pytest.mark.parametrize(("dialect", "sql", "edge"), _FOLLOWED, ids=[sql[:40] for _, sql, _ in _FOLLOWED])
def test_the_name_ends_in_an_edge(dialect: str, sql: str, edge: tuple[str, str, str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert edge in {(one.output, one.relation and one.relation[-1], one.column) for one in found.edges}
    assert not [finding for finding in found.findings if finding.code == "internal-error"]


@pytest.mark.parametrize(("dialect", "sql", "words"), _TOLD, ids=[sql[:40] for _, sql, _ in _TOLD])
def test_what_is_not_followed_is_told(dialect: str, sql: str, words: str) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert [finding.code for finding in found.findings] == ["not-followed"]
    assert words in found.findings[0].message


def test_a_star_of_which_nothing_is_left_gives_no_column() -> None:
    sql = "select * from table(exclude_columns(input => table(t), columns => descriptor(a)))"
    found = column_lineage(sql, dialect="trino", schema={"t": ["a"]})
    assert found.columns == ()
    assert not found.findings


def test_partition_columns_with_a_value_are_columns_that_are_written() -> None:
    sql = "insert overwrite table u partition (day = '2026-01-01') select a from t"
    found = column_lineage(sql, dialect="spark", schema={"u": ["b", "day"]})
    assert [one.name for one in found.columns] == ["b", "day"]
    assert [(one.output, one.column) for one in found.edges] == [("b", "a")]


@pytest.mark.parametrize("sql", ["call system.sync('s', 1)", "explain t", "describe t", "call p(x => 1)"])
def test_what_names_no_data_is_left_in_silence(sql: str) -> None:
    assert column_lineage(sql, dialect="trino").findings == ()


@pytest.mark.parametrize("sql", ["do (select max(a) from t)", "execute p using (select max(a) from t)"])
def test_a_query_that_is_handed_to_code_is_read(sql: str) -> None:
    assert [one.parts for one in column_lineage(sql, dialect="mysql").relations if one.read] == [("t",)]


@pytest.mark.parametrize("dialect", ["oracle", "postgres"])
def test_what_is_locked_is_no_source(dialect: str) -> None:
    assert column_lineage("select x.a from t x for update of x", dialect=dialect).findings == ()
