"""The names of sqlglot's arguments are those that its parser really sets."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from penstock.lineage.read import tree


def test_argument_names() -> None:
    select = sqlglot.parse_one("with q as (select 1 as a) select * except (a) from q", dialect="bigquery")
    assert isinstance(select.args[tree.WITH], exp.With)
    assert isinstance(select.args[tree.FROM], exp.From)
    assert select.expressions[0].args[tree.EXCEPT]
    json = sqlglot.parse_one("select a from t for json path", dialect="tsql")
    assert json.args[tree.FOR]
    many = sqlglot.parse_one(
        "insert all when a > 1 then into x else into y select a from t", dialect="snowflake"
    )
    assert many.expressions[-1].args[tree.ELSE]
