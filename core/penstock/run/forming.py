"""Steps out of units: their ids, items, holds and options. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from penstock.assets import Hold
from penstock.integration import Step
from penstock.plan import Plan, PlanItem
from penstock.run.gating import Unit
from penstock.run.steprun import step_items

_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST = 80


def slug(name: str) -> str:
    """A name that can be typed and be a folder; two names may share one."""
    plain = _UNSAFE.sub("-", name).strip("-.") or "step"
    if len(plain) <= _LONGEST:
        return plain
    return f"{plain[: _LONGEST - 9]}-{sha256(name.encode()).hexdigest()[:8]}"


class StepForms:
    """Gives each step of a run an id of its own; `taken` are those of a former coordinator."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._unit_ids: dict[int, str] = {}
        self._ids: set[str] = set()

    def take(self, identity: str) -> None:
        self._ids.add(identity)

    def next_of(self, batch: str) -> str:
        base, number = slug(batch), 1
        while f"{base}-{number}" in self._ids:
            number += 1
        return f"{base}-{number}"

    def _of_unit(self, unit: Unit) -> str:
        known = self._unit_ids.get(unit.index)
        if known is not None:
            return known
        first = unit.items[0]
        base = slug(first.unit or first.ref.id)
        identity, number = base, 1
        while identity in self._ids:
            number += 1
            identity = f"{base}-{number}"
        self._ids.add(identity)
        self._unit_ids[unit.index] = identity
        return identity

    def make(self, units: Sequence[Unit], batch: str | None) -> Step:
        """The step over these units. Of a batch it has the id that the batch's next step will have."""
        identity = self._of_unit(units[0]) if batch is None else self.next_of(batch)
        return of_items(self._plan, identity, [item for unit in units for item in unit.items], batch)


def of_items(plan: Plan, identity: str, items: Sequence[PlanItem], batch: str | None) -> Step:
    ref = items[0].ref
    kinds = {item.step_kind for item in items if item.step_kind}
    return Step(
        id=identity,
        integration=ref.integration,
        instance=ref.instance,
        kind=kinds.pop() if batch is None and len(kinds) == 1 else "build",
        items=step_items(items),
        holds=_united(item.holds for item in items),
        options=plan.options.get(f"{ref.integration}/{ref.instance}", {}),
    )


def _united(holds: Iterable[Sequence[Hold]]) -> tuple[Hold, ...]:
    """One tool works through a step's items, so that it holds a resource once: with the most slots that an item asks for."""
    most: dict[tuple[str, str], int] = {}
    for several in holds:
        for hold in several:
            key = (hold.resource, hold.phase)
            most[key] = max(hold.slots, most.get(key, 0))
    return tuple(Hold(resource, phase, slots) for (resource, phase), slots in sorted(most.items()))
