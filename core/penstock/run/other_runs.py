"""Other runs on the same store that make what this one wants to make: waiting for them, and settling those that were left.

A run that is dead or detached may still have jobs going on, and keeps its assets until they have ended. Whoever needs one
of those assets watches these jobs to their end in its place, records how they ended, and so sets the assets free. The run
that was left can still be resumed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from penstock.errors import PenstockError
from penstock.run.notifier import RunNotifier
from penstock.run.records import RunEventKind, Waiting, WaitKind
from penstock.store import LeaseRecord, RunHeld, RunRecord, RunStore, UnknownRun

POLL = 0.3
GROUP = "group:"  # begins the name of the lease of a group of runs


class OtherRuns:
    """`settle` watches what a left run has going on to its end, as its coordinator."""

    def __init__(
        self, store: RunStore, notifier: RunNotifier, settle: Callable[[RunRecord], Awaitable[None]]
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._settle = settle
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._numbers: dict[str, int] = {}

    def waiting(self, holders: Iterable[LeaseRecord]) -> tuple[Waiting, ...]:
        """What is waited for, by the runs that have it."""
        held: dict[str, list[str]] = {}
        for lease in holders:
            held.setdefault(lease.run, []).append(_shown(lease.name))
        for names in held.values():
            assets = [name for name in names if not name.startswith("unit:")]
            names[:] = assets or names
        return tuple(
            Waiting(
                WaitKind.RUN, ", ".join(names[:3]) + (" ..." if len(names) > 3 else ""), (self.name(run),)
            )
            for run, names in held.items()
        )

    def name(self, run: str) -> str:
        if run not in self._numbers:
            try:
                self._numbers[run] = self._store.run(run).number
            except UnknownRun:
                return f"run {run}"
        return f"run {self._numbers[run]}"

    async def patience(self, holders: Iterable[LeaseRecord]) -> None:
        """Wait a moment; or, where a run was left, until what it had going on is settled."""
        settling = []
        for run in {lease.run for lease in holders}:
            record = await asyncio.to_thread(self._record, run)
            if record is not None and record.state.resumable:
                settling.append(self._settled(record))
        if settling:
            await asyncio.wait(settling)
        else:
            await asyncio.sleep(POLL)

    def _record(self, run: str) -> RunRecord | None:
        try:
            return self._store.run(run)
        except UnknownRun:
            return None

    def _settled(self, record: RunRecord) -> asyncio.Task[None]:
        task = self._settling.get(record.id)
        if task is None or task.done():
            task = asyncio.get_running_loop().create_task(self._watch(record))
            self._settling[record.id] = task
        return task

    async def _watch(self, record: RunRecord) -> None:
        words = f"run {record.number} was left and may have work going on: watching it to its end"
        self._notifier.tell(RunEventKind.RUN, state=record.state.value, message=words, level="warn")
        try:
            await self._settle(record)
        except RunHeld:
            await asyncio.sleep(POLL)  # somebody else does it
        except PenstockError as error:
            words = f"run {record.number} cannot be settled: {error.what}"
            self._notifier.tell(RunEventKind.RUN, state=record.state.value, message=words, level="warn")
            await asyncio.sleep(10 * POLL)

    async def close(self) -> None:
        tasks = [task for task in self._settling.values() if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _shown(lease: str) -> str:
    if lease.startswith(GROUP):
        return f"the group '{lease.partition('/')[2]}'"
    return lease.rpartition("|")[2]
