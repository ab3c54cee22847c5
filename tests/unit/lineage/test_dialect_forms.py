"""Forms of one dialect each, said to the parser in other words: their lineage is that of the form."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

# dialect, statement, all edges
_CASES: tuple[tuple[str, str, list[str]], ...] = (
    ("snowflake", "select a, sum(b) as s, s + 1 as n from t group by all", ["(rows) <- T.A", "A <- T.A", "N <- T.B", "N <- T.S", "S <- T.B"]),
    (
        "snowflake",
        "select * from t pivot (sum(a) for b in ('x', 'y')) as p (id, px, py)",
        ["(rows) <- T.*", "ID <- T.ID", "PX <- T.A", "PX <- T.B", "PY <- T.A", "PY <- T.B"],
    ),
    ("hive", "select x.k from t lateral view explode(t.m) x as k, v join u on u.id = x.v", ["(rows) <- t.m", "(rows) <- u.id", "k <- t.m"]),
    ("spark", "select x.k from t join u on u.id = t.id lateral view explode(u.m) x as k", ["(rows) <- t.id", "(rows) <- u.id", "(rows) <- u.m", "k <- u.m"]),
    ("doris", "insert overwrite table t partition (p1) select a from s", ["t.a <- s.a"]),
    ("mysql", "insert into t partition (p0) (a) select a from s partition (p3)", ["t.a <- s.a"]),
    ("hive", "from s insert overwrite table p partition (d) select a, b insert into table q select a", ["p.a <- s.a", "p.d <- s.b", "q.a <- s.a"]),
    ("teradata", "select normalize on meets or overlaps a (format 'x'), b (title 'q') from t", ["a <- t.a", "b <- t.b"]),
    ("teradata", "select normalize, title from t", ["normalize <- t.normalize", "title <- t.title"]),
    ("tsql", "insert into openquery(srv, 'select a from t') select b from u", ["srv.t.a <- u.b"]),
    ("tsql", "update x set b += y.d, x.e -= 1 from t as x join u as y on x.id = y.id", ["(rows) <- t.id", "(rows) <- u.id", "t.b <- t.b", "t.b <- u.d", "t.e <- t.e"]),
    ("tsql", "update top (10) percent t set a = b output deleted.a into log (p)", ["log.p <- t.a", "t.a <- t.b"]),
    ("tsql", "update t set a = b where current of c", ["t.a <- t.b"]),
    (
        "tsql",
        "merge t using s on t.id = s.id when matched then update set a = s.a output $action, inserted.a, deleted.a into log (x, y, z);",
        ["(rows) <- s.id", "(rows) <- t.id", "log.y <- s.a", "log.z <- t.a", "t.a <- s.a"],
    ),
    ("tsql", "select r.x from openrowset(bulk 'f.csv', format = 'csv') with (x int) as r", ["x <- f.csv.x"]),
    ("tsql", "copy into s.t (a 1, b default 'x' 2) from 'https://x' with (file_type = 'csv')", ["s.t.a <- https://x.*", "s.t.b <- https://x.*"]),
    ("databricks", "insert with schema evolution into t select a from s", ["t.a <- s.a"]),
    ("databricks", "create table t shallow clone s version as of 3", ["t.* <- s.*"]),
    ("databricks", "create or refresh live table l (constraint c expect (a > 1) on violation drop row) as select a from m", ["l.a <- m.a"]),
    ("databricks", "create or refresh streaming table l as select a from stream(m)", ["l.a <- m.a"]),
    ("bigquery", "create table z clone y for system_time as of timestamp '2020-01-01'", ["z.* <- y.*"]),
    ("hive", "create view v partitioned on (d) as select a, d from t", ["v.a <- t.a", "v.d <- t.d"]),
    ("starrocks", "insert into t with label l1 select a from s", ["t.a <- s.a"]),
    ("sqlite", "update or ignore t set a = b", ["t.a <- t.b"]),
    ("clickhouse", "select * apply toString from t", ["* <- t.*"]),
    ("clickhouse", "create table y clone as z", ["y.* <- z.*"]),
    ("oracle", "select a from t versions between timestamp minvalue and maxvalue where b = 1", ["(rows) <- T.B", "A <- T.A"]),
    (
        "oracle",
        "select j.c from t, json_table(t.doc, '$[*]' columns (a number path '$.a', nested '$.b[*]' columns (c number path '$.c'))) j",
        ["(rows) <- T.DOC", "C <- T.DOC"],
    ),
    ("snowflake", "create table a as select x from b; insert into a select x from c; alter table a swap with d", ["A.X <- B.X", "A.X <- C.X", "D.X <- B.X", "D.X <- C.X"]),
    ("bigquery", "select hits.page, product.n from s, unnest(hits) as hits, unnest(hits.product) as product", ["(rows) <- s.hits", "n <- s.hits", "page <- s.hits"]),
    ("redshift", "select items.n, items from t, t.items as items", ["(rows) <- t.items", "items <- t.items", "n <- t.items"]),
    ("duckdb", "select a from read_parquet(['x.pq', 'y.pq'], union_by_name = true)", ["a <- x.pq.a", "a <- y.pq.a"]),
    ("tsql", "select dbo.f(a) as x, s.db.g(b) as y from t", ["x <- t.a", "y <- t.b"]),
    ("tsql", "select doc.value('(a)[1]', 'int') as x from t", ["x <- t.doc"]),
    ("snowflake", "select my.f(a) as x from t where db.s.g(b) > 1", ["(rows) <- T.B", "X <- T.A"]),
    ("bigquery", "select d.f(a) as x, hll_count.init(b) as y, `p.d`.g(c) as z from t", ["x <- t.a", "y <- t.b", "z <- t.c"]),
    ("postgres", "select s.agg(a order by b) as x from t", ["x <- t.a", "x <- t.b"]),
    ("postgres", "select s.agg(a) filter (where b) over (partition by c) as x from t", ["x <- t.a", "x <- t.b", "x <- t.c"]),
    ("oracle", "select pkg.f(a) as x, t.doc.getclobval() as y from t t", ["X <- T.A", "Y <- T.DOC"]),
    ("duckdb", "select l.list_filter(x -> x > a) as y from t", ["y <- t.a", "y <- t.l"]),
    ("bigquery", "update d.t z set z.s.x = u.b, r.x.y = u.c from u where true", ["d.t.r <- u.c", "d.t.s <- u.b"]),
    ("mysql", "select a into outfile '/f' fields terminated by ',' from t where c = 1", ["(rows) <- t.c", "/f.a <- t.a"]),
    ("mysql", "select a from t into outfile '/f' lines terminated by ';'", ["/f.a <- t.a"]),
    ("redshift", "merge into t using s on t.id = s.id remove duplicates", ["(rows) <- s.id", "(rows) <- t.id", "t.* <- s.*"]),
    ("duckdb", "merge into t using u on t.id = u.id when matched then update by name", ["(rows) <- t.id", "(rows) <- u.id", "t.* <- u.*"]),
    ("bigquery", "select a, b from t union all corresponding by (b) select b, a from u", ["b <- t.b", "b <- u.b"]),
    (
        "trino",
        "select m from t match_recognize (order by b measures avg(st.d) as m pattern (x y+) subset st = (x, y) define y as y.c > 1)",
        ["(rows) <- t.b", "(rows) <- t.c", "m <- t.d"],
    ),
)  # fmt: skip
# dialect, statement, a word of the only finding
_TOLD = (
    ("oracle", "select u.b from u left outer join t partition by (t.c) on t.d = u.d", "t.c"),
    ("oracle", "select u.b from t partition by (t.c) right outer join u on t.d = u.d", "t.c"),
    ("oracle", "insert into t (a) select b from u log errors into err reject limit unlimited", "err"),
    (
        "snowflake",
        "create row access policy p as (v varchar) returns boolean -> exists (select 1 from m)",
        "policy",
    ),
    ("snowflake", "put file:///x.csv @%t", "@%t"),
    ("mysql", "handler t open", "t"),
    ("trino", "select v from t cross join unnest(t.m, t.a) as u (k, v, e)", "types"),
)
# The alias of an array hides the array.
_SURE = (
    ("bigquery", "select items.n from t, unnest(items) as items"),
    ("bigquery", "select items.n, items from t, t.items as items where items.q > 1"),
)
# What names no column and no relation is not missed.
_QUIET = (
    ("tsql", "select t.a from t with (index (ix)) join u with (nolock) on t.id = u.id"),
    ("sqlite", "select a from t indexed by i"),
    ("oracle", "select a from t partition (p1)"),
    ("duckdb", "select a from read_csv('x.csv', header = true)"),
    ("tsql", "insert into z select 1 as a; truncate table z"),
    ("spark", "select grouping_id(a, b) as g from t group by a, b with rollup"),
)


@pytest.mark.parametrize(("dialect", "sql", "expected"), _CASES, ids=[f"{d}: {s[:60]}" for d, s, _ in _CASES])
def test_a_form_is_followed(dialect: str, sql: str, expected: list[str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert sorted({said(one) for one in found.edges}) == expected


@pytest.mark.parametrize(("dialect", "sql", "word"), _TOLD)
def test_what_a_form_leaves_open_is_told(dialect: str, sql: str, word: str) -> None:
    (finding,) = column_lineage(sql, dialect=dialect).findings
    assert word in finding.message


@pytest.mark.parametrize(("dialect", "sql"), _SURE)
def test_an_alias_like_its_array_is_the_alias(dialect: str, sql: str) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert {one.certainty.value for one in found.edges} == {"resolved"}
    assert found.findings == ()


@pytest.mark.parametrize(("dialect", "sql"), _QUIET)
def test_labels_are_not_missed(dialect: str, sql: str) -> None:
    assert column_lineage(sql, dialect=dialect).findings == ()


def test_both_of_two_tables_that_change_places_are_known_afterwards() -> None:
    sql = "create table a as select x from b; create table d as select y from c; alter table a swap with d; insert into z select * from d"
    edges = [one for one in column_lineage(sql, dialect="snowflake").edges if one.target == ("Z",)]
    assert [(one.output, one.relation) for one in edges] == [("X", ("D",))]


def test_only_the_middle_of_several_arrays_is_in_doubt() -> None:
    sql = "select k, v, e from t cross join unnest(t.m, t.a) as u (k, v, e)"
    edges = column_lineage(sql, dialect="trino").edges
    assert {(one.output, one.column, one.certainty.value) for one in edges if one.output} == {
        ("k", "m", "resolved"), ("v", "m", "ambiguous"), ("v", "a", "ambiguous"), ("e", "a", "resolved"),
    }  # fmt: skip
