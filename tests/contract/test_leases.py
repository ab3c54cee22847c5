"""Who may work on a run and on an asset: one at a time, in both stores, also after a death."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from penstock.store import (
    LeaseLost,
    NewEvent,
    Owner,
    RunHeld,
    RunRecord,
    RunState,
    RunStore,
)
from penstock.store.owner import this_process
from tests.contract.stores import Opener, new_run, started

pytestmark = pytest.mark.xdist_group("postgres-store")


async def hold(store: RunStore, run: RunRecord, until: asyncio.Event, ready: asyncio.Event) -> None:
    async with store.session(run) as session:
        await session.write([started()])
        ready.set()
        await until.wait()
        await session.end([], keep_assets=False)


def test_one_holder_per_run_and_the_second_is_told_who(opener: Opener) -> None:
    first, second = opener(), opener()
    run = new_run(first)

    async def both() -> None:
        until, ready = asyncio.Event(), asyncio.Event()
        holding = asyncio.ensure_future(hold(first, run, until, ready))
        await ready.wait()
        with pytest.raises(RunHeld) as refused:
            async with second.session(run):
                pass
        assert refused.value.holder.owner is not None
        assert second.run(run.id).owner == refused.value.holder.owner
        until.set()
        await holding
        async with second.session(run) as session:
            assert session.fence == 2

    asyncio.run(both())


def test_a_lease_of_a_dead_process_is_free_at_once(opener: Opener) -> None:
    store = opener()
    run = new_run(store)
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    me = this_process()
    gone = Owner(me.host, me.boot, me.space, int(dead.stdout), "1")
    elsewhere = Owner("another", "boot", "space", me.pid, me.started)

    async def take() -> None:
        async with store.session(run, owner=gone) as session:
            await session.write([started()])
            session._gone = True  # it never says goodbye
        assert store.run(run.id).state is RunState.INTERRUPTED
        async with store.session(run, owner=elsewhere) as session:
            assert session.fence == 2
            session._gone = True
        with pytest.raises(RunHeld):  # nobody can tell from here whether it lives: only time can
            async with store.session(run):
                pass

    asyncio.run(take())


def test_a_lease_that_expired_may_be_taken_and_its_holder_writes_nothing_more(opener: Opener) -> None:
    first, second = opener(), opener()
    run = new_run(first)

    async def both() -> None:
        async with first.session(run, seconds=0.2) as old:
            await old.write([started()])
            await asyncio.sleep(0.3)
            async with second.session(run) as new:
                await new.write([started()])
                with pytest.raises(LeaseLost):
                    await old.write([NewEvent("step.phase", 1.0, None, "s", 1)])
                with pytest.raises(LeaseLost):
                    await old.claim(["x"], "s", [])
                await new.write([NewEvent("step.phase", 2.0, None, "s", 1)])

    asyncio.run(both())
    assert [event.at for event in first.events(run.id)][2:] == [1.0, 2.0]


def test_renewing_keeps_a_lease(opener: Opener) -> None:
    first, second = opener(), opener()
    run = new_run(first)

    async def until() -> float:
        with pytest.raises(RunHeld) as refused:
            async with second.session(run):
                pass
        return refused.value.holder.expires_at

    async def both() -> None:
        async with first.session(run, seconds=60) as session:
            before = await until()
            await asyncio.sleep(0.01)
            await session.renew()
            assert await until() > before

    asyncio.run(both())


def test_assets_are_claimed_all_or_none(opener: Opener) -> None:
    first, second = opener(), opener()
    one, two = new_run(first), new_run(first)

    async def both() -> None:
        async with first.session(one) as mine, second.session(two) as theirs:
            assert await mine.claim(["a", "b"], "s", [started()]) == ()
            holders = await theirs.claim(["b", "c"], "t", [started()])
            assert [(lease.name, lease.run, lease.step) for lease in holders] == [("b", one.id, "s")]
            assert await theirs.claim(["c"], "t", []) == ()
            assert await mine.claim(["a", "b"], "s", []) == ()  # what it has already is no obstacle
            await mine.write([], release=["b"])
            assert await theirs.claim(["b"], "t", []) == ()
            await mine.end([], keep_assets=False)
            assert await theirs.claim(["a"], "t", []) == ()
            await theirs.end([], keep_assets=True)
        assert [event.kind for event in first.events(two.id)] == ["run.created"]

    asyncio.run(both())


def test_claims_of_many_coordinators_never_overlap(opener: Opener) -> None:
    """Each takes two of five assets again and again; a witness outside the store sees who is inside."""
    inside: dict[str, str] = {}
    clashes: list[str] = []

    def coordinator(number: int) -> None:
        store = opener()
        run = new_run(store, f"r{number}")

        async def work() -> None:
            async with store.session(run) as session:
                for turn in range(8):
                    names = [f"asset{(number + turn) % 5}", f"asset{(number * 3 + turn + 1) % 5}"]
                    names = list(dict.fromkeys(names))
                    while await session.claim(names, "s", []):  # noqa: ASYNC110  # other processes hold them
                        await asyncio.sleep(0.002)
                    for name in names:
                        if inside.setdefault(name, run.id) != run.id:
                            clashes.append(name)
                    await asyncio.sleep(0.001)
                    for name in names:
                        inside.pop(name, None)
                    await session.write([], release=names)

        asyncio.run(work())

    threads = [threading.Thread(target=coordinator, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
