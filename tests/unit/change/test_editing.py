"""How far an edit reaches when its table is rebuilt: in its own column alone only where nothing else comes along."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from penstock.assets import AssetKey, AssetKind, Observation, ObservedAsset, Recipe, Relation
from penstock.change import MadeFrom, Now, Pending, judge
from penstock.change.editing import Editing, Facts
from penstock.change.inputs import Want
from penstock.change.records import Input, Rules
from penstock.change.shape import Edit, Outside
from penstock.graph import AssetGraph
from penstock.integration import Content

SPACE = "duckdb:x"
RECIPE = Recipe(form="table", settings="s", template="t")
EDITED = replace(RECIPE, template="t2")
SQL = "select id, {} as p, q from v"


def graph() -> AssetGraph:
    def asset(name: str, kind: AssetKind, *parents: str) -> ObservedAsset:
        place = Relation(SPACE, "duckdb", "", "main", name)
        return ObservedAsset(
            id=name, kind=kind, name=name, resource_type="model", upstream=parents, relation=place
        )

    assets = (asset("v", AssetKind.VIEW), asset("x", AssetKind.TABLE, "v"), asset("d", AssetKind.TABLE, "x"))
    return AssetGraph.of([Observation(integration="dbt", instance="t", taken_at=0.0, assets=assets)])


GRAPH = graph()
V, X = (next(key for key in GRAPH.assets if key.name.endswith(name)) for name in ("v", "x"))
VIEW = MadeFrom(recipe=replace(RECIPE, form="view"), reads={}, inputs={}, output="o", run=1, at=0.0)
MADE = MadeFrom(
    recipe=RECIPE, reads={V: None}, inputs={V: Input("rows s v1")}, output="o", run=1, at=0.0,
    sql=SQL.format("a"), dialect="duckdb",
)  # fmt: skip
NOW = Now(recipe=EDITED, output="o", inputs={V: Input("rows s v1")}, names={V: "v"})


def reads_q(now: Now, view: MadeFrom = VIEW) -> Pending | None:
    """What the edit of `p` in `x` brings to a table that reads `q` of it."""
    columns = (("id", "INTEGER"), ("p", "INTEGER"), ("q", "INTEGER"))
    contents = {
        asset.relation: Content(kind="table", columns=columns)
        for asset in GRAPH.assets.values()
        if asset.relation is not None
    }
    facts = Facts(
        texts=lambda keys: {key: (SQL.format("b"), "duckdb") for key in keys if key == X},
        outside=lambda: Outside(columns=lambda parts: ("id", "a", "b", "q")),
        readers=dict,
    )
    recipes: dict[AssetKey, Recipe] = {X: EDITED, V: view.recipe}
    editing = Editing(GRAPH, {X: MADE, V: view}, recipes, contents, facts)
    judged, otherwise = judge("x", now, MADE), judge("x", replace(now, cosmetic=True), MADE)
    assert judged.code in ("code", "volatile")
    editing.note(X, judged, otherwise, ())
    return editing.pending({X: Want(True, ("q",))}, {X}).get(X)


def test_an_edited_column_concerns_nobody_who_does_not_read_it() -> None:
    assert reads_q(NOW) == Pending((), ("p",))


def test_new_data_that_could_wait_comes_along_with_a_rebuild() -> None:
    late = replace(NOW, inputs={V: Input("rows s v2")}, age=60.0, rules=Rules(max_lag=900.0))
    assert reads_q(late) == Pending()


@pytest.mark.parametrize("rule", ["ignore", "hour"])
def test_a_view_with_a_clock_gives_a_rebuild_other_values(rule: str) -> None:
    now = replace(NOW, volatile="v: now()", same_hour=True, rules=Rules(volatile=rule))
    assert reads_q(now, replace(VIEW, volatile="now()")) == Pending()


def test_an_input_that_is_gone_is_no_fault() -> None:
    """A model that was deleted, or is ephemeral now: what read it is made of something else."""
    gone = AssetKey(SPACE, "main.gone")
    made = replace(MADE, inputs={**MADE.inputs, gone: Input("rows s v1")})
    facts = Facts(texts=lambda keys: {}, outside=Outside, readers=dict)
    editing = Editing(GRAPH, {X: made, V: VIEW, gone: VIEW}, {X: EDITED, V: VIEW.recipe}, {}, facts)
    assert not editing.steady(X)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("select a from v where a > 1", "select a from v where a > 2", "a > 1 -> a > 2"),
        ("select a from v", "select a from v where a > (select max(a) from x)", None),
    ],
)
def test_an_incremental_edit_is_shown_like_beside_like(was: str, now: str, words: str | None) -> None:
    """The text of its first build says nothing about the one that adds to it."""
    recipe = replace(RECIPE, form="incremental")
    facts = Facts(texts=lambda keys: dict.fromkeys(keys, (now, "duckdb")), outside=Outside, readers=dict)
    made = replace(MADE, recipe=recipe, sql=was)
    editing = Editing(GRAPH, {X: made}, {X: replace(recipe, template="t2")}, {}, facts)
    found = editing.edits.get(X)
    assert (found and found.words) == words
    assert found is None or not found.edit.cosmetic


def test_another_value_of_a_var_is_shown_where_it_stands() -> None:
    """And concerns all columns: nothing says what else it decides."""
    recipe = replace(RECIPE, context={"var least": "1"})
    facts = Facts(
        texts=lambda keys: dict.fromkeys(keys, ("select q from v where q > 9", "duckdb")),
        outside=Outside,
        readers=dict,
    )
    made = replace(MADE, recipe=recipe, sql="select q from v where q > 1")
    editing = Editing(GRAPH, {X: made}, {X: replace(recipe, context={"var least": "9"})}, {}, facts)
    assert (editing.edits[X].words, editing.edits[X].edit) == ("q > 1 -> q > 9", Edit(whole=True))
