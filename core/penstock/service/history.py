"""What the store remembers, for commands that only read: opened when there is one, else nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from penstock.assets import AssetKey
from penstock.graph import AssetGraph
from penstock.plan import LastMade
from penstock.project.branch import Branch
from penstock.service.ingesting import latest_outside
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.store import RunStore

_BAD = frozenset({"error", "fail", "partial", "cancelled"})


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


def last_made(workspace: Workspace, graph: AssetGraph) -> dict[AssetKey, LastMade]:
    """Per asset how its last attempt in this environment ended, here or outside penstock."""
    with reading_store(workspace) as store:
        made = _made_here(workspace, store) if store is not None else {}
        if store is not None and workspace.project.branch is not None:
            made = {**_copied(workspace.project.branch, store), **made}
        outside = latest_outside(workspace, graph, store)
    for key, other in outside.items():
        if key in graph.assets and (key not in made or made[key][0] < other.at):
            good = other.status not in _BAD
            made[key] = other.at, LastMade(good=good, when=clock(other.at), by=other.by)
    return {key: last for key, (_at, last) in made.items()}


def _copied(branch: Branch, store: RunStore) -> dict[AssetKey, tuple[float, LastMade]]:
    """What a branch's environment began with, and is known of."""
    last = LastMade(good=True, when=clock(branch.made_at), by=f"a copy of {branch.base}")
    return dict.fromkeys(store.made_from(branch.name), (branch.made_at, last))


def _made_here(workspace: Workspace, store: RunStore) -> dict[AssetKey, tuple[float, LastMade]]:
    environment = workspace.project.environment
    made = {}
    materialized, bad = store.last_ends(environment)
    numbers = store.run_numbers(
        [*(one.run for one in materialized.values()), *(one.run for one in bad.values())]
    )
    for key, record in materialized.items():
        run = str(numbers.get(record.run, record.run))
        made[key] = record.ended_at, LastMade(good=True, when=clock(record.ended_at), run=run)
    for key, item in bad.items():
        run = str(numbers.get(item.run, item.run))
        made[key] = (
            item.ended_at,
            LastMade(good=False, when=clock(item.ended_at or None), run=run, partly=item.state == "partial"),
        )
    return made


def clock(at: float | None) -> str:
    """`at 2026-03-01T14:02:11Z`: a reason is kept in UTC, and shown in the zone of whoever reads it."""
    if at is None:
        return ""
    return f"at {datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
