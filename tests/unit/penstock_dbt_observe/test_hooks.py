"""A hook or macro that may write into a table after others have read it: what it names is made and judged each time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.assets import Recipe
from penstock_dbt.recipes import Values
from tests.fixtures.artefacts import NEWEST, plain
from tests.unit.penstock_dbt_observe.observing import DUCKDB, written

CUSTOMERS, READER, COUNTRIES = "model.shop.customers", "model.shop.big_spenders", "seed.shop.countries"
HOOK = "delete from {{ ref('customers') }} where gone"


def manifest() -> dict[str, Any]:
    found = plain(NEWEST, "manifest")
    for key, node in found["nodes"].items():
        node["config"] |= {"pre-hook": [], "post-hook": []}
        if key.startswith("operation."):
            node["raw_code"] = "select 1"
    return found


def run_each_time(found: dict[str, Any]) -> dict[str, str]:
    """Of the tests of customers alone: which have no verdict to keep, and why."""
    values = Values(vars={}, every_var="", environ={}, target="")
    told = written(found, msgspec.structs.replace(DUCKDB, values=values)).checks
    return {
        one.id: one.recipe.open
        for one in told
        if one.kind == "data_test" and one.recipe is not None and one.assets == (CUSTOMERS,)
    }


def recipes(found: dict[str, Any]) -> dict[str, Recipe]:
    """Of all that is made."""
    values = Values(vars={}, every_var="", environ={}, target="")
    told = written(found, msgspec.structs.replace(DUCKDB, values=values)).producers
    return {one.id: one.recipe for one in told if one.recipe is not None}


def made_each_time(found: dict[str, Any]) -> dict[str, str]:
    """What has no content to keep because of others, and why."""
    return {name: recipe.open for name, recipe in recipes(found).items() if " write" in recipe.open}


def unsettled(found: dict[str, Any]) -> set[str]:
    return {name for name, recipe in recipes(found).items() if recipe.unsettled}


def recipe_of(found: dict[str, Any], name: str) -> Recipe:
    return recipes(found)[name]


def hooked(owner: str, text: object) -> dict[str, Any]:
    found = manifest()
    found["nodes"][owner]["config"]["post-hook"] = text
    return found


@pytest.mark.parametrize(
    "text",
    [
        [{"sql": HOOK, "transaction": True, "index": None}],
        [HOOK],
        HOOK,
        [{"sql": "{{ note('customers') }} drop"}],
    ],
)
def test_a_hook_of_another_that_writes_there_leaves_no_verdict(text: object) -> None:
    before, after = run_each_time(manifest()), run_each_time(hooked(READER, text))
    words = "a hook of big_spenders may write into it, or into what it reads"
    assert before and set(before.values()) == {""}
    assert after == dict.fromkeys(before, words)


def test_an_operation_may_write_there_through_a_macro() -> None:
    found = manifest()
    operation = next(key for key in found["nodes"] if key.startswith("operation."))
    found["nodes"][operation]["raw_code"] = "{{ note() }}"
    assert set(run_each_time(found).values()) == {""}
    found["macros"]["macro.shop.note"]["macro_sql"] = "{% macro note() %}" + HOOK + "{% endmacro %}"
    assert all("may write into" in why for why in run_each_time(found).values())


@pytest.mark.parametrize(
    ("owner", "text"),
    [
        (CUSTOMERS, ["delete from {{ this }} where gone"]),  # over before its tests
        (READER, ["grant select on {{ this }} to reporter"]),
        (READER, ["insert into log values ('{{ this }}')"]),
        (READER, None),
    ],
)
def test_other_hooks_do_not_matter(owner: str, text: object) -> None:
    assert set(run_each_time(hooked(owner, text)).values()) == {""}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HOOK, "a hook of big_spenders may write into it, or into what it reads"),
        ("call tidy()", "a hook of big_spenders writes, and where to is not known"),
        (
            "delete from {{ target.schema }}.{{ var('x') }}",
            "a hook of big_spenders writes, and where to is not known",
        ),
        (
            "{{ note() }} {{ adapter.drop_relation(x) }}",
            "a hook of big_spenders writes, and where to is not known",
        ),
    ],
)
def test_models_that_another_may_write_into_are_made_each_time(text: str, told: str) -> None:
    assert made_each_time(manifest()) == {}
    after = made_each_time(hooked(READER, text))
    assert after[CUSTOMERS] == told
    assert (COUNTRIES in after) == ("where to" in told), "nothing but customers is named"
    assert bool(unsettled(hooked(READER, text))) == ("where to" in told)


@pytest.mark.parametrize(
    "text",
    [
        "insert into {{ target.schema }}.run_log values ('{{ invocation_id }}', '{{ this }}')",
        "{% if execute %} grant select on {{ this }} to reporter {% endif %}",
        "create or replace table main.audit as select 1",
        'delete from "main".audit where updated_at < now()',
        "create index if not exists by_id on {{ this }} (id)",
    ],
)
def test_a_hook_that_writes_elsewhere_leaves_models_alone(text: str) -> None:
    found = hooked(READER, text)
    assert (made_each_time(found), unsettled(found)) == ({}, set())


def test_a_package_that_writes_where_it_does_not_say_leaves_what_it_may_have_changed_in_doubt() -> None:
    found = manifest()
    operation = next(key for key in found["nodes"] if key.startswith("operation."))
    macro = {
        **found["macros"]["macro.shop.note"],
        "unique_id": "macro.logger.upload",
        "package_name": "logger",
    }
    macro["macro_sql"] = "{% macro upload(t) %}insert into {{ t }} select 1{% endmacro %}"
    found["macros"]["macro.logger.upload"] = macro
    before = recipe_of(found, CUSTOMERS)
    found["nodes"][operation]["raw_code"] = "{{ upload(results) }}"
    assert made_each_time(found) == {}
    assert {CUSTOMERS, COUNTRIES} <= unsettled(found)
    after = recipe_of(found, CUSTOMERS)
    macro["macro_sql"] = macro["macro_sql"].replace("1", "2")
    edited = recipe_of(found, CUSTOMERS)
    assert len({before.settings, after.settings, edited.settings}) == 3, (
        "what it does is part of what it may do to customers"
    )


def test_the_code_of_a_model_may_write_into_another() -> None:
    found = manifest()
    found["nodes"][READER]["raw_code"] = "{% do run_query('delete from customers') %} select 1 as replace"
    assert (
        made_each_time(found)[CUSTOMERS]
        == "the code of big_spenders may write into it, or into what it reads"
    )
    found["nodes"][READER]["raw_code"] = (
        "{% set n = run_query('select max(replace(id)) from customers') %} select 1"
    )
    assert made_each_time(found) == {}


def test_what_only_grants_and_describes_is_no_reason_to_build() -> None:
    for text in (
        "grant select on {{ this }} to role {{ var('readers') }}",
        ["grant usage on schema {{ this.schema }} to x;", "-- then\nanalyze {{ this }}"],
        "comment on table {{ this }} is 'update daily'",
        "{% for one in var('readers') %} grant select on {{ this }} to {{ one }}; {% endfor %}",
        "create index if not exists i on {{ this }} (id)",
    ):
        assert recipe_of(hooked(CUSTOMERS, text), CUSTOMERS).open == "", text
        assert set(run_each_time(hooked(CUSTOMERS, text)).values()) == {""}


def test_what_does_more_than_that_has_its_model_built_each_time() -> None:
    for text in (
        "set timezone = 'UTC'",
        "select setval('numbers', 1)",
        "grant select on {{ this }} to x; delete from {{ this }}",
        "{{ var('after') }}",
        "{% do run_query('select 1') %}",
        "{{ anything(this) }}",
        "grant select on {{ this }} to {{ adapter.quote('x') }}",
    ):
        assert recipe_of(hooked(CUSTOMERS, text), CUSTOMERS).open != "", text


def test_a_macro_of_hooks_counts_with_its_text() -> None:
    def with_macro(body: str) -> Recipe:
        found = hooked(CUSTOMERS, "{{ share(this) }}")
        some = next(iter(found["macros"].values()))
        found["macros"]["macro.shop.share"] = some | {
            "unique_id": "macro.shop.share",
            "package_name": "shop",
            "name": "share",
            "macro_sql": f"{{% macro share(one) %}}{body}{{% endmacro %}}",
            "depends_on": {"macros": []},
        }
        return recipe_of(found, CUSTOMERS)

    wide, narrow = (
        with_macro("grant select on {{ this }} to all_people"),
        with_macro("grant select on {{ this }} to few"),
    )
    assert wide.open == narrow.open == ""
    assert wide.settings != narrow.settings
    assert with_macro("truncate {{ this }}").open != ""
