"""Builds that a freshness promise needs, as late as is safe: schedules whose times follow from the age of the data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from penstock.automation import Keeping, Schedule
from penstock.errors import PenstockError
from penstock.service.freshness import CommandOf, Estate, Kept
from penstock.service.observe import look
from penstock.service.workspace import Workspace
from penstock.store import RunStore, ScheduleRow

_LADDER = (
    0.0,
    300.0,
    1200.0,
    4800.0,
)  # seconds; after the last one nothing is tried before the data is other
_MARGIN = 60.0
_EVERY = 30.0
_ANY_TIME = 1e9


class DemandTicks(msgspec.Struct, frozen=True, kw_only=True):
    """The latest safe start; and further ones for as long as the data stays what it is."""

    text: str
    start: float

    def after(self, at: float) -> Iterator[float]:
        return (self.start + wait for wait in _LADDER if self.start + wait > at)

    def explain(self) -> str:
        return self.text


def demands(workspace: Workspace, store: RunStore, command_of: CommandOf) -> tuple[Schedule, ...]:
    """One schedule for each promise with `build: demand`. Raises ConfigError, StoreError."""
    if not wanted(workspace):
        return ()
    kept = store.automation(workspace.project.environment)
    estate = Estate(workspace, look(workspace), store, command_of, kept.now())
    rows = kept.schedules()
    return tuple(
        _schedule(estate, estate.kept(asset, fresh), rows)
        for asset, fresh in estate.promises().items()
        if estate.policies[asset].get("build") == "demand"
    )


def wanted(workspace: Workspace) -> bool:
    return any(policy.build == "demand" for policy in workspace.project.document.policies)


def _schedule(estate: Estate, kept: Kept, rows: dict[str, ScheduleRow]) -> Schedule:
    name = f"demand {kept.name}"
    seen = rows.get(name)
    # What is too late already starts a moment after it was first seen: the same moment for every daemon.
    first = int(seen.changed_at) + 1.0 if seen is not None else estate.now + _EVERY
    command = f"build -s +{kept.name}"
    return Schedule(
        name=name,
        words=("build", "-s", f"+{kept.name}"),
        text=command,
        ticks=DemandTicks(
            text=f"before {kept.name} is too old ({kept.fresh.text})", start=max(_latest(estate, kept), first)
        ),
        grace=_ANY_TIME,
    )


def _latest(estate: Estate, kept: Kept) -> float:
    """The deadline, less the time that the path takes, less one further try."""
    deadline = kept.verdict.deadline
    if kept.verdict.state is Keeping.UNKNOWN or deadline is None:
        return 0.0 if kept.verdict.state is Keeping.UNKNOWN else estate.now + _ANY_TIME
    return float(int(deadline - 2 * estate.takes(kept.chain) - min(_MARGIN, _slack(kept))))


def _slack(kept: Kept) -> float:
    """Time to start: a minute, less where the promise itself is short."""
    limit = kept.fresh.warn or kept.fresh.fail or 0.0
    return limit / 10


class Demand:
    """The schedules of promises, computed every half minute; what is wrong with one is told once, and the last ones hold."""

    def __init__(
        self,
        workspace: Workspace,
        store: RunStore,
        command_of: CommandOf,
        trouble: Callable[[str], None],
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._command_of = command_of
        self._trouble = trouble
        self._due = 0.0
        self._told = ""
        self._last: tuple[Schedule, ...] = ()

    def __call__(self) -> Sequence[Schedule]:
        if time.monotonic() < self._due:
            return self._last
        try:
            self._last, self._told = demands(self._workspace, self._store, self._command_of), ""
        except PenstockError as wrong:
            words = str(wrong).splitlines()[0]
            if words != self._told:
                self._told = words
                self._trouble(f"promises: {words}")
        self._due = time.monotonic() + (_EVERY if self._last else 5.0)
        return self._last
