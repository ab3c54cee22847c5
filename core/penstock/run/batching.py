"""When what is ready of a batch becomes a step: at once, or later and together with more. Decides only; starts nothing.

A step of a batch costs about the same whatever its size (starting dbt takes seconds), so ready items are batched. A batch starts when
the waiting of its items has added up to what one more step costs; each further step of the run needs twice as much waiting.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable

from penstock.assets import Batch
from penstock.run.gating import Gates, Unit

_SIZE = 8  # groups that a batch would be shared out to if each had its fair part


class Batching:
    """Of one run. `policies` by batch; a batch without one is started whenever something of it is ready."""

    def __init__(
        self,
        gates: Gates,
        policies: Iterable[Batch],
        at_once: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gates = gates
        self._policies = {policy.name: policy for policy in policies}
        self._at_once = at_once
        self._clock = clock
        self._ready_since: dict[int, float] = {}
        self._begun: dict[str, int] = {}
        self._measured: dict[str, float] = {}

    def begun(self, batch: str) -> None:
        """A step of it was started."""
        self._begun[batch] = self._begun.get(batch, 0) + 1

    def measured(self, batch: str, seconds: float) -> None:
        """What a step of it took before its first item began. The first one pays for what the later ones find ready."""
        if self._begun.get(batch, 0) > 1:
            self._measured[batch] = seconds

    def at_once(self, batch: str) -> int:
        """Steps of it that may go on at one time."""
        policy = self._policies.get(batch)
        return policy.beside if policy is not None else self._at_once

    def may_start_more(self, batch: str | None) -> bool:
        """Whether what waits for a step that is about to start may come in a later one."""
        policy = self._policies.get(batch or "")
        if policy is None or policy.ends:
            return False
        return not policy.most or self._begun.get(policy.name, 0) < policy.most - 1

    def delay(self, batch: str, group: list[Unit], *, beside: bool, idle: bool) -> float:
        """Seconds until this group should start, if nothing else happens: 0 is now, inf when it waits for more.

        `beside`: another step of the batch goes on. `idle`: nothing of the run goes on or could start, so nothing more
        would ever come.
        """
        policy = self._policies.get(batch)
        if policy is None or idle:
            return 0.0
        since, now = self._seen(group)
        if not beside and self._gates.open_in(batch) == len(group):
            return 0.0
        begun = self._begun.get(batch, 0)
        if policy.most and begun >= policy.most - 1:
            return math.inf
        worth = self._worth(policy, begun) * (2 if beside else 1)
        left = worth - sum(now - seen for seen in since)
        return max(0.0, left / len(group))

    def _seen(self, group: list[Unit]) -> tuple[list[float], float]:
        now = self._clock()
        return [self._ready_since.setdefault(unit.index, now) for unit in group], now

    def _worth(self, policy: Batch, begun: int) -> float:
        """Seconds of waiting, summed over what waits, that another step is worth: those it costs to each of a fair part."""
        seconds = self._measured.get(policy.name, policy.seconds)
        share = max(1.0, self._gates.open_in(policy.name) / (policy.most or _SIZE))
        return seconds * share * 2.0**begun
