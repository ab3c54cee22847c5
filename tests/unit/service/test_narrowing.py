"""What somebody who sees a part of the project is told of items of runs and states of assets."""

from __future__ import annotations

from msgspec.structs import replace

from penstock.assets import AssetKey, ToolRef
from penstock.integration import ItemKind
from penstock.service.explore import KeyDocument
from penstock.service.follow import EdgeDocument
from penstock.service.inspect import AssetState, CheckState
from penstock.service.narrowing import edge_apart, item_apart, state_apart
from penstock.store import ItemRecord, ItemState


def test_the_words_that_name_what_is_above_stay_away() -> None:
    item = ItemRecord(
        run="r", key=AssetKey("duckdb:x", "main.orders"), ref=ToolRef("dbt", "t", "model.orders"), kind=ItemKind.ASSET,
        name="orders", resource_type="model", environment="dev", decision="build", reason="new data: secret +2 rows",
        code="new-data", unit="", state=ItemState.SKIPPED, message="upstream secret failed", cause="secret",
    )  # fmt: skip
    told = item_apart(item)
    assert "secret" not in repr(told) and told.reason == "new data"
    for state, step in (
        (ItemState.SUCCESS, "dbt-1"),
        (ItemState.SKIPPED, "dbt-1"),
        (ItemState.REUSED, None),
        (ItemState.FAIL, None),
    ):
        ended = replace(item, state=state, step=step, message="secret +2 rows", cause=None)
        assert "secret" not in repr(item_apart(ended))
    failed = replace(item, state=ItemState.ERROR, step="dbt-1", message="no such column: id", cause=None)
    assert item_apart(failed).message == "no such column: id"


def test_a_check_of_two_tables_is_not_named_where_one_of_them_is_hidden() -> None:
    checks = tuple(
        CheckState(name=name, outcome="pass", ended_at="", message=None)
        for name in ("unique_orders", "relationships_orders_secret")
    )
    state = AssetState(
        name="orders", key=KeyDocument("duckdb:x", "main.orders"), kind="table", outcome=None, made_at=None, seconds=None,
        rows=None, run=None, by=None, checks=checks, last_attempt="skipped", attempted_at=None, attempt_seconds=None,
        attempt_run=None, attempt_by=None, message="upstream secret failed",
    )  # fmt: skip
    told = state_apart(state, {"unique_orders"})
    assert "secret" not in repr(told) and [one.name for one in told.checks] == ["unique_orders"]


def test_an_edge_tells_neither_a_hidden_table_that_it_may_come_from_nor_sql_without_the_right() -> None:
    edge = EdgeDocument(
        direction="upstream", distance=1, source_asset="orders", source_column="id", target_asset="sums", target_column="id",
        type="DIRECT", subtype="TRANSFORMATION", certainty="ambiguous", path=None, expression="secret.id + 1",
        candidates=("orders", "secret"),
    )  # fmt: skip
    told = edge_apart(edge, {"orders", "sums"}, {"orders"})
    assert "secret" not in repr(told) and told.candidates == ("orders",)
    assert edge_apart(edge, None, None) == edge
