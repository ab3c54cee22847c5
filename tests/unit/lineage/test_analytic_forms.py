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
    ("tsql", "create table z with (distribution = hash(a), clustered columnstore index) as select a from t", ["z.a <- t.a"]),
    ("oracle", "update (select u.d as e, t.a from u join t on t.id = u.id) set e = a", ["(rows) <- T.ID", "(rows) <- U.ID", "U.D <- T.A"]),
    ("oracle", "update (select u.d as e, t.a from u join t on t.id = u.id) x set x.e = x.a", ["(rows) <- T.ID", "(rows) <- U.ID", "U.D <- T.A"]),
    ("oracle", "insert into (select f as x, g from v) (g, x) select a, b from t", ["V.F <- T.B", "V.G <- T.A"]),
    ("tsql", "with x as (select u.d as e, t.a from u join t on t.id = u.id) update x set e = a", ["(rows) <- t.id", "(rows) <- u.id", "u.d <- t.a"]),
    ("tsql", "with x as (select f as q from v) insert into x (q) select a from t", ["v.f <- t.a"]),
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
