"""What a relation or a variable held before: it stays only where it may still be there."""

from __future__ import annotations

import pytest

from penstock.assets import EdgeType
from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

_OLD = "create temporary table x as select a, c from t"
_NEW = "insert into x (a) select b from u; insert into z (q) select a from x"
# dialect, script, the value edges of `z`
_ROWS: tuple[tuple[str, str, list[str]], ...] = (
    ("snowflake", f"{_OLD}; truncate table x; {_NEW}", ["Z.Q <- U.B"]),
    ("snowflake", f"{_OLD}; delete from x; {_NEW}", ["Z.Q <- U.B"]),
    ("bigquery", f"{_OLD.replace('temporary', 'temp')}; delete from x where true; {_NEW}", ["z.q <- u.b"]),
    ("postgres", f"{_OLD}; delete from x where 1 = 1; {_NEW}", ["z.q <- u.b"]),
    ("postgres", f"{_OLD}; delete from x where a > 1; {_NEW}", ["z.q <- t.a", "z.q <- u.b"]),
    ("mysql", f"{_OLD}; delete from x limit 3; {_NEW}", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"{_OLD}; delete from x using v where x.a = v.a; {_NEW}", ["z.q <- t.a", "z.q <- u.b"]),
    ("snowflake", f"{_OLD}; insert overwrite into x (a) select b from u; insert into z (q) select a from x", ["Z.Q <- U.B"]),
    ("snowflake", f"{_OLD}; insert overwrite all into x (a) values (b) into x (a) values (d) select b, d from u; insert into z (q) select a from x", ["Z.Q <- U.B", "Z.Q <- U.D"]),
    ("snowflake", f"{_OLD}; insert all into x (a) values (b) select b from u; insert into z (q) select a from x", ["Z.Q <- T.A", "Z.Q <- U.B"]),
    ("spark", f"{_OLD}; insert overwrite table x partition (c = 1) select b from u; insert into z (q) select a from x", ["z.q <- t.a", "z.q <- u.b"]),
    ("spark", f"{_OLD}; truncate table x partition (c = 1); {_NEW}", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"{_OLD}; drop table x; create temp table x (a int); {_NEW}", ["z.q <- u.b"]),
    ("postgres", f"{_OLD}; drop table x; create table x (a int); insert into x select b from u; alter table x rename to z", ["z.a <- x.a"]),
    ("postgres", f"{_OLD}; insert into x (a) select b from u; alter table x rename to z", ["z.a <- t.a", "z.a <- u.b", "z.c <- t.c"]),
    ("postgres", f"{_OLD}; create temp table if not exists x (a int); {_NEW}", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"{_OLD}; begin; truncate x; rollback; {_NEW}", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"{_OLD}; begin; truncate x; {_NEW}; commit", ["z.q <- u.b"]),
    ("postgres", f"{_OLD}; update x set a = 1; insert into z (q, r) select a, c from x", ["z.r <- t.c"]),
    ("postgres", f"{_OLD}; update x set a = a + 1; insert into z (q) select a from x", ["z.q <- t.a"]),
    ("postgres", f"{_OLD}; update x set a = u.b from u; insert into z (q) select a from x", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"do $$ begin {_OLD}; if k then truncate x; end if; {_NEW}; end $$", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"do $$ begin {_OLD}; if k then truncate x; {_NEW}; end if; end $$", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"do $$ begin if k then {_OLD}; truncate x; {_NEW}; end if; end $$", ["z.q <- u.b"]),
    ("postgres", f"do $$ begin {_OLD}; truncate x; {_NEW}; exception when others then rollback; end $$", ["z.q <- u.b"]),
    ("postgres", f"do $$ begin {_OLD}; insert into v select 1; exception when others then truncate x; {_NEW}; end $$", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", f"do $$ begin {_OLD}; for i in 1..3 loop truncate x; end loop; {_NEW}; end $$", ["z.q <- t.a", "z.q <- u.b"]),
    ("bigquery", "create temp table x as select a from t; if c > 1 then create or replace temp table x as select b as a from u; end if; insert into z (q) select a from x", ["z.q <- t.a", "z.q <- u.b"]),
    ("tsql", "if @k = 1 select a into #x from t else select b as a into #x from u insert into z (q) select a from #x", ["z.q <- t.a", "z.q <- u.b"]),
    ("tsql", "select a into #x from t if object_id('tempdb..#x') is not null drop table #x select b as a into #x from u insert into z (q) select a from #x", ["z.q <- u.b"]),
    ("tsql", "declare @x table (a int); insert into @x select a from t; delete @x; insert into @x select b from u; insert into z (q) select a from @x", ["z.q <- u.b"]),
    ("tsql", "select a into #x from t; update top (5) #x set a = 1; insert into z (q) select a from #x", ["z.q <- t.a"]),
    ("tsql", "select a into #x from t; delete top (5) from #x; insert into #x select b from u; insert into z (q) select a from #x", ["z.q <- t.a", "z.q <- u.b"]),
    ("mysql", f"create procedure p() begin declare exit handler for sqlexception begin rollback; end; {_OLD}; truncate table x; {_NEW}; end", ["z.q <- u.b"]),
)  # fmt: skip
_VARIABLES: tuple[tuple[str, str, list[str]], ...] = (
    ("postgres", "do $$ declare x int; begin select a into x from t; end $$; do $$ declare x int; begin x := 1; insert into z (q) values (x); end $$", []),
    ("postgres", "do $$ declare x int; begin select a into x from t; declare x int; begin select b into x from u; end; insert into z (q) values (x); end $$", ["z.q <- t.a"]),
    ("bigquery", "begin declare x int64; set x = (select a from t); begin declare x int64; set x = (select b from u); end; insert into z (q) values (x); end", ["z.q <- t.a"]),
    ("mysql", "create procedure p() begin declare x int; set x = (select a from t); begin declare x int; set x = (select b from u); insert into z (q) values (x); end; end", ["z.q <- u.b"]),
    ("snowflake", "begin let x := (select max(a) from t); end; begin let x := 1; insert into z (q) values (:x); end", []),
    ("snowflake", "begin let x := (select max(a) from t); for r in c do x := (select max(b) from u); end for; insert into z (q) values (:x); end", ["Z.Q <- T.A", "Z.Q <- U.B"]),
    ("snowflake", "begin let x := (select max(a) from t); x := x + (select max(b) from u); insert into z (q) values (:x); end", ["Z.Q <- T.A", "Z.Q <- U.B"]),
    ("tsql", "declare @x int = (select max(a) from t)\ngo\ndeclare @x int = 1; insert into z (q) values (@x)", []),
    ("tsql", "declare @x int; set @x = (select max(a) from t); set @x = (select max(b) from u); insert into z (q) values (@x)", ["z.q <- u.b"]),
    ("tsql", "declare @x int; set @x = (select max(a) from t); set @x += (select max(b) from u); insert into z (q) values (@x)", ["z.q <- t.a", "z.q <- u.b"]),
    ("tsql", "declare @x int; set @x = (select max(a) from t); if @k = 1 set @x = (select max(b) from u); insert into z (q) values (@x)", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", "do $$ declare x int; begin if k then select a into x from t; else x := (select b from u); end if; insert into z (q) values (x); end $$", ["z.q <- t.a", "z.q <- u.b"]),
    ("postgres", "do $$ declare r record; begin select * into r from t; select * into r from u; insert into z (q) values (r.a); end $$", ["z.q <- u.a"]),
    ("oracle", "create procedure p as v number; begin select m into v from n; insert into z (q) select a + p.v from t; end;", ["Z.Q <- N.M", "Z.Q <- T.A"]),
    ("oracle", "create procedure p as v number; begin select m into v from n; insert into z (q) select a + p.v from t p; end;", ["Z.Q <- T.A", "Z.Q <- T.V"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "expected"), _ROWS + _VARIABLES)
def test_old_values_stay_where_they_may_be(dialect: str, sql: str, expected: list[str]) -> None:
    edges = column_lineage(sql, dialect=dialect).edges
    told = {
        said(edge)
        for edge in edges
        if edge.type is EdgeType.DIRECT and edge.target and edge.target[-1].lower() == "z"
    }
    assert sorted(told) == expected


def test_a_parameter_behind_the_name_of_its_procedure_is_no_column() -> None:
    sql = "create procedure p(id number) as begin insert into w (q) select a from t where b = p.id; end;"
    assert {said(edge) for edge in column_lineage(sql, dialect="oracle").edges} == {
        "W.Q <- T.A",
        "(rows) <- T.B",
    }


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select b, a from (select a, b from t) order by #2", ["(rows) <- t.a", "a <- t.a", "b <- t.b"]),
        ("select #2 + #1 as s from (select a, b from t)", ["s <- t.a", "s <- t.b"]),
        ("select #1 from t", ["#1 <- t.#1"]),
    ],
)
def test_positions_of_duckdb(sql: str, expected: list[str]) -> None:
    found = column_lineage(sql, dialect="duckdb")
    assert sorted({said(edge) for edge in found.edges}) == expected
    assert bool(found.findings) == ("#1 <- t.#1" in expected)


def test_values_of_insert_all_without_names_are_told() -> None:
    found = column_lineage("insert all into y values (q, r) select q, r from t", dialect="oracle")
    assert [one.code for one in found.findings] == ["unnamed-target"]
