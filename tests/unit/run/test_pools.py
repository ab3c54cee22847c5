"""Slots are given fairly, to the urgent first, all or nothing, and never in a way that ends in a deadlock."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.assets import Hold
from penstock.errors import PenstockError
from penstock.run.forming import united
from penstock.run.pools import Pools


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_all_or_nothing_and_in_order() -> None:
    async def work() -> None:
        pools = Pools({"a": 1, "b": 1})
        first = pools.request("first", [Hold("a")])
        assert pools.try_take(first)
        both = pools.request("both", [Hold("a"), Hold("b")])
        late = pools.request("late", [Hold("b")])
        waiting = asyncio.ensure_future(pools.take(both))
        await settle()
        assert not pools.try_take(late), "b is spoken for by who came first"
        assert [str(wait) for wait in pools.waiting(both)] == ["a (held by first)"]
        behind = asyncio.ensure_future(pools.take(late))
        pools.give_back(first)
        await settle()
        assert waiting.done()
        assert not behind.done()
        pools.give_back(both)
        await settle()
        assert behind.done()

    asyncio.run(work())


def test_the_more_urgent_goes_first() -> None:
    async def work() -> None:
        pools = Pools({"a": 1})
        holder = pools.request("holder", [Hold("a")])
        assert pools.try_take(holder)
        order: list[str] = []

        async def take(name: str, rank: float) -> None:
            request = pools.request(name, [Hold("a")], rank)
            await pools.take(request)
            order.append(name)
            pools.give_back(request)

        tasks = [
            asyncio.ensure_future(take(name, rank))
            for name, rank in (("c", 3), ("a", 1), ("b", 2), ("a2", 1))
        ]
        await settle()
        pools.give_back(holder)
        await asyncio.gather(*tasks)
        assert order == ["a", "a2", "b", "c"]

    asyncio.run(work())


def test_who_wants_more_than_there_is_gets_all_there_is() -> None:
    pools = Pools({"a": 2})
    assert pools.request("x", [Hold("a", slots=5)]).needs == {"a": 2}
    assert pools.request("x", [Hold("unknown", slots=3)]).needs == {"unknown": 3}


def test_who_holds_something_goes_past_the_line() -> None:
    """The first in line waits for what the runner holds; the runner needs what the first in line has reserved."""

    async def work() -> None:
        pools = Pools({"connection": 1, "file": 1})
        running = pools.request("running", [Hold("connection")])
        assert pools.try_take(running)
        first = asyncio.ensure_future(pools.take(pools.request("first", [Hold("connection"), Hold("file")])))
        await settle()
        await asyncio.wait_for(
            pools.take(pools.request("running", [Hold("file", "commit")], nested=True)), 60
        )
        assert not first.done()
        first.cancel()

    asyncio.run(work())


def test_a_circle_of_waiting_is_refused() -> None:
    async def work() -> None:
        pools = Pools({"a": 1, "b": 1})
        assert pools.try_take(pools.request("x", [Hold("a")]))
        assert pools.try_take(pools.request("y", [Hold("b")]))
        waiting = asyncio.ensure_future(pools.take(pools.request("x", [Hold("b", "commit")], nested=True)))
        await settle()
        with pytest.raises(PenstockError, match="wait for each other"):
            await pools.take(pools.request("y", [Hold("a", "commit")], nested=True))
        waiting.cancel()

    asyncio.run(work())


def test_who_gives_up_waiting_blocks_nobody() -> None:
    async def work() -> None:
        pools = Pools({"a": 1})
        holder = pools.request("holder", [Hold("a")])
        assert pools.try_take(holder)
        impatient = asyncio.ensure_future(pools.take(pools.request("impatient", [Hold("a")])))
        patient = asyncio.ensure_future(pools.take(pools.request("patient", [Hold("a")])))
        await settle()
        pools.give_back(holder)  # granted to the first, who gives up in the same moment
        impatient.cancel()
        await asyncio.wait_for(patient, 60)

    asyncio.run(work())


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=3, max_size=3),
    st.lists(
        st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True), st.integers(1, 2)),
        min_size=1,
        max_size=20,
    ),
)
def test_never_more_than_there_are_and_everybody_gets_a_turn(
    slots: dict[str, int], wishes: list[tuple[list[str], int]]
) -> None:
    used = dict.fromkeys(slots, 0)

    async def one(pools: Pools, name: str, resources: list[str], count: int) -> None:
        request = pools.request(name, [Hold(resource, slots=count) for resource in resources])
        async with pools.held(request):
            for resource, amount in request.needs.items():
                used[resource] += amount
                assert used[resource] <= slots[resource]
            await asyncio.sleep(0)
            for resource, amount in request.needs.items():
                used[resource] -= amount

    async def work() -> None:
        pools = Pools(slots)
        ones = (one(pools, str(number), *wish) for number, wish in enumerate(wishes))
        await asyncio.wait_for(asyncio.gather(*ones), 60)

    asyncio.run(work())
    assert set(used.values()) == {0}


def test_what_is_held_open_has_only_the_limit_that_somebody_names() -> None:
    free, named = Pools({}), Pools({"destination": 2})
    for pools, granted in ((free, [True, True, True]), (named, [True, True, False])):
        wishes = [pools.request(f"sync {at}", [Hold("destination", open=True)]) for at in range(3)]
        assert [pools.try_take(wish) for wish in wishes] == granted
    assert united([[Hold("d", open=True)], [Hold("d", slots=2, open=True), Hold("c")]]) == (
        Hold("c"),
        Hold("d", slots=2, open=True),
    )
