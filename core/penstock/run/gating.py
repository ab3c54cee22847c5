"""What may start, and what never will: the plan's items as units with counters. Pure bookkeeping, no I/O, no clock.

A unit is what one producer makes in one go. It is ready when everything outside it that it depends on has ended well.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.plan import Plan, PlanItem


class UnitState(Enum):
    """Where a unit is: it waits, it could start, a step has it, or it is over."""

    WAITING = 0
    READY = 1
    TAKEN = 2
    OVER = 3


class Unit:
    """Items that one step makes together. `open_needs` are the items outside it that have not ended well yet."""

    __slots__ = (
        "apart",
        "batch",
        "dependents",
        "index",
        "items",
        "open_items",
        "open_needs",
        "rank",
        "state",
        "weight",
    )

    def __init__(self, index: int, batch: str | None) -> None:
        self.index = index
        self.batch = batch
        self.items: list[PlanItem] = []
        self.apart: set[AssetKey] = set()  # needs that must be over before a step with this unit begins
        self.open_needs: set[AssetKey] = set()
        self.open_items: set[AssetKey] = set()
        self.dependents: dict[AssetKey, list[Unit]] = {}  # units that need that item of this one
        self.state = UnitState.WAITING
        self.weight = 0.0
        self.rank = 0.0  # the more time hangs on it, the lower: the critical path goes first


class Gates:
    """Of one plan. `seconds` estimates how long an item takes; without an estimate all take the same."""

    def __init__(self, plan: Plan, seconds: Mapping[AssetKey, float] | None = None) -> None:
        self.items: dict[AssetKey, PlanItem] = {item.key: item for item in plan.to_end()}
        self.unit_of: dict[AssetKey, Unit] = {}
        self.units: list[Unit] = []
        self._single: list[
            tuple[float, int, Unit]
        ] = []  # a heap; units that are not READY any more are passed over
        self._batches: dict[str, dict[int, Unit]] = {}  # the READY units of each batch
        self._members: dict[str, list[Unit]] = {}
        self._kept_back: set[int] = set()  # units that follow nothing into its step
        self._group()
        self._connect()
        self._rank(seconds or {})
        for unit in self.units:
            if not unit.open_needs:
                self._free(unit)
        self.open = len(self.items)

    # ------------------------------------------------------------ making

    def _group(self) -> None:
        named: dict[tuple[str | None, str], Unit] = {}
        for item in self.items.values():
            name = (item.batch, item.unit or str(item.key))
            unit = named.get(name)
            if unit is None:
                unit = named[name] = Unit(len(self.units), item.batch)
                self.units.append(unit)
                if item.batch is not None:
                    self._members.setdefault(item.batch, []).append(unit)
            unit.items.append(item)
            unit.apart.update(item.apart)
            unit.open_items.add(item.key)
            self.unit_of[item.key] = unit

    def _connect(self) -> None:
        for unit in self.units:
            for item in unit.items:
                for need in item.depends_on:
                    other = self.unit_of.get(need)
                    if other is None or other is unit or need in unit.open_needs:
                        continue
                    unit.open_needs.add(need)
                    other.dependents.setdefault(need, []).append(unit)

    def _rank(self, seconds: Mapping[AssetKey, float]) -> None:
        usual = sorted(seconds.values())[len(seconds) // 2] if seconds else 1.0
        for unit in reversed(self.in_order()):
            unit.weight = max(seconds.get(item.key, usual) for item in unit.items)
            after = (other.rank for others in unit.dependents.values() for other in others)
            unit.rank = min(after, default=0.0) - unit.weight

    def in_order(self) -> list[Unit]:
        """Every unit after those it needs. Raises PenstockError where units wait for each other in a circle."""
        missing = {unit.index: len(unit.open_needs) for unit in self.units}
        order = [unit for unit in self.units if not missing[unit.index]]
        for unit in order:
            for others in unit.dependents.values():
                for other in others:
                    missing[other.index] -= 1
                    if not missing[other.index]:
                        order.append(other)
        if len(order) < len(self.units):
            stuck = [unit.items[0].name for unit in self.units if missing[unit.index]]
            raise PenstockError(f"these wait for each other in a circle: {', '.join(stuck[:5])}")
        return order

    def reorder(self) -> None:
        """The units' ranks were changed."""
        self._single = [(unit.rank, unit.index, unit) for _rank, _index, unit in self._single]
        heapq.heapify(self._single)

    # ------------------------------------------------------------ asking

    def reads_what_it_does_not_make(self) -> bool:
        return any(above not in self.items for item in self.items.values() for above in item.upstream)

    def most_urgent(self) -> Unit | None:
        """The READY unit without a batch that should start first; it is not taken yet."""
        while self._single and self._single[0][2].state is not UnitState.READY:
            heapq.heappop(self._single)
        return self._single[0][2] if self._single else None

    def ready_batches(self) -> list[str]:
        return [batch for batch, units in self._batches.items() if units]

    def open_in(self, batch: str) -> int:
        """Units of a batch that no step has taken yet, READY or WAITING."""
        return sum(
            unit.state in (UnitState.READY, UnitState.WAITING) for unit in self._members.get(batch, ())
        )

    def ready_in(self, batch: str) -> list[Unit]:
        """The READY units of a batch, the most urgent first."""
        return sorted(self._batches.get(batch, {}).values(), key=lambda unit: (unit.rank, unit.index))

    def with_followers(self, ready: Sequence[Unit]) -> list[Unit]:
        """Units of one batch, and what in the same batch waits only for them; each after those it needs."""
        group = list(ready)
        missing: dict[int, int] = {}
        for unit in group:
            for need, others in unit.dependents.items():
                for other in others:
                    if (
                        other.batch != unit.batch
                        or other.state is not UnitState.WAITING
                        or need in other.apart
                        or other.index in self._kept_back
                    ):
                        continue
                    left = missing.get(other.index, len(other.open_needs)) - 1
                    missing[other.index] = left
                    if not left:
                        group.append(other)
        return group

    # ------------------------------------------------------------ changing

    def keep_back(self, units: Iterable[Unit]) -> None:
        """These start when all that they need has ended, and not in a step with it."""
        self._kept_back.update(unit.index for unit in units)

    def take(self, units: Iterable[Unit]) -> None:
        for unit in units:
            unit.state = UnitState.TAKEN
            if unit.batch is not None:
                self._batches.get(unit.batch, {}).pop(unit.index, None)

    def put_back(self, units: Iterable[Unit]) -> None:
        """What was taken but not started may be taken again."""
        for unit in units:
            if not unit.open_items:
                unit.state = UnitState.OVER
            elif unit.open_needs:
                unit.state = UnitState.WAITING
            else:
                self._free(unit)

    def _free(self, unit: Unit) -> None:
        unit.state = UnitState.READY
        if unit.batch is None:
            heapq.heappush(self._single, (unit.rank, unit.index, unit))
        else:
            self._batches.setdefault(unit.batch, {})[unit.index] = unit

    def ended(self, key: AssetKey, *, well: bool) -> None:
        """An item is over; units that waited only for it become READY when it ended well."""
        unit = self.unit_of[key]
        if key not in unit.open_items:
            return
        unit.open_items.discard(key)
        self.open -= 1
        if not unit.open_items:
            if unit.batch is not None:
                self._batches.get(unit.batch, {}).pop(unit.index, None)
            unit.state = UnitState.OVER
        if well:
            for other in unit.dependents.get(key, ()):
                other.open_needs.discard(key)
                if not other.open_needs and other.state is UnitState.WAITING:
                    self._free(other)

    def doomed(self, key: AssetKey) -> list[PlanItem]:
        """An item ended badly: the open items, in order, that can never start for it. The caller must end each of them."""
        found: list[PlanItem] = []
        seen: set[int] = set()
        front = [key]
        for bad in front:
            for unit in self.unit_of[bad].dependents.get(bad, ()):
                if unit.index in seen or unit.state in (UnitState.TAKEN, UnitState.OVER):
                    continue
                seen.add(unit.index)
                lost = [item for item in unit.items if item.key in unit.open_items]
                found.extend(lost)
                front.extend(item.key for item in lost)
        return found
