"""Which of the ready units should start first, when not all of them can. Pure: a forecast in imagined time.

The longest chain of work goes first; that alone is often the best order, and never far from it. Where estimates show that
it is not, other orders are tried in a forecast, and the best one found is kept.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence

from penstock.run.forming import ALL, StepForms, united
from penstock.run.gating import Unit
from penstock.run.policy import RunPolicy

_TRIES = 400
_MORE_THAN_ANY_CHAIN = 1e9  # seconds of work
_WORK = 40_000  # units forecast in all: some 0.1 s


class Forecast:
    """What a set of units would take with a given order. `slots` limits resources, `at_once` the steps of the run."""

    def __init__(self, units: Sequence[Unit], slots: Mapping[str, int], at_once: int | None) -> None:
        self.units = units
        self._slots = dict(slots)
        if at_once is not None:
            self._slots[_STEPS] = at_once
        self._needs = [self._needs_of(unit, at_once) for unit in units]
        self._waits = [len(unit.open_needs) for unit in units]
        self._next = [
            [other.index for others in unit.dependents.values() for other in others] for unit in units
        ]

    def _needs_of(self, unit: Unit, at_once: int | None) -> dict[str, int]:
        if unit.batch is not None:
            return {}  # shares a step with others; how long it waits for its turn is not forecast
        needs = {_STEPS: 1} if at_once is not None else {}
        for hold in united(item.holds for item in unit.items):
            if hold.phase == ALL and hold.resource in self._slots:
                needs[hold.resource] = min(hold.slots, self._slots[hold.resource])
        return needs

    @property
    def limited(self) -> bool:
        return any(self._needs)

    def least(self) -> float:
        """No order can take less: the longest chain, or the work of a resource spread over its slots."""
        chain = max((-unit.rank for unit in self.units), default=0.0)
        work: dict[str, float] = {}
        for unit, needs in zip(self.units, self._needs, strict=True):
            for resource, slots in needs.items():
                work[resource] = work.get(resource, 0.0) + unit.weight * slots
        return max([chain, *(total / self._slots[resource] for resource, total in work.items())])

    def makespan(self, ranks: Sequence[float]) -> float:
        """How long all would take if those with the lower rank go first, as the pools let them."""
        waits, free, now = list(self._waits), dict(self._slots), 0.0
        ready = [(ranks[index], index) for index, count in enumerate(waits) if not count]
        heapq.heapify(ready)
        running: list[tuple[float, int]] = []
        while ready or running:
            self._start(ready, running, free, now)
            now, index = heapq.heappop(running)
            ended = [index]
            while running and running[0][0] <= now:
                ended.append(heapq.heappop(running)[1])
            for index in ended:
                for resource, slots in self._needs[index].items():
                    free[resource] += slots
                for other in self._next[index]:
                    waits[other] -= 1
                    if not waits[other]:
                        heapq.heappush(ready, (ranks[other], other))
        return now

    def _start(
        self,
        ready: list[tuple[float, int]],
        running: list[tuple[float, int]],
        free: dict[str, int],
        now: float,
    ) -> None:
        left: list[tuple[float, int]] = []
        spoken_for: set[str] = set()
        while ready:
            rank, index = heapq.heappop(ready)
            needs = self._needs[index]
            if needs and (
                spoken_for & needs.keys() or any(free[name] < slots for name, slots in needs.items())
            ):
                spoken_for |= needs.keys()
                left.append((rank, index))
                if _STEPS in spoken_for:
                    break
                continue
            for name, slots in needs.items():
                free[name] -= slots
            heapq.heappush(running, (now + self.units[index].weight, index))
        for entry in left:
            heapq.heappush(ready, entry)


_STEPS = "penstock:steps"


def improve(units: Sequence[Unit], slots: Mapping[str, int], at_once: int | None) -> None:
    """Give the units the ranks of the best order that a limited search finds; it never ends worse than it began."""
    forecast = Forecast(units, slots, at_once)
    tries = min(_TRIES, _WORK // max(1, len(units)))
    if not forecast.limited or tries < 10:
        return
    chance, least = random.Random(len(units)), forecast.least()
    best = [unit.rank for unit in units]
    shortest = forecast.makespan(best)
    spread = max(unit.weight for unit in units)
    for number in range(tries):
        if shortest <= least * 1.001:
            break
        # Now and then from the start again, else from the best so far, a little or much changed.
        base = [unit.rank for unit in units] if number % 8 == 7 else best
        width = spread * chance.choice((0.1, 0.5, 1.0, 2.0))
        ranks = [rank + chance.uniform(-width, width) for rank in base]
        took = forecast.makespan(ranks)
        if took < shortest:
            best, shortest = ranks, took
    for unit, rank in zip(units, best, strict=True):
        unit.rank = rank


def prefer(units: Sequence[Unit], forms: StepForms, policy: RunPolicy) -> None:
    """Priorities go before what is found by forecast."""
    for unit in units:
        unit.rank -= policy.of(forms.make([unit], unit.batch)).priority * _MORE_THAN_ANY_CHAIN
