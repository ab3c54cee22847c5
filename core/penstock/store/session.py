"""A coordinator's hold on one run: its lease, kept alive, and the only way in which events of that run are written."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TypeAlias

from sqlalchemy import func, select

from penstock.errors import StoreError
from penstock.store import leases, schema
from penstock.store.database import Database
from penstock.store.owner import this_process
from penstock.store.records import LeaseRecord, NewEvent, Owner
from penstock.store.writer import Claimant, Submission, Writer

# Done when the events are there; with the leases that stood in the way of a claim.
Committed: TypeAlias = asyncio.Future[tuple[LeaseRecord, ...]]


class RunSession:
    """Opened by `RunStore.session`. Everything is committed in the order in which it was handed in."""

    def __init__(self, writer: Writer, claimant: Claimant) -> None:
        self._writer = writer
        self._claimant = claimant
        self._gone = False

    @property
    def run(self) -> str:
        return self._claimant.run

    @property
    def environment(self) -> str:
        return self._claimant.environment

    @property
    def fence(self) -> int:
        return self._claimant.fence

    def write(
        self, events: Sequence[NewEvent], *, durable: bool = False, release: Sequence[str] = ()
    ) -> Committed:
        """Hand events in; the future is done when they are committed. `durable`: also against a power loss.

        `release` gives asset leases back in the same transaction. Raises LeaseLost when the run was taken over.
        """
        return self._writer.submit(Submission(self._claimant, events, durable=durable, release=release))

    def claim(self, names: Sequence[str], step: str, events: Sequence[NewEvent]) -> Committed:
        """Take all these asset leases and write the events, durably; or nothing, and the result is who is in the way."""
        return self._writer.submit(Submission(self._claimant, events, durable=True, claim=names, step=step))

    def end(self, events: Sequence[NewEvent], *, keep_assets: bool) -> Committed:
        """The last events: gives the run's lease back, and its asset leases unless jobs of it still go on."""
        self._gone = True
        return self._writer.submit(
            Submission(self._claimant, events, durable=True, release_all=not keep_assets, goodbye=True)
        )

    def renew(self) -> Committed:
        """Keep the lease for another term."""
        return self._writer.submit(Submission(self._claimant, renew=True))

    async def leave(self) -> None:
        """Wait for what was handed in, and give the lease back if that has not been done: the run may be resumed at once."""
        await self._writer.flush()
        if not self._gone:
            with contextlib.suppress(StoreError):
                await self._writer.submit(Submission(self._claimant, goodbye=True))


def open_session(
    database: Database, writer: Writer, run: str, environment: str, seconds: float, owner: Owner | None
) -> RunSession:
    """Take the run's lease. Raises RunHeld while a living coordinator has it."""
    fence = leases.take_run(database, run, environment, owner or this_process(), seconds)
    with database.read() as connection:
        query = select(func.max(schema.events.c.seq)).where(schema.events.c.run_id == run)
        last = connection.execute(query).scalar() or 0
    return RunSession(writer, Claimant(run, environment, fence, last, seconds))
