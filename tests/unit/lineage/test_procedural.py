"""Procedural code: what cursors, variables, texts that are run and the rows of triggers hand on."""

from __future__ import annotations

import pytest

from penstock.assets import EdgeType
from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

_CURSOR = "declare c cursor for select a, b from t"
# dialect, script, all value edges
_CASES = (
    ("tsql", f"{_CURSOR}; open c; fetch next from c into @x, @y; insert into z (p, q) values (@x, @y); close c; deallocate c", ["z.p <- t.a", "z.q <- t.b"]),
    (
        "tsql",
        f"{_CURSOR}\nopen c\nfetch next from c into @x, @y\nwhile @@fetch_status = 0\nbegin\ninsert into z (p) values (@y)\n"
        "fetch next from c into @x, @y\nend\nclose c",
        ["z.p <- t.b"],
    ),
    ("tsql", "select open, close from t; select a from t order by a offset 1 rows fetch next 5 rows only", ["a <- t.a", "close <- t.close", "open <- t.open"]),
    (
        "mysql",
        f"create procedure p() begin declare x, y int; {_CURSOR}; open c; l: loop fetch c into x, y; insert into u (q) values (y); end loop; end",
        ["u.q <- t.b"],
    ),
    ("oracle", "declare cursor c is select a from t; v t.a%type; begin open c; fetch c into v; insert into u (x) values (v); end;", ["U.X <- T.A"]),
    ("oracle", "declare cursor c is select a, b from t; r c%rowtype; begin fetch c into r; insert into u (x) values (r.b); end;", ["U.X <- T.B"]),
    ("oracle", "declare cursor c(k number, m number default 3) is select a from t where b = k; begin for r in c(3) loop insert into u (x) values (r.a); end loop; end;", ["U.X <- T.A"]),
    ("oracle", "declare cursor c(k number, m number) is select a, d from t where b = k; v number; w number; begin open c(3, 4); fetch c into v, w; insert into u (x) values (w); end;", ["U.X <- T.D"]),
    ("postgres", "do $$ declare c cursor (k int, m int) for select a from t where b = k; begin for r in c(3, 4) loop insert into u (x) values (r.a); end loop; end $$", ["u.x <- t.a"]),
    ("snowflake", "begin let a := (select max(z) from q); insert into u (x) select a from t; insert into v (x) select :a from t; let c := a + 1; insert into w (x) values (:c); end", ["U.X <- T.A", "V.X <- Q.Z", "W.X <- Q.Z"]),
    ("postgres", "do $$ declare x int; y int; begin select a into y from t; insert into u (q) values (y); end $$", ["u.q <- t.a"]),
    ("postgres", "do $$ declare x int; y int; begin select a, b into strict x, y from t; insert into u (q) values (y); end $$", ["u.q <- t.b"]),
    ("snowflake", "declare x int; y int default 3; c cursor for select a, b from t; begin fetch c into x, y; insert into u (q) values (:y); end", ["U.Q <- T.B"]),
    ("snowflake", "begin let c cursor for select a from t; for r in c do let z int := r.a; insert into u (q) values (:z); end for; end", ["U.Q <- T.A"]),
    ("databricks", "begin declare x int; declare y int; set (x, y) = (select a, b from t); insert into u (q) values (y); end", ["u.q <- t.b"]),
    ("bigquery", 'declare x int64; execute immediate "select max(a) from t where b = ?" into x using 3; insert into u (q) values (x)', ["u.q <- t.a"]),
    ("bigquery", 'execute immediate """insert into u (q) select a from t"""', ["u.q <- t.a"]),
    ("tsql", "declare @s nvarchar(max) = N'insert into z (q) select a from t'; exec sp_executesql @s", ["z.q <- t.a"]),
    ("tsql", "declare @s nvarchar(max); set @s = 'insert into z (q) select a from t'; exec (@s)", ["z.q <- t.a"]),
    ("tsql", "declare @s nvarchar(max) = 'insert into z (q) select a from t'; insert into l (s) values (@s); exec (@s)", ["z.q <- t.a"]),
    ("mysql", "create trigger g before insert on s.t for each row set new.a = upper(new.b), new.c = (select max(d) from u)", ["s.t.a <- s.t.b", "s.t.c <- u.d"]),
    ("sqlite", "create trigger g after insert on t begin insert into l (x) values (new.a); update z set w = old.b; end", ["l.x <- t.a", "z.w <- t.b"]),
    ("tsql", "create trigger g on dbo.t after update as insert into l (a, b) select i.a, d.b from inserted i cross join deleted d", ["l.a <- dbo.t.a", "l.b <- dbo.t.b"]),
    ("oracle", "create trigger g before insert on t for each row begin insert into l (a) values (:new.a); select max(b) into :new.c from u; end;", ["L.A <- T.A", "T.C <- U.B"]),
)  # fmt: skip
_TOLD = (
    ("postgres", "do $$ begin execute format('insert into %I select 1', x); end $$"),
    ("oracle", "begin execute immediate 'insert into u select ' || x || ' from dual'; end;"),
    ("tsql", "exec (@s + 'from t')"),
    ("tsql", "declare @s nvarchar(max) = 'insert into z (q) select a from t'; exec (@s + ' where b')"),
    (
        "tsql",
        "declare @s nvarchar(max) = 'insert into z (q) select a from t'; set @s += ' where b'; exec (@s)",
    ),
    (
        "tsql",
        "declare @s nvarchar(max) = 'insert into z (q) select a from t'; set @s = @s + ' where b'; exec (@s)",
    ),
    (
        "tsql",
        "declare @s nvarchar(max) = 'insert into z (q) select a from t'; select @s = sql from x; exec (@s)",
    ),
    (
        "postgres",
        "do $$ declare s text; begin s := 'insert into z (q) select a from t'; select u.s into s from u; execute s; end $$",
    ),
    (
        "postgres",
        "do $$ declare s text; begin s := 'insert into z (q) select a from t'; execute s || ' where b'; end $$",
    ),
    ("postgres", "create procedure f(s text) language plpgsql as $$ begin execute s; end $$"),
)


@pytest.mark.parametrize(("dialect", "sql", "expected"), _CASES, ids=[f"{d}: {s[:60]}" for d, s, _ in _CASES])
def test_values_go_on_through_variables(dialect: str, sql: str, expected: list[str]) -> None:
    edges = column_lineage(sql, dialect=dialect).edges
    assert sorted({said(edge) for edge in edges if edge.type is EdgeType.DIRECT}) == expected


@pytest.mark.parametrize(("dialect", "sql"), _TOLD)
def test_a_text_that_is_put_together_is_told(dialect: str, sql: str) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert any("put together" in one.message for one in found.findings)
    assert not [edge for edge in found.edges if edge.target == ("z",)]


def test_the_rows_of_a_trigger_end_with_it() -> None:
    sql = "create trigger g after insert on t begin insert into l (x) values (new.a); end; create table v as select new.b from new"
    edges = column_lineage(sql, dialect="sqlite").edges
    assert {said(edge) for edge in edges} == {"l.x <- t.a", "v.b <- new.b"}


def test_the_parameters_of_a_cursor_are_no_columns() -> None:
    sql = "declare cursor c(k number, m number) is select a from t where b = k and d > m; begin for r in c(3, 4) loop insert into u (x) values (r.a); end loop; end;"
    found = column_lineage(sql, dialect="oracle")
    assert [one.message.split(":")[0] for one in found.findings] == ["T.B, T.D"]


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("tsql", "begin try select a from t end try begin catch throw; end catch"),
        (
            "postgres",
            "do $$ begin insert into z (q) select a from t; exception when others then null; end $$",
        ),
    ],
)
def test_words_that_move_nothing_are_not_told(dialect: str, sql: str) -> None:
    assert not column_lineage(sql, dialect=dialect).findings
