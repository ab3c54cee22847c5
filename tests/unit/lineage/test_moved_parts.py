"""Changes inside other statements, what they hand to variables, and aliases that stand for their targets."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

# dialect, statement, edges that it has, edges that it must not have
_STATEMENTS: tuple[tuple[str, str, list[str], list[str]], ...] = (
    (
        "tsql", "insert into h (act, id) select act, id from (merge t using s on t.id = s.id when matched then update set v = s.v output $action, inserted.id) as m (act, id)",
        ["t.v <- s.v", "h.id <- t.id"], ["h.act <- t.*"],
    ),
    ("tsql", "insert into h (id) select d.id from (delete from t output deleted.id where x = 1) d", ["h.id <- t.id", "(rows) <- t.x"], []),
    ("tsql", "insert into h (id, v) select id, v from (update t set a = b output inserted.id, deleted.a) as d (id, v)", ["t.a <- t.b", "h.v <- t.a"], []),
    ("tsql", "insert into u (a) exec ('select x from t where y = ''z''')", ["u.a <- t.x", "(rows) <- t.y"], ["x <- t.x"]),
    ("tsql", "insert into u (a) exec sp_executesql N'select x from t'", ["u.a <- t.x"], []),
    ("tsql", "update t set @v = a = b + 1; insert into u (x) values (@v)", ["t.a <- t.b", "u.x <- t.b"], ["t.v <- t.a", "t.v <- t.b"]),
    ("tsql", "select next value for s.q as id, next value for q over (order by b) as k from t", [], ["id <- t.q"]),
    ("tsql", "with xmlnamespaces ('u' as n), x as (select a from t) select a from x", ["a <- t.a"], []),
    ("tsql", "declare c cursor for select id, nm from t; open c; fetch next from c into @id, @nm; insert into u (id, nm) values (@id, @nm)", ["u.id <- t.id", "u.nm <- t.nm"], []),
    ("mysql", "delete from a, b using t as a join u as b on a.id = b.id", ["(rows) <- u.id", "(rows) <- t.id"], ["(rows) <- ?.id"]),
    ("mysql", "insert into t (a, b) select x, y from s as q on duplicate key update b = q.y", ["t.b <- s.y"], []),
    ("mysql", "insert into t (a, b) values (1, (select z from s)) as new (m, n) on duplicate key update a = m, b = n", ["t.b <- s.z"], ["t.a <- t.m", "t.b <- t.n"]),
    ("mysql", "select jt.b from t, json_table(t.doc, '$[*]' columns (a int path '$.a' default '0' on empty, nested path '$.k[*]' columns (b int path '$.b'))) as jt", ["b <- t.doc"], []),
    ("mysql", "select t.a, u.b from { oj t left outer join u on t.id = u.id }", ["b <- u.b", "(rows) <- u.id"], []),
    ("mysql", "update low_priority ignore t as x set x.a = x.b", ["t.a <- t.b"], []),
    ("oracle", "update t set a = b returning a, c into :x, :y; insert into w (z) values (:y)", ["T.A <- T.B", "W.Z <- T.C"], []),
    ("oracle", "declare v number; begin insert into t (a) values (1) returning id into v; insert into w (z) values (v); end;", ["W.Z <- T.ID"], ["V.ID <- T.ID"]),
    ("oracle", "select json_query(doc, '$.y' with wrapper) as v from t", ["V <- T.DOC"], []),
    ("oracle", "begin execute immediate 'insert into u select a from t where b = :1' using v; end;", ["U.A <- T.A", "(rows) <- T.B"], []),
    ("postgres", "do $$ declare i int; j int; begin insert into t (a) select b from s returning id, c into i, j; insert into w (z) values (j); end $$", ["w.z <- t.c"], []),
    ("starrocks", "submit task x as insert into t select a from s; select 1", ["t.a <- s.a"], []),
    ("risingwave", "create materialized view v as select window_start, sum(a) as n from tumble(t, ts, interval '1 minute') group by window_start", ["v.n <- t.a"], ["v.n <- ?.t"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "has", "has_not"), _STATEMENTS)
def test_parts_in_unusual_places(dialect: str, sql: str, has: list[str], has_not: list[str]) -> None:
    found = [said(one) for one in column_lineage(sql, dialect=dialect).edges]
    assert [one for one in has if one not in found] == []
    assert [one for one in has_not if one in found] == []


def test_both_targets_of_a_delete_by_alias_are_written() -> None:
    sql = "delete from a, b using t as a join u as b on a.id = b.id"
    found = column_lineage(sql, dialect="mysql").relations
    assert [(one.parts, one.written) for one in found] == [(("t",), True), (("u",), True)]


def test_a_name_that_one_relation_alone_can_have_is_certain_however_often_it_is_read() -> None:
    sql = "delete from t where id in (select x from (select id as x, row_number() over (order by b) as n from t) where n > 1)"
    found = column_lineage(sql, dialect="sqlite")
    assert not found.findings
    assert {one.certainty.name for one in found.edges} == {"RESOLVED"}
