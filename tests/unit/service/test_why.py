"""The chain of `why`: to what is built above, never to a check that only gates it."""

from __future__ import annotations

from penstock.assets import AssetKey, ToolRef
from penstock.integration import ItemKind
from penstock.plan import Decision, Plan, PlanItem
from penstock.service.why import chain


def item(name: str, code: str, *above: PlanItem, kind: ItemKind = ItemKind.ASSET) -> PlanItem:
    return PlanItem(
        key=AssetKey("duckdb:x", name),
        ref=ToolRef("dbt", "t", name),
        kind=kind,
        name=name,
        resource_type="model",
        decision=Decision.BUILD,
        reason=code,
        code=code,
        depends_on=tuple(one.key for one in above),
    )


def test_a_check_is_no_cause() -> None:
    stg = item("stg", "code")
    tested = item("not_null_stg_id", "check", stg, kind=ItemKind.CHECK)
    orders = item("orders", "undecided", tested, stg)
    mart = item("mart", "undecided", tested, orders)
    plan = Plan(environment="dev", graph_hash="", items=(stg, tested, orders, mart))
    assert [link.name for link in chain(plan, mart)] == ["orders", "stg"]
