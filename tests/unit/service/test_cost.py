"""How the time of steps is shared out, and money is added up. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.assets import AssetKey, ToolRef
from penstock.cli.cost import money
from penstock.integration import ItemKind
from penstock.service.shares import attribute
from penstock.store import ItemRecord, ItemState, StepRecord, StepState


def item(name: str, step: str, seconds: float, state: ItemState = ItemState.SUCCESS) -> ItemRecord:
    return ItemRecord(
        run="r",
        key=AssetKey("n", name),
        ref=ToolRef("t", "i", name),
        kind=ItemKind.ASSET,
        name=name,
        resource_type="table",
        environment="dev",
        decision="build",
        reason="",
        code="",
        unit="",
        state=state,
        step=step,
        seconds=seconds,
    )


def step(identity: str, seconds: float, batch: str | None = None) -> StepRecord:
    times: dict[str, Any] = {"created_at": 1.0, "started_at": 10.0, "ended_at": 10.0 + seconds}
    return StepRecord(
        run="r", id=identity, environment="dev", integration="t", instance="i", kind="build", batch=batch,
        state=StepState.SUCCEEDED, items=(), **times,
    )  # fmt: skip


def shares(items: list[ItemRecord], steps: list[StepRecord]) -> tuple[dict[str, float], float]:
    found, rest = attribute(items, steps)
    return {share.name: share.seconds for share in found}, rest


def test_the_tables_of_a_sync_share_its_time() -> None:
    assert shares([item("a", "sync", 12.0), item("b", "sync", 12.0)], [step("sync", 12.0)]) == (
        {"a": 6.0, "b": 6.0},
        0.0,
    )


def test_what_a_batch_takes_beside_its_items_is_the_rest() -> None:
    found, rest = shares([item("a", "dbt", 2.0), item("b", "dbt", 1.0)], [step("dbt", 8.0, "batch")])
    assert (found, rest) == ({"a": 2.0, "b": 1.0}, 5.0)


def test_items_that_ran_at_once_do_not_sum_to_more_than_their_step() -> None:
    found, rest = shares([item("a", "dbt", 6.0), item("b", "dbt", 3.0)], [step("dbt", 6.0, "batch")])
    assert found == pytest.approx({"a": 4.0, "b": 2.0})
    assert rest == 0.0


@pytest.mark.parametrize("state", [ItemState.REUSED, ItemState.SKIPPED, ItemState.LEFT])
def test_what_did_not_run_costs_nothing(state: ItemState) -> None:
    assert shares([item("a", "dbt", 2.0, state)], [step("dbt", 8.0, "batch")]) == ({}, 0.0)


def test_money_is_shown_with_its_currency() -> None:
    assert money({"USD": 1234.5, "credits": 0.25}) == "1,234 USD, 0.25 credits"
