"""How often a tool is started, told with the plan."""

from __future__ import annotations

import pytest

from penstock.assets import AssetKey, Batch, ToolRef
from penstock.integration import ItemKind
from penstock.plan import Decision, PlanItem
from penstock.plan.notes import _starts


@pytest.mark.parametrize(
    ("batch", "outside", "free", "said"),
    [
        (Batch(name="dbt:t"), (), True, "t: dbt starts once for 4 nodes"),
        (
            Batch(name="dbt:t", most=1, why="hooks"),
            ("a", "b"),
            True,
            "t: dbt starts once for 4 nodes, after i/a, i/b (hooks)",
        ),
        (
            Batch(name="dbt:t"),
            ("a",),
            True,
            "t: dbt starts twice for 4 nodes: at once for what waits for nothing, then after i/a",
        ),
        (
            Batch(name="dbt:t"),
            ("a", "b"),
            False,
            "t: dbt starts once for 4 nodes, or up to 2 times if i/a, i/b finish far apart",
        ),
    ],
)
def test_how_often_a_tool_is_started(batch: Batch, outside: tuple[str, ...], free: bool, said: str) -> None:
    items = [_waits_for(name) for name in outside]
    assert _starts(batch, 4, items, free=free, first=False) == said


def _waits_for(name: str) -> PlanItem:
    return PlanItem(
        key=AssetKey("x:", name),
        ref=ToolRef("sync", "i", name),
        kind=ItemKind.ASSET,
        name=name,
        resource_type="table",
        decision=Decision.BUILD,
        reason="",
        code="",
        unit=f"sync/i:{name}",
    )
