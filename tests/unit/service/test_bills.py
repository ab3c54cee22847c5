"""Who pays for what a warehouse bills. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from penstock.assets import AssetKey, Relation, ToolRef
from penstock.integration import Cancellation, ItemKind, Usage, UsageRow
from penstock.service.billed import asked, merged
from penstock.service.bills import Bills, bills_of, completed
from penstock.store import ItemRecord, ItemState

PLACE = "snowflake://acme"
ORDERS = AssetKey(PLACE, "orders")


def item(node: str, run: str, begun: float, namespace: str = PLACE) -> ItemRecord:
    return ItemRecord(
        run=run, key=AssetKey(namespace, node), ref=ToolRef("dbt", "shop", f"model.{node}"), kind=ItemKind.ASSET, name=node,
        resource_type="table", environment="dev", decision="build", reason="", code="", unit="", state=ItemState.SUCCESS,
        relation=Relation(namespace, "snowflake", "D", "S", node), started_at=begun, ended_at=begun + 10, seconds=10.0,
    )  # fmt: skip


def row(at: float, money: float | None = 1.0, **words: Any) -> UsageRow:
    return UsageRow(query=f"q{at}", at=at, usage=Usage(money=money, seconds=2.0, currency="credits"), **words)


def bills(rows: list[UsageRow], items: list[ItemRecord], jobs: Any = None) -> Bills:
    return bills_of({PLACE: rows}, {"model.orders": ORDERS}, items, jobs or {})


def test_a_query_belongs_to_the_run_in_whose_time_it_ended() -> None:
    first, second = item("orders", "one", 1000.0), item("orders", "two", 2000.0)
    found = bills([row(1005.0, tag="model.orders"), row(2005.0, 3.0, tag="model.orders")], [first, second])
    assert {place[0]: usage.money for place, usage in found.here.items()} == {"one": 1.0, "two": 3.0}
    assert not found.rest and not found.outside


def test_what_ran_elsewhere_is_the_assets_and_what_is_nobodys_is_the_rest() -> None:
    found = bills(
        [row(9000.0, tag="model.orders"), row(9000.0, 2.0, tag="somebody"), row(9001.0, 4.0)],
        [item("orders", "one", 1000.0), item("orders", "other place", 8995.0, "snowflake://other")],
    )
    assert (found.outside[ORDERS].money, found.rest, found.here) == (1.0, {"credits": 6.0}, {})


def test_idle_time_is_what_the_whole_was_billed_beyond_its_queries() -> None:
    rows = [row(3600.0, 10.0, whole=True), row(1005.0, 1.5, tag="model.orders"), row(1006.0, 2.0)]
    apart = [row(7.0, 5.0, job_run="1", apart=True), row(7.0, 0.25, job_run="nobody's", apart=True)]
    jobs = {"1": [("one", ORDERS)]}
    assert bills(rows + apart, [item("orders", "one", 1000.0)], jobs).rest == {"credits": 8.75}


def test_the_tables_of_a_job_share_its_run_and_what_is_late_is_pending() -> None:
    places = [("one", AssetKey(PLACE, "a")), ("one", AssetKey(PLACE, "b"))]
    found = bills([row(5.0, 3.0, job_run="77", list_price=True)], [], {"77": places})
    assert [found.here[place].money for place in places] == [1.5, 1.5] and found.list_price
    late = bills([row(1005.0, None, tag="model.orders", pending=True)], [item("orders", "one", 1000.0)])
    assert {run for run, _ in late.pending} == {"one"}


def test_a_bill_completes_what_the_tool_told_and_replaces_nothing() -> None:
    told, bill = Usage(bytes=5), Usage(bytes=7, money=2.0, currency="credits", seconds=1.0)
    assert completed(told, bill) == Usage(bytes=5, money=2.0, currency="credits", seconds=1.0)
    assert completed(Usage(money=1.0, currency="USD"), bill) == Usage(
        money=1.0, currency="USD", bytes=7, seconds=1.0
    )


def test_rows_are_kept_by_minute_and_strangers_by_day() -> None:
    rows = [row(60.0 * minute + second, tag="a") for minute in (1, 2) for second in (0.0, 5.0)]
    kept = merged([*rows, *(row(float(at)) for at in range(0, 80_000, 1000))])
    assert [(one.tag, one.usage.money) for one in kept] == [("a", 2.0), ("a", 2.0), (None, 80.0)]
    assert kept[0].at == 65.0 and sum(one.usage.money or 0 for one in kept) == pytest.approx(84.0)


class Metered:
    """A warehouse that bills one credit for each hour, as a whole, at the hour's end."""

    def usage(self, since: float, until: float, cancel: Cancellation | None = None) -> Iterator[UsageRow]:
        first = -int(-since // HOUR)
        yield from (row(at * HOUR, whole=True) for at in range(first, int(-(-until // HOUR))))


HOUR, DAY = 3600.0, 86_400.0


@pytest.mark.parametrize("every", [1, 5, 30, 24 * 11])
def test_asking_again_loses_no_hour_and_counts_none_twice(every: int) -> None:
    begin = 20_000 * DAY + 5 * HOUR
    kept = asked(Metered(), None, PLACE, begin, begin + DAY)
    for hour in range(24 + every, 24 * 30, every):
        kept = asked(Metered(), kept, PLACE, begin + (hour - 24) * HOUR, begin + hour * HOUR)
        assert sum(one.usage.money or 0 for one in kept.rows) == (kept.until - begin) / HOUR
