"""The public function: what it takes, what it answers, and that nothing but LineageError comes out of bad input."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from penstock.assets import Certainty, EdgeSubtype, EdgeType
from penstock.errors import UsageError
from penstock.lineage import LineageError, StatementLineage, column_lineage
from tests.unit.lineage.golden import GOLDEN, Case

CASES = [case for path in sorted(GOLDEN.rglob("*.sql")) if (case := Case(path)).readable]
SQL = [case for case in CASES if case.path.parent.name != "errors"]


def test_the_answer() -> None:
    lineage = column_lineage(
        "select o.id, sum(o.total) as spent from raw.orders o where o.paid group by o.id",
        dialect="postgres",
        schema={"raw.orders": {"id": "int", "total": "numeric", "paid": "bool"}},
    )
    assert [column.name for column in lineage.columns] == ["id", "spent"]
    assert [(use.parts, use.read, use.written) for use in lineage.relations] == [
        (("raw", "orders"), True, False)
    ]
    assert lineage.findings == ()
    spent = next(edge for edge in lineage.edges if edge.output == "spent")
    assert spent.relation == ("raw", "orders")
    assert (spent.column, spent.path) == ("total", "")
    assert (spent.type, spent.subtype) == (EdgeType.DIRECT, EdgeSubtype.AGGREGATION)
    assert spent.certainty is Certainty.RESOLVED
    assert spent.expression == "sum(o.total)"
    whole = [edge for edge in lineage.edges if edge.output is None]
    assert {(edge.column, edge.subtype) for edge in whole} == {
        ("paid", EdgeSubtype.FILTER),
        ("id", EdgeSubtype.GROUP_BY),
    }
    assert all(edge.type is EdgeType.INDIRECT for edge in whole)


@pytest.mark.parametrize(
    "schema",
    [
        {"db.raw.orders": {"id": "int"}},
        {"raw.orders": ["id"]},
        {("db", "raw", "orders"): {"id": "int"}},
        {("orders",): ("id",)},
        {'"db"."raw"."orders"': {"id": None}},
    ],
)
def test_a_schema_may_be_given_in_many_ways(schema: object) -> None:
    lineage = column_lineage("select id, x from db.raw.orders, other", dialect="duckdb", schema=schema)  # type: ignore[arg-type]
    by_output = {edge.output: edge for edge in lineage.edges}
    assert by_output["id"].relation is not None
    assert by_output["id"].relation[-1] == "orders"
    assert by_output["x"].relation == ("other",)


def test_records_are_frozen_and_can_be_written_down() -> None:
    lineage = column_lineage("select a from t", dialect="duckdb")
    with pytest.raises(AttributeError):
        lineage.edges[0].column = "b"  # type: ignore[misc]
    again = msgspec.json.decode(msgspec.json.encode(lineage), type=StatementLineage)
    assert again == lineage


def test_an_unknown_dialect_suggests_the_nearest() -> None:
    with pytest.raises(LineageError) as caught:
        column_lineage("select 1", dialect="snowflaek")
    assert caught.value.hint == "did you mean snowflake?"
    assert isinstance(caught.value, UsageError)
    assert caught.value.exit_code == 2
    with pytest.raises(LineageError, match="no SQL dialect is called ''") as empty:
        column_lineage("select 1", dialect="")
    assert str(empty.value.hint).startswith("known: ansi, ")


def test_an_error_says_where() -> None:
    with pytest.raises(LineageError) as caught:
        column_lineage("select a,\n  b c d\nfrom t", dialect="postgres")
    error = caught.value
    assert (error.dialect, error.line, error.column, error.text) == ("postgres", 2, 7, "d")
    assert str(error) == "postgres: Invalid expression / Unexpected token at line 2, column 7 near 'd'"
    assert "\n" not in error.what


@pytest.mark.parametrize("case", SQL, ids=lambda case: str(case.path.relative_to(GOLDEN)))
def test_every_span_is_the_text_of_its_expression(case: Case) -> None:
    lineage = column_lineage(case.sql, dialect=case.facts["dialect"])
    for edge in lineage.edges:
        assert (edge.span is None) == (edge.expression is None)
        if edge.span is not None:
            start, end = edge.span
            assert 0 <= start < end <= len(case.sql)
            assert case.sql[start:end] == edge.expression
            assert not edge.expression[0].isspace()


@pytest.mark.parametrize("case", SQL, ids=lambda case: str(case.path.relative_to(GOLDEN)))
def test_without_a_schema_nothing_is_lost(case: Case) -> None:
    """The same statement with nothing known: whatever was resolved is still told, perhaps as ambiguous or behind a star."""
    known = column_lineage(case.sql, dialect=case.facts["dialect"], schema=None)
    for edge in known.edges:
        assert edge.relation is not None or edge.candidates or edge.certainty is Certainty.UNRESOLVED
        if edge.certainty is Certainty.RESOLVED:
            assert edge.relation is not None
            assert edge.candidates == ()


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.data())
def test_no_text_brings_anything_but_an_answer_or_a_lineage_error(data: st.DataObject) -> None:
    """Golden statements with words taken out, doubled, exchanged, in their own and in other dialects."""
    case = data.draw(st.sampled_from(CASES))
    words = case.sql.split()
    for _ in range(data.draw(st.integers(0, 3))):
        if not words:
            break
        at = data.draw(st.integers(0, len(words) - 1))
        words[at : at + 1] = data.draw(
            st.sampled_from([[], [words[at]] * 2, ["("], [")"], ["*"], ["select"], ["."], ["x"]])
        )
    other = data.draw(st.sampled_from(CASES)).facts["dialect"]
    dialect = data.draw(st.sampled_from([case.facts["dialect"], other]))
    if dialect == "postgrees":
        return
    try:
        lineage = column_lineage(" ".join(words), dialect=dialect)
    except LineageError as error:
        assert "\n" not in error.what
    else:
        assert isinstance(lineage, StatementLineage)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=40))
@example("")
@example(";;;")
@example("\x00")
@example("select '")
def test_any_text_at_all(text: str) -> None:
    try:
        column_lineage(text, dialect="snowflake")
    except LineageError as error:
        assert error.dialect == "snowflake"


def test_deeply_nested_text_is_an_error_not_a_crash() -> None:
    sql = "select " + "(" * 3000 + "1" + ")" * 3000
    with pytest.raises(LineageError, match="nested too deeply"):
        column_lineage(sql, dialect="duckdb")


def test_hundreds_of_branches_and_conditions() -> None:
    union = " union all ".join(f"select a + {at} as a from t{at % 7}" for at in range(600))
    lineage = column_lineage(union, dialect="trino")
    assert {edge.relation for edge in lineage.edges} == {(f"t{at}",) for at in range(7)}
    condition = " or ".join(f"c{at % 40} = {at}" for at in range(3000))
    lineage = column_lineage(f"select a from t where {condition}", dialect="postgres")
    assert len([edge for edge in lineage.edges if edge.output is None]) == 40
