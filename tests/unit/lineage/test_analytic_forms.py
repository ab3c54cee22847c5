"""Forms of everyday analytic SQL, from the vendors' documentation: what comes from where in each."""

from __future__ import annotations

import pytest

from penstock.lineage import LineageError, column_lineage
from tests.unit.lineage.edges import said

# dialect, statement, all edges
_CASES: tuple[tuple[str, str, list[str]], ...] = (
    ("bigquery", "select a as b, count(*) as n from t group by b", ["(rows) <- t.a", "b <- t.a"]),
    ("redshift", "alter table u append from t", ["u.* <- t.*"]),
    ("databricks", "copy into v (select a as f, b from 's3://x') fileformat = parquet", ["v.b <- s3://x.b", "v.f <- s3://x.a"]),
    ("spark", "select z.a, z.c from t lateral view explode(arrays_zip(c, a)) e as z", ["(rows) <- t.a", "(rows) <- t.c", "a <- t.a", "c <- t.c"]),
    ("databricks", "select arrays_zip(a, b).b as z from t", ["z <- t.b"]),
    ("snowflake", "create function f(x int) returns table (p int, q int) as $$ select a, b from t where k = x $$; select q from table(f(3))", ["(rows) <- T.K", "Q <- T.B"]),
    ("snowflake", "create function f(x int) returns table (p int) as 'select a from t where k = ''z'''; select p from table(f(3))", ["(rows) <- T.K", "P <- T.A"]),
    ("postgres", "create function f(x int) returns table (p int, q int) as $b$ select a, b from t where k = x; $b$ language sql; select q from f(3)", ["(rows) <- t.k", "q <- t.b"]),
    ("snowflake", "begin select a, b into :x, :y from t; insert into v (f, g) values (:x, :y); end;", ["V.F <- T.A", "V.G <- T.B"]),
    ("snowflake", "begin select a, b, c into :x, :y, :z from t; insert into v (f, g) values (:x, :z); end;", ["V.F <- T.A", "V.G <- T.C"]),
    ("tsql", "create table z with (distribution = hash(a), clustered columnstore index) as select a from t", ["z.a <- t.a"]),
    ("oracle", "update (select u.d as e, t.a from u join t on t.id = u.id) set e = a", ["(rows) <- T.ID", "(rows) <- U.ID", "U.D <- T.A"]),
    ("oracle", "update (select u.d as e, t.a from u join t on t.id = u.id) x set x.e = x.a", ["(rows) <- T.ID", "(rows) <- U.ID", "U.D <- T.A"]),
    ("oracle", "insert into (select f as x, g from v) (g, x) select a, b from t", ["V.F <- T.B", "V.G <- T.A"]),
    ("tsql", "with x as (select u.d as e, t.a from u join t on t.id = u.id) update x set e = a", ["(rows) <- t.id", "(rows) <- u.id", "u.d <- t.a"]),
    ("tsql", "with x as (select f as q from v) insert into x (q) select a from t", ["v.f <- t.a"]),
    ("postgres", "create local temp table z on commit preserve rows as select a from t; select a from z", ["a <- t.a", "z.a <- t.a"]),
    ("snowflake", "create local temporary table z as select a from t; select a from z", ["A <- T.A", "Z.A <- T.A"]),
    ("singlestore", "create rowstore temporary table z as select a from t; select a from z", ["a <- t.a", "z.a <- t.a"]),
    ("greenplum", "create table z as select a from t distributed by (a)", ["z.a <- t.a"]),
    ("netezza", "create table z as (select a from t) distribute on random organize on (a)", ["z.a <- t.a"]),
    ("vertica", "create table z as select a from t order by a segmented by hash(a) all nodes ksafe 1", ["(rows) <- t.a", "z.a <- t.a"]),
    ("netezza", "select a from t where b > 1 minus select c from u", ["(rows) <- t.a", "(rows) <- t.b", "(rows) <- u.c", "a <- t.a"]),
    ("vertica", "select a from t limit 1 over (partition by k order by b desc)", ["(rows) <- t.b", "(rows) <- t.k", "a <- t.a"]),
    ("impala", "insert into v partition (g = 'x') [shuffle] select a from t", ["v.a <- t.a"]),
    ("impala", "select t.a from t join [broadcast] u on t.id = u.id", ["(rows) <- t.id", "(rows) <- u.id", "a <- t.a"]),
    ("impala", "upsert into v (f) select a from t", ["v.f <- t.a"]),
    ("impala", "select c.id, o.x from db.cust c, c.orders o", ["(rows) <- db.cust.orders", "id <- db.cust.id", "x <- db.cust.orders"]),
    ("impala", "select l.q from cust c, c.orders o, o.lines l", ["(rows) <- cust.orders", "q <- cust.orders"]),
    ("mysql", "update u set d = e, e = d + 1", ["u.d <- u.e", "u.e <- u.e"]),
    ("mysql", "update u join t on t.id = u.id set u.d = t.a, u.e = u.d", ["(rows) <- t.id", "(rows) <- u.id", "u.d <- t.a", "u.e <- u.d"]),
    ("mysql", "create event e on schedule every 1 day do insert into v (f) select a from t", ["v.f <- t.a"]),
    ("sqlite", "create temp table q as select a from t; select a from temp.q", ["a <- t.a", "q.a <- t.a"]),
    ("duckdb", "select q.z from query('select a as z from t where b = ''x''') as q", ["(rows) <- t.b", "z <- t.a"]),
    ("duckdb", "select x from (select unnest(s, recursive := true), id from t)", ["(rows) <- t.s", "x <- t.s"]),
    ("oracle", "create public synonym s for db.t; select a from s", ["A <- S.A", "S.* <- DB.T.*"]),
    ("materialize", "create sink s in cluster c from t into kafka connection k (topic 'x')", ["s.* <- t.*"]),
    ("risingwave", "create sink s as select a from t with (connector = 'kafka')", ["s.a <- t.a"]),
    ("risingwave", "create sink s into u from t", ["u.* <- t.*"]),
    ("materialize", "create materialized view v in cluster c as select a from t", ["v.a <- t.a"]),
    ("dremio", "select x.a from s.t at branch main as x", ["a <- s.t.a"]),
    ("postgres", "alter table t attach partition u for values from (1) to (2)", ["t.* <- u.*"]),
    ("oracle", "begin select a bulk collect into l from t; forall i in indices of l insert into v (f) values (l(i)); end;", ["V.F <- T.A"]),
    ("oracle", "declare l tt; begin select * bulk collect into l from t; forall i in 1 .. l.count update u set d = l(i).a where id = l(i).id; end;", ["(rows) <- T.ID", "(rows) <- U.ID", "U.D <- T.A"]),
    ("oracle", "declare r t%rowtype; begin select * into r from t; insert into v (f) values (r.a); end;", ["V.F <- T.A"]),
    ("clickhouse", "with x as (select a from t), (select max(a) from x) as m select m from x", ["m <- t.a"]),
    ("redshift", "select pg_catalog.listagg(b, ',') within group (order by c) as g from t", ["g <- t.b", "g <- t.c"]),
    ("postgres", "select jsonb_build_object('x', a, 'y', b) ->> 'x' as z from t", ["z <- t.a"]),
    ("mysql", "select j ->> '$.y' as w from (select json_object('x', a, 'y', b) as j from t) as q", ["w <- t.b"]),
    ("tsql", "insert into v with (tablock) (f) select a from t", ["v.f <- t.a"]),
    ("tsql", "insert into s.v with (tablock, holdlock) select a as f from t; insert v with (rowlock) (g) select b from t", ["s.v.f <- t.a", "v.g <- t.b"]),
    ("snowflake", "begin let rs resultset := (execute immediate 'select a from t'); for r in rs do insert into v (f) values (r.a); end for; end", ["V.F <- T.A"]),
    ("snowflake", "begin let q := 'select a from t'; let rs resultset := (execute immediate :q); for r in rs do insert into v (f) values (r.a); end for; end", ["V.F <- T.A"]),
    ("snowflake", "declare q varchar; rs resultset; begin q := 'select a from t'; rs := (execute immediate :q); for r in rs do insert into v (f) values (r.a); end for; end", ["V.F <- T.A"]),
    ("postgres", "create or replace view z (x) with (security_barrier, security_invoker = true) as select a from t", ["z.x <- t.a"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "edges"), _CASES, ids=[case[1] for case in _CASES])
def test_edges_of_a_form(dialect: str, sql: str, edges: list[str]) -> None:
    assert sorted({said(edge) for edge in column_lineage(sql, dialect=dialect).edges}) == edges


@pytest.mark.parametrize(
    ("dialect", "key"), [("bigquery", "a"), ("postgres", "b"), ("snowflake", "b"), ("mysql", "b")]
)
def test_a_name_to_group_by_is_an_alias_or_a_column(dialect: str, key: str) -> None:
    sql = "select a as b, count(*) as n from t group by b"
    found = column_lineage(sql, dialect=dialect, schema={"t": ["a", "b"]})
    assert [edge.column.lower() for edge in found.edges if edge.output is None] == [key]


@pytest.mark.parametrize("sql", ["select a from {{ ref('t') }}", "{% if x %} select a from t {% endif %}"])
@pytest.mark.parametrize("dialect", ["snowflake", "tsql", "bigquery"])
def test_a_template_is_told_as_one(dialect: str, sql: str) -> None:
    with pytest.raises(LineageError, match="a template, not SQL"):
        column_lineage(sql, dialect=dialect)


@pytest.mark.parametrize(
    "body", ["language python as $$ select a from t $$", "as $$ select a from t; select b from t $$"]
)
def test_a_body_that_is_no_query_is_not_followed(body: str) -> None:
    found = column_lineage(f"create function f(x int) returns int {body}", dialect="snowflake")
    assert [one.code for one in found.findings] == ["not-followed"]
    assert not found.relations


@pytest.mark.parametrize(
    ("dialect", "test"),
    [
        ("oracle", "b = :1"),
        ("snowflake", "b = %(x)s"),
        ("snowflake", "b = ${x}"),
        ("tsql", "b = $(x)"),
        ("mysql", "b = ?"),
    ],
)
def test_what_is_put_in_from_outside_is_shown_as_written(dialect: str, test: str) -> None:
    found = column_lineage(f"select a from t where {test} and c = 1", dialect=dialect)
    assert {edge.expression for edge in found.edges if edge.output is None} == {f"{test} and c = 1"}


def test_a_query_that_is_put_together_is_told() -> None:
    found = column_lineage("select * from query('select a from ' || 't')", dialect="duckdb")
    assert [one.code for one in found.findings] == ["not-followed"]


def test_a_step_into_a_document_made_below_is_one_into_its_text() -> None:
    sql = "with x as (select parse_json(a) as j from t) select j:p.q::int as q from x"
    found = column_lineage(sql, dialect="snowflake")
    assert [(edge.column, edge.path) for edge in found.edges] == [("A", "p.q")]


def test_a_text_that_a_variable_holds_until_it_is_run_is_no_loss() -> None:
    sql = "begin let q varchar := 'insert into v (f) select a from t'; execute immediate :q; end"
    assert column_lineage(sql, dialect="snowflake").findings == ()


def test_values_may_say_in_a_text_what_their_columns_are() -> None:
    sql = "select a, b from values('a Int32, b Tuple(x Int32, y String)', (1, (2, 'x')))"
    found = column_lineage(sql, dialect="clickhouse")
    assert ([one.name for one in found.columns], found.findings) == (["a", "b"], ())


@pytest.mark.parametrize(
    ("dialect", "sql", "words"),
    [
        ("databricks", "select * from vector_search(index => 'c.s.x', query => 'q', num_results => 3)", ["c.s.x"]),
        ("oracle", "create trigger g after insert on u for each row when (new.d > 1) begin insert into v (f) values (:new.e); end;", ["condition"]),
        ("postgres", "create trigger g after insert on t for each row when (new.a > 1) execute procedure f()", ["condition", "body"]),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told(dialect: str, sql: str, words: list[str]) -> None:
    told = [one.message for one in column_lineage(sql, dialect=dialect).findings]
    assert len(told) == len(words)
    assert all(word in message for word, message in zip(words, told, strict=True))
