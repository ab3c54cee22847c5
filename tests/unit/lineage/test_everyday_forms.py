"""Forms that scripts and models are full of, in many dialects: all edges of each, and the codes of its findings."""

from __future__ import annotations

import pytest

from penstock.lineage import LineageError, column_lineage
from tests.unit.lineage.edges import said

# dialect, statement, all edges, codes of the findings
_CASES: tuple[tuple[str, str, list[str], list[str]], ...] = (
    # names that were lost, or taken for others
    ("clickhouse", "select if(a = 1 as x, b, c) as y, x, z from t where (d + 1 as z) > 2", ["(rows) <- t.d", "x <- t.a", "y <- t.a", "y <- t.b", "y <- t.c", "z <- t.d"], []),
    ("clickhouse", "select a from t where (a as x) > 1 union all select x from u", ["(rows) <- t.a", "a <- t.a", "a <- u.x"], []),
    ("clickhouse", "insert into t from infile 'x.csv' format CSV", ["t.* <- x.csv.*"], []),
    ("clickhouse", "select a from t union all select b from u settings s = 1", ["a <- t.a", "a <- u.b"], []),
    ("clickhouse", "select a, sum(b) as n from t group by a order by a with fill interpolate (n as n + 1)", ["(rows) <- t.a", "a <- t.a", "n <- t.b"], []),
    ("oracle", "select xmlagg(xmlelement(\"x\", e) order by f).getclobval() as x from t", ["X <- T.E", "X <- T.F"], []),
    ("oracle", "select json_arrayagg(e order by f returning clob) as x from t", ["X <- T.E", "X <- T.F"], []),
    ("oracle", "select json_object('k' value b returning varchar2(100)) as x from t", ["X <- T.B"], []),
    ("hive", "select a from t tablesample (bucket 3 out of 16 on id) s", ["(rows) <- t.id", "a <- t.a"], []),
    ("spark", "select s.a from t tablesample (bucket 3 out of 16 on id) s join u on s.k = u.k", ["(rows) <- t.id", "(rows) <- t.k", "(rows) <- u.k", "a <- t.a"], []),
    ("postgres", "do language plpgsql $$ begin insert into s (x) select a from t; end $$", ["s.x <- t.a"], []),
    ("teradata", "lock table t for access select a from t; locking table t for access insert into s (x) select a from t", ["a <- t.a", "s.x <- t.a"], []),
    ("teradata", "locking row for access select a from t; collect statistics column (a) on t", ["a <- t.a"], ["not-followed"]),
    ("teradata", "create multiset volatile table v as (select a from t) with data; insert into s (x) select a from v", ["s.x <- t.a", "v.a <- t.a"], []),
    ("postgres", "with recursive a (n) as (select n from b), b as (select k as n from u) select n from a", ["n <- u.k"], []),
    ("sqlite", "with a as (select n from b), b as (select k as n from u) select n from a", ["n <- u.k"], []),
    ("bigquery", "with recursive a as (select n from b union all select n from a), b as (select k as n from u) select n from a", ["n <- u.k"], []),
    ("duckdb", "with a as (select n from b), b as (select k as n from u) select n from a", ["n <- b.n"], []),
    ("tsql", "select 'p' = b, [q] = c from t", ["p <- t.b", "q <- t.c"], []),
    ("postgres", 'select a collate "C", b from t', ["a <- t.a", "b <- t.b"], []),
    ("duckdb", "from u unpivot include nulls ((p, q) for nm in ((k, v) as 'kv', (w, id)))", ["* <- u.*", "p <- u.k", "p <- u.w", "q <- u.id", "q <- u.v"], []),
    ("spark", "select struct(c, d).c as x, struct(c + 1, d).col1 as y from t", ["x <- t.c", "y <- t.c"], []),
    ("clickhouse", "select tupleElement(tuple(a, b), 2) as x from t", ["x <- t.b"], []),
    ("trino", "select row(a, b)[2] as x from t", ["x <- t.b"], []),
    # what was refused
    ("postgres", "insert into t (a, b) overriding system value select c, d from s", ["t.a <- s.c", "t.b <- s.d"], []),
    ("postgres", "select j.id, u.k, j.* from u join s using (id) as j", ["(rows) <- s.id", "(rows) <- u.id", "id <- u.id", "k <- u.k"], []),
    ("postgres", "select a from only (t) order by b using <", ["(rows) <- t.b", "a <- t.a"], []),
    ("postgres", "select json_value(c, '$.z' passing b as y returning int default 0 on empty) as v, json_array(d, e returning jsonb) as w from t", ["v <- t.b", "v <- t.c", "w <- t.d", "w <- t.e"], []),
    ("clickhouse", "select a from t order by d limit 2 by b, c limit 10 offset 3 settings x = 1", ["(rows) <- t.b", "(rows) <- t.c", "(rows) <- t.d", "a <- t.a"], []),
    ("clickhouse", "select a mod b as c, mod(a, 2) as d from t", ["c <- t.a", "c <- t.b", "d <- t.a"], []),
    ("oracle", "create or replace force editionable view v (a, b) as select c, d from t", ["V.A <- T.C", "V.B <- T.D"], []),
    ("oracle", "create or replace noneditionable view v as select c from t", ["V.C <- T.C"], []),
    ("oracle", "begin dbms_mview.refresh('mv'); end;", [], []),
    ("oracle", "begin pk.load(1); insert into s (x) select a from t; pk.done; end;", ["S.X <- T.A"], []),
    ("oracle", "begin delete t where a = 1 returning c bulk collect into v; end;", ["(rows) <- T.A"], []),
    ("oracle", "declare c sys_refcursor; x number; begin open c for 'select a from t where b = :1' using 3; fetch c into x; insert into s (y) values (x); end;", ["S.Y <- T.A"], ["no-data"]),
    ("oracle", "select to_date(a default '1' on conversion error, 'x') as d, cast(c as number default 0 on conversion error) as n from t", ["D <- T.A", "N <- T.C"], []),
    ("bigquery", "select * from t match_recognize (partition by b order by c measures first(d) as e pattern (x+) define x as f > 1)", ["(rows) <- t.b", "(rows) <- t.c", "(rows) <- t.f", "b <- t.b", "e <- t.d"], []),
    ("bigquery", "select with(x as a + 1, y as x * b, y - c) as z from t", ["z <- t.a", "z <- t.b", "z <- t.c"], []),
    ("doris", "insert overwrite table s partition (p1) with label l (id, x) select id, a from t", ["s.id <- t.id", "s.x <- t.a"], []),
    (
        "databricks",
        "create or refresh materialized view mv (a comment 'x', constraint c expect (a > 0) on violation drop row, b) as select a, b from live.t",
        ["mv.a <- live.t.a", "mv.b <- live.t.b"],
        [],
    ),
    ("databricks", "insert into t replace where dt > '2024' select a, dt from s", ["(rows) <- t.dt", "t.a <- s.a", "t.dt <- s.dt"], []),
    ("databricks", "insert into t replace on t.a = s.a select a, b from s", ["(rows) <- s.a", "(rows) <- t.a", "t.a <- s.a", "t.b <- s.b"], []),
    ("databricks", "restore table t to version as of 3", [], ["no-data"]),
    ("databricks", "convert to delta parquet.`x`", [], ["no-data"]),
    ("databricks", "select r.id, x.col from range(10) r join t on t.a = r.id, explode(array(1, 2)) x", ["(rows) <- t.a"], []),
    ("spark", "select col0, col1 from (select stack(2, a, b, c, d) from t)", ["(rows) <- t.a", "(rows) <- t.b", "(rows) <- t.c", "(rows) <- t.d", "col0 <- t.a", "col0 <- t.c", "col1 <- t.b", "col1 <- t.d"], []),
    ("teradata", "select begin(p) as x, end(p) as y, case when a = 1 then b end as z from t", ["x <- t.p", "y <- t.p", "z <- t.a", "z <- t.b"], []),
    ("teradata", "select csum(a, b) as x, rank(c desc) as y from t", ["x <- t.a", "x <- t.b", "y <- t.c"], []),
    ("teradata", "select case when a = 'x' (not cs) then b end as z, c (date, format 'yyyy-mm-dd') (char(10)) as y, (d - e) day(4) to second as w from t", ["w <- t.d", "w <- t.e", "y <- t.c", "z <- t.a", "z <- t.b"], []),
    ("teradata", "select a from t sample randomized allocation 10", ["a <- t.a"], []),
    ("mysql", "select a from t group by a asc, b desc with rollup", ["(rows) <- t.a", "(rows) <- t.b", "a <- t.a"], []),
    # functions of a text that read relations to give one value
    ("postgres", "create function f(a int) returns int return (select max(b) from t where c = a); select f(x) as y from u", ["y <- t.b", "y <- t.c", "y <- u.x"], ["no-data"]),
    ("postgres", "create function s.f(a int) returns int as 'select max(b) from t where c = $1' language sql; select s.f(x) as y from u", ["y <- t.b", "y <- t.c", "y <- u.x"], ["no-data"]),
    ("postgres", "create function a.f(x int) returns int return (select max(v) from t); create function b.f(x int) returns int return (select max(w) from s); select a.f(k) as y from u", ["y <- t.v", "y <- u.k"], ["no-data", "no-data"]),
    ("postgres", "create function a.b.f(x int) returns int return (select max(v) from t); create function f() returns int return (select max(w) from s); select a.b.f(k) as y, f() as z from u", ["y <- t.v", "y <- u.k", "z <- s.w"], ["no-data", "no-data"]),
    ("postgres", "create function f(x int) returns int return (select max(v) from t); create function f(x text) returns int return (select max(w) from s); select f(k) as y from u", ["y <- u.k"], ["no-data", "not-followed"]),
    ("postgres", "create function f(x int) returns int return (select max(v) from t); create or replace function f(x int) returns int return (select max(w) from s); select f(k) as y from u", ["y <- s.w", "y <- u.k"], ["no-data"]),
    ("bigquery", "create temp function f(x int64) as ((select max(y) from d.u where k = x)); select f(a) as m from d.t", ["m <- d.t.a", "m <- d.u.k", "m <- d.u.y"], ["no-data"]),
    ("duckdb", "create macro f(x, y := 5) as x + (select max(v) from u); select sum(f(a)) as m from t", ["m <- t.a", "m <- u.v"], ["no-data"]),
    ("databricks", "create function f(x int) returns int return (select max(a) from t where b = x); select f(c) as z from u", ["z <- t.a", "z <- t.b", "z <- u.c"], ["no-data"]),
    ("bigquery", "create temp function f(x int64, y int64) as (x + y); select f(a, b) as z from d.t", ["z <- d.t.a", "z <- d.t.b"], ["not-followed"]),
    ("postgres", "create or replace function f() returns void as $$ begin create temp table z as select a from t; insert into s (x) select a from z; end $$ language plpgsql", ["s.x <- t.a", "z.a <- t.a"], []),
    ("postgres", "create function f() returns int language plpgsql as $$ declare v int; begin select max(a) into v from t; insert into s (x) values (v); return v; end $$", ["s.x <- t.a"], []),
    ("postgres", "create function f() returns void as $$\n-- every night\n<<all>> /* c */ declare n int; begin insert into s (x) select a from t; end $$ language plpgsql", ["s.x <- t.a"], []),
    ("postgres", "create function f(a int) returns int as $$ -- the highest\nselect max(b) from t where c = $1 $$ language sql; select f(x) as y from u", ["y <- t.b", "y <- t.c", "y <- u.x"], ["no-data"]),
    ("postgres", "create function f() returns int as $$ begin x = 1 end $$ language plpython3u", [], ["not-followed"]),
    ("postgres", "do $$ begin for r in execute 'select a from t' loop insert into s (x) values (r.a); end loop; end $$", ["s.x <- t.a"], []),
    ("snowflake", "set q = 'select a from t'; execute immediate $q", ["A <- T.A"], []),
    # names of relations and columns in places that were not looked at
    ("sqlite", "select a from t where b not in s", ["(rows) <- s.*", "(rows) <- t.b", "a <- t.a"], []),
    ("sqlite", "select a, b from t order by 2 collate nocase desc", ["(rows) <- t.b", "a <- t.a", "b <- t.b"], []),
    ("postgres", "select b is normalized as x, c is not document as y from t", ["x <- t.b", "y <- t.c"], []),
    ("postgres", "insert into t (a[1], b.c) select d, e from s", ["t.a <- s.d", "t.b <- s.e"], []),
    ("clickhouse", "insert into a select x from b parallel with insert into c select y from d", ["a.x <- b.x", "c.y <- d.y"], []),
    ("clickhouse", "insert into function remote('h', 'db', 't') select b from s", ["db.t.b <- s.b"], []),
    ("oracle", "select * from (select id, k, v from u) pivot xml (sum(v) for k in (any))", ["(rows) <- U.ID", "* <- U.K", "* <- U.V", "ID <- U.ID"], []),
    ("tsql", "select a into dbo.#x from t; insert into u (b) select a from #x", ["#x.a <- t.a", "u.b <- t.a"], []),
    ("snowflake", "create or replace semantic view sv tables (t as db.s.t primary key (id)) dimensions (t.d as b) metrics (t.m as sum(t.d))", [], ["not-followed"]),
    ("duckdb", "pivot (select a, b, c from t) on b in ('x') using max(c) group by a order by a limit 3", ["(rows) <- t.a", "a <- t.a", "x <- t.b", "x <- t.c"], []),
    ("duckdb", "copy (select a from t) to 'x' (format parquet, partition_by (a))", ["x.a <- t.a"], []),
    ("starrocks", "insert into s select id, k from files('path' = 's3://x', 'format' = 'parquet')", ["s.id <- s3://x.id", "s.k <- s3://x.k"], []),
    ("doris", "insert into s select a from s3('uri' = 's3://y', 'format' = 'csv')", ["s.a <- s3://y.a"], []),
    ("starrocks", "select a, b from t lateral join unnest(t.c) as x(b)", ["(rows) <- t.c", "a <- t.a", "b <- t.c"], []),
    ("fabric", "select a from t where b = 1 option (for timestamp as of '2024-01-01')", ["(rows) <- t.b", "a <- t.a"], []),
    ("tsql", "exec tempdb..sp_rename '#a', '#b'; exec sys.sp_rename @objname = 'dbo.t', @newname = 'u'", ["#b.* <- #a.*", "dbo.u.* <- dbo.t.*"], []),
    (
        "hive",
        "from (from s map s.a, s.b using 'm' as k, v cluster by k) x insert overwrite table t reduce x.k, x.v using 'r' as o, p",
        ["(rows) <- s.a", "(rows) <- s.b", "t.o <- s.a", "t.o <- s.b", "t.p <- s.a", "t.p <- s.b"],
        [],
    ),
    ("hive", "select transform(a, b) using 'x' as c, d from t", ["c <- t.a", "c <- t.b", "d <- t.a", "d <- t.b"], []),
    ("postgres", "merge into t using s on t.id = s.id when matched then update set a = s.c when not matched then insert default values", ["(rows) <- s.id", "(rows) <- t.id", "t.a <- s.c"], []),
    (
        "trino",
        "select json_query(a, 'lax $.x' with array wrapper) as p, json_exists(b, 'strict $.y' error on error) as q, json_value(c, 'lax $.z' returning int default 0 on empty) as r from t",
        ["p <- t.a", "q <- t.b", "r <- t.c"],
        [],
    ),
    ("duckdb", "select coalesce(*columns(*)) as c from (select x, y from s)", ["c <- s.x", "c <- s.y"], []),
    # code that runs for each row
    ("postgres", "create function g() returns trigger as $$ begin new.a := new.b + 1; insert into l (x) values (old.c); return new; end; $$ language plpgsql; create trigger tr before insert on t for each row execute function g()", ["l.x <- t.c", "t.a <- t.b"], []),
    ("postgres", "create function g() returns trigger as $$ begin new.u = now(); return new; end $$ language plpgsql; create trigger tr before update on t for each row execute function g()", [], []),
    ("postgres", "create rule r as on update to s.t where old.a <> new.a do also (insert into l (x) values (old.a); update u set k = new.b); select a from z", ["a <- z.a", "l.x <- s.t.a", "u.k <- s.t.b"], ["not-followed"]),
    ("postgres", "create rule r as on delete to t do instead nothing", [], ["no-data"]),
    ("snowflake", "begin call p(1); end", [], []),
    ("postgres", "create rule r as on insert to t do instead insert into s (id, x) values (new.id, new.a)", ["s.id <- t.id", "s.x <- t.a"], []),
)  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "sql", "edges", "codes"), _CASES, ids=[f"{one[0]}: {one[1][:60]}" for one in _CASES]
)
def test_the_lineage_of_the_form(dialect: str, sql: str, edges: list[str], codes: list[str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert sorted({said(edge) for edge in found.edges}) == edges
    assert [finding.code for finding in found.findings] == codes


def test_names_that_double_what_they_stand_for_are_refused_at_once() -> None:
    given = ", ".join(f"x{at + 1} as x{at} + x{at}" for at in range(60))
    with pytest.raises(LineageError):
        column_lineage(f"select with(x0 as a, {given}, x60) as z from t", dialect="bigquery")
