"""Incremental models that append: which of them leave a row alone that is there already."""

from __future__ import annotations

import msgspec
import pytest

from penstock_dbt.repeating import incremental
from penstock_manifests.dbt import Node

STRICT = [
    "where at > (select max(at) from {{ this }})",
    "where e.at > (select coalesce(max(at), '1900-01-01') from {{ this }})",
    "where id > (select coalesce(max(id), -1) from {{ this }})",
    "where at > (select coalesce(max(at), '1900-01-01'::timestamp) from {{ this }})",
    "and id not in (select id from {{ this }})",
    "where not exists (select 1 from {{ this }} as t where t.id = e.id)",
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


def told(condition: str, **config: str) -> str:
    text = f"select * from events {{% if is_incremental() %}} {condition} {{% endif %}}"
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
