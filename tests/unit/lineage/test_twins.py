"""Models that differ in texts only: what is told of one by its twin is what its own SQL says, in every place."""

from __future__ import annotations

import re

import pytest

from penstock.lineage.project.cache import LineageCache
from penstock.lineage.project.derive import derive
from penstock.lineage.project.model_sql import ModelSql
from penstock.lineage.read.script import read_script
from tests.unit.lineage.golden import GOLDEN, Case
from tests.unit.lineage.models import SOURCES, model

_MADE = """with paid as (
    select cast('{0}' as text) as kind, id, amount from raw.orders where status = '{0}' and upper(status) <> '{1}'
)
select kind, '{1}' as label, paid.amount * 2 as twice, o.amount from paid join raw.orders as o on o.status = '{2}' having kind > '{2}'"""
_TRIPLES = [("paid", "", "x"), ("owed for long", "label", "yz"), ("a", "it", "")]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed."""
    seen: list[str] = []

    def noted(sql: str, reader: object) -> object:
        seen.append(sql)
        return read_script(sql, reader)  # type: ignore[arg-type]

    monkeypatch.setattr("penstock.lineage.read.script.read_script", noted)
    return seen


def _models(shape: str, *texts: tuple[str, ...]) -> list[ModelSql]:
    return [model(f"m{at}", shape.format(*one)) for at, one in enumerate(texts)]


def _are_told_truly(models: list[ModelSql]) -> None:
    together = derive(models, SOURCES)
    for one in models:
        alone = derive([one], SOURCES)
        assert together.models[one.key] == alone.models[one.key]
        assert together.findings.get(one.key) == alone.findings.get(one.key)


def test_a_twin_is_told_without_being_parsed(parsed: list[str]) -> None:
    models = _models(_MADE, *_TRIPLES)
    made = derive(models, SOURCES)
    assert parsed == [models[0].sql]
    assert all(made.models[one.key].rows for one in models)
    _are_told_truly(models)


@pytest.mark.parametrize(
    "shape",
    [
        "select '{0}', id from raw.orders",
        "select id = '{0}' from raw.orders",
        "select (select max(id) from raw.orders where status = '{0}') from raw.orders",
        "select a['{0}'] as a from raw.orders",
        "select id as '{0}' from raw.orders",
        "select * from '{0}'",
        "select * from raw.orders pivot (sum(amount) for status in ('{0}', 'b'))",
        "select columns('{0}') from raw.orders",
        "select json_extract(id, '{0}') as a from raw.orders",
        "select struct_extract(o, '{0}') as a from raw.orders as o",
        "select id from raw.orders group by '{0}'",
        "select cast('{0}' as struct(a int)) as a from raw.orders",
        "select id from raw.orders -- it's '{0}'\nwhere status = 'b'",
        "select '{0}' || '' as a, 'b' 'c' as b, 'it''s' as c from raw.orders",
        "select \"it's '{0}'\" as a from raw.orders",
        "select e'{0}' as a from raw.orders",
        "select id from raw.orders where status = '{0}' and nosuch.a = 1",
        "create table marts.m0 as select '{0}' as a, id from raw.orders",
        "select id from raw.orders where status = '{0}'; select 1 as a",
    ],
)
def test_where_a_text_says_something_each_is_parsed(shape: str, parsed: list[str]) -> None:
    models = _models(shape, ("id",), ("amount",))
    derive(models, SOURCES)
    assert {one.sql for one in models} <= set(parsed)
    _are_told_truly(models)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "a", "b"), ("a", "b", "c")),
        (("a", "b", "c"), ("a", "a", "c")),
        (("a", "b", "c"), ("a", "replace(", "c")),
        (("a", "b", "c"), ("a", "merge values", "c")),
        (("a", "b", "c"), ("a->b", "b", "c")),
        (("a", "b", "c"), ("a\nb", "b", "c")),
        (("a", "b", "c"), ("a\\", "b", "c")),
    ],
)
def test_what_changes_how_a_text_is_read_makes_no_twins(
    one: tuple[str, ...], other: tuple[str, ...], parsed: list[str]
) -> None:
    models = _models(_MADE, one, other)
    derive(models, SOURCES)
    assert len(parsed) == 2
    _are_told_truly(models)


def test_a_model_that_reads_itself_has_no_twin(parsed: list[str]) -> None:
    models = _models("select id from marts.m1 where status = '{0}'", ("a",), ("b",))
    derive(models, SOURCES)
    assert {one.sql for one in models} <= set(parsed)


def test_twins_answer_to_the_same_relations_only(parsed: list[str]) -> None:
    """What was made between two twins may have other columns by now."""
    shape = "select * from marts.base where id = '{0}'"
    first, second = _models(shape, ("a",), ("b",))
    known = model("m2", shape.format("c"), columns=("id", "other"))
    derive([first, second, known, model("base", "select id, amount from raw.orders")], SOURCES)
    assert parsed.count(first.sql or "") == 1
    assert second.sql not in parsed
    assert known.sql in parsed


def test_a_relation_without_a_name_is_kept_and_compared_like_others() -> None:
    models = _models("select * from '{0}'", ("",), ("x",))
    found = derive(models, SOURCES, cache=LineageCache())
    assert not found.findings
    assert [found.models[one.key].is_open for one in models] == [True, True]


def test_every_golden_statement_with_another_text() -> None:
    """Whatever a statement is, its twin is told truly or not at all."""
    for path in sorted(GOLDEN.rglob("*.sql"))[::6]:
        case = Case(path)
        texts = [case.sql, re.sub(r"'([^'\\]*)'", r"'\1x'", case.sql)]
        own, twin = (ModelSql(key=sql, sql=sql, dialect=case.facts["dialect"]) for sql in texts)
        if own.sql != twin.sql:
            found, alone = derive([own, twin], SOURCES), derive([twin], SOURCES)
            assert found.models[twin.key] == alone.models[twin.key], path.name
            assert found.findings.get(twin.key) == alone.findings.get(twin.key), path.name
