"""Steps out of units: their ids, items, holds and options. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from msgspec.structs import replace

from penstock.assets import AssetKey, Hold
from penstock.integration import ItemKind, Step, StepItem
from penstock.plan import Plan, PlanItem
from penstock.run.gating import Unit

_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_BETWEEN = re.compile(r"[/:]")
_LONGEST = 80
ALL = "all"  # the phase that a step is in from its beginning to its end


def slug(name: str) -> str:
    """`airbyte/ingest/shop` for `airbyte/ingest:shop`: a name that can be typed; two names may share one."""
    parts = [_UNSAFE.sub("-", part).strip("-.") for part in _BETWEEN.split(name)]
    plain = "/".join(part for part in parts if part) or "step"
    if len(plain) <= _LONGEST:
        return plain
    return f"{plain[: _LONGEST - 9]}-{sha256(name.encode()).hexdigest()[:8]}"


def step_folder(identity: str) -> str:
    """The step's folder among those of its run. `+` stands in no id: two ids never share a folder."""
    return identity.replace("/", "+")


class StepForms:
    """Gives each step of a run an id of its own; `taken` are those of a former coordinator."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._unit_ids: dict[int, str] = {}
        self._ids: set[str] = set()

    def take(self, identity: str) -> None:
        self._ids.add(identity)

    def give_back(self, identity: str, batch: str | None) -> None:
        """It was not formed after all. A unit keeps its id: it will be formed later."""
        if batch is not None:
            self._ids.discard(identity)

    def next_of(self, batch: str) -> str:
        base, number = slug(batch), 1
        while f"{base}/{number}" in self._ids:
            number += 1
        return f"{base}/{number}"

    def _of_unit(self, unit: Unit) -> str:
        known = self._unit_ids.get(unit.index)
        if known is not None:
            return known
        first = unit.items[0]
        base = slug(first.unit or first.ref.id)
        identity, number = base, 1
        while identity in self._ids:
            number += 1
            identity = f"{base}/{number}"
        self._ids.add(identity)
        self._unit_ids[unit.index] = identity
        return identity

    def make(self, units: Sequence[Unit], batch: str | None, *, last: bool = True) -> Step:
        """The step over these units. Of a batch it has the id that the batch's next step will have."""
        items = [item for unit in units for item in unit.items]
        if batch is None:
            return of_items(self._plan, self._of_unit(units[0]), items, batch)
        identity = self.next_of(batch)
        step = of_items(self._plan, identity, items, batch)
        return replace(step, first=identity == f"{slug(batch)}/1", last=last)


def of_items(plan: Plan, identity: str, items: Sequence[PlanItem], batch: str | None) -> Step:
    ref = items[0].ref
    payloads = {item.payload for item in items}
    kinds = {item.step_kind for item in items if item.step_kind}
    return Step(
        id=identity,
        integration=ref.integration,
        instance=ref.instance,
        kind=kinds.pop() if batch is None and len(kinds) == 1 else "build",
        items=step_items(items),
        holds=united(item.holds for item in items),
        options=plan.options.get(f"{ref.integration}/{ref.instance}", {}),
        payload=payloads.pop() if len(payloads) == 1 else "",
    )


def united(holds: Iterable[Sequence[Hold]]) -> tuple[Hold, ...]:
    """One tool works through a step's items, so that it holds a resource once: with the most slots that an item asks for."""
    most: dict[tuple[str, str], Hold] = {}
    for several in holds:
        for hold in several:
            key = (hold.resource, hold.phase)
            known = most.get(key)
            if known is None or (not hold.open, hold.slots) > (not known.open, known.slots):
                most[key] = hold
    return tuple(most[key] for key in sorted(most))


def step_items(
    items: Sequence[PlanItem], remaining: Mapping[AssetKey, str] | None = None
) -> tuple[StepItem, ...]:
    """`remaining` tells what is left to do of an item; without, the plan does."""
    known = remaining or {}
    return tuple(
        dict.fromkeys(
            StepItem(item.ref.id, item.kind, known.get(item.key, item.remaining), item.window, item.anew)
            for item in items
        )
    )


def narrowed(step: Step, items: Sequence[PlanItem], remaining: Mapping[AssetKey, str]) -> Step:
    """The same step over fewer items, and what is left to do of each."""
    return replace(step, items=step_items(items, remaining))


def holds_of(step: Step, phase: str) -> tuple[Hold, ...]:
    return tuple(hold for hold in step.holds if hold.phase == phase)


def further_holds(step: Step, phase: str) -> tuple[Hold, ...]:
    """What the step needs in a phase beyond that which it has all the time: nobody waits for himself."""
    has = {hold.resource: hold.slots for hold in holds_of(step, ALL)}
    more = (replace(hold, slots=hold.slots - has.get(hold.resource, 0)) for hold in holds_of(step, phase))
    return tuple(hold for hold in more if hold.slots > 0)


def lease_names(items: Sequence[PlanItem], batch: str | None) -> list[str]:
    """What two runs must not make at once: each asset, and a producer whose one step makes several."""
    names = [str(item.key) for item in items if item.kind is ItemKind.ASSET]
    if batch is None:
        names += [f"unit:{item.unit}" for item in items if item.unit and item.unit != str(item.ref)]
    return list(dict.fromkeys(names))


def without(units: Sequence[Unit], names: set[str]) -> list[Unit]:
    """The units that do not make, and do not wait for, what has one of these names. They come in order."""
    kept: list[Unit] = []
    lost: set[AssetKey] = set()
    for unit in units:
        keys = {item.key for item in unit.items}
        if any(str(key) in names for key in keys) or unit.open_needs & lost:
            lost |= keys
        else:
            kept.append(unit)
    return kept
