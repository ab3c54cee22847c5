"""What was spent: wall time, and money where a warehouse tells it, per asset, run, owner or tag. Reads the store; runs nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from penstock.assets import AssetKey
from penstock.graph import AssetGraph
from penstock.integration import ItemKind, Usage
from penstock.service.billed import billed
from penstock.service.bills import Bills, bills_of, completed, ids_of
from penstock.service.explore import iso
from penstock.service.history import reading_store
from penstock.service.observe import GraphView
from penstock.service.shares import Share, attribute
from penstock.service.workspace import Workspace
from penstock.store import ItemRecord, StepRecord

FORMAT = 1
REST = "(no single asset)"
OUTSIDE = "(outside penstock)"
NONE = "(none)"


class By(StrEnum):
    ASSET = "asset"
    RUN = "run"
    OWNER = "owner"
    TAG = "tag"


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `seconds` is wall time here, `warehouse_seconds` what the warehouse says it worked; `money` by currency. `runs`
    is how often it was made. None: nobody has told (yet)."""

    name: str
    runs: int
    seconds: float
    warehouse_seconds: float | None
    bytes: int | None
    money: dict[str, float]


class Billing(msgspec.Struct, frozen=True, kw_only=True):
    """What warehouses bill. `unattributed`: by currency, what was for nobody here: idle time, other people's queries. `pending`: so
    many items whose money is told later. `list_price`: some of it is by list price, not by your contract. `told_at`: when the
    warehouses were asked, `silent` those that gave no answer, and why."""

    unattributed: dict[str, float] = {}
    pending: int = 0
    list_price: bool = False
    told_at: str | None = None
    silent: tuple[str, ...] = ()


class CostDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`rest` is time of steps that belongs to no single asset: tools that start, and waiting inside a step. With `by` tag an
    asset counts under each of its tags. `without_money`: so many items have none: their warehouse bills none, or later."""

    format: int
    environment: str
    by: str
    since: str
    lines: tuple[Spent, ...]
    rest: Spent
    total: Spent
    without_money: int
    billing: Billing


def cost(
    workspace: Workspace,
    seen: GraphView,
    chosen: frozenset[AssetKey] | None,
    by: By,
    since: float,
    *,
    may_call: bool = False,
) -> CostDocument:
    """What the chosen assets (None: all) and their checks took since that time (epoch seconds). `may_call`: ask the warehouses."""
    environment = workspace.project.environment
    told = billed(workspace, since, may_call=may_call)
    items: Sequence[ItemRecord] = ()
    steps: Sequence[StepRecord] = ()
    numbers: Mapping[str, int] = {}
    jobs: Mapping[str, Sequence[tuple[str, AssetKey]]] = {}
    with reading_store(workspace) as store:
        if store is not None:
            items, steps = store.spent_since(environment, since)
            numbers = store.run_numbers({item.run for item in items})
            jobs = store.job_runs_since(environment, since) if told.rows else {}
    graph = seen.graph
    bills = bills_of(told.rows, ids_of(graph), items, jobs)
    shares, rest = attribute(items, steps)
    shares = [_with_bill(share, bills) for share in shares] + _outside(graph, bills)
    if chosen is not None:
        shares = [share for share in shares if _asset_of(graph, share) in chosen]
        rest = 0.0  # it is of whole steps, of which only some was asked for
    groups: dict[str, list[Share]] = {}
    for share in shares:
        for name in _names(graph, share, by, numbers):
            groups.setdefault(name, []).append(share)
    lines = sorted((_spent(name, group) for name, group in groups.items()), key=_most)
    whole = _spent("total", shares)
    return CostDocument(
        format=FORMAT,
        environment=environment,
        by=by.value,
        since=iso(since) or "",
        lines=tuple(lines),
        rest=_alone(REST, rest),
        total=msgspec.structs.replace(whole, seconds=whole.seconds + rest),
        without_money=sum(1 for share in shares if share.usage is None or share.usage.money is None),
        billing=Billing(
            unattributed=bills.rest if chosen is None else {},
            pending=sum(1 for share in shares if (share.run or "", share.key) in bills.pending),
            list_price=bills.list_price,
            told_at=None if told.told_at is None else iso(told.told_at),
            silent=told.silent,
        ),
    )


def _with_bill(share: Share, bills: Bills) -> Share:
    bill = bills.here.get((share.run or "", share.key))
    return msgspec.structs.replace(share, usage=completed(share.usage, bill))


def _outside(graph: AssetGraph, bills: Bills) -> list[Share]:
    return [
        Share(
            key=key,
            kind=ItemKind.ASSET,
            name=graph.names.shown(key),
            run=None,
            seconds=0.0,
            usage=usage,
        )
        for key, usage in bills.outside.items()
    ]


def begin_of(seconds: float) -> float:
    """So many seconds ago, as epoch seconds."""
    return time.time() - seconds


def _most(line: Spent) -> tuple[float, float, str]:
    return -max(line.money.values(), default=0.0), -line.seconds, line.name


def _asset_of(graph: AssetGraph, item: Share) -> AssetKey:
    """The asset itself, or the first one that a check checks."""
    check = graph.checks.get(item.key) if item.kind is ItemKind.CHECK else None
    return check.assets[0] if check is not None and check.assets else item.key


def _names(graph: AssetGraph, item: Share, by: By, numbers: Mapping[str, int]) -> tuple[str, ...]:
    """The lines under which an item counts."""
    if by is By.RUN:
        return (OUTSIDE if item.run is None else str(numbers.get(item.run, item.run)),)
    key = _asset_of(graph, item)
    asset = graph.assets.get(key)
    if by is By.ASSET:
        return (graph.names.shown(key) if asset is not None else item.name,)
    if asset is None:
        return (NONE,)
    if by is By.OWNER:
        return (asset.owner or asset.group or NONE,)
    return asset.tags or (NONE,)


def _spent(name: str, shares: Sequence[Share]) -> Spent:
    used = [share.usage for share in shares if share.usage is not None]
    return Spent(
        name=name,
        runs=len({share.run for share in shares} - {None}),
        seconds=sum(share.seconds for share in shares),
        warehouse_seconds=_sum(usage.seconds for usage in used),
        bytes=_bytes(used),
        money=_money(used),
    )


def _alone(name: str, seconds: float) -> Spent:
    return Spent(name=name, runs=0, seconds=seconds, warehouse_seconds=None, bytes=None, money={})


def _sum(values: Iterable[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def _bytes(used: Iterable[Usage]) -> int | None:
    told = _sum(usage.bytes for usage in used)
    return None if told is None else int(told)


def _money(used: Iterable[Usage]) -> dict[str, float]:
    found: dict[str, float] = {}
    for usage in used:
        if usage.money is not None:
            currency = usage.currency or "?"
            found[currency] = found.get(currency, 0.0) + usage.money
    return found
