"""Pairs of texts in seven dialects: no change may pass for form, and comments and white space must."""

from __future__ import annotations

import itertools

import pytest

from penstock.change.cosmetic import same_but_for_form

DIALECTS = ("duckdb", "postgres", "snowflake", "bigquery", "databricks", "redshift", "tsql")
BASE = (
    "select a.id, sum(a.price) as total from orders as a where a.kind = 'x' and a.price > 1.0 group by a.id"
)
HARMLESS = [
    BASE + " -- total by id",
    "/* orders */ " + BASE,
    BASE.replace(" from ", "\n  from\n  "),
    BASE.replace(", ", " ,\t"),
    BASE.replace("sum(a.price)", "sum( a.price )"),
]
HARMFUL = [
    BASE.replace("sum", "max"),
    BASE.replace("1.0", "1.00"),
    BASE.replace("1.0", "1"),
    BASE.replace(">", ">="),
    BASE.replace("'x'", "'X'"),
    BASE.replace("'x'", "'x '"),
    BASE.replace("'x'", "'x--y'"),
    BASE.replace(" and ", " or "),
    BASE.replace("as total", "as totals"),
    BASE.replace("a.id, sum(a.price) as total", "sum(a.price) as total, a.id"),
    BASE.replace("orders", "orders_2"),
    BASE.replace("orders", '"Orders"'),
    BASE.replace("select", "select distinct"),
    BASE.replace("group by a.id", "group by a.kind, a.id"),
    BASE.replace("where a.kind = 'x' and", "where"),
    BASE + " having count(*) > 1",
    BASE.replace("sum(a.price)", "sum(a.price) + 0"),
    BASE.replace("a.price > 1.0", "not a.price > 1.0"),
    BASE.replace("and a.price > 1.0", "/* and a.price > 1.0 */"),
    BASE.replace("and a.price > 1.0", "-- and a.price > 1.0\n"),
]
# Texts that a looser normal form takes for one.
NEAR = [
    ("snowflake", 'select "a" from t', "select a from t"),
    ("duckdb", "select t from a as t", "select t from a as z"),
    ("duckdb", "select * from a join b using (id)", "select * from a join b using (id2)"),
    ("tsql", "select getdate()", "select sysdatetime()"),
    ("snowflake", "select nvl(a, b) from t", "select coalesce(a, b) from t"),
    ("databricks", "select to_date(a) from t", "select date(a) from t"),
    ("duckdb", "select a from t union all select b from u", "select b from u union all select a from t"),
    ("duckdb", "select cast(a as decimal(4, 1)) from t", "select cast(a as decimal(5, 2)) from t"),
    ("duckdb", "select a // b from t", "select a / b from t"),
    ("duckdb", "select a -- b\n from t", "select a - - b\n from t"),
    ("duckdb", "select 'a' 'b'", "select 'ab'"),
    ("bigquery", "select r'a\\n'", "select 'a\\n'"),
    ("postgres", "select E'a\\n'", "select 'a\\n'"),
    ("databricks", "select /*+ broadcast(b) */ * from a join b", "select * from a join b"),
    ("duckdb", "select count(1) from t", "select count(*) from t"),
    ("duckdb", "select a from t order by a", "select a from t order by a desc"),
    ("duckdb", "select a from t limit 1", "select a from t limit 10"),
    ("duckdb", 'select "a b" from t', 'select "a  b" from t'),
]


@pytest.mark.parametrize(("dialect", "text"), list(itertools.product(DIALECTS, HARMLESS)))
def test_form_alone(dialect: str, text: str) -> None:
    assert same_but_for_form(BASE, text, dialect)


@pytest.mark.parametrize(("dialect", "text"), list(itertools.product(DIALECTS, HARMFUL)))
def test_a_change_never_passes_for_form(dialect: str, text: str) -> None:
    assert text != BASE
    assert not same_but_for_form(BASE, text, dialect)


@pytest.mark.parametrize(("dialect", "one", "other"), NEAR)
def test_near_texts_are_two(dialect: str, one: str, other: str) -> None:
    assert not same_but_for_form(one, other, dialect)
