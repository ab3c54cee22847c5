"""What a plan asks first: each box names what it starts, and nothing else."""

from __future__ import annotations

from penstock.assets import (
    AssetKind,
    Observation,
    ObservedAsset,
    ObservedProducer,
    Permission,
    Relation,
    Role,
)
from penstock.graph import AssetGraph
from penstock.graph.select import select
from penstock.integration import ItemKind
from penstock.plan import Decision, PlanItem
from penstock.service.permission import Permit, questions, said


def _synced(instance: str, connection: str) -> Observation:
    relation = Relation("wh", "duckdb", None, instance, connection)
    asset = ObservedAsset(
        id=f"{instance}.{connection}", kind=AssetKind.TABLE, name="users", resource_type="stream_table", role=Role.PRODUCES,
        relation=relation, producer=connection, attributes={"connection": connection},
    )  # fmt: skip
    producer = ObservedProducer(id=connection, kind="sync", permission=Permission.ASK)
    return Observation(
        integration="airbyte", instance=instance, taken_at=1.0, assets=(asset,), producers=(producer,)
    )


def test_connections_of_one_name_are_asked_for_apart() -> None:
    graph = AssetGraph.of([_synced("eu", "Shop"), _synced("us", "Shop"), _synced("us", "CRM")])
    items = [
        PlanItem(
            key=asset.key, ref=asset.producer, kind=ItemKind.ASSET, name=asset.name, resource_type="", decision=Decision.SKIP,
            reason="", code="",
        )
        for asset in graph.assets.values()
        if asset.producer is not None
    ]  # fmt: skip
    asked = questions(graph, items)
    assert sorted(one.select for one in asked) == [
        "connection:CRM",
        "connection:eu/Shop",
        "connection:us/Shop",
    ]
    for one in asked:
        assert len({graph.assets[key].producer for key in select(graph, (one.select,), ()).assets}) == 1


def test_a_blank_says_nothing() -> None:
    assert {said(text) for text in (None, "", " ", "ask")} == {(Permit.ASKED, "")}
    assert said(" connection:Shop ") == (Permit.NAMED, "connection:Shop")
