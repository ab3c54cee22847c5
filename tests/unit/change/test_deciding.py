"""The decision table: the first condition that holds decides, and whatever is not known is built."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from penstock.assets import AssetKey, Recipe
from penstock.change import MadeFrom, Now, Pending, judge
from penstock.change.records import Input, Rules

ORDERS = AssetKey("duckdb:x", "raw.orders")
STG = AssetKey("duckdb:x", "main.stg")
RECIPE = Recipe(form="table", settings="s", template="t", context={"var floor": "1"})
PARTS = {"its file": "1", "macro cents": "1"}
MADE = MadeFrom(
    recipe=RECIPE, reads={ORDERS: None}, inputs={ORDERS: Input("v1", 10)}, output="o1", run=7, at=0.0
)
NOW = Now(recipe=RECIPE, output="o1", inputs={ORDERS: Input("v1", 10)}, names={ORDERS: "orders", STG: "stg"})

SALT = "environment variable SALT"
BUILT = [
    ("always", replace(NOW, recipe=replace(RECIPE, open="a Python model")), MADE, "a Python model"),
    ("volatile", NOW, replace(MADE, volatile="now() in its SQL"), "now()"),
    ("volatile", NOW, replace(MADE, volatile="current_date in its SQL", daily=True), "another day"),
    ("volatile", replace(NOW, volatile="v: now()"), MADE, "v: now()"),
    ("missing", replace(NOW, output=None), MADE, "does not exist"),
    ("unknown", replace(NOW, output=None, there=True), MADE, "nothing certain tells"),
    ("outside", replace(NOW, output="o2"), MADE, "as run 7 made it any more"),
    ("code", replace(NOW, recipe=replace(RECIPE, form="view")), MADE, "table -> view"),
    ("code", replace(NOW, recipe=replace(RECIPE, settings="s2")), MADE, "configuration"),
    ("code", replace(NOW, recipe=replace(RECIPE, context={"var floor": "2"})), MADE, "var floor"),
    (
        "code",
        replace(NOW, recipe=replace(RECIPE, context={"var floor": "2"}), edit="p > 1 -> p > 2"),
        MADE,
        "code: var floor: p > 1 -> p > 2",
    ),
    (
        "code",
        replace(NOW, recipe=replace(RECIPE, context={SALT: "2"}), edit="'pepper' -> 'salt'"),
        replace(MADE, recipe=replace(RECIPE, context={SALT: "1"})),
        f"code: {SALT} changed",
    ),
    ("code", replace(NOW, recipe=replace(RECIPE, template="t2")), MADE, "file or a macro"),
    ("unknown", replace(NOW, inputs={ORDERS: None}), MADE, "orders has no data version"),
    ("new-data", replace(NOW, inputs={ORDERS: Input("v2", 12)}), MADE, "orders +2 rows"),
    ("new-data", replace(NOW, inputs={ORDERS: Input("v2", 10)}), MADE, "same number of rows"),
    ("inputs", replace(NOW, inputs={ORDERS: Input("v1"), STG: Input("x")}), MADE, "inputs changed"),
    ("inputs", replace(NOW, inputs={}), MADE, "inputs changed"),
    (
        "volatile",
        replace(NOW, same_day=True, rules=Rules(volatile="always")),
        replace(MADE, volatile="current_date", daily=True),
        "every time",
    ),
    (
        "volatile",
        replace(NOW, same_day=True, rules=Rules(volatile="hour")),
        replace(MADE, volatile="current_date", daily=True),
        "another hour",
    ),
    (
        "new-data",
        replace(NOW, inputs={ORDERS: Input("v2", 12)}, age=901.0, rules=Rules(max_lag=900.0)),
        MADE,
        "orders +2 rows",
    ),
    (
        "code",
        replace(
            NOW,
            recipe=replace(RECIPE, template="t2"),
            inputs={ORDERS: Input("v2")},
            rules=Rules(max_lag=900.0),
        ),
        MADE,
        "code",
    ),
    (
        "unknown",
        replace(NOW, inputs={ORDERS: Input("rows s v2"), STG: None}, rules=Rules(max_lag=900.0)),
        replace(MADE, inputs={ORDERS: Input("rows s v1"), STG: Input("x")}),
        "stg has no data version",
    ),
    (
        "undecided",
        replace(
            NOW,
            inputs={ORDERS: Input("rows s v2"), STG: Input("x")},
            pending={STG: Pending()},
            rules=Rules(max_lag=900.0),
        ),
        replace(MADE, inputs={ORDERS: Input("rows s v1"), STG: Input("x")}),
        "decided when stg is done",
    ),
    ("undecided", replace(NOW, pending={ORDERS: Pending()}), MADE, "decided when orders is done"),
    ("new-data", replace(NOW, pending={ORDERS: Pending(anew=True)}), MADE, "new data: orders is made anew"),
    (
        "falls",
        replace(NOW, pending={ORDERS: Pending(anew=True, falls=True)}),
        MADE,
        "drops the foreign keys to it",
    ),
    (
        "undecided",
        replace(NOW, pending={ORDERS: Pending(("price",), ("price",))}),
        MADE,
        "reads orders.price, which changes",
    ),
    (
        "undecided",
        replace(NOW, pending={ORDERS: Pending(order="row_number")}),
        MADE,
        "row_number in orders follows the order of rows, so any of its columns may change: decided when orders is done",
    ),
    ("code", replace(NOW, recipe=replace(RECIPE, template="t2"), edit="a -> b"), MADE, "code: a -> b"),
    *(
        (
            "code",
            replace(NOW, recipe=replace(RECIPE, parts={**PARTS, part: "2"}, **{what: "2"}), edit=edit),
            replace(MADE, recipe=replace(RECIPE, parts=PARTS)),
            words,
        )
        for part, what, edit, words in (
            ("its file", "template", "", "code: its file changed"),
            ("its file", "template", "a -> b", "code: a -> b"),
            ("macro cents", "template", "", "code: macro cents changed"),
            ("macro cents", "template", "a -> b", "code: macro cents: a -> b"),
            ("int_a (ephemeral)", "template", "", "code: int_a (ephemeral) changed"),
            ("configuration unique_key", "settings", "", "code: configuration unique_key changed"),
        )
    ),
]


@pytest.mark.parametrize(("code", "now", "made", "words"), BUILT)
def test_built(code: str, now: Now, made: MadeFrom, words: str) -> None:
    judged = judge("mart", now, made)
    assert not judged.reuse
    assert judged.code == code
    assert words in judged.reason


@pytest.mark.parametrize(
    ("now", "made"),
    [
        (NOW, MADE),
        (replace(NOW, same_day=True), replace(MADE, volatile="current_date in its SQL", daily=True)),
        (replace(NOW, recipe=replace(RECIPE, template="t2"), cosmetic=True), MADE),
        (replace(NOW, pending={ORDERS: Pending((), ("price",))}), MADE),
        (
            replace(NOW, same_hour=True, rules=Rules(volatile="hour")),
            replace(MADE, volatile="now() in its SQL"),
        ),
        (replace(NOW, rules=Rules(volatile="ignore")), replace(MADE, volatile="now() in its SQL")),
        (
            replace(NOW, inputs={ORDERS: Input("rows s v2", 12)}, age=600.0, rules=Rules(max_lag=900.0)),
            replace(MADE, inputs={ORDERS: Input("rows s v1", 10)}),
        ),
    ],
)
def test_reused(now: Now, made: MadeFrom) -> None:
    judged = judge("mart", now, made)
    assert judged.reuse
    assert "run 7" in judged.reason


def test_a_lag_of_its_own_counts_more_than_that_of_the_project() -> None:
    made = replace(MADE, inputs={ORDERS: Input("rows s v1")})
    now = replace(NOW, inputs={ORDERS: Input("rows s v2")}, age=600.0, rules=Rules(max_lag=900.0))
    assert judge("mart", now, made).code == "lag"
    assert judge("mart", replace(now, recipe=replace(RECIPE, max_lag=60.0)), made).code == "new-data"
    assert judge("mart", replace(now, inputs={ORDERS: Input("rows other v2")}), made).code == "new-data"


def test_a_var_that_is_read_now_and_was_not_before_is_a_change_of_the_text() -> None:
    """Its own value cannot be compared; the file that reads it has changed."""
    now = replace(NOW, recipe=replace(RECIPE, template="t2", context={"var floor": "1", "var top": "9"}))
    assert judge("mart", now, MADE).code == "code"


ADDED_TO = replace(RECIPE, form="incremental")
EDITED = replace(NOW, recipe=replace(ADDED_TO, template="t2"), output="o2")


def ruled(rule: str) -> Now:
    return replace(EDITED, rules=Rules(on_code_change=rule))


def test_rows_of_older_code_come_first() -> None:
    """Whatever else is a reason to build: it would be added to them."""
    made = replace(MADE, recipe=ADDED_TO, volatile="now()")
    plain, anew, asks = (judge("o", ruled(rule), made) for rule in ("increment", "full_refresh", "ask"))
    assert [one.code for one in (plain, anew, asks)] == ["code"] * 3
    assert [(one.anew, one.asks) for one in (plain, anew, asks)] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert plain.reason.endswith("; only new rows follow it")
    assert judge("o", replace(EDITED, recipe=ADDED_TO), made).code == "volatile"


def test_what_is_gone_has_no_rows_of_older_code() -> None:
    found = judge("o", replace(ruled("ask"), output=None), replace(MADE, recipe=ADDED_TO))
    assert (found.code, found.asks, found.anew) == ("missing", False, False)


def test_what_is_there_has_rows_of_older_code_whatever_they_are() -> None:
    """A warehouse may not tell which: to make it as if it were gone would add to them, and call them new."""
    found = judge("o", replace(ruled("ask"), output=None, there=True), replace(MADE, recipe=ADDED_TO))
    assert (found.code, found.asks) == ("code", True)


def test_what_keeps_its_rows_is_not_made_anew() -> None:
    now = ruled("full_refresh")
    kept = judge("o", replace(now, recipe=replace(now.recipe, keeps=True)), replace(MADE, recipe=ADDED_TO))
    assert (kept.code, kept.anew) == ("code", False)
    assert kept.reason.endswith("; only new rows follow it")


def test_what_describes_it_is_no_code() -> None:
    described = replace(MADE, recipe=replace(RECIPE, metadata={"tags": "1"}))
    now = replace(NOW, recipe=replace(RECIPE, metadata={"tags": "1", "description": "2"}))
    found = judge("o", now, described)
    assert (found.reuse, found.reason) == (
        True,
        "only its description changed, same code, same inputs since run 7",
    )
    assert judge("o", now, MADE).reason == "same code, same inputs since run 7"


@pytest.mark.parametrize(
    ("rule", "unread", "reuse"), [(None, True, True), (None, False, False), ("always", True, False)]
)
def test_a_clock_in_a_column_that_nobody_reads(rule: str | None, unread: bool, reuse: bool) -> None:
    made = replace(MADE, volatile="now() in its SQL", clocked=("at",))
    assert judge("o", replace(NOW, unread=unread, rules=Rules(volatile=rule)), made).reuse is reuse
