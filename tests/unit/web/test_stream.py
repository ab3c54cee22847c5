"""The stream of events: many who come at once share one reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from penstock.cli.scheduled import read_command
from penstock.service.people import LOCAL, View
from penstock.service.serving import Serving
from penstock.web.stream import POLL, Client, Hub, Message

P = ParamSpec("P")
T = TypeVar("T")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]


def test_those_who_come_at_once_share_one_reader(built: Path) -> None:
    """Two hundred tabs after a restart of the server: each with a reader of its own they took a fifth of a core."""
    serving = Serving(built, None, read_command)
    hub = Hub(serving)
    reads = 0

    async def aside(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        nonlocal reads
        reads += 1
        return await asyncio.to_thread(work, *arguments, **named)

    async def come() -> None:
        clients = [Client(View(serving, LOCAL), frozenset({"runs"})) for _ in range(50)]
        await asyncio.gather(*(hub.join(one, aside) for one in clients))
        assert hub.position > 0, "whoever has come knows where the stream begins"
        await asyncio.sleep(2.5 * POLL)
        for one in clients:
            hub.leave(one)
        await asyncio.sleep(2 * POLL)

    try:
        asyncio.run(come())
    finally:
        serving.close()
    assert 2 <= reads <= 6, reads


def test_a_stream_ends_also_while_it_is_told_something(built: Path) -> None:
    serving = Serving(built, None, read_command)
    hub = Hub(serving)
    news = Message("runs", None, None, b"event: run\ndata: {}\n\n")

    async def aside(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        return work(*arguments, **named)

    async def read(client: Client) -> None:
        async for _ in client.messages(aside, [], lambda: None, hub):
            pass

    async def leave() -> None:
        clients = [Client(View(serving, LOCAL), frozenset({"runs"})) for _ in range(100)]
        tasks = [asyncio.create_task(read(one)) for one in clients]
        await asyncio.sleep(0.2)
        for one in clients:
            one.hand(news)
        await asyncio.sleep(0)  # the messages are on their way
        for task in tasks:
            task.cancel()
        _, going_on = await asyncio.wait(tasks, timeout=60)
        for task in going_on:
            task.cancel()
        assert not going_on, f"{len(going_on)} streams of 100 go on for nobody"

    try:
        asyncio.run(leave())
    finally:
        serving.close()
