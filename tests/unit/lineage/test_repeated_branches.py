"""Branches of a UNION ALL that repeat one another: what is left out must never be seen in an answer."""

from __future__ import annotations

import pytest

from penstock.lineage import LineageError, StatementLineage, column_lineage
from penstock.lineage.read.parse import Reader
from penstock.lineage.read.repeated_branches import may_repeat, without_repeated

_SHAPES = (
    "select id, {n} as kind from a where {w} {u} {many} {u} select id, 99 as kind from b order by 1",
    "with c as (select id, 99 as kind from b {u} {many} {u} select x, 1 as k from d) select * from c where kind > 1",
    "create table made as select kind, count(*) as n from (select z as id, 9 as kind from b {u} {many} {u} select 1, 2) as q group by kind",
)


def _branches(shape: str, filters: list[int], union: str = "union all", source: str = "a") -> str:
    """Branches that differ by a constant of the select list, each with a filter that counts as it is written."""
    many = f" {union} ".join(
        f"select id, '{at:03}' as kind from {source} where {source}.x > {one:02}"
        for at, one in enumerate(filters)
    )
    return shape.format(many=many, u=union, n=7, w="x > 00")


def _answer(sql: str, dialect: str = "duckdb") -> StatementLineage:
    return column_lineage(sql, dialect=dialect, schema={"a": ["id", "x"], "b": ["id", "z"]})


def _tokens_left_out(sql: str) -> int:
    tokens = Reader("duckdb").tokens(sql)
    return len(tokens) - len(without_repeated(tokens))


@pytest.mark.parametrize("source", ["a", "(select id, max(y) as x from e group by id) as a", "nowhere as a"])
@pytest.mark.parametrize("shape", _SHAPES)
def test_the_answer_is_that_of_all_branches(shape: str, source: str) -> None:
    alike = _branches(shape, [11] * 9, source="a").replace("from a where a.", f"from {source} where a.")
    told_apart = _branches(shape, [11, *range(50, 57), 11]).replace(
        "from a where a.", f"from {source} where a."
    )
    assert _tokens_left_out(alike) > 0
    assert _tokens_left_out(told_apart) == 0
    assert may_repeat(alike)
    assert _answer(alike) == _answer(told_apart)


@pytest.mark.parametrize(
    "sql",
    [
        _branches(_SHAPES[1], [11] * 9, union="union"),
        _branches(_SHAPES[1], [11] * 9, union="except"),
        _branches(_SHAPES[1], [11] * 9).replace("union all", "except", 1),
        _branches(_SHAPES[1], [11] * 9, union="union all by name"),
        "select (select 1 as a union all select 2 as a union all select 3 as a union all select 4 as a "
        "union all select 5 as a union all select 6 as a)",
    ],
    ids=["union", "except", "one except", "by name", "spelled as a column's name"],
)
def test_what_counts_is_left_as_it_is(sql: str) -> None:
    assert _tokens_left_out(sql) == 0


def test_constants_that_name_something_are_told_apart() -> None:
    steps = [f"select j ->> '$.f{at}' as v from a" for at in range(6)]
    found = _answer(" union all ".join(["select '' as v", *steps, "select '' as v"]))
    assert {edge.path for edge in found.edges if edge.column == "j"} == {f"f{at}" for at in range(6)}


def test_relations_named_by_a_constant_are_told_apart() -> None:
    files = [f"select v from 'f{at}.parquet' as f" for at in range(6)]
    found = _answer(" union all ".join(["select 0 as v", *files, "select 0 as v"]))
    assert len({use.parts for use in found.relations}) == 6


def test_the_place_of_an_error_stays() -> None:
    broken = _branches(_SHAPES[0], [11] * 9).replace("order by 1", "order order by")
    plain = _branches(_SHAPES[0], [11, *range(50, 57), 11]).replace("order by 1", "order order by")
    with pytest.raises(LineageError, match="line 1") as first:
        _answer(broken)
    with pytest.raises(LineageError, match="line 1") as second:
        _answer(plain)
    assert str(first.value) == str(second.value)
