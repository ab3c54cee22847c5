"""The run store looked after: checked against its events, pruned, migrated. Runs nothing."""

from __future__ import annotations

import shutil

from penstock.service.history import reading_store
from penstock.service.inspect import NoRuns
from penstock.service.workspace import Workspace
from penstock.store import open_store
from penstock.store.check import StoreFinding
from penstock.store.prune import Pruned

__all__ = ["Pruned", "StoreFinding", "check", "migrate", "prune"]


def check(workspace: Workspace) -> list[StoreFinding]:
    """What in the store differs from what its events say. Raises NoRuns when there is no store yet."""
    with reading_store(workspace) as store:
        if store is None:
            raise NoRuns
        return store.check()


def prune(workspace: Workspace, *, keep_runs: int, older_than: float | None) -> Pruned:
    """Forget old ended runs and their logs; each asset keeps its newest materializations. Raises NoRuns."""
    with reading_store(workspace) as store:
        if store is None:
            raise NoRuns
        done = store.prune(keep_runs=keep_runs, older_than=older_than, compact=True)
    for run in done.runs:
        shutil.rmtree(workspace.project.state_dir / "runs" / run, ignore_errors=True)
    return done


def migrate(workspace: Workspace) -> str:
    """Bring the store to this version's tables (any command that opens it does); where it is, without secrets."""
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        return store.place
    finally:
        store.close()
