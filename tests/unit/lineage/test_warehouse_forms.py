"""Forms of cloud warehouses, from their documentation: what comes from where in each."""

from __future__ import annotations

import pytest

from penstock.assets import EdgeType
from penstock.lineage import column_lineage
from penstock.lineage.scope.catalog import Schema
from tests.unit.lineage.edges import said

_CHANGES = "from stream(s) keys (id) where a > 1 apply as delete when op = 'D' sequence by ts columns * except (op) stored as scd type 2"
# dialect, statement, all edges
_CASES: tuple[tuple[str, str, list[str]], ...] = (
    ("databricks", f"apply changes into t {_CHANGES}", ["(rows) <- s.a", "(rows) <- s.id", "(rows) <- s.op", "(rows) <- s.ts", "t.* <- s.*"]),
    (
        "databricks",
        "create flow f as auto cdc into t from stream(s) keys (id) sequence by ts columns (id, a) stored as scd type 1",
        ["(rows) <- s.id", "(rows) <- s.ts", "t.a <- s.a", "t.id <- s.id"],
    ),
    ("databricks", "create flow f as insert into once t by name select a from stream(s)", ["t.a <- s.a"]),
    ("databricks", "create flow f as auto cdc into t from s keys (id)", ["t.* <- s.*"]),
    ("databricks", "select a from stream(t) watermark ts delay of interval 10 minutes as e", ["a <- t.a"]),
    ("databricks", "select n from f(table(select a, b from t) partition by a order by b desc, 3)", ["(rows) <- t.a", "(rows) <- t.b", "n <- t.a", "n <- t.b"]),
    ("databricks", "select inline(arr), id from t", ["(rows) <- t.arr", "* <- t.arr", "id <- t.id"]),
    ("databricks", "create global temp view g as select a from t; insert into u select a from global_temp.g", ["g.a <- t.a", "u.a <- t.a"]),
    ("databricks", "select explode_outer(arr) as e, id from t", ["(rows) <- t.arr", "e <- t.arr", "id <- t.id"]),
    ("databricks", "select coalesce(explode_outer(arr), 0) as e, id from t", ["(rows) <- t.arr", "e <- t.arr", "id <- t.id"]),
    (
        "snowflake",
        "declare q resultset default (select a, b from t); c cursor for q; begin for r in c do insert into u (k) values (r.b); end for; end",
        ["U.K <- T.B"],
    ),
    ("spark", "select x.key, x.value from t lateral view explode(m) x", ["(rows) <- t.m", "key <- t.m", "value <- t.m"]),
    ("spark", "select grouping__id as g, a from t group by a grouping sets (a, ())", ["(rows) <- t.a", "a <- t.a"]),
    (
        "snowflake",
        "create external table e (d date as to_date(metadata$filename), v int as (value:a)::int) location = @s file_format = (type = csv)",
        ["E.D <- @s.METADATA$FILENAME", "E.V <- @s.VALUE"],
    ),
    ("snowflake", "select a from table($name)", ["A <- ?.A"]),
    ("snowflake", "select a, c from t ->> select a as b from $1 where c = 1", ["(rows) <- T.C", "B <- T.A"]),
    ("snowflake", "show tables ->> select n from $1", ["N <- ?.N"]),
    ("snowflake", "async (insert into t select a from s); await all", ["T.A <- S.A"]),
    ("snowflake", "create hybrid table h (id int primary key) as select a from s", ["H.ID <- S.A"]),
    (
        "snowflake",
        "create event table e; create dynamic iceberg table d target_lag = '1 hour' warehouse = w as select a from t",
        ["D.A <- T.A"],
    ),
    ("athena", "using external function f(x int) returns int lambda 'l' select f(a) as b from t", ["b <- t.a"]),
    ("duckdb", "create table t (a int, b int generated always as (a * 2) virtual)", ["t.b <- t.a"]),
    (
        "redshift",
        "create procedure p() language plpgsql as $$ declare v int; w int; begin select into v, w max(a), b from t; insert into u (c, d) values (v, w); end; $$",
        ["u.c <- t.a", "u.d <- t.b"],
    ),
    (
        "bigquery",
        "create table function d.f(y int64) as select a, b from t where c = y; select x.b from d.u u, d.f(u.k) x",
        ["(rows) <- d.u.k", "(rows) <- t.c", "b <- t.b"],
    ),
    (
        "databricks",
        "create function f(x int) returns table (q int, r int) return select a, b from t where c = x; select r from f(3)",
        ["(rows) <- t.c", "r <- t.b"],
    ),
    ("duckdb", "create macro m(k) as table from t where c = k; select a from m(3)", ["(rows) <- t.c", "a <- t.a"]),
    (
        "tsql",
        "create function dbo.f(@a int) returns table as return (select x from t where y = @a); select f.x from u cross apply dbo.f(u.k) f",
        ["(rows) <- t.y", "(rows) <- u.k", "x <- t.x"],
    ),
    (
        "snowflake",
        "select * from t match_recognize (order by b measures c.p as q all rows per match pattern (c+) define c as p > 1)",
        ["(rows) <- T.B", "(rows) <- T.P", "* <- T.*", "Q <- T.P"],
    ),
    ("bigquery", "select i.*, off from d.t cross join unnest(t.items) as i with offset as off", ["(rows) <- d.t.items", "* <- d.t.items"]),
    ("bigquery", "create temp table x as select a from t; select a from _session.x", ["a <- t.a", "x.a <- t.a"]),
    (
        "bigquery",
        "select base.a, query.q from vector_search(table d.b, 'e', (select q, e from d.z), top_k => 5)",
        ["a <- d.b.a", "q <- d.z.q"],
    ),
    (
        "bigquery",
        "with p as (select with differential_privacy options (epsilon = 1) a, avg(b) as m from t group by a) select m from p",
        ["(rows) <- t.a", "m <- t.b"],
    ),
    ("redshift", "select k, v.x from t, unpivot t.o as v at k where k = 'q'", ["(rows) <- t.o", "(rows) <- t.o", "k <- t.o", "x <- t.o"]),
    ("trino", "select * from table(exclude_columns(input => table(t), columns => descriptor(a)))", ["(rows) <- t.a", "* <- t.*"]),
    ("duckdb", "select a from t union all select b from u limit (select max(n) from l)", ["(rows) <- l.n", "a <- t.a", "a <- u.b"]),
    ("duckdb", "select a from t union all select b from u union all select c from v limit 3", ["a <- t.a", "a <- u.b", "a <- v.c"]),
    ("duckdb", "select (x).a from t as x", ["a <- t.a", "a <- t.x"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "edges"), _CASES, ids=[case[1] for case in _CASES])
def test_edges_of_a_form(dialect: str, sql: str, edges: list[str]) -> None:
    assert sorted(said(edge) for edge in column_lineage(sql, dialect=dialect).edges) == edges


# dialect, statement, the columns that it gives
_COLUMNS: tuple[tuple[str, str, list[str]], ...] = (
    ("bigquery", "select * from unnest([struct(1 as a)]) as x with offset as off", ["a", "off"]),
    ("bigquery", "select i.*, off from d.t cross join unnest(t.items) as i with offset as off", ["*", "off"]),
    ("databricks", "select inline(arr), id from t", ["*", "id"]),
)


@pytest.mark.parametrize(("dialect", "sql", "columns"), _COLUMNS, ids=[case[1] for case in _COLUMNS])
def test_columns_of_a_form(dialect: str, sql: str, columns: list[str]) -> None:
    assert [one.name for one in column_lineage(sql, dialect=dialect).columns] == columns


@pytest.mark.parametrize(
    "options",
    [
        "with partition columns (d date) options (uris = ['gs://b/x'])",
        "with connection `us.c` options (uris = ['gs://b/x'])",
    ],
)
def test_external_tables_are_made(options: str) -> None:
    found = column_lineage(f"create external table d.t {options}", dialect="bigquery")
    assert [(one.parts, one.written) for one in found.relations] == [(("d", "t"), True)]
    assert not found.findings


def test_what_a_model_learns_from_is_read() -> None:
    found = column_lineage("create model m as select a from t", dialect="bigquery")
    assert [one.parts for one in found.relations if one.read] == [("t",)]
    assert [one.code for one in found.findings] == ["not-followed"]


def test_a_row_or_a_column_is_told_as_either() -> None:
    found = column_lineage("select (x).a from t as x", dialect="postgres")
    assert {(edge.column, edge.certainty) for edge in found.edges} == {("a", "ambiguous"), ("x", "ambiguous")}
    known = column_lineage("select (x).a from t as x", dialect="postgres", schema={"t": {"a": "int"}})
    assert [(edge.column, edge.certainty) for edge in known.edges] == [("a", "resolved")]


def test_what_a_function_of_one_value_reads_is_told() -> None:
    found = column_lineage(
        "create function f(x int) returns int return (select max(a) from t where b = x)", dialect="databricks"
    )
    assert [one.parts for one in found.relations if one.read] == [("t",)]
    assert [one.code for one in found.findings] == ["no-data"]


_USERS: Schema = {"users": {"id": "int", "name": "text"}}


@pytest.mark.parametrize(
    ("dialect", "alter", "columns"),
    [
        ("snowflake", "alter table users rename column name to full_name", ["ID", "FULL_NAME"]),
        ("duckdb", "alter table users add column age int", ["id", "name", "age"]),
        ("postgres", "alter table users drop column name, add column z int", ["id", "z"]),
        ("databricks", "alter table users add columns (x int, y int)", ["id", "name", "x", "y"]),
    ],
)
def test_a_table_that_is_altered_has_its_new_columns(dialect: str, alter: str, columns: list[str]) -> None:
    found = column_lineage(f"{alter}; select * from users", dialect=dialect, schema=_USERS)
    assert [one.name for one in found.columns] == columns
    assert [one.code for one in found.findings] == ["no-data"]


def test_a_column_of_a_temporary_table_keeps_its_lineage_under_a_new_name() -> None:
    sql = "create temp table x as select a from s; alter table x rename column a to c; select c from x"
    found = column_lineage(sql, dialect="postgres")
    assert [said(edge) for edge in found.edges] == ["x.a <- s.a", "c <- s.a"]


def test_a_gathered_row_gives_each_field_from_its_own_column() -> None:
    sql = "select x.n from (select array_agg(cast(row(name, id) as row(n varchar, i int))) l from users) cross join unnest(l) as x(n, i)"
    found = column_lineage(sql, dialect="trino", schema=_USERS)
    assert [said(edge) for edge in found.edges if edge.output] == ["n <- users.name"]


def test_the_alias_of_a_lateral_view_is_no_column() -> None:
    found = column_lineage("select e.col from t lateral view explode(arr) e", dialect="databricks")
    assert sorted(said(edge) for edge in found.edges) == ["(rows) <- t.arr", "col <- t.arr"]


_TWO = "create table function p1.f(k int64) as select a from t where c = k; create table function p2.f(k int64) as select b as a from t"
_BY_NAME: tuple[tuple[str, str, list[str]], ...] = (
    ("bigquery", f"{_TWO}; select a from p1.f(1)", ["t.a", "t.c"]),
    ("bigquery", f"{_TWO}; select a from `p2.f`(1)", ["t.b"]),
    ("bigquery", f"{_TWO}; select a from d.p2.f(1)", []),
    ("bigquery", f"{_TWO}; select a from f(1)", []),
    ("tsql", "create function dbo.f() returns table as return (select a from t); select a from other.f()", []),
    ("tsql", "create function dbo.f() returns table as return (select a from t); select a from [DBO].[F]()", ["t.a"]),
    ("tsql", "create function dbo.f() returns table as return (select a from t); select x.a from u cross apply dbo.f() x", ["t.a", "u.*"]),
    ("snowflake", "create function s.f() returns table (a int) as 'select b from t'; select a from table(s.f())", ["T.B"]),
    ("postgres", "create function f(x int) returns table (a int) as 'select a from t' language sql; create function f(x int, y int) returns table (a int) as 'select b from t' language sql; select a from f(1)", ["t.a"]),
    ("bigquery", "create table function f(x int64) as select a from t; create or replace table function f(x int64, y int64) as select b as a from t; select a from f(1, 2)", ["t.b"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "columns"), _BY_NAME)
def test_a_call_means_the_function_of_its_full_name(dialect: str, sql: str, columns: list[str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert sorted(said(edge).split(" <- ")[1] for edge in found.edges) == columns
    assert columns or "not-followed" in [one.code for one in found.findings]


_LIKE = "create temp table s (like p.u)"
_STAGED = (
    ("redshift", f"{_LIKE}; insert into s select a, b from t; insert into p.u select * from s", ["p.u.a <- t.a", "p.u.b <- t.b", "s.a <- t.a", "s.b <- t.b"]),
    ("redshift", f"{_LIKE}; copy s from 's3://f' csv; insert into p.u select * from s", ["p.u.* <- s3://f.*", "s.* <- s3://f.*"]),
    ("postgres", f"{_LIKE}; insert into s (a) select b from t; update p.u set c = s.a from s", ["p.u.c <- t.b", "s.a <- t.b"]),
    ("teradata", "update x from p.u x, s y set b = y.c", ["p.u.b <- s.c"]),
    ("teradata", "upd x from p.u as x, (sel a, max(c) m from t group by 1) y set b = y.m", ["p.u.b <- t.c"]),
    ("teradata", "update u from s set b = s.c", ["u.b <- s.c"]),
    ("tsql", "insert into o.a (x) output inserted.x into o.l (p) select c from m", ["o.a.x <- m.c", "o.l.p <- m.c"]),
    ("tsql", "insert into [o].[a] (x) output inserted.x into [d].[o].[l] (p) select c from m; insert into o.z (x) select a from k", ["d.o.l.p <- m.c", "o.a.x <- m.c", "o.z.x <- k.a"]),
    ("tsql", "update o.a set x = y output inserted.x insert into o.z (x) select a from k", ["o.a.x <- o.a.y", "o.z.x <- k.a", "x <- o.a.y"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "expected"), _STAGED)
def test_what_is_staged_reaches_the_table_that_is_meant(dialect: str, sql: str, expected: list[str]) -> None:
    edges = column_lineage(sql, dialect=dialect).edges
    assert sorted({said(edge) for edge in edges if edge.output and edge.type is EdgeType.DIRECT}) == expected
