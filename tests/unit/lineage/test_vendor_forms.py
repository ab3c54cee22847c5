"""Forms of warehouses that are named in their manuals and seldom met: engines, variables in queries, logs of changes, sources without FROM."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

# dialect, statement, all edges, the codes of the findings
_CASES: tuple[tuple[str, str, list[str], list[str]], ...] = (
    # `s.id` is a field only where there are fields
    *((one, "select s.id from t", ["(rows) <- t.*", "id <- ?.s.id"], ["unresolved-column"]) for one in ("mysql", "sqlite", "tsql")),
    ("tsql", "select geo.Lat from t", ["Lat <- t.geo"], []),
    ("hive", "select s.id from t", ["id <- t.s"], []),
    ("teradata", "del from t where t.id = s.id", ["(rows) <- s.id", "(rows) <- t.id"], []),
    ("teradata", "select t.a, d.s.b from t where t.id = d.s.id", ["(rows) <- d.s.id", "(rows) <- t.id", "a <- t.a", "b <- d.s.b"], []),
    *(
        (one, "with r as (select a, 1 as n from t union all select r.a, r.n + 1 from r) select a, n from r", ["a <- t.a"], [])
        for one in ("sqlite", "ansi")
    ),
    ("mysql", "select @x := max(a) from s; insert into t (b) values (@x)", ["@x := max(a) <- s.a", "t.b <- s.a"], []),
    (
        "mysql",
        "select @n := if(@p = t.g, @n + 1, 1) as rn, @p := t.g as q from t, (select @n := 0) i",
        ["q <- t.g", "rn <- t.g"],
        [],
    ),
    ("tsql", "delete from d.t output deleted.* into d.log where x = 1", ["(rows) <- d.t.x", "d.log.* <- d.t.*"], []),
    (
        "tsql",
        "delete top (10) from d.t output deleted.a into [arch].[d].[log] from d.t t join s on s.id = t.id",
        ["(rows) <- d.t.id", "(rows) <- s.id", "arch.d.log.a <- d.t.a"],
        [],
    ),
    ("tsql", "insert top (5) into t (a) select b from s", ["t.a <- s.b"], []),
    ("oracle", "insert into t (a) select b from s log errors into err$_t ('x') reject limit unlimited", ["T.A <- S.B"], ["not-followed"]),
    ("clickhouse", "create table t as s", [], []),
    ("clickhouse", "create table t (a Int32) engine = Distributed('c', 'd', loc, rand())", ["t.a <- d.loc.a"], []),
    ("clickhouse", "create table t as s engine = Distributed(c, currentDatabase(), loc)", ["t.* <- loc.*"], []),
    ("clickhouse", "create table t (a Int32) engine = Kafka('h', 'topic', 'g', 'CSV')", ["t.a <- topic.a"], []),
    ("clickhouse", "create table t (a Int32) engine = Kafka settings kafka_topic_list = 'tp', kafka_format = 'CSV'", ["t.a <- tp.a"], []),
    ("clickhouse", "create table t (a Int32) engine = PostgreSQL('h:1', 'd', 's', 'u', 'p')", ["t.a <- d.s.a"], []),
    ("clickhouse", "create table t (a Int32) engine = S3('https://b/k.csv', 'CSV')", ["t.a <- https://b/k.csv.a"], []),
    ("clickhouse", "create table t (a Int32) engine = Dictionary(d.s)", ["t.a <- d.s.a"], []),
    ("clickhouse", "create table t (a Int32) engine = Buffer(d, u, 16)", ["d.u.a <- t.a", "t.a <- d.u.a"], []),
    ("clickhouse", "create table t (a Int32, b Int32) engine = Join(any, left, a)", [], []),
    ("clickhouse", "create view v as select a from t where b = {p:UInt32}", ["(rows) <- t.b", "v.a <- t.a"], []),
    ("clickhouse", "select x.a from y, d.v(p = y.b) as x", ["(rows) <- y.b", "a <- d.v.a"], []),
    ("teradata", "create table t as s with no data", [], ["no-data"]),
    ("teradata", "create volatile table t as (select a from s) with no data; insert into t select b from u; select a from t", ["a <- u.b", "t.a <- u.b"], ["no-data"]),
    # queries in texts
    (
        "tsql",
        "select x.a from openquery(srv, 'select a, ''z'' as q from s.t where b = ''1''') as x",
        ["(rows) <- srv.s.t.b", "a <- srv.s.t.a"],
        [],
    ),
    ("tsql", "select * into #z from openquery(srv, 'with c as (select a from d.s.t) select a from c')", ["#z.a <- srv.d.s.t.a"], []),
    ("tsql", "select a from openrowset('P', 'Server=srv;Pwd=x', 'select a from d.s.t') as x", ["a <- srv.d.s.t.a"], []),
    ("tsql", "insert into openquery(srv, 'select a, b from s.t') select x, y from u", ["srv.s.t.a <- u.x", "srv.s.t.b <- u.y"], []),
    ("tsql", "delete openquery(srv, 'select a from t where b = 1')", ["(rows) <- srv.t.b"], []),
    ("tsql", "select a from openquery(srv, 'select a &&& from t') as x", ["a <- srv.a"], ["not-followed"]),
    ("tsql", "insert into openquery(srv, 'select &&& from t') select b from u", ["srv.b <- u.b"], ["not-followed"]),
    ("trino", "select x.a from table(pg.system.query(query => 'select a from s.t')) as x", ["a <- pg.s.t.a"], []),
    ("postgres", "select p from dblink('dbname=far password=x', 'select a, b from t') as x(p int, q text)", ["p <- far.t.a"], []),
    ("bigquery", "select a from external_query('p.l.c', 'select a from s.t')", ["a <- p.l.c.s.t.a"], []),
    (
        "postgres",
        "select * from crosstab('select r, e, c, v from t', 'select k from cats') as ct(r text, e text, x int)",
        ["e <- t.e", "r <- t.r", "x <- cats.k", "x <- t.c", "x <- t.v"],
        [],
    ),
    # functions of T-SQL
    (
        "tsql",
        "create function d.f (@id int) returns @r table (a int, b int) as begin insert into @r select x, y from d.t where id = @id; return end\n"
        "go\ninsert into w (p) select q.b from d.f(3) as q",
        ["(rows) <- d.t.id", "@r.a <- d.t.x", "@r.b <- d.t.y", "w.p <- d.t.y"],
        ["no-data"],
    ),
    ("tsql", "create function d.f (@id int) returns table as return (select a, b from d.t)\ngo\nselect b from d.f(1)", ["b <- d.t.b"], ["no-data"]),
    ("tsql", "create function d.f(@x int) returns int as external name n.c.m\ngo\nselect a from t", ["a <- t.a"], ["not-followed"]),
    # Teradata, and what it shares
    ("teradata", "locking table t for access select a from t", ["a <- t.a"], []),
    ("teradata", "locking table u for access select a from t", ["a <- t.a"], ["not-followed"]),
    ("teradata", "replace view v as locking d.t for access select a from d.t", ["v.a <- d.t.a"], []),
    (
        "teradata",
        "sel sum(b) over (partition by c order by d reset when e in (1, 2) rows unbounded preceding) s from t",
        ["s <- t.b", "s <- t.c", "s <- t.d", "s <- t.e"],
        [],
    ),
    ("teradata", "create table t as (sel a from s) with data and no stats", ["t.a <- s.a"], []),
    ("teradata", "using (x integer, y date) insert into t (a, b) select c, :x from s", ["t.a <- s.c"], []),
    *(
        (
            one,
            "create recursive view r (a, b) as (select t.a, t.b from t where t.p is null union all select t.a, t.b from r, t where r.a = t.p)",
            ["(rows) <- t.a", "(rows) <- t.p", "r.a <- t.a", "r.b <- t.b"],
            [],
        )
        for one in ("teradata", "postgres")
    ),
    ("teradata", "create macro m (d date) as (insert into t (a) select a from s; sel x from u;);\nsel c from v", ["c <- v.c", "t.a <- s.a", "x <- u.x"], []),
    ("teradata", "create trigger g after insert on t for each row insert into l (a) values (new.b)", ["l.a <- t.b"], []),
    (
        "oracle",
        "create trigger g after update on h.t referencing new as n old as o for each row begin insert into l (a, b) values (:n.a, :o.b); end;",
        ["L.A <- H.T.A", "L.B <- H.T.B"],
        [],
    ),
    ("tsql", "rename object d.t_new to t", ["d.t.* <- d.t_new.*"], []),
    # Hive
    (
        "hive",
        "from (select a, b from s) q insert overwrite table u select q.a insert overwrite directory '/out' select q.b",
        ["/out.b <- s.b", "u.a <- s.a"],
        [],
    ),
    ("hive", "select `(a|b)?+.+` from t", ["* <- t.*"], []),
    ("hive", "select `a_.*`, x.`.*b`, `a.b` from (select a_1, b, c as `a.b` from t) x", ["a.b <- t.c", "a_1 <- t.a_1", "b <- t.b"], []),
    (
        "oracle",
        "with r (id) as (select id from t union all select t.id from t join r on t.p = r.id) cycle id set c to 'Y' default 'N' select id, c from r",
        ["(rows) <- T.ID", "(rows) <- T.P", "C <- T.ID", "ID <- T.ID"],
        [],
    ),
    # what runs elsewhere, and bodies without BEGIN
    ("tsql", "execute ('select a from t') at srv; select b from u", ["b <- u.b"], ["not-followed"]),
    ("tsql", "create proc p @a int, @t d.tt readonly as insert into x (a) select v from @t where b = @a", ["(rows) <- @t.b", "x.a <- @t.v"], []),
    ("tsql", "create proc p as select a from t;\ngo\ninsert into x (b) select c from u", ["a <- t.a", "x.b <- u.c"], []),
    ("tsql", "alter proc d.p (@a int = 1) with recompile as set nocount on insert into x (a) select v from t", ["x.a <- t.v"], []),
    ("fabric", "create table s.t as clone of s.u at '2020-01-01'", ["s.t.* <- s.u.*"], []),
    ("mysql", "delete t.* from t join u on t.id = u.id", ["(rows) <- t.id", "(rows) <- u.id"], []),
    ("mysql", "create table t replace select a from u", ["t.a <- u.a"], []),
    ("clickhouse", "select a from s3Cluster('c', 'https://b/x.csv', 'CSV')", ["a <- https://b/x.csv.a"], []),
    ("clickhouse", "alter table t on cluster c update a = b where d = 1", ["(rows) <- t.d", "t.a <- t.b"], []),
    ("clickhouse", "insert into t (a) settings async_insert = 1 values (1)", [], []),
    ("hive", "insert into t partition (dt) select s.*, u.d, u.e from s, u", ["t.* <- s.*", "t.d <- u.d", "t.dt <- u.e"], []),
    ("hive", "create materialized view m partitioned on (c) stored as orc as select a, c from t", ["m.a <- t.a", "m.c <- t.c"], []),
    ("oracle", "set define off; set echo off; insert into t select a from s; exit;", ["T.A <- S.A"], []),
    ("oracle", "alter session set current_schema = hr; select a from emp", ["A <- HR.EMP.A"], []),
    ("oracle", "create or replace view v (a) bequeath definer as select x from t", ["V.A <- T.X"], []),
    (
        "oracle",
        "select xmlcast(xmlquery('/a' passing t.d returning content) as number) x from t where xmlexists('/q' passing by value t.f as \"k\")",
        ["(rows) <- T.F", "X <- T.D"],
        [],
    ),
    ("mysql", "select a, b into @y, @z from t; update v set p = @y, q = @z", ["v.p <- t.a", "v.q <- t.b"], []),
    ("mysql", "select a, b, c into @x, @y, @z from t; update v set p = @x, q = @y, r = @z", ["v.p <- t.a", "v.q <- t.b", "v.r <- t.c"], []),
    ("mysql", "select max(a), b from t group by b into @y, @z; update v set p = @y, q = @z", ["v.p <- t.a", "v.q <- t.b"], []),
    ("mysql", "insert into t (a) select x from s; select a, b into outfile '/f' from t", ["/f.a <- t.a", "/f.b <- t.b", "t.a <- s.x"], []),
    ("tsql", "select a into ##g from t; select * from tempdb..##g", ["##g.a <- t.a", "a <- t.a"], []),
    ("tsql", "deny select, insert on v to w; insert into a select b from c", ["a.b <- c.b"], ["no-data"]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "sql", "edges", "codes"), _CASES, ids=[f"{one[0]}: {one[1][:60]}" for one in _CASES]
)
def test_the_lineage_of_the_form(dialect: str, sql: str, edges: list[str], codes: list[str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert sorted({said(edge) for edge in found.edges}) == edges
    assert [finding.code for finding in found.findings] == codes
