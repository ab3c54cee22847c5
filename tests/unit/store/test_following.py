"""Sinks that follow the store: every committed event once and in order, whoever wrote it, and again what a sink did not take."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from penstock.run import create_run
from penstock.store import EventRecord, NewEvent, RunStore, open_store
from tests.tools.engine import Engine
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.scripted import World, asset, plan

pytestmark = pytest.mark.xdist_group("postgres-following")

Opener = Callable[[], RunStore]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    url = "sqlite:///store.db"
    if request.param == "postgres":
        url = request.getfixturevalue("server").url()
    opened: list[RunStore] = []

    def again() -> RunStore:
        opened.append(open_store(url, root=tmp_path))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


class Kept:
    """A sink that keeps what it is given; `trouble` makes it refuse."""

    name = "kept"

    def __init__(self) -> None:
        self.events: list[EventRecord] = []
        self.trouble = False

    def take(self, events: Sequence[EventRecord]) -> None:
        if self.trouble:
            raise OSError("nobody there")
        self.events.extend(events)


def test_a_sink_hears_a_whole_run_in_order_and_once(opener: Opener, tmp_path: Path) -> None:
    store, sink = opener(), Kept()
    run = Engine(store, tmp_path / "runs").run(plan(asset("a"), asset("b", "a")), World()).run
    while store.feed(sink, limit=3):
        pass
    assert [(event.run, event.seq, event.kind) for event in sink.events] == [
        (run, event.seq, event.kind) for event in store.events(run)
    ]
    assert opener().feed(sink) == 0


def test_what_a_sink_did_not_take_comes_again(opener: Opener, tmp_path: Path) -> None:
    store, sink = opener(), Kept()
    Engine(store, tmp_path / "runs").run(plan(asset("a")), World())
    sink.trouble = True
    with pytest.raises(OSError, match="nobody there"):
        store.feed(sink)
    sink.trouble = False
    assert store.feed(sink, limit=1000) == store.newest_position() == len(sink.events)
    store.move_cursor(sink.name, 0)
    assert store.feed(sink, limit=1000) == store.newest_position()


def test_who_joins_late_may_begin_at_the_end(opener: Opener, tmp_path: Path) -> None:
    store, sink = opener(), Kept()
    engine = Engine(store, tmp_path / "runs")
    engine.run(plan(asset("a")), World())
    store.move_cursor(sink.name, store.newest_position())
    second = engine.run(plan(asset("a")), World()).run
    store.feed(sink, limit=1000)
    assert {event.run for event in sink.events} == {second}


def test_nothing_is_passed_over_while_several_write_at_once(opener: Opener) -> None:
    """A follower that has seen position n never meets a lower one later, whoever commits first."""
    writers, each = 4, 25
    plans = plan(asset("a"))
    ready = threading.Barrier(writers + 1)

    def write() -> None:
        store = opener()
        run = create_run(store, plans)
        ready.wait()

        async def events() -> None:
            async with store.session(run) as session:
                for number in range(each):
                    await session.write([NewEvent("step.phase", float(number), step="s")] * 3)

        asyncio.run(events())

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    follower = opener()
    ready.wait()
    seen: list[int] = []
    wanted = writers * (each * 3 + 1)
    while len(seen) < wanted:
        alive = any(
            thread.is_alive() for thread in threads
        )  # asked first: what was written until then is read below
        news = follower.events_after(seen[-1] if seen else 0)
        seen += [event.position or 0 for event in news]
        assert alive or news, "events are missing"
    for thread in threads:
        thread.join()
    assert seen == list(range(1, wanted + 1))
