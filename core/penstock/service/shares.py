"""How the wall time of steps is shared among what they made. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import AssetKey
from penstock.integration import ItemKind, Usage
from penstock.store import ItemRecord, StepRecord

_NOT_RUN = frozenset({"reused", "skipped", "left"})


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one item had of its step, or (`run` None) an asset of a run that was not penstock's."""

    key: AssetKey
    kind: ItemKind
    name: str
    run: str | None
    seconds: float
    usage: Usage | None


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
        shares += [_share(item, seconds) for item, seconds in zip(group, own, strict=True)]
    return shares, rest


def _share(item: ItemRecord, seconds: float) -> Share:
    return Share(
        key=item.key, kind=item.kind, name=item.name, run=item.run, seconds=seconds, usage=item.usage
    )
