"""What the suites of the run store share: how it is opened, and a run in it."""

from __future__ import annotations

from collections.abc import Callable

from penstock.run import create_run
from penstock.store import NewEvent, RunRecord, RunStore
from tests.tools.scripted import asset, plan

Opener = Callable[[], RunStore]


def new_run(store: RunStore, name: str = "a") -> RunRecord:
    return create_run(store, plan(asset(name)))


def started(at: float = 1.0) -> NewEvent:
    return NewEvent("run.started", at, "running")
