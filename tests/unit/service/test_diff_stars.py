"""What stands behind a star is what the new SQL gives, and not what the warehouse still has of the last build."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.change.revision import Comparison, Level
from tests.property.diff_projects import MODELS, compared, project

HANDED_ON = {**MODELS, "passed": "select * from {stg_items}", "last": "select item_id, cents from {passed}"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("shop"))


def told(shop: Path, **models: str) -> Comparison:
    return compared(shop, {**MODELS, **models}).comparison


def test_a_column_that_is_gone_is_gone_behind_every_star(shop: Path) -> None:
    found = told(shop, orders=MODELS["orders"].replace(" o.status,", " upper(o.status) as state,"))
    changes = {one.name: one for one in found.assets}
    gone = {name: [one.column for one in changes[name].changes if one.what == "removed"] for name in changes}
    assert gone["orders"] == gone["paid_orders"] == ["status"]
    assert {one.asset for one in found.breaks if one.sure} == {"paid_orders", "returned_orders"}


def test_a_column_that_is_new_is_there_behind_every_star(shop: Path) -> None:
    found = told(
        shop,
        orders=MODELS["orders"].replace(" o.store_id,", " o.store_id, 1 as one,"),
        returned_orders="select order_id, customer_id, total, status, one from {paid_orders}",
    )
    assert found.breaks == ()
    assert found.level is Level.DATA  # of returned_orders, whose own rows are others now
    (passed,) = (one for one in found.assets if one.name == "paid_orders")
    assert (passed.level, passed.columns) == (Level.ADDITIVE, ())
    assert [(one.column, one.what) for one in passed.changes] == [("one", "added")]
