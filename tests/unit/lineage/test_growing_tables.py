"""A temporary table that several statements write to: it holds what each of them gave, and stays open where it was."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

_LIKE = "create temp table a (like b); insert into a (x) select y from c"
# what is written, the query of `r` over it, the inputs of r's columns, r's columns
_CASES = (
    (f"{_LIKE}; insert into a (w) select v from d", "x, w", ["w <- d.v", "x <- c.y"], "x w"),
    (f"{_LIKE}; update a set w = d.v from d", "x, w, z", ["w <- d.v", "x <- c.y"], "x w z"),
    (_LIKE, "*", ["x <- c.y"], "* x"),
    ("create temp table a (like b); insert into a select * from c; insert into a select * from d", "x", ["x <- c.x", "x <- d.x"], "x"),
    ("create temp table a (like b); insert into a select * from c; insert into a (x) select v from d", "x, w", ["w <- c.w", "x <- c.x", "x <- d.v"], "x w"),
    ("create temp table a as select * from c; insert into a (x) select v from d", "*", ["* <- c.*", "x <- c.x", "x <- d.v"], "* x"),
    ("create temp table a as select y as x from c; insert into a select * from d", "*", ["x <- c.y", "x <- d.x"], "x"),
)  # fmt: skip


@pytest.mark.parametrize("dialect", ["postgres", "snowflake"])
@pytest.mark.parametrize(("script", "query", "inputs", "columns"), _CASES)
def test_a_table_holds_what_each_statement_gave(
    dialect: str, script: str, query: str, inputs: list[str], columns: str
) -> None:
    found = column_lineage(f"{script}; create table r as select {query} from a", dialect=dialect)
    edges = {said(edge).lower()[2:] for edge in found.edges if edge.target[-1].lower() == "r" and edge.output}
    assert sorted(edges) == inputs
    assert " ".join(one.name.lower() for one in found.columns if one.target[-1].lower() == "r") == columns
    assert not found.findings


# what is written, all edges of columns
_NAMED_AND_NOT = (
    ("databricks", "merge into t using s on t.id = s.id when matched then update set a = s.b when not matched then insert *", ["t.* <- s.*", "t.a <- s.a", "t.a <- s.b"]),
    ("postgres", "insert into t select * from s on conflict (id) do update set a = excluded.b", ["t.* <- s.*", "t.a <- s.a", "t.a <- s.b"]),
    (
        "databricks",
        "create temporary table t like k; merge into t using s on t.id = s.id when not matched then insert *; create table r as select a from t",
        ["r.a <- s.a", "t.* <- s.*"],
    ),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "expected"), _NAMED_AND_NOT)
def test_a_column_that_is_named_beside_a_star_is_in_both(dialect: str, sql: str, expected: list[str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert sorted({said(edge) for edge in found.edges if edge.output}) == expected
    assert not found.findings
