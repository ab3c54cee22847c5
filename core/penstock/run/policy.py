"""How a run behaves when things take long or go wrong: retries, timeouts, what stops what. Data only."""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from penstock.assets import Hold
from penstock.integration import Step

LOOK_FIRST = "look, then retry it (or on_unknown: again)"


class RemoteJob(StrEnum):
    """What becomes of a job that runs elsewhere when its run is stopped, or its time is up."""

    ASK = "ask"
    KEEP = "keep"
    CANCEL = "cancel"


class StepPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Of one step. `attempts` counts the first try; times are seconds, None is no limit.

    The wait before attempt n+1 is `delay` * `factor` ** (n-1), at most `max_delay`, times 1 ± `jitter`. A remote job whose
    time is up is cancelled, or with `on_timeout` KEEP goes on and is left to `--resume`. `holds` are slots of pools that the
    step takes besides its own; of steps that wait, those with the higher `priority` go first. `again_if_unknown`: what was
    begun, and of which nothing can be found out any more (its machine is gone), is made again; with False it fails, and
    somebody has to look; with None only what appends does.
    """

    attempts: int = 1
    delay: float = 2.0
    factor: float = 2.0
    max_delay: float = 300.0
    jitter: float = 0.25
    start_timeout: float | None = None
    heartbeat_timeout: float | None = None
    total_timeout: float | None = None
    on_timeout: RemoteJob = RemoteJob.CANCEL
    on_exit: RemoteJob = RemoteJob.ASK
    again_if_unknown: bool | None = None
    holds: tuple[Hold, ...] = ()
    priority: int = 0

    def repeats(self, *, appends: bool) -> bool:
        """Whether something is made again of which nobody knows whether it was made already."""
        return not appends if self.again_if_unknown is None else self.again_if_unknown

    def pause(self, attempt: int, chance: random.Random) -> float:
        """How long to wait after attempt number `attempt` failed."""
        plain = min(self.max_delay, self.delay * self.factor ** (attempt - 1))
        return max(0.0, plain * (1 + chance.uniform(-self.jitter, self.jitter)))


class StopMode(StrEnum):
    """CANCEL stops everything, remote jobs too. LOCAL stops what runs on this machine and leaves remote jobs to themselves
    (the run can be resumed). DETACH touches nothing that runs: nothing new starts, and the run can be resumed."""

    CANCEL = "cancel"
    LOCAL = "local"
    DETACH = "detach"


class Overlap(StrEnum):
    """What a run does when another one of its group is going on: wait for it, cancel it, or not run at all."""

    QUEUE = "queue"
    REPLACE = "replace"
    REJECT = "reject"


class RunPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Of a run. `steps` refines `step` by the step's kind, integration, `integration/instance` or id; the last one wins.

    `max_per_batch`: steps of one batch at a time. `max_steps`: steps of the whole run at a time. Of the runs of one `group`
    one goes on at a time; `overlap` says what becomes of the second.
    """

    step: StepPolicy = StepPolicy()
    steps: Mapping[str, StepPolicy] = {}
    fail_fast: bool = False
    max_per_batch: int = 1
    max_steps: int | None = None
    group: str | None = None
    overlap: Overlap = Overlap.QUEUE
    lease_seconds: float = 20.0
    poll_seconds: float = 1.0
    tail_lines: int = 20

    @property
    def prefers(self) -> bool:
        return any(policy.priority for policy in (self.step, *self.steps.values()))

    def of(self, step: Step) -> StepPolicy:
        if not self.steps:
            return self.step
        chosen = self.step
        for name in (step.kind, step.integration, f"{step.integration}/{step.instance}", step.id):
            chosen = self.steps.get(name, chosen)
        return chosen
