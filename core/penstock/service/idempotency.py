"""Runs by the key of what triggered them: a trigger that arrives twice makes one run. Starts nothing."""

from __future__ import annotations

import time

from penstock.service.history import reading_store
from penstock.service.workspace import Workspace
from penstock.store import RunHeld, RunRecord, RunState

__all__ = ["RunHeld", "find", "left"]

_UNCLAIMED = 10.0  # seconds after which a run that nobody began was left by who recorded it


def find(workspace: Workspace, key: str) -> RunRecord | None:
    """The run that this key has made in this environment."""
    with reading_store(workspace) as store:
        return store.run_of_key(workspace.project.environment, key) if store is not None else None


def left(run: RunRecord) -> bool:
    """Whether nobody works on it: it was detached or its coordinator died, or it was recorded and never begun."""
    unclaimed = run.state is RunState.QUEUED and run.owner is None
    return run.state.resumable or (unclaimed and time.time() - run.created_at > _UNCLAIMED)
