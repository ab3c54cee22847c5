"""What is written, and by which columns: loads, lists of columns, branches of MERGE, names that are no relation."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

# dialect, statement, all that is said of columns: `target.column <- relation.column`, `(rows)` for all columns
_CASES: tuple[tuple[str, str, list[str]], ...] = (
    ("postgres", "copy t (a, b) from '/f'", ["t.a <- /f.*", "t.b <- /f.*"]),
    ("postgres", "copy t (a) from program 'cat'", ["t.a <- cat.*"]),
    ("redshift", "copy t (a) from 's3://x' iam_role 'r' csv", ["t.a <- s3://x.*"]),
    ("snowflake", "copy into t (a) from @st", ["T.A <- @st.*"]),
    ("bigquery", "load data into d.t (a int64) from files (format = 'CSV', uris = ['gs://x'])", ["d.t.a <- gs://x.*"]),
    (
        "mysql",
        "load data infile '/f' into table t fields terminated by ',' (a, @v) set c = @v + 1",
        ["t.a <- /f.*", "t.c <- /f.*"],
    ),
    ("mysql", "load xml infile '/f' into table t rows identified by '<r>'", ["t.* <- /f.*"]),
    ("duckdb", "alter table t rename a to z", []),
    (
        "duckdb",
        "merge into t using u using (id) when matched then update when not matched then insert by name",
        ["(rows) <- t.id", "(rows) <- u.id", "t.* <- u.*"],
    ),
    (
        "bigquery",
        "merge t using s on t.id = s.id when matched then update set a.b = s.b, t.c.d = s.d",
        ["(rows) <- s.id", "(rows) <- t.id", "t.a <- s.b", "t.c <- s.d"],
    ),
    (
        "bigquery",
        "declare x, y int64; set (x, y) = (select as struct a, b from t); select x as p, y as q",
        ["p <- t.a", "q <- t.b"],
    ),
    (
        "bigquery",
        "declare x, y int64; set (x, y) = (1, (select max(a) from t)); select x as p, y as q",
        ["q <- t.a"],
    ),
    ("mysql", "create view v (p) as select a from t with check option; do sleep(1)", ["v.p <- t.a"]),
    (
        "mysql",
        "insert into t (a, b) values ((select z from w), 2) as n (x, y) on duplicate key update b = n.x",
        ["t.a <- w.z", "t.b <- w.z"],
    ),
    (
        "postgres",
        "insert into t select x, y from s on conflict (id) do update set (a, b) = (excluded.x, excluded.y)",
        ["t.a <- s.x", "t.b <- s.y", "t.x <- s.x", "t.y <- s.y"],
    ),
    ("tsql", "create table #z (x int, y int); update q set q.x = c.w from #z q cross join c", ["#z.x <- c.w"]),
    ("tsql", "declare @z table (x int, y int); update q set x = c.w from @z q cross join c", ["@z.x <- c.w"]),
    ("tsql", "select a, b into #z from t; delete q from #z q where q.b = 1", ["#z.a <- t.a", "#z.b <- t.b", "(rows) <- t.b"]),
    ("spark", "insert overwrite table t partition (d = '1', h) if not exists select a, h from s", ["t.a <- s.a", "t.h <- s.h"]),
    ("postgres", "create temp table x on commit drop as select a from t", ["x.a <- t.a"]),
    ("oracle", "create table x (p) parallel 4 nologging as select a from t", ["X.P <- T.A"]),
    ("spark", "insert into t table s", ["t.* <- s.*"]),
    ("oracle", "select t.a from t@far join s.u@near on t.id = u.id", ["(rows) <- S.U@NEAR.ID", "(rows) <- T@FAR.ID", "A <- T@FAR.A"]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"), _CASES, ids=[f"{one[0]}: {one[1][:60]}" for one in _CASES]
)
def test_the_columns_of_the_target_are_known(dialect: str, sql: str, expected: list[str]) -> None:
    assert sorted({said(edge) for edge in column_lineage(sql, dialect=dialect).edges}) == expected


def test_an_unknown_candidate_is_no_relation() -> None:
    sql = "select a from merge('sh', '^t'), remote('h', sh, v), view(select a from w)"
    (edge,) = [one for one in column_lineage(sql, dialect="clickhouse").edges if one.output == "a"]
    assert sorted(edge.candidates) == [("sh", "v"), ("w",)]
