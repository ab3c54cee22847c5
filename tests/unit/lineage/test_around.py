"""Names whose meaning comes from around the statement or the query: arrays of outer rows, session variables, parts of columns."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

# dialect, script, all edges
_CASES: tuple[tuple[str, str, set[str]], ...] = (
    ("bigquery", "select (select max(i.p) from o.items i) m from d.orders o", {"m <- d.orders.items"}),
    ("bigquery", "select o.id from d.orders o where (select count(*) from o.tags) > 3", {"id <- d.orders.id", "(rows) <- d.orders.tags"}),
    ("redshift", "select (select count(*) from c.orders) n from customers c", {"n <- customers.orders"}),
    ("bigquery", "select (select as struct u.* from u where u.id = 1) s from t", {"s <- u.*", "s <- u.id"}),
    ("bigquery", "select array(select as struct u.*, t.x from u) s from t", {"s <- u.*", "s <- t.x"}),
    ("postgres", "update z set c[2] = t.w, d[t.i] = t.v from t", {"z.c <- t.w", "z.d <- t.v", "z.d <- t.i"}),
    ("postgres", "update z set a = s.a from s join v using (k)", {"z.a <- s.a", "(rows) <- s.k", "(rows) <- v.k"}),
    ("postgres", "create temp table x as select a from t; update x set a.f = 1; insert into z (q) select a from x", {"x.a <- t.a", "z.q <- t.a"}),
    ("redshift", "create table #x as select a from t; insert into z (q) select a from #x", {"#x.a <- t.a", "z.q <- t.a"}),
    ("redshift", "select a into #x from t; insert into z (q) select a from #x", {"#x.a <- t.a", "z.q <- t.a"}),
    ("databricks", "declare variable x int default (select max(a) from t); insert into y (q) values (session.x); insert into z (q) values (system.session.x)", {"y.q <- t.a", "z.q <- t.a"}),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "expected"), _CASES)
def test_what_stands_around_gives_the_meaning(dialect: str, sql: str, expected: set[str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    edges = {said(edge) for edge in found.edges if not (edge.column == "*" and edge.output is None)}
    assert edges == expected
    assert not found.findings


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("duckdb", "insert into z (p) by position select a from t", {"z.p <- t.a"}),
        ("duckdb", "create macro m(k, n := [1, 2]) as table select a from t where b = k; select a from m(1)", {"a <- t.a", "(rows) <- t.b"}),
        ("duckdb", "create macro m(k, n := 3) as table select a from t where b = k; select a from m(1, n := 4)", {"a <- t.a", "(rows) <- t.b"}),
        ("snowflake", "select a, row_number() over (order by c) as rn from t qualify rn = 1", {"A <- T.A", "RN <- T.C", "(rows) <- T.C"}),
        ("bigquery", "select a, row_number() over (order by c) as rn from t where d qualify rn = 1", {"a <- t.a", "rn <- t.c", "(rows) <- t.c", "(rows) <- t.d"}),
    ],
)  # fmt: skip
def test_words_that_change_nothing_hide_nothing(dialect: str, sql: str, expected: set[str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert {said(edge) for edge in found.edges} == expected
    assert all(one.code == "no-data" for one in found.findings)
