"""Statements and places that are seldom: every name in them ends in an edge or in a finding."""

from __future__ import annotations

import re

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
    ("clickhouse", "select dictGet('sh.d', 'x', a) as v from t", ("v", "d", "x")),
    ("clickhouse", "select dictGetOrDefault('d', ('x', 'y'), a, b) as v from t", ("v", "d", "y")),
    ("clickhouse", "select joinGet(j, 'x', a) as v from t", ("v", "j", "x")),
    ("clickhouse", "select a from t where b not in u", (None, "u", "*")),
    ("clickhouse", "with u as (select c from v) select a from t where b in u", (None, "v", "c")),
    ("clickhouse", "select a from remote('h', 'sh', 't')", ("a", "t", "a")),
    ("clickhouse", "alter table t delete where a = 1", (None, "t", "a")),
    ("clickhouse", "create live view v as select a from t", ("a", "t", "a")),
    ("tsql", "select h.v from t cross apply dbo.g(t.a) h", ("v", "t", "a")),
    ("tsql", "select x.value('(a)[1]', 'int') as v from t cross apply doc.nodes('/r') as n(x)", ("v", "t", "doc")),
    ("oracle", "select value(x).a as v from t x", ("V", "T", "A")),
    ("oracle", "select value(x) from t x", ("*", "T", "*")),
    ("mysql", "insert into u (a) select x from t on duplicate key update a = t.z", ("a", "t", "z")),
    ("mysql", "insert into u (a) select x from t as new on duplicate key update a = new.w", ("a", "t", "w")),
    ("spark", "select window.start as s from t group by window(ts, '5 minutes')", ("s", "t", "ts")),
    ("spark", "select session_window from t group by session_window(ts, '5 minutes')", ("session_window", "t", "ts")),
    ("bigquery", "create table u like w as select a from t", ("a", "t", "a")),
    ("bigquery", "create snapshot table u clone t", ("*", "t", "*")),
    ("bigquery", "create materialized view u as replica of t", ("*", "t", "*")),
    ("postgres", 'select U&"d\\0061t" as v from t', ("v", "t", "dat")),
    ("postgres", 'select U&"\\D83D\\DE00" as v from t', ("v", "t", "😀")),  # two halves of one character
    ("postgres", 'select U&"\\D83D" as v from t', ("v", "t", "\ufffd")),  # half of one
    ("clickhouse", "create dictionary d (id UInt64, b String) primary key id source(clickhouse(query 'select id, a from t')) layout(flat())", ("b", "t", "a")),
    ("oracle", "rename t to u", ("*", "T", "*")),
    ("postgres", "update u set (a, b) = row(t.c, t.d) from t", ("b", "t", "d")),
    ("snowflake", "create pipe p auto_ingest = true as copy into u (b) from (select $1 from @s/f)", ("B", "@s/f", "$1")),
    ("snowflake", "create alert l schedule = '1 minute' if (exists (select c from v)) then insert into u (b) select a from t", ("B", "T", "A")),
    ("duckdb", "set variable x = (select max(a) from t); select getvariable('x') as v", ("v", "t", "a")),
    ("spark", "table t", ("*", "t", "*")),
    ("hive", "export table t to '/x'", ("*", "t", "*")),
    ("hive", "import table u from '/x'", ("*", "/x", "*")),
    ("teradata", "select b (integer), max(date) as d from t", ("b", "t", "b")),
    ("postgres", "with recursive s as (select id from g union all select g.id from g, s) search depth first by id set ord select ord from s", ("ord", "g", "id")),
    ("postgres", "with recursive s(n) as (select id from g union all select g.id from g, s) cycle n set c using p select p from s", ("p", "g", "id")),
    ("spark", "select max(a) as m from t group by window(ts, '5 minutes')", (None, "t", "ts")),
    ("clickhouse", "insert into function file('f.csv') select a from t", ("a", "t", "a")),
)  # fmt: skip
# dialect, statement, a word of the finding
_TOLD = (
    ("bigquery", "create model m options (model_type = 'linear_reg') as select a, b from t", "CREATE MODEL"),
    (
        "bigquery",
        "create temp function f(x string) returns string language js as 'return x;'",
        "CREATE FUNCTION",
    ),
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
        "create dictionary d (id UInt64) primary key id source(clickhouse(query 'select from where')) layout(flat())",
        "query",
    ),
    ("postgres", "create table x as execute p(1)", "EXECUTE"),
    ("clickhouse", "create table b (x Int32) engine = Merge(d, '^u')", "engine"),
    ("postgres", "call p((select max(a) from t))", "CALL"),
    ("snowflake", "call s.p(t.a)", "CALL"),
    ("duckdb", "from (show t)", "DESCRIBE"),
    ("trino", "select * from table(my.query(query => 'select a &&& from t'))", "query"),
    ("duckdb", "copy from database a to b", "COPY FROM DATABASE a TO b"),
    ("postgres", "create trigger g before insert on t for each row execute function f()", "trigger"),
)
# dialect, statement, the names that it only tells of
_NAMING = (
    ("trino", "describe t", "t"),
    ("mysql", "show columns from t", "t"),
    ("spark", "show partitions s.t", "s.t"),
    ("postgres", "grant select on t to reader", "t reader"),
    ("snowflake", "grant select on all tables in schema s to role r", "s r"),
    ("postgres", "revoke select (a) on t from reader", "a t"),
    ("postgres", "analyze t (a)", "t a"),
    ("postgres", "comment on column t.a is 'x'", "t a"),
    ("postgres", "create index i on t (lower(a)) where b > 1", "i t a b"),
    ("postgres", "vacuum (analyze) t", "t"),
    ("databricks", "optimize t where d > 1 zorder by (a)", "t d a"),
    ("spark", "refresh table t", "t"),
    ("mysql", "lock tables t read", "t"),
    ("spark", "cache lazy table t", "t"),
    ("postgres", "drop table if exists t, u cascade", "t u"),
    ("postgres", "import foreign schema s from server x into y", "s x y"),
    ("sqlite", "pragma table_info(t)", "t"),
    ("postgres", "alter index i rename to j", "i j"),
)
# dialect, statement, the columns that decide what runs, or end in a variable that nothing uses
_KEPT = (
    ("bigquery", "assert (select count(a) from t) > 1", "t.a"),
    ("bigquery", "set x = (select max(a) from t)", "t.a"),
    ("tsql", "declare @v int; select @v = a from t", "t.a"),
    ("tsql", "if exists (select 1 from t where a = 1) insert into u (b) select c from v", "t.a"),
    ("bigquery", "while (select max(a) from t) > 1 do insert into u (b) select c from v; end while", "t.a"),
)


@pytest.mark.parametrize(("dialect", "sql", "edge"), _FOLLOWED, ids=[sql[:40] for _, sql, _ in _FOLLOWED])
def test_the_name_ends_in_an_edge(dialect: str, sql: str, edge: tuple[str, str, str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert edge in {(one.output, one.relation and one.relation[-1], one.column) for one in found.edges}
    assert not [finding for finding in found.findings if finding.code == "internal-error"]


@pytest.mark.parametrize(("dialect", "sql", "words"), _TOLD, ids=[sql[:40] for _, sql, _ in _TOLD])
def test_what_is_not_followed_is_told(dialect: str, sql: str, words: str) -> None:
    found = column_lineage(sql, dialect=dialect)
    told = [finding for finding in found.findings if finding.code != "no-data"]
    assert [finding.code for finding in told] == ["not-followed"]
    assert words in told[0].message


@pytest.mark.parametrize(("dialect", "sql", "names"), _NAMING, ids=[sql[:40] for _, sql, _ in _NAMING])
def test_a_statement_that_moves_nothing_is_told_with_what_it_names(
    dialect: str, sql: str, names: str
) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert not found.edges
    assert [finding.code for finding in found.findings] == ["no-data"]
    words = set(re.findall(r"[\w.]+", found.findings[0].message))
    assert set(names.split()) <= words


def test_what_is_dropped_and_made_again_is_told_by_what_made_it() -> None:
    found = column_lineage("drop table if exists u; create table u as select a from t", dialect="duckdb")
    assert found.findings == ()


@pytest.mark.parametrize(("dialect", "sql", "column"), _KEPT, ids=[sql[:40] for _, sql, _ in _KEPT])
def test_what_decides_or_is_kept_is_told(dialect: str, sql: str, column: str) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert [finding.code for finding in found.findings] == ["no-data"]
    assert found.findings[0].message.startswith(f"{column}: ")


@pytest.mark.parametrize(
    ("dialect", "sql", "wrong"),
    [
        ("clickhouse", "select a from t where b in u", ("t", "u")),
        ("clickhouse", "select joinGet(j, 'x', a) from t", ("t", "j")),
        ("tsql", "select h.v from t cross apply dbo.g(t.a) h", ("t", "dbo")),
        ("oracle", "select value(x).a from t x", ("T", "X")),
        ("mysql", "insert into u (a) select x from t on duplicate key update a = t.z", ("u", "t")),
        ("spark", "select session_window.start from t group by session_window(ts, '5 minutes')", ("t", "session_window")),
        ("teradata", "select b (integer) from t", ("t", "integer")),
    ],
)  # fmt: skip
def test_what_is_no_column_is_not_read_as_one(dialect: str, sql: str, wrong: tuple[str, str]) -> None:
    edges = column_lineage(sql, dialect=dialect).edges
    assert wrong not in {(one.relation and one.relation[-1], one.column) for one in edges}


@pytest.mark.parametrize("sql", ["create table u partition of t default", "create table u () inherits (t)"])
def test_a_table_that_is_a_part_of_another_names_it(sql: str) -> None:
    assert [one.parts for one in column_lineage(sql, dialect="postgres").relations if one.read] == [("t",)]


def test_the_key_of_a_conflict_that_changes_nothing_is_not_missed() -> None:
    sql = "insert into u (a) select b from t on conflict (a) do nothing"
    assert column_lineage(sql, dialect="postgres").findings == ()


def test_what_a_trigger_gives_to_its_row_is_its_tables() -> None:
    sql = "create trigger g before insert on t for each row begin select s.a into :new.id from s; end;"
    found = column_lineage(sql, dialect="oracle")
    assert [(one.parts, one.written) for one in found.relations] == [(("S",), False), (("T",), True)]
    assert [(edge.target, edge.output, edge.relation) for edge in found.edges] == [(("T",), "ID", ("S",))]
    assert found.findings == ()


@pytest.mark.parametrize(
    "sql",
    ["with [1, 2] as u select a from t where b in u", "select a from (select a, u from t) where a in u"],
)
def test_a_name_with_a_value_is_no_relation_behind_in(sql: str) -> None:
    found = column_lineage(sql, dialect="clickhouse")
    assert [one.parts for one in found.relations] == [("t",)]


def test_a_variable_that_is_used_carries_its_column_on() -> None:
    found = column_lineage(
        "declare @v int = (select max(a) from t); insert into u (b) select @v", dialect="tsql"
    )
    assert found.findings == ()


def test_names_behind_values_name_its_columns() -> None:
    assert [one.name for one in column_lineage("values (1, 2) as v(a, b)", dialect="spark").columns] == [
        "a",
        "b",
    ]


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


@pytest.mark.parametrize("sql", ["call system.sync('s', 1)", "commit", "set x = 1", "call p(x => 1)"])
def test_what_names_no_data_is_left_in_silence(sql: str) -> None:
    assert column_lineage(sql, dialect="trino").findings == ()


@pytest.mark.parametrize("sql", ["do (select max(a) from t)", "execute p using (select max(a) from t)"])
def test_a_query_that_is_handed_to_code_is_read(sql: str) -> None:
    assert [one.parts for one in column_lineage(sql, dialect="mysql").relations if one.read] == [("t",)]


@pytest.mark.parametrize("dialect", ["oracle", "postgres"])
def test_what_is_locked_is_no_source(dialect: str) -> None:
    assert column_lineage("select x.a from t x for update of x", dialect=dialect).findings == ()
