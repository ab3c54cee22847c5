"""A coordinator's clock: keeps its lease of the run alive, and hears what other terminals wish of the run."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from penstock.errors import StoreError
from penstock.run.policy import StopMode
from penstock.store import LeaseLost

if TYPE_CHECKING:
    from penstock.run.coordinator import Coordinator


async def watch(host: Coordinator) -> None:
    """Until it is cancelled, or the lease is lost. A store that fails for less than a lease's time is asked again."""
    term = host.policy.lease_seconds
    due = time.monotonic() + term / 4
    while True:
        await asyncio.sleep(host.policy.poll_seconds)
        try:
            await _heed(host, await asyncio.to_thread(host.store.requested, host.run_id))
            if time.monotonic() > due:
                await host.session.renew()
                due = time.monotonic() + term / 4
        except StoreError as error:
            if isinstance(error, LeaseLost) or time.monotonic() > due + term:
                host.fail(error)
                return


async def _heed(host: Coordinator, wanted: str | None) -> None:
    if wanted == "cancel":
        host.request_stop(StopMode.CANCEL, "cancelled from another terminal")
    elif wanted == "detach":
        await asyncio.to_thread(host.store.forget_request, host.run_id)
        host.request_stop(StopMode.DETACH)
