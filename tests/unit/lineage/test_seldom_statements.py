"""Statements and places that are seldom: every name in them ends in an edge or in a finding."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage

# dialect, statement, what ends in an edge: (output, relation, column)
_FOLLOWED = (
    ("teradata", "locking row for access select a from t", ("a", "t", "a")),
    ("tsql", "exec sp_executesql N'select a from t'", ("a", "t", "a")),
    ("tsql", "exec dbo.sp_executesql @stmt = N'select ''x'' as k, a from t', N'@p int', @p = 1", ("a", "t", "a")),
    ("tsql", "exec (N'insert into u select a from t')", ("a", "t", "a")),
    ("oracle", "select * from xmltable('/r' passing (select a from t) columns x number path 'x')", ("X", "T", "A")),
    ("bigquery", "select * from t union all select a from u", ("*", "u", "a")),
    ("bigquery", "from t |> union all (select a from u)", ("*", "u", "a")),
    ("snowflake", "select * from t pivot (sum(a) for b in (select c from u))", ("*", "U", "C")),
    ("postgres", "select * from rows from (generate_series(1, 3), unnest((select a from t))) as x(m, n)", ("n", "t", "a")),
)  # fmt: skip
# dialect, statement, a word of the finding
_TOLD = (
    ("bigquery", "create model m options (model_type = 'linear_reg') as select a, b from t", "CREATE MODEL"),
    ("duckdb", "create macro m(x) as (select max(a) from t where b = x)", "CREATE MACRO"),
    ("tsql", "exec sp_executesql @text", "not followed"),
)


@pytest.mark.parametrize(("dialect", "sql", "edge"), _FOLLOWED, ids=[sql[:40] for _, sql, _ in _FOLLOWED])
def test_the_name_ends_in_an_edge(dialect: str, sql: str, edge: tuple[str, str, str]) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert edge in {(one.output, one.relation and one.relation[-1], one.column) for one in found.edges}
    assert not [finding for finding in found.findings if finding.code == "internal-error"]


@pytest.mark.parametrize(("dialect", "sql", "words"), _TOLD, ids=[sql[:40] for _, sql, _ in _TOLD])
def test_what_is_not_followed_is_told(dialect: str, sql: str, words: str) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert [finding.code for finding in found.findings] == ["not-followed"]
    assert words in found.findings[0].message


def test_a_star_of_which_nothing_is_left_gives_no_column() -> None:
    sql = "select * from table(exclude_columns(input => table(t), columns => descriptor(a)))"
    found = column_lineage(sql, dialect="trino", schema={"t": ["a"]})
    assert found.columns == ()
    assert not found.findings
