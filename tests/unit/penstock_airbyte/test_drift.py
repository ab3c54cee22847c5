"""What a local source offers now against what was loaded: fields, their types, keys; and who hears of it."""

from __future__ import annotations

from pathlib import Path

from penstock.assets import ChangeKind, OnChange
from penstock.integration import Outcome, given, understood
from penstock_airbyte.config import SyncOptions
from penstock_airbyte.integration import INTEGRATION
from tests.unit.penstock_airbyte.sources import USERS, Shop, user


def changed(shop: Shop) -> list[tuple[ChangeKind, str | None, str]]:
    (producer,) = shop.bench.observe(max_age=0).producers
    return [(one.kind, one.column, one.message) for one in producer.changes]


def test_a_field_that_changes_its_type_is_told_before_the_next_sync(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1)]}}, on_drift="block_affected")
    assert changed(shop) == [], "nothing was loaded yet"
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert changed(shop) == []

    fields = {
        "id": {"type": "string"},
        "updated_at": USERS["schema"]["updated_at"],
        "age": {"type": "integer"},
    }
    shop.put({"users": {**USERS, "schema": fields, "rows": []}})
    assert changed(shop) == [
        (ChangeKind.COLUMN_CHANGED, "id", "shop/users.id changes its type: integer -> string"),
        (ChangeKind.COLUMN_REMOVED, "name", "shop/users.name is gone"),
        (ChangeKind.COLUMN_ADDED, "age", "shop/users.age is new"),
    ]
    seen = shop.bench.observe()
    assert seen.producers[0].on_change is OnChange.BLOCK_AFFECTED
    (table,) = (asset for asset in seen.assets if asset.id == "shop/users#table")
    assert "name" in [column.name for column in table.columns], "the table has it until the next sync"

    assert shop.bench.sync(attempt=2).outcome is Outcome.SUCCESS
    assert changed(shop) == []


def test_discover_reaches_the_integration() -> None:
    heard = understood({"discover": True, "target": "prod"}, INTEGRATION.options)
    assert given(heard, SyncOptions).discover
