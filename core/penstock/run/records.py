"""What a run tells while it goes on, and what it hands back at its end. Records only."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock.assets import AssetKey
from penstock.integration import Beside
from penstock.plan import PlanItem
from penstock.store import ItemState, RunState, StepState


class RunEventKind(StrEnum):
    """RUN, STEP, ATTEMPT, ITEM: it changed its state. WAIT: a step waits. PROGRESS, PHASE, LOG: as the runner tells it."""

    RUN = "run"
    STEP = "step"
    ATTEMPT = "attempt"
    ITEM = "item"
    WAIT = "wait"
    PROGRESS = "progress"
    PHASE = "phase"
    LOG = "log"


class WaitKind(StrEnum):
    """What kind of thing is waited for."""

    RESOURCE = "resource"  # slots of a pool
    RUN = "run"  # another run that makes the same
    RETRY = "retry"  # the pause before a further try
    TOOL = "tool"  # an answer of the tool


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """What something waits for. `holders` are the names of those who have it now."""

    kind: WaitKind
    name: str
    holders: tuple[str, ...] = ()

    def __str__(self) -> str:
        by = f" (held by {', '.join(self.holders)})" if self.holders else ""
        return f"{self.name}{by}"


class RunEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """For the display: something changed. `at` is epoch seconds, `seconds` how long it took or takes, `items` the plan's
    items that it is about (one for ITEM and PROGRESS, all of the step for STEP)."""

    kind: RunEventKind
    at: float
    state: str = ""
    step: str | None = None
    attempt: int | None = None
    items: tuple[PlanItem, ...] = ()
    message: str | None = None
    level: str = "info"
    rows: int | None = None
    size_bytes: int | None = None
    seconds: float | None = None
    waiting: tuple[Waiting, ...] = ()


class ItemResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one item of the plan came out. `cause` names what went wrong first above a skipped item."""

    item: PlanItem
    state: ItemState
    step: str | None = None
    attempt: int | None = None
    seconds: float | None = None
    rows: int | None = None
    message: str | None = None
    cause: str | None = None

    @property
    def failed(self) -> bool:
        return self.state.bad and not _only_warns(self.item, self.state)


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one step came out; `log` is relative to the folder of runs, `tail` its last lines when it did not go well."""

    id: str
    state: str
    attempts: int
    items: tuple[AssetKey, ...]
    message: str | None = None
    log: str | None = None
    tail: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a run came out. `unheard`: what the listener raised; it was told nothing after that. `items` are in the plan's order; `failures` first what failed, then what that held back."""

    run: str
    number: int
    state: RunState
    items: tuple[ItemResult, ...]
    steps: tuple[StepResult, ...]
    seconds: float
    message: str | None = None
    unheard: Exception | None = None

    def __repr__(self) -> str:
        # asyncio.run() formats the result of its task once or twice: 0.1 s for thousands of items.
        return f"<RunResult of run {self.number}: {self.state.value}, {len(self.items)} items>"

    @property
    def failures(self) -> tuple[ItemResult, ...]:
        failed = tuple(item for item in self.items if item.failed)
        held = tuple(
            i for i in self.items if i.state in (ItemState.SKIPPED, ItemState.CANCELLED, ItemState.PENDING)
        )
        return failed + held

    @property
    def failed_steps(self) -> tuple[StepResult, ...]:
        """Steps that failed although none of their items did, and that do not say what else failed."""
        bad = {item.item.key for item in self.failures}
        return tuple(
            step
            for step in self.steps
            if step.state == StepState.FAILED and bad.isdisjoint(step.items) and not step.beside
        )

    @property
    def beside(self) -> tuple[Beside, ...]:
        """What did not go well and is no item of the plan: hooks of tools."""
        return tuple(one for step in self.steps for one in step.beside)

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for item in self.items:
            found[item.state.value] = found.get(item.state.value, 0) + 1
        return found

    @property
    def exit_code(self) -> int:
        """0 all good, 1 something failed, 3 detached and resumable."""
        if self.state is RunState.SUCCEEDED:
            return 0
        return 3 if self.state.resumable else 1


def _only_warns(item: PlanItem, state: ItemState) -> bool:
    from penstock.assets import Severity

    return state is ItemState.FAIL and item.severity is Severity.WARN
