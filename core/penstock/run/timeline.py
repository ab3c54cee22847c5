"""How a run spent its time: when each step ran, what it waited for, and the critical path. Pure."""

from __future__ import annotations

import time

import msgspec

from penstock.assets import AssetKey
from penstock.plan import Plan
from penstock.store import ItemRecord, RunDetail, StepRecord


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a timeline. Times are seconds from the run's start; `ended` None: it goes on.

    `ready` is when all that it needed was there (`after` names the step that made the last of it), `waited` what it then
    waited for, in seconds each. `critical`: had it taken less, the run would have ended earlier.
    """

    step: str
    items: int
    state: str
    ready: float
    begun: float
    ended: float | None
    attempts: int
    critical: bool = False
    after: str | None = None
    waited: dict[str, float] = {}


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """Of one run. `critical` are the steps of the chain that its end waited for, first to last."""

    seconds: float
    bars: tuple[Bar, ...]
    critical: tuple[str, ...]


def timeline(plan: Plan, detail: RunDetail) -> Timeline:
    """Steps in the order of their beginning. `plan` is the run's own."""
    zero = detail.run.started_at or detail.run.created_at
    steps = {step.id: step for step in detail.steps if step.started_at is not None}
    items = {item.key: item for item in detail.items}
    needs = {item.key: item.depends_on for item in plan.items}
    last = {identity: _last_need(step, items, needs) for identity, step in steps.items()}
    chain = _chain(steps, last)
    bars = [_bar(step, last[identity], zero, identity in chain) for identity, step in steps.items()]
    end = detail.run.ended_at or time.time()
    return Timeline(
        seconds=end - zero,
        bars=tuple(sorted(bars, key=lambda bar: (bar.begun, bar.step))),
        critical=tuple(chain),
    )


def _last_need(
    step: StepRecord, items: dict[AssetKey, ItemRecord], needs: dict[AssetKey, tuple[AssetKey, ...]]
) -> ItemRecord | None:
    """What the step needed from other steps and got last."""
    own = {AssetKey.parse(key) for key in step.items}
    above = [
        items[need]
        for key in own
        for need in needs.get(key, ())
        if need not in own
        and need in items
        and items[need].ended_at is not None
        and items[need].step is not None
    ]
    return max(above, key=lambda item: item.ended_at or 0.0, default=None)


def _chain(steps: dict[str, StepRecord], last: dict[str, ItemRecord | None]) -> list[str]:
    ended = [step for step in steps.values() if step.ended_at is not None] or list(steps.values())
    if not ended:
        return []
    chain = [max(ended, key=lambda step: step.ended_at or 0.0).id]
    while (need := last[chain[-1]]) is not None and need.step in steps and need.step not in chain:
        chain.append(need.step)
    return chain[::-1]


def _bar(step: StepRecord, need: ItemRecord | None, zero: float, critical: bool) -> Bar:
    begun = (step.started_at or step.created_at) - zero
    ready = (need.ended_at - zero) if need is not None and need.ended_at is not None else 0.0
    return Bar(
        step=step.id,
        items=len(step.items),
        state=step.state.value,
        ready=min(ready, begun),
        begun=begun,
        ended=None if step.ended_at is None else step.ended_at - zero,
        attempts=step.attempts,
        critical=critical,
        after=need.step if need is not None else None,
        waited={name: seconds for name, seconds in step.waited.items() if seconds >= 0.01},
    )
