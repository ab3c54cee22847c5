"""A coordinator's clock: keeps its lease of the run alive, and hears what other terminals wish of the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from penstock.errors import StoreError
from penstock.run.policy import RunPolicy, StopMode
from penstock.store import LeaseLost, RunSession, RunStore

Stop = Callable[[StopMode, str | None], None]


async def watch(
    store: RunStore,
    session: RunSession,
    policy: RunPolicy,
    *,
    stop: Stop,
    fail: Callable[[BaseException], None],
) -> None:
    """Until it is cancelled, or the lease is lost. A store that fails for less than a lease's time is asked again."""
    term = policy.lease_seconds
    due = time.monotonic() + term / 4
    while True:
        await asyncio.sleep(policy.poll_seconds)
        try:
            await _heed(store, session.run, stop)
            if time.monotonic() > due:
                await session.renew()
                due = time.monotonic() + term / 4
        except StoreError as error:
            if isinstance(error, LeaseLost) or time.monotonic() > due + term:
                fail(error)
                return


async def _heed(store: RunStore, run: str, stop: Stop) -> None:
    wanted = await asyncio.to_thread(store.requested, run)
    if wanted == StopMode.CANCEL:
        stop(StopMode.CANCEL, "cancelled from another terminal")
    elif wanted == StopMode.DETACH:
        await asyncio.to_thread(store.forget_request, run)
        stop(StopMode.DETACH, None)
