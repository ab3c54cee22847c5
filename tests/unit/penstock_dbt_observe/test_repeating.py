"""Incremental models that append: which of them leave a row alone that is there already."""

from __future__ import annotations

import msgspec
import pytest

from penstock_dbt.recipes import Values
from penstock_dbt.repeating import incremental
from penstock_manifests.dbt import Node
from tests.fixtures.artefacts import NEWEST, plain
from tests.unit.penstock_dbt_observe.observing import DUCKDB, written

STRICT = [
    "where at > (select max(at) from {{ this }})",
    "where e.at > (select coalesce(max(at), '1900-01-01') from {{ this }})",
    "where id > (select coalesce(max(id), -1) from {{ this }})",
    "where at > (select coalesce(max(at), '1900-01-01'::timestamp) from {{ this }})",
    "and id not in (select id from {{ this }})",
    "where not exists (select 1 from {{ this }} as t where t.id = e.id)",
]
MADE_OF_IT = [
    ("select id, date_trunc('day', at) as at from events", "where at > (select max(at) from {{ this }})"),
    ("select id, date_trunc('day', at) at from events", "where at > (select max(at) from {{ this }})"),
    ("select md5(id) as id, at from events", "where id not in (select id from {{ this }})"),
    ("select id, seen as at from events", "where made > (select max(at) from {{ this }})"),
    ("select id, seen from events", "where made > (select max(seen) from {{ this }})"),
]
PAST_IT = [
    (
        "select id, at from old union all select id, at from events",
        "where at > (select max(at) from {{ this }})",
    ),
    ("select id, at from events where id = 1 or id = 2", "and at > (select max(at) from {{ this }})"),
]
PASSED_ON = [
    ("select id, at -- or none\nfrom events", "where at > (select max(at) from {{ this }})"),
    ("select id, e.at from events", "where e.at > (select max(at) from {{ this }})"),
    ("select id, e.seen as at from events e", "where e.seen > (select max(at) from {{ this }})"),
    (
        "with e as (select at, id from events) select id, at from e",
        "where at > (select max(at) from {{ this }})",
    ),
]
TWICE = [
    "where at >= (select max(at) from {{ this }})",
    "where at > (select max(at) - interval 3 day from {{ this }})",
    "where at > (select dateadd(day, -3, max(at)) from {{ this }})",
    "where at > (select coalesce(max(at), 0) - 3 from {{ this }})",
    "where at > (select coalesce(max(at), 0) from {{ this }}) - 3",
    "where at > (select min(at) from {{ this }})",
    "where at > (select max(at) from {{ this }}) or at is null",
    "where id in (select id from {{ this }})",
    "where at > '2024-01-01'",
]


def told(condition: str, select: str = "select * from events e", **config: str) -> str:
    text = f"{select} {{% if is_incremental() %}} {condition} {{% endif %}}"
    node = Node(
        unique_id="m", name="m", resource_type="model", raw_code=msgspec.Raw(msgspec.json.encode(text))
    )
    return incremental(node, config)


@pytest.mark.parametrize("condition", STRICT)
def test_what_is_there_is_left_out(condition: str) -> None:
    assert told(condition) == ""


@pytest.mark.parametrize("condition", TWICE)
def test_what_may_be_there_is_taken_again(condition: str) -> None:
    assert "already" in told(condition)
    assert told(condition, unique_key="id") == ""
    assert "already" in told(condition, unique_key="id", incremental_strategy="append")


@pytest.mark.parametrize("condition", [*STRICT[:2], *TWICE, "select max(at) as at from {{ this }}"])
def test_rows_that_are_replaced_as_they_are_come_out_the_same(condition: str) -> None:
    assert told(condition, unique_key="id") == ""


@pytest.mark.parametrize(
    "select",
    [
        "select day, sum(amount) as amount from events group by day",
        "select id, row_number() over (order by at) as n from events",
        "select 1 as id, count(*) as n from events",
        "select distinct on (id) id, at, name from events",
        "select 1 as id, max_by(name, at) as name from events",
        "{{ dbt_utils.deduplicate(relation='events', partition_by='id', order_by='at') }}",
    ],
)
def test_a_total_of_a_part_replaces_that_of_the_whole(select: str) -> None:
    text = msgspec.Raw(msgspec.json.encode(select + " {{ newer('at') }}"))
    node = Node(unique_id="m", name="m", resource_type="model", raw_code=text)
    assert incremental(node, {"unique_key": "day"}) == ""
    assert "of some rows" in incremental(node, {"unique_key": "day"}, reads_itself=True)
    assert "of some rows" in told(TWICE[1], select, unique_key="day")
    assert "of some rows" in told(TWICE[1], select, incremental_strategy="insert_overwrite")


@pytest.mark.parametrize(
    ("condition", "select"),
    [
        ("left join {{ this }} as t using (id)", "select * from events"),
        ("where id > 1", "select e.id, t.n + e.n as n from events e join {{ this }} t using (id)"),
        ("{{ add_to(this) }}", "select * from events"),
    ],
)
def test_what_is_there_is_added_to_again(condition: str, select: str) -> None:
    assert "add to them again" in told(condition, select, unique_key="id")


@pytest.mark.parametrize(("select", "condition"), PASSED_ON)
def test_a_column_that_is_passed_on(select: str, condition: str) -> None:
    assert told(condition, select) == ""


@pytest.mark.parametrize(("select", "condition"), MADE_OF_IT + PAST_IT)
def test_a_column_of_the_same_name(select: str, condition: str) -> None:
    """The latest of what was made of it is another value."""
    assert "already" in told(condition, select)


@pytest.mark.parametrize(
    ("macro", "words"),
    [
        (
            "{% if is_incremental() %} where at > (select max(at) from {{ this }}) - 3 {% endif %}",
            "of some rows",
        ),
        ("where id > 0", ""),
    ],
)
def test_a_condition_in_a_macro_is_one_of_the_model(macro: str, words: str) -> None:
    manifest = plain(NEWEST, "manifest")
    name = "macro.shop.newer"
    manifest["macros"][name] = {**next(iter(manifest["macros"].values())), "unique_id": name, "package_name": "shop", "name": "newer",
                                "macro_sql": f"{{% macro newer() %}} {macro} {{% endmacro %}}", "depends_on": {"macros": []}}  # fmt: skip
    node = manifest["nodes"]["model.shop.customers"]
    node["config"] |= {"materialized": "incremental", "unique_key": "day", "pre-hook": [], "post-hook": []}
    node |= {"raw_code": "select day, sum(n) as n from events {{ newer() }} group by day"}
    node["depends_on"] |= {"macros": [name]}
    values = Values(vars={}, every_var="", environ={}, target="")
    told = written(manifest, msgspec.structs.replace(DUCKDB, values=values)).producers
    (recipe,) = [one.recipe for one in told if one.id == "model.shop.customers"]
    assert recipe is not None and words in recipe.open and bool(recipe.open) is bool(words)
