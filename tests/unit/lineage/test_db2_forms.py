"""Db2's words, which are read where no dialect is named, and triggers whose rows have names of their own."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

# statement, all edges, the codes of the findings
_CASES: tuple[tuple[str, list[str], list[str]], ...] = (
    ("select a from t where exists (select * from s where s.id = t.id) with ur", ["(rows) <- s.id", "(rows) <- t.id", "a <- t.a"], []),
    ("select a from t fetch first 5 rows only optimize for 5 rows for read only with cs", ["a <- t.a"], []),
    ("select a from final table (insert into t (a) select b from s)", ["a <- s.b", "t.a <- s.b"], []),
    ("select id from old table (delete from t where x = 1)", ["(rows) <- t.x", "id <- t.id"], []),
    (
        "insert into log (p) select a from old table (update t set a = s.b from s where s.id = t.id)",
        ["(rows) <- s.id", "(rows) <- t.id", "log.p <- t.a", "t.a <- s.b"],
        [],
    ),
    ("declare global temporary table session.x as (select a from s) definition only", [], ["no-data"]),
    (
        "declare global temporary table session.x (a int) on commit preserve rows; insert into session.x select b from s; select a from session.x",
        ["a <- s.b", "session.x.a <- s.b"],
        [],
    ),
    ("begin declare v int; declare global temporary table session.x (a int); insert into session.x select b from t; end", ["session.x.a <- t.b"], []),
    (
        "select d + 1 month - 2 days as x, a concat b as h from t where d > current date - (n) days",
        ["(rows) <- t.d", "(rows) <- t.n", "h <- t.a", "h <- t.b", "x <- t.d"],
        [],
    ),
    ("select a, day from t where b + 3 > day", ["(rows) <- t.b", "(rows) <- t.day", "a <- t.a", "day <- t.day"], []),
    ("create table m as (select a from t) data initially deferred refresh deferred", ["m.a <- t.a"], []),
    ("create table t (a int) in ts1 organize by row; insert into t select b from s", ["t.a <- s.b"], []),
    ("create view v (p) as select a from t with check option", ["v.p <- t.a"], []),
    ("select t.a, x.b from t, table (select s.b from s where s.id = t.id) as x", ["(rows) <- s.id", "(rows) <- t.id", "a <- t.a", "b <- s.b"], []),
    (
        "select x.id from t, xmltable('$d/r' passing t.doc as \"d\" columns id int path '@id') as x",
        ["(rows) <- t.doc", "id <- t.doc"],
        [],
    ),
    ("insert into t (id, a) select next value for s.q, b from u", ["t.a <- u.b"], []),
    ("insert into t (id, a) select nextval for q, b from u", ["t.a <- u.b"], []),
    ("export to f.csv of del modified by nochardel select a from t", ["f.csv.a <- t.a"], []),
    ("load from f.del of del insert into t (a, b)", ["t.a <- f.del.*", "t.b <- f.del.*"], []),
    ("import from f.ixf of ixf replace into s.t", ["s.t.* <- f.ixf.*"], []),
    ("truncate table t immediate; insert into t select a from s", ["t.a <- s.a"], []),
    ("create nickname n for srv.s.t; select a from n", ["a <- n.a", "n.* <- srv.s.t.*"], []),
    ("select nth_value(c, 2) from first over w as n from t window w as (order by d)", ["n <- t.c", "n <- t.d"], []),
    (
        "merge into t as x using s as y on x.a = y.a when matched then update set b = y.b else ignore",
        ["(rows) <- s.a", "(rows) <- t.a", "t.b <- s.b"],
        [],
    ),
    ("create trigger g after update on t referencing new row as n for each row mode db2sql begin atomic insert into l (a) values (n.a); end", ["l.a <- t.a"], []),
    (
        "create trigger g after update of a on t referencing old table as o new table as n for each statement insert into l select n.a, o.b from n, o",
        ["l.a <- t.a", "l.b <- t.b"],
        [],
    ),
)  # fmt: skip


@pytest.mark.parametrize(("sql", "edges", "codes"), _CASES, ids=[one[0][:70] for one in _CASES])
def test_the_words_are_read_without_a_dialect(sql: str, edges: list[str], codes: list[str]) -> None:
    found = column_lineage(sql, dialect="ansi")
    assert sorted({said(edge) for edge in found.edges}) == edges
    assert [finding.code for finding in found.findings] == codes


def test_what_is_read_in_another_way_has_a_name_without_a_dialect() -> None:
    sql = "insert into log (p) select a = old table (update t set a = s.b from s where s.id from t.id)"
    assert "internal-error" not in [one.code for one in column_lineage(sql, dialect="ansi").findings]
