"""What was spent: wall time, and money where a warehouse tells it, per asset, run, owner or tag. Reads the store; runs nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from penstock.assets import AssetKey
from penstock.graph import AssetGraph
from penstock.integration import ItemKind, Usage
from penstock.service.explore import iso
from penstock.service.history import reading_store
from penstock.service.observe import Seen
from penstock.service.workspace import Workspace
from penstock.store import ItemRecord, StepRecord

FORMAT = 1
REST = "(no single asset)"
NONE = "(none)"
_NOT_RUN = frozenset({"reused", "skipped", "left"})


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


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one item had of its step."""

    item: ItemRecord
    seconds: float


def attribute(items: Iterable[ItemRecord], steps: Iterable[StepRecord]) -> tuple[list[Share], float]:
    """Each item's share of its step's wall time, and the seconds that belong to none. Pure.

    What one producer makes at once (the tables of a sync) shares its time equally. Items of a batch have their own times; where
    several run at once these are scaled down to the time that the step took: shares never sum to more than that.
    """
    known = {(step.run, step.id): step for step in steps if step.started_at and step.ended_at}
    together: dict[tuple[str, str], list[ItemRecord]] = {}
    for item in items:
        if item.step is not None and item.state.value not in _NOT_RUN:
            together.setdefault((item.run, item.step), []).append(item)
    shares: list[Share] = []
    rest = 0.0
    for place, group in together.items():
        step = known.get(place)
        wall = (step.ended_at or 0.0) - (step.started_at or 0.0) if step else None
        own = [item.seconds or 0.0 for item in group]
        if step is not None and step.batch is None and wall is not None:
            own = [wall / len(group)] * len(group)
        elif wall is not None and sum(own) > wall:
            scale = wall / sum(own)
            own = [seconds * scale for seconds in own]
        rest += max(0.0, (wall or 0.0) - sum(own))
        shares += [Share(item=item, seconds=seconds) for item, seconds in zip(group, own, strict=True)]
    return shares, rest


def cost(
    workspace: Workspace, seen: Seen, chosen: frozenset[AssetKey] | None, by: By, since: float
) -> CostDocument:
    """What the chosen assets (None: all) and their checks took since that time (epoch seconds)."""
    environment = workspace.project.environment
    items: Sequence[ItemRecord] = ()
    steps: Sequence[StepRecord] = ()
    numbers: Mapping[str, int] = {}
    with reading_store(workspace) as store:
        if store is not None:
            items, steps = store.spent_since(environment, since)
            numbers = store.run_numbers({item.run for item in items})
    shares, rest = attribute(items, steps)
    graph = seen.graph
    if chosen is not None:
        shares = [share for share in shares if _asset_of(graph, share.item) in chosen]
        rest = 0.0  # it is of whole steps, of which only some was asked for
    groups: dict[str, list[Share]] = {}
    for share in shares:
        for name in _names(graph, share.item, by, numbers):
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
        without_money=sum(
            1 for share in shares if share.item.usage is None or share.item.usage.money is None
        ),
    )


def begin_of(seconds: float) -> float:
    """So many seconds ago, as epoch seconds."""
    return time.time() - seconds


def _most(line: Spent) -> tuple[float, float, str]:
    return -max(line.money.values(), default=0.0), -line.seconds, line.name


def _asset_of(graph: AssetGraph, item: ItemRecord) -> AssetKey:
    """The asset itself, or the first one that a check checks."""
    check = graph.checks.get(item.key) if item.kind is ItemKind.CHECK else None
    return check.assets[0] if check is not None and check.assets else item.key


def _names(graph: AssetGraph, item: ItemRecord, by: By, numbers: Mapping[str, int]) -> tuple[str, ...]:
    """The lines under which an item counts."""
    if by is By.RUN:
        return (str(numbers.get(item.run, item.run)),)
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
    used = [share.item.usage for share in shares if share.item.usage is not None]
    return Spent(
        name=name,
        runs=len({share.item.run for share in shares}),
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
