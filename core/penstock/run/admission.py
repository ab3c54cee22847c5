"""Runs of one group go on one at a time: the second waits, cancels the first, or does not run. Decided by a lease."""

from __future__ import annotations

import asyncio

from penstock.run.notifier import RunNotifier
from penstock.run.other_runs import GROUP, OtherRuns
from penstock.run.policy import Overlap
from penstock.store import LeaseRecord, RunSession, RunStore


class Rejected(Exception):
    """Another run of the group goes on, and this one was not to wait. `args[0]` is the sentence."""


async def admitted(
    group: str,
    environment: str,
    overlap: Overlap,
    *,
    store: RunStore,
    session: RunSession,
    other_runs: OtherRuns,
    notifier: RunNotifier,
) -> None:
    """Returns when this run may begin; its place is given back with its other leases. Raises Rejected."""
    asked: set[str] = set()
    told: tuple[LeaseRecord, ...] = ()
    while True:
        holders: tuple[LeaseRecord, ...] = await session.claim([f"{GROUP}{environment}/{group}"], "", [])
        if not holders:
            return
        words = ", ".join(holder for wait in other_runs.waiting(holders) for holder in wait.holders)
        if overlap is Overlap.REJECT:
            raise Rejected(f"{words} is going on, and of the group '{group}' only one may")
        for lease in holders:
            if overlap is Overlap.REPLACE and lease.run not in asked:
                asked.add(lease.run)
                await asyncio.to_thread(store.request, lease.run, "cancel")
        if holders != told:
            told = holders
            notifier.waiting("", (), other_runs.waiting(holders))
        await other_runs.patience(holders)
