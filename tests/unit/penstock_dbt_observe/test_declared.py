"""Policies that a dbt project declares itself, and what becomes of those that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.assets import DeclaredPolicy
from tests.unit.penstock_dbt_observe.observing import node, written


def declared(config: dict[str, Any]) -> tuple[DeclaredPolicy | None, list[str]]:
    one = node("model.shop.orders", patch_path="shop://models/orders.yml")
    seen = written({"nodes": {"model.shop.orders": {**one, "config": {"materialized": "table", **config}}}})
    (producer,) = seen.producers
    return producer.policy, [finding.message for finding in seen.findings if finding.code == "policy-unread"]


def test_build_after_is_build_on_changes() -> None:
    after = {"count": 4, "period": "hour", "updates_on": "all"}
    found, wrong = declared({"freshness": {"build_after": after}})
    assert wrong == [] and found is not None
    assert (found.build, found.build_after, found.updates_on) == ("change", "4h", "all")
    assert "models/orders.yml" in found.place


def test_ours_comes_before_it() -> None:
    ours = {"build": "demand", "fresh": {"warn": "2h"}, "builds_per_day": 3}
    found, _ = declared({"meta": {"owner": "kim", "penstock": ours}})
    assert found is not None and (found.build, found.warn, found.builds_per_day) == ("demand", "2h", 3)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"state": {"lag_tolerance": "4h"}},
        {"meta": {"owner": "kim"}},
        {"freshness": None},
        {"freshness": {"warn_after": {"count": 1}}},
    ],
)
def test_nothing_said_is_no_policy(config: dict[str, Any]) -> None:
    assert declared(config) == (None, [])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"freshness": {"build_after": {"count": 4, "period": "fortnight"}}}, "is no period"),
        ({"freshness": {"build_after": {"count": "four", "period": "hour"}}}, "cannot be read"),
        ({"state": {"lag_tolerance": "soon"}}, "state.lag_tolerance: 'soon' is no length of time"),
        ({"meta": {"penstock": {"build": "chnage"}}}, "meta.penstock cannot be read"),
        ({"meta": {"penstock": {"settle": "soon"}}}, "is no length of time"),
        ({"meta": {"penstock": {"buld": "change"}}}, "buld"),
    ],
)
def test_what_cannot_be_read_is_a_finding(config: dict[str, Any], words: str) -> None:
    found, wrong = declared(config)
    assert found is None and len(wrong) == 1 and words in wrong[0]
