"""Who caused what warehouses bill: each row to the item of the run that it was for, else to the asset, else to nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from penstock.assets import AssetKey
from penstock.graph import AssetGraph
from penstock.integration import Usage, UsageRow
from penstock.store import ItemRecord

_SLACK = 120.0  # clocks differ, and a tool's own times are those of its process
Place = tuple[str, AssetKey]  # run and item


class Bills(msgspec.Struct, kw_only=True):
    """`here` per item of a run, `outside` per asset that somebody else's run made. `rest`: what is billed and was for nobody that
    is known: idle time, other people's queries. `pending` are items whose money the warehouse tells later."""

    here: dict[Place, Usage] = {}
    outside: dict[AssetKey, Usage] = {}
    rest: dict[str, float] = {}
    pending: set[Place] = set()
    list_price: bool = False


def bills_of(
    told: Mapping[str, Sequence[UsageRow]],
    assets: Mapping[str, AssetKey],
    items: Iterable[ItemRecord],
    job_runs: Mapping[str, Sequence[Place]],
) -> Bills:
    """`told` by the namespace of the warehouse; `assets` by the ids that tools have for them; `job_runs` are the items that a warehouse's own job has made, by its run."""
    found = Bills(here={}, outside={}, rest={}, pending=set())
    by_id: dict[str, list[ItemRecord]] = {}
    for item in items:
        by_id.setdefault(item.ref.id, []).append(item)
    for namespace, rows in told.items():
        whole: dict[str, float] = {}
        used: dict[str, float] = {}
        strange: dict[str, float] = {}
        for row in rows:
            found.list_price |= row.list_price
            if row.whole:
                _pay(whole, row.usage)
            elif _charged(found, row, namespace, by_id, assets, job_runs):
                _pay({} if row.apart else used, row.usage)
            else:
                _pay(found.rest if row.apart else strange, row.usage)
        for currency, amount in (whole or strange).items():
            rest = max(0.0, amount - used.get(currency, 0.0)) if whole else amount
            found.rest[currency] = found.rest.get(currency, 0.0) + rest
    return found


def ids_of(graph: AssetGraph) -> dict[str, AssetKey]:
    """Assets by the ids that tools have for them; a check's id leads to the first asset that it checks."""
    found = {ref.id: asset.key for asset in graph.assets.values() for ref in asset.seen_by}
    return found | {check.seen_by.id: check.assets[0] for check in graph.checks.values() if check.assets}


def _charged(
    found: Bills,
    row: UsageRow,
    namespace: str,
    by_id: Mapping[str, Sequence[ItemRecord]],
    assets: Mapping[str, AssetKey],
    job_runs: Mapping[str, Sequence[Place]],
) -> bool:
    """Whether the row was for somebody that is known here."""
    places: Sequence[Place] = job_runs.get(row.job_run or "", ())
    if not places and row.tag is not None:
        item = _item(by_id.get(row.tag, ()), row.at, namespace)
        places = [] if item is None else [(item.run, item.key)]
    if places:
        share = _share(row.usage, len(places))
        for place in places:
            found.here[place] = _added(found.here.get(place), share)
            if row.pending:
                found.pending.add(place)
        return True
    key = assets.get(row.tag or "")
    if key is None:
        return False
    found.outside[key] = _added(found.outside.get(key), row.usage)
    return True


def _item(items: Sequence[ItemRecord], at: float, namespace: str) -> ItemRecord | None:
    """The one that ran then, in that warehouse."""
    fitting = [
        item
        for item in items
        if item.ended_at is not None
        and (item.relation is None or item.relation.namespace == namespace)
        and (item.started_at or item.ended_at) - _SLACK <= at <= item.ended_at + _SLACK
    ]
    return min(fitting, key=lambda item: abs((item.ended_at or 0.0) - at), default=None)


def _pay(sums: dict[str, float], usage: Usage) -> None:
    if usage.money is not None:
        currency = usage.currency or "?"
        sums[currency] = sums.get(currency, 0.0) + usage.money


def _share(usage: Usage, parts: int) -> Usage:
    def part(value: float | None) -> float | None:
        return None if value is None else value / parts

    return msgspec.structs.replace(
        usage,
        seconds=part(usage.seconds),
        bytes=None if usage.bytes is None else usage.bytes // parts,
        slots=part(usage.slots),
        money=part(usage.money),
    )


def _added(one: Usage | None, other: Usage) -> Usage:
    if one is None:
        return other

    def add(name: str) -> float | None:
        values = [value for usage in (one, other) if (value := getattr(usage, name)) is not None]
        return sum(values) if values else None

    return msgspec.structs.replace(
        one,
        seconds=add("seconds"),
        bytes=None if (size := add("bytes")) is None else int(size),
        slots=add("slots"),
        money=add("money"),
        currency=one.currency or other.currency,
    )


def completed(told: Usage | None, billed: Usage | None) -> Usage | None:
    """What the tool itself has told, and of the bill what it has not."""
    if told is None or billed is None:
        return told or billed
    money = billed if told.money is None else told
    return Usage(
        seconds=billed.seconds if told.seconds is None else told.seconds,
        bytes=billed.bytes if told.bytes is None else told.bytes,
        slots=billed.slots if told.slots is None else told.slots,
        money=money.money,
        currency=money.currency,
    )
