"""From what a connector has written to what the warehouse holds: staged ahead, committed at states while it goes on, and at its end.

Increments are committed at a state, each time with a token of its own; full refreshes are swapped in at the end, in one transaction
with the rows that no state confirms.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from penstock.errors import WarehouseBusy
from penstock.integration import Destination, Load, LoadedTable
from penstock_airbyte.checkpoints import Checkpoints, read_checkpoints, write_checkpoints
from penstock_airbyte.job import (
    Job,
    all_of,
    finished_of,
    increments_of,
    increments_so_far,
    marked_ends,
    whole_of,
    whole_so_far,
)
from penstock_airbyte.tail import Tail
from penstock_airbyte.turn import Turns

_SHORTLY = (
    1.0  # so long a checkpoint waits for the warehouse while the connector goes on; the next one tries again
)


class Loading:
    """The loads of one attempt. `tell` gets sentences about what had to change in a table; `every` is in seconds."""

    def __init__(
        self,
        *,
        attempt: str,
        job: Job,
        folder: Path,
        destination: Destination,
        turns: Turns,
        tell: Callable[[str], None],
        every: float,
        patience: float,
        memory_mb: int,
    ) -> None:
        self._attempt = attempt
        self._job = job
        self._folder = folder
        self._destination = destination
        self._turns = turns
        self._tell = tell
        self._every = every
        self._patience = patience
        self._memory = memory_mb
        self._last = time.monotonic()
        self._done = read_checkpoints(folder)
        self._marked: tuple[int, ...] = ()
        self._swapped: dict[str, LoadedTable] = {}

    async def resume(self) -> None:
        """Whether the checkpoint that was under way when an earlier process died has arrived."""
        pending = self._done.pending
        if pending is None:
            return
        destination, loader = self._destination, self._job.loader
        tables = await self._turns.take(lambda: destination.committed(loader, pending.token))
        self._keep(self._done.failed() if tables is None else self._arrived(tables))

    def ahead(self, end: int) -> None:
        """Stage what is there (in a thread). Increments up to a state, where there was one: so far they may be committed."""
        for load in (
            increments_so_far(self._job, self._folder, self._done, max(self._marked, default=end)),
            whole_so_far(self._job, self._folder, end),
        ):
            if load.tables:
                self._destination.stage(self._limited(load))

    def due(self, tail: Tail) -> bool:
        """Whether a checkpoint should be made now."""
        self._marked = tuple(marked_ends(self._job, tail).values())
        return time.monotonic() - self._last >= self._every and self._news(tail)

    async def checkpoint(self, tail: Tail) -> None:
        """Commit what a state has confirmed since the last time, unless the warehouse is in use."""
        self._last = time.monotonic()
        try:
            await self._increments(tail, self._next(), within=_SHORTLY)
        except WarehouseBusy:
            self._keep(self._done.failed())

    async def finish(self, tail: Tail, *, success: bool, finished: Collection[str] = ()) -> None:
        """The connector has ended: commit all of it, or after a failure what a state confirms, and of full refreshes those that
        are `finished`. Raises WarehouseBusy."""
        within = self._patience if self._turns.cancelling.is_set() else None
        if success:
            await self._all(tail, within)
            return
        if self._news(tail):
            await self._increments(tail, self._next(), within=within)
        if finished:
            load = finished_of(
                self._job, tail, self._folder, f"{self._attempt} finished", self._state(), finished
            )
            if load.tables:
                self._swapped = self._by_item(await self._commit(load, within))

    async def _all(self, tail: Tail, within: float | None) -> None:
        """Recorded by its attempt alone is only what is whole: an attempt that is found there has succeeded.

        A commit before the last one holds nothing that no state confirms: the attempt may end between the two.
        """
        job, token = self._job, self._attempt
        if self._done.token == token:
            return  # an earlier process has committed it
        if all(stream.incremental for stream in job.streams):
            await self._increments(tail, token, success=True, within=within)
            return
        ends = {stream.item: tail.end for stream in job.streams if stream.incremental}
        marked = marked_ends(job, tail)
        if all(not tail.rows.get(item) or (item in marked and tail.all_marked(item)) for item in ends):
            if ends:
                await self._increments(tail, self._next(), success=True, within=within)
            load = whole_of(job, tail, self._folder, token, self._state())
        else:
            load = all_of(job, tail, self._folder, self._done, token)
        await self._arrive(load, ends, within)

    def _next(self) -> str:
        return f"{self._attempt} checkpoint {self._done.count + 1}"

    def _state(self) -> dict[str, str]:
        return self._job.state if self._done.state is None else self._done.state

    def _news(self, tail: Tail) -> bool:
        """Whether a state has come since the last checkpoint."""
        return any(end > self._done.ends.get(item, 0) for item, end in marked_ends(self._job, tail).items())

    async def _increments(
        self, tail: Tail, token: str, *, success: bool = False, within: float | None = None
    ) -> None:
        load = increments_of(self._job, tail, self._folder, self._done, token, success=success)
        await self._arrive(load, marked_ends(self._job, tail), within)
        await asyncio.to_thread(shutil.rmtree, load.staging, ignore_errors=True)

    async def _arrive(self, load: Load, ends: dict[str, int], within: float | None) -> None:
        """Commit it, so that a later process knows whether it has arrived."""
        self._keep(self._done.begin(load.token, ends, load.state))
        self._keep(self._arrived(await self._commit(load, within)))

    async def _commit(self, load: Load, within: float | None = None) -> tuple[LoadedTable, ...]:
        held = self._job.held if self._done.state is None else self._done.state
        load = msgspec.structs.replace(self._limited(load), expected=held)
        self._turns.tell("staging")
        staged = await asyncio.to_thread(self._destination.stage, load)
        if within is None:
            tables = await self._turns.take(staged.commit, "committing")
        else:
            tables = await self._turns.take_within(within, staged.commit, "committing")
        for note in (note for table in tables for note in table.notes):
            self._tell(note)
        return tables

    def _limited(self, load: Load) -> Load:
        return msgspec.structs.replace(load, memory_mb=self._memory)

    def _arrived(self, tables: tuple[LoadedTable, ...]) -> Checkpoints:
        return self._done.arrived(self._by_item(tables))

    def _by_item(self, tables: tuple[LoadedTable, ...]) -> dict[str, LoadedTable]:
        items = {stream.relation: stream.item for stream in self._job.streams}
        return {items[table.relation]: table for table in tables}

    @property
    def loaded(self) -> dict[str, LoadedTable]:
        """What this attempt has written, by item."""
        return {**self._done.tables, **self._swapped}

    def _keep(self, checkpoints: Checkpoints) -> None:
        self._done = checkpoints
        write_checkpoints(self._folder, checkpoints)
