"""Items of runs with what warehouses have billed for them so far, for those who show a run or a status. Asks no warehouse."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from penstock.service.billed import billed
from penstock.service.bills import bills_of, completed
from penstock.service.workspace import Workspace
from penstock.store import ItemRecord, RunStore


def charged(workspace: Workspace, store: RunStore, items: Sequence[ItemRecord]) -> list[ItemRecord]:
    """The same items, in order; as they are where no warehouse has told anything."""
    times = [at for item in items if (at := item.started_at or item.ended_at) is not None]
    begin = min(times, default=0.0) - 3600
    told = billed(workspace, begin, may_call=False) if times else None
    if told is None or not told.rows:
        return list(items)
    jobs = store.job_runs_since(workspace.project.environment, begin)
    bills = bills_of(told.rows, {}, items, jobs)
    return [
        msgspec.structs.replace(item, usage=completed(item.usage, bills.here.get((item.run, item.key))))
        for item in items
    ]
