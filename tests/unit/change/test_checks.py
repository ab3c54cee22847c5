"""Checks: a verdict stands with its test and the rows that it judged; what is read through a view."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from penstock.assets import (
    AssetKey,
    AssetKind,
    Check,
    Observation,
    ObservedAsset,
    ObservedCheck,
    Recipe,
    Relation,
)
from penstock.change import MadeFrom, Now, Pending, Verdict, Want, judge_check, wants
from penstock.change.records import Input, Rules
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet, Content
from penstock.service.verdicts import Reading

ORDERS = AssetKey("duckdb:x", "raw.orders")
RECIPE = Recipe(form="check", settings="s", template="t", context={"var floor": "1"})
MADE = MadeFrom(
    recipe=RECIPE,
    reads={ORDERS: ("id",)},
    inputs={ORDERS: Input("rows s v1", 10)},
    output="",
    run=7,
    at=0.0,
    verdict=Verdict("success"),
)
NOW = Now(recipe=RECIPE, output=None, inputs=MADE.inputs, names={ORDERS: "orders"})


@pytest.mark.parametrize(
    ("outcome", "message", "words"),
    [
        ("success", "", "passed in run 7: same test, same data"),
        ("warn", "2 rows", "warned in run 7 (2 rows): same test, same data"),
        ("fail", "2 rows", "failed in run 7 (2 rows): same test, same data"),
    ],
)
def test_a_verdict_stands(outcome: str, message: str, words: str) -> None:
    judged = judge_check(NOW, replace(MADE, verdict=Verdict(outcome, message)))
    assert judged.reuse
    assert judged.verdict == Verdict(outcome, message)
    assert judged.reason == words


def test_a_verdict_stands_while_what_changes_is_not_read() -> None:
    judged = judge_check(replace(NOW, pending={ORDERS: Pending((), ("price",))}), MADE)
    assert judged.reuse
    assert judged.reason == "passed in run 7: reads none of the columns of orders that change (price)"


@pytest.mark.parametrize(
    ("code", "now", "made"),
    [
        ("always", replace(NOW, recipe=replace(RECIPE, open="it stores the rows that fail")), MADE),
        ("volatile", NOW, replace(MADE, volatile="now() in its SQL")),
        ("volatile", replace(NOW, volatile="recent: now() in its SQL"), MADE),
        ("code", replace(NOW, recipe=replace(RECIPE, template="t2")), MADE),
        ("code", replace(NOW, recipe=replace(RECIPE, settings="warn")), MADE),
        ("code", replace(NOW, recipe=replace(RECIPE, context={"var floor": "2"})), MADE),
        ("unknown", replace(NOW, inputs={ORDERS: None}), MADE),
        ("new-data", replace(NOW, inputs={ORDERS: Input("rows s v2", 12)}), MADE),
        # What an asset may put off, a check may not: it judges what is there.
        (
            "new-data",
            replace(NOW, inputs={ORDERS: Input("rows s v2")}, age=float("inf"), rules=Rules(max_lag=900.0)),
            MADE,
        ),
        ("inputs", replace(NOW, inputs={}), MADE),
        ("undecided", replace(NOW, pending={ORDERS: Pending()}), MADE),
    ],
)
def test_a_check_is_run(code: str, now: Now, made: MadeFrom) -> None:
    judged = judge_check(now, made)
    assert (judged.reuse, judged.code, judged.verdict) == (False, code, None)


def relation(name: str) -> Relation:
    return Relation("duckdb:x", "duckdb", "d", "main", name)


def estate() -> AssetGraph:
    """raw <- stg (a view) <- a check."""
    assets = (
        ObservedAsset(
            id="raw", kind=AssetKind.TABLE, name="raw", resource_type="source", relation=relation("raw")
        ),
        ObservedAsset(
            id="stg",
            kind=AssetKind.VIEW,
            name="stg",
            resource_type="model",
            relation=relation("stg"),
            upstream=("raw",),
        ),
    )
    check = ObservedCheck(id="c", kind="data_test", name="c", assets=("stg",), recipe=RECIPE)
    return AssetGraph.of(
        [Observation(integration="t", instance="t", taken_at=0.0, assets=assets, checks=(check,))]
    )


FLOWS: dict[str, ColumnSet | None] = {"id": ("id",), "name": ("label",), "deleted": None, "at": ("at",)}


@pytest.mark.parametrize(
    ("read", "flows", "expected"),
    [
        (("id",), FLOWS, ("deleted", "id")),
        (("label", "at"), FLOWS, ("at", "deleted", "name")),
        ((), FLOWS, ("deleted",)),
        (None, FLOWS, ("at", "deleted", "id", "name")),
        (("id",), {"id": ("id",)}, ("at", "deleted", "id", "name")),  # not told of every column
    ],
)
def test_through_a_view_only_what_comes_from_there_is_read(
    read: ColumnSet | None, flows: dict[str, ColumnSet | None], expected: ColumnSet
) -> None:
    graph = estate()
    raw, stg = (next(key for key, one in graph.assets.items() if one.name == name) for name in ("raw", "stg"))
    view = MadeFrom(
        recipe=replace(RECIPE, form="view"),
        reads={raw: tuple(sorted(FLOWS))},
        inputs={},
        output="v",
        run=1,
        at=0.0,
        flows={raw: flows},
    )
    assert wants(graph, "check", {stg: read}, {stg: view}) == {
        stg: Want(False, read),
        raw: Want(True, expected),
    }


def reading(sql: str) -> tuple[dict[str, ColumnSet | None], str] | None:
    """What the check of `estate` reads by that SQL, with the columns of both relations known."""
    graph = estate()
    (check,) = graph.checks.values()
    held = Content(kind="table", columns=(("id", "INTEGER"), ("label", "VARCHAR")))
    found = Reading(graph, {}, {check.key: (sql, "duckdb")}).of(
        Check(**{name: getattr(check, name) for name in Check.__struct_fields__}),
        [(key, held) for key in graph.assets],
    )
    return found and ({graph.assets[key].name: of for key, of in found[0].items()}, found[1])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select id from d.main.stg where id is null", ({"stg": ("id",)}, "")),
        (
            "select label, count(*) from d.main.stg group by 1 having count(*) > 1",
            ({"stg": ("label",)}, ""),
        ),
        ("select * from d.main.stg where id < 0", ({"stg": ("id", "label")}, "")),
        # A relation that its tool does not know of is read all the same.
        (
            "select s.id from d.main.stg s join d.main.raw r on r.id = s.id",
            ({"stg": ("id",), "raw": ("id",)}, ""),
        ),
        ("select other from d.main.stg", ({"stg": None}, "")),
        ("select 1 from d.main.raw where false", ({"stg": None, "raw": ("*",)}, "")),
        ("select id from d.main.stg, d.main.unknown", None),
        ("select id from read_csv('x.csv')", None),
        ("select id from", None),
        ("select id from d.main.stg where now() > '2026-01-01'", ({"stg": ("id",)}, "now")),
    ],
)
def test_what_a_check_reads(sql: str, expected: tuple[dict[str, ColumnSet | None], str] | None) -> None:
    found = reading(sql)
    if expected is None or found is None:
        assert found == expected
        return
    assert found[0] == expected[0]
    assert expected[1] in found[1]
