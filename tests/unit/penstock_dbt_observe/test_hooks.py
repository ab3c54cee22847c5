"""A hook that may write into what a test reads, after the test has judged it: its verdict is not kept."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock_dbt.recipes import Values
from tests.fixtures.artefacts import NEWEST, plain
from tests.unit.penstock_dbt_observe.observing import DUCKDB, written

CUSTOMERS, READER = "model.shop.customers", "model.shop.big_spenders"
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
    words = "a hook of big_spenders may write into what it reads after it was judged"
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
