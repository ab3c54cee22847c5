"""By which names the relations of a project may be called in SQL."""

from __future__ import annotations

import pytest

from penstock.assets import AssetKind, Observation, ObservedAsset, Relation
from penstock.graph import AssetGraph
from penstock.service.outsideview import outside_of


@pytest.mark.parametrize(("other", "same"), [("SHOP", True), ("LAKE", False)])
def test_a_name_without_its_database_is_the_same_where_there_is_one_only(other: str, same: bool) -> None:
    """`raw.orders` is read from the session's own database, which is not told: it may not be that of the asset."""
    assets = tuple(
        ObservedAsset(
            id=name, kind=AssetKind.TABLE, name=name, resource_type="source",
            relation=Relation("snowflake://acme", "snowflake", database, "RAW", name),
        )
        for name, database in (("ORDERS", "SHOP"), ("ITEMS", other))
    )  # fmt: skip
    seen = Observation(integration="dbt", instance="t", taken_at=0.0, assets=assets)
    called = outside_of(AssetGraph.of([seen]), {}).names
    assert (called(("RAW", "ORDERS")) == called(("SHOP", "RAW", "ORDERS"))) is same
