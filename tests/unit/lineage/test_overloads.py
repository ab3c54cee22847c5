"""Which of several functions of one name a call means: never the last of those that it could be."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said


def _made(parameters: str, relation: str, how: str = "create") -> str:
    return (
        f"{how} function f({parameters}) returns table (x int) language sql as 'select x from {relation}'; "
    )


_TWO = _made("a int", "t1") + _made("a text", "t2")
# dialect, functions, call, what it reads (nothing: the call is told as not followed)
_CASES: tuple[tuple[str, str, str, list[str]], ...] = (
    ("postgres", _TWO, "f(1)", []),
    ("snowflake", _made("a int", "t1") + _made("a varchar", "t2"), "table(f(1))", []),
    ("snowflake", _made("a int", "t1") + _made("a varchar", "t2"), "table(f(a => 1))", []),
    ("postgres", _made("a int", "t1") + _made("b integer", "t2", "create or replace"), "f(1)", ["t2.x"]),
    ("postgres", _made("a varchar(3)", "t1") + _made("a varchar(9)", "t2", "create or replace"), "f('1')", ["t2.x"]),
    ("postgres", _made("a int[]", "t1") + _made("a text[]", "t2"), "f(array[1])", []),
    ("postgres", _made("a s.k", "t1") + _made("a s.l", "t2"), "f(null)", []),
    ("postgres", _made("int", "t1") + _made("text", "t2"), "f(1)", []),
    ("postgres", _made("a int", "t1"), "f(1, 2, 3)", []),
    ("postgres", _made("a int", "t1"), "f()", []),
    ("postgres", _made("a int, b int", "t1"), "f(1)", []),
    ("postgres", _made("int, int", "t1"), "f(1)", []),
    ("postgres", _made("int, int", "t1"), "f()", []),
    ("postgres", _made("int, int", "t1"), "f(1, 2)", ["t1.x"]),
    ("postgres", _made("a int, b int default 3", "t1"), "f(1)", ["t1.x"]),
    ("postgres", _made("a int, b int default 3", "t1") + _made("a int", "t2"), "f(1)", []),
    ("postgres", _made("a int, b int default 3", "t1") + _made("a int", "t2"), "f(1, 2)", ["t1.x"]),
    ("postgres", _made("a int, variadic b int[]", "t1"), "f(1, 2, 3)", ["t1.x"]),
    ("postgres", _made("a int", "t1") + _made("b int, c int default 1", "t2"), "f(b => 1)", ["t2.x"]),
    ("postgres", _made("a int", "t1"), "f(z => 1)", []),
    ("duckdb", "create macro f(a, b) as table select x from t1; ", "f(1)", []),
    ("duckdb", "create macro f(a, b := 1 > 0) as table select x from t1; ", "f(1)", ["t1.x"]),
    ("duckdb", "create function f(a := [1, 2], b := {'c': 2}) as table select x from t1; ", "f()", ["t1.x"]),
    ("duckdb", "create macro f(a int, b int := 2) as table select x from t1; ", "f(1)", ["t1.x"]),
    ("duckdb", "create macro f(a int, b int := 2) as table select x from t1; ", "f(b := 1, a := 2)", ["t1.x"]),
    ("duckdb", "create macro s.f(a, b => 2, c := 3) as table select x from t1; ", "s.f(1, c := 2)", ["t1.x"]),
    ("duckdb", "create macro s.f(a, b => 2) as table select x from t1; ", "s.f()", []),
    ("tsql", "create function dbo.f(@a int) returns table as return (select x from t1); ", "dbo.f(1, 2)", []),
    ("tsql", "create function dbo.f(@a int, @b int = 3) returns table as return (select x from t1); ", "dbo.f(1, default)", ["t1.x"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "functions", "call", "inputs"), _CASES)
def test_a_call_means_the_only_function_that_takes_it(
    dialect: str, functions: str, call: str, inputs: list[str]
) -> None:
    found = column_lineage(f"{functions}select x from {call} q", dialect=dialect)
    assert sorted({said(edge).lower().split(" <- ")[1] for edge in found.edges}) == inputs
    told = [one.message for one in found.findings if "what this function reads is not known" in one.message]
    assert bool(told) is not bool(inputs)
