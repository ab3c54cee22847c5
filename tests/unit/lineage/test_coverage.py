"""How each column of a model is known: what is said to be resolved has nothing but known columns and literals behind it."""

from __future__ import annotations

import pytest

from penstock.assets import Relation
from penstock.lineage.project.coverage import Known
from penstock.lineage.project.derive import ModelSql, ProjectLineage, derive
from penstock.lineage.records import Parts
from penstock.lineage.scope.catalog import Columns

DECLARED, UNDECLARED, AMBIGUOUS, UNRESOLVED = Known
SOURCES: dict[Parts, Columns | None] = {
    ("raw", "orders"): ["id", "amount"],
    ("raw", "users"): ["id", "name"],
    ("raw", "partly"): ["id"],
    ("raw", "silent"): None,
}


def model(name: str, sql: str | None, **more: object) -> ModelSql:
    relation = Relation("wh", "duckdb", None, "marts", name)
    return ModelSql(key=name, sql=sql, dialect="duckdb", relation=relation, **more)  # type: ignore[arg-type]


def estate(*models: ModelSql) -> ProjectLineage:
    return derive(models, SOURCES, partly={("raw", "partly")})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select id, amount * 2 as twice, 1 as one from raw.orders", [DECLARED, DECLARED, DECLARED]),
        ("select id, nope from raw.orders", [DECLARED, UNRESOLVED]),
        ("select o.id, u.nope from raw.orders o join raw.users u on o.id = u.id", [DECLARED, UNRESOLVED]),
        ("select coalesce(amount, nope) as either from raw.orders", [UNRESOLVED]),
        ("select id, extra from raw.partly", [DECLARED, UNDECLARED]),
        ("select id from raw.silent", [UNDECLARED]),
        ("select id from nowhere.at_all", [UNDECLARED]),
        ("select id from nowhere.at_all n join raw.orders o using (id)", [UNDECLARED]),
        ("select x from raw.silent, nowhere.at_all", [AMBIGUOUS]),
        ("select x, o.id from raw.silent, raw.orders o", [UNDECLARED, DECLARED]),
        ("select * from raw.orders", [DECLARED, DECLARED]),
        ("select * from raw.silent", [UNRESOLVED]),
        ("select * from raw.partly", [DECLARED, UNRESOLVED]),
        ("select 1 as one, n.* from nowhere.at_all n", [DECLARED, UNRESOLVED]),
        ("select to_json(o) as whole from raw.orders o", [DECLARED]),
        ("select to_json(s) as whole_or_column from raw.silent s", [AMBIGUOUS]),
        ("select count(*) as rows from raw.silent where x > 1", [DECLARED]),
        ("with s as (select * from raw.silent) select a, b from s", [UNDECLARED, UNDECLARED]),
        ("with s as (select * from raw.orders) select nope from s", [UNRESOLVED]),
    ],
)
def test_a_column_is_as_well_known_as_the_worst_of_its_inputs(sql: str, expected: list[Known]) -> None:
    assert [known for _, known in estate(model("m", sql)).columns("m")] == expected


def test_what_is_declared_of_a_model_is_what_its_sql_gives() -> None:
    found = estate(
        model("closed", "select id, nope from raw.orders"),
        model("opened", "select *, 1 as one from raw.silent"),
        model("reader", "select closed.nope, opened.one, opened.x from marts.closed, marts.opened"),
    )
    assert dict(found.columns("reader")) == {"nope": DECLARED, "one": DECLARED, "x": UNDECLARED}
    assert dict(found.columns("opened")) == {"one": DECLARED, "*": UNRESOLVED}


def test_the_catalog_names_what_a_star_gives_and_not_where_it_is_from() -> None:
    found = estate(model("m", "select * exclude (b) from raw.silent", columns=("a", "b")))
    assert dict(found.columns("m")) == {"a": UNDECLARED, "b": UNRESOLVED}


@pytest.mark.parametrize("sql", ["select 1 as id where (1 = 1", "select 1 as id; select (2 as id", None])
def test_a_model_that_cannot_be_read_is_not_followed(sql: str | None) -> None:
    found = estate(model("m", sql, documented=("id", "total")), model("child", "select total from marts.m"))
    assert found.is_not_followed("m")
    assert {known for _, known in found.columns("m")} == {UNRESOLVED}
    assert not found.is_not_followed("child")
    assert dict(found.columns("child")) == {"total": DECLARED}


def test_a_literal_beside_what_was_not_read_may_be_none() -> None:
    sql = "select * from crosstab('select a from b') as t(x, y)"
    one = ModelSql(key="m", sql=sql, dialect="postgres", relation=None)
    found = derive([one], {})
    assert [finding.code for finding in found.findings["m"]] == ["not-followed"]
    assert dict(found.columns("m")) == {"x": UNRESOLVED, "y": UNRESOLVED}
