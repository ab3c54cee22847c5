"""Many joins without a condition: read at once, each as the cross join that it is, or refused."""

from __future__ import annotations

import pytest

from penstock.change.shape.edit import shape_of
from penstock.change.statements import sql_change
from penstock.lineage import LineageError, column_lineage
from penstock.lineage.read.bare_joins import MOST

_MANY = 60  # twice as long with each: the test would never end


def _joined(words: str, count: int = _MANY, behind: str = "") -> str:
    return f"select t0.a, t{count}.b from t0 " + " ".join(
        f"{words} t{at}{behind}" for at in range(1, count + 1)
    )


@pytest.mark.parametrize(
    "dialect", ["duckdb", "snowflake", "bigquery", "mysql", "clickhouse", "tsql", "spark"]
)
@pytest.mark.parametrize(
    "words",
    ["join", "inner join", "Left Join", "full outer join", "straight_join", "natural join", ", u join"],
)
def test_each_is_a_relation_of_the_result(words: str, dialect: str) -> None:
    found = column_lineage(_joined(words), dialect=dialect)
    names = {use.parts[-1].lower() for use in found.relations}
    assert {f"t{at}" for at in range(_MANY + 1)} <= names
    assert {edge.column.lower() for edge in found.edges if edge.output} == {"a", "b"}


def test_few_and_many_are_answered_alike() -> None:
    """The same statement, with the joins that make them many written as cross joins."""
    bare = column_lineage(_joined("join", MOST + 1), dialect="duckdb")
    crossed = column_lineage(_joined("cross join", MOST + 1), dialect="duckdb")
    assert {(e.output, e.relation, e.column, e.subtype) for e in bare.edges} == {
        (e.output, e.relation, e.column, e.subtype) for e in crossed.edges
    }


def test_a_condition_belongs_to_the_last_join_without_one() -> None:
    conditions = " ".join(f"on t{at}.k = t{at - 1}.k" for at in range(_MANY, 0, -1))
    found = column_lineage(_joined("join") + f" {conditions}", dialect="duckdb")
    assert sum(edge.column == "k" for edge in found.edges) == _MANY + 1


def test_array_joins_are_none() -> None:
    sql = "select id, a9 from t " + " ".join(f"array join a{at}" for at in range(_MANY))
    found = column_lineage(
        sql, dialect="clickhouse", schema={"t": ["id", *(f"a{at}" for at in range(_MANY))]}
    )
    assert {edge.relation for edge in found.edges} == {("t",)}


def test_what_needs_a_condition_is_refused() -> None:
    with pytest.raises(LineageError, match=f"{_MANY} joins without ON or USING"):
        column_lineage(_joined("left semi join"), dialect="spark")


def test_a_change_of_such_a_text_is_a_change_of_everything() -> None:
    before, after = _joined("join"), _joined("join") + " where t0.a > 1"
    assert shape_of(before, "duckdb") is None
    assert sql_change(before, after, "duckdb").everything
