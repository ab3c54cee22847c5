"""What the store remembers, for commands that only read: opened when there is one, else nothing is known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from penstock.assets import AssetKey
from penstock.plan import LastMade
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.store import RunStore


@contextmanager
def reading_store(workspace: Workspace) -> Iterator[RunStore | None]:
    """The run store if there is one yet. Raises StoreError when it cannot be read."""
    from penstock.store import StoreMissing, open_store

    try:
        store = open_store(workspace.project.store_url(), root=workspace.project.root, create=False)
    except StoreMissing:
        yield None
        return
    try:
        yield store
    finally:
        store.close()


def last_made(workspace: Workspace) -> dict[AssetKey, LastMade]:
    """Per asset and check how its last attempt in this environment ended."""
    with reading_store(workspace) as store:
        if store is None:
            return {}
        numbers = {
            run.id: str(run.number)
            for run in store.runs(limit=None, environment=workspace.project.environment)
        }
        found = store.latest_items(workspace.project.environment)
        return {
            key: LastMade(
                good=item.state.value in ("success", "warn", "no_op", "reused"),
                when=clock(item.ended_at),
                run=numbers.get(item.run, item.run),
            )
            for key, item in found.items()
            if item.state.ended and item.ended_at and item.state.value not in ("left", "skipped", "reused")
        }


def clock(at: float | None) -> str:
    """A local time in words: `at 14:02`, with the date when it was not today."""
    if at is None:
        return ""
    moment = datetime.fromtimestamp(at)
    today = datetime.fromtimestamp(time.time()).date()
    form = "at %H:%M" if moment.date() == today else "on %Y-%m-%d at %H:%M"
    return moment.strftime(form)
