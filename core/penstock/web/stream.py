"""One stream of events per tab: the store's events from a position on, and the graph's hash. Never the data itself.

A client that is too slow, or was away for too long, is told to read everything anew: memory does not grow with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import ParamSpec, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import StreamingResponse

from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.service.inspect import NoRuns
from penstock.service.people import View
from penstock.service.rundocuments import EventRecord
from penstock.service.serving import Serving
from penstock.web.schema import EventsQuery

P = ParamSpec("P")
T = TypeVar("T")

POLL = 0.3
HEARTBEAT = 15.0
WAITING = 500  # messages that one client may be behind
REPLAYED = 2_000
_RELOAD = b"event: reload\ndata: {}\n\n"
_LEAVE = b"event: leave\ndata: {}\n\n"


class Message(msgspec.Struct, frozen=True, gc=False):
    """Encoded once for all clients. `asset` None: it is about a run or a step, of `run`."""

    topic: str
    run: str | None
    asset: AssetKey | None
    data: bytes


class Aside(Protocol):
    """Calls in a thread what may block."""

    async def __call__(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T: ...


class Hub:
    """Reads what is new for all clients together, as long as there are any. `name` and `take` make it an EventSink whose
    position lives in memory: the cursor of each client is its Last-Event-ID."""

    name = "web"

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._clients: set[Client] = set()
        self._position: int | None = None
        self._hash = ""
        self._task: asyncio.Task[None] | None = None
        self._begun: asyncio.Future[list[Message]] | None = None
        self.look_again = HEARTBEAT
        self._pending: list[Message] = []

    async def join(self, client: Client, aside: Aside) -> None:
        """All who join while the first reading goes on wait for that one, and share one reader."""
        self._clients.add(client)
        if self._task is None or self._task.done():
            self._position = None
            self._begun = asyncio.ensure_future(aside(self._read))
            self._task = asyncio.create_task(self._follow(aside, self._begun))
        assert self._begun is not None
        await asyncio.shield(self._begun)

    def leave(self, client: Client) -> None:
        self._clients.discard(client)

    @property
    def position(self) -> int:
        return self._position or 0

    async def _follow(self, aside: Aside, begun: asyncio.Future[list[Message]]) -> None:
        await begun
        while self._clients:
            for message in await aside(self._read):
                for client in tuple(self._clients):
                    client.hand(message)
            await asyncio.sleep(POLL)

    def _read(self) -> list[Message]:
        """What is new. A store or a project that cannot be read now is read again at the next turn."""
        found: list[Message] = []
        with contextlib.suppress(PenstockError):
            found += self._new_events()
        with contextlib.suppress(PenstockError):
            now = self._serving.seen().graph.hash
            if now != self._hash:
                if self._hash:
                    data = msgspec.json.encode({"hash": now})
                    found.append(Message("graph", None, None, b"event: graph\ndata: " + data + b"\n\n"))
                self._hash = now
        return found

    def _new_events(self) -> list[Message]:
        try:
            with self._serving.store() as store:
                if self._position is None:
                    self._position = store.newest_position()
                self.take(store.events_after(self._position))
        except NoRuns:
            self._position = 0
        found, self._pending = self._pending, []
        return found

    def take(self, events: Sequence[EventRecord]) -> None:
        for event in events:
            self._pending.append(message(event))
            self._position = event.position
            if event.kind == "run.ended":
                self._serving.look_again()


def message(event: EventRecord) -> Message:
    """The event without its data: a client reads what it may see."""
    told = {
        "run": event.run,
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "state": event.state,
        "step": event.step,
        "attempt": event.attempt,
        "item": event.item,
    }
    data = msgspec.json.encode(told)
    text = b"id: %d\nevent: run\ndata: %s\n\n" % (event.position or 0, data)
    return Message("runs", event.run, AssetKey.parse(event.item) if event.item else None, text)


class Client:
    """One tab. `sees` filters what may be seen."""

    def __init__(self, view: View, topics: frozenset[str]) -> None:
        self._view = view
        self._topics = topics
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(WAITING)
        self._runs: dict[str, bool] = {}

    def hand(self, message: Message) -> None:
        if message.topic not in self._topics:
            return
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)

    def sees(self, message: Message) -> bool:
        visible = self._view.visible
        if visible is None or message.run is None:
            return True
        if message.asset is not None:
            return self._view.sees(message.asset, visible)
        return message.data.find(b'"step":null') >= 0 and self._run_seen(message.run, visible)

    def _run_seen(self, run: str, visible: frozenset[AssetKey]) -> bool:
        if run not in self._runs:
            with self._view.serving.store() as store:
                touched = store.runs_touching(self._view.environment, visible)
                self._runs[run] = store.run(run).number in touched
        return self._runs[run]

    async def _within(self, seconds: float) -> tuple[()] | tuple[Message | None]:
        """The next message, or nothing by then. Not `wait_for`, which before Python 3.12 swallows the end of the request when
        a message comes at that moment: the stream would never end."""
        if not self._queue.empty():
            return (self._queue.get_nowait(),)
        getting = asyncio.ensure_future(self._queue.get())
        try:
            await asyncio.wait({getting}, timeout=seconds)
            return (getting.result(),) if getting.done() else ()
        finally:
            getting.cancel()

    async def messages(
        self,
        aside: Aside,
        missed: list[Message] | None,
        still: Callable[[], View | None],
        hub: Hub,
    ) -> AsyncIterator[bytes]:
        """`still` gives what the person sees by now; None when the session or the right has ended."""
        yield b": penstock\nretry: 2000\n\n"
        if missed is None:
            yield _RELOAD
        for one in missed or ():
            if await aside(self.sees, one):
                yield one.data
        loop = asyncio.get_running_loop()
        looked = beat = loop.time()
        while True:
            now = loop.time()
            if now - looked >= hub.look_again:
                view = await aside(still)
                if view is None:
                    yield _LEAVE
                    return
                if view.who != self._view.who:
                    self._view, self._runs = view, {}
                looked = now
            if now - beat >= HEARTBEAT:
                yield b": still here\n\n"
                beat = now
            found = await self._within(min(HEARTBEAT, hub.look_again))
            if not found:
                continue
            (one_more,) = found
            if one_more is None:
                yield _RELOAD
            elif self._view.who.unlimited or await aside(self.sees, one_more):
                yield one_more.data


async def stream(
    hub: Hub,
    aside: Aside,
    view: View,
    request: Request,
    query: Callable[[Request, type[EventsQuery]], EventsQuery],
    still: Callable[[], View | None],
) -> StreamingResponse:
    """What came after `Last-Event-ID` (or `after`), then what comes."""
    asked = query(request, EventsQuery)
    last = request.headers.get("last-event-id", "")
    known = int(last) if last.isascii() and last.isdecimal() and len(last) < 16 else asked.after
    client = Client(view, frozenset(part.strip() for part in asked.topics.split(",")))
    await hub.join(client, aside)

    async def body() -> AsyncIterator[bytes]:
        try:
            missed = [] if known is None else await aside(_missed, view.serving, known, hub.position)
            async for part in client.messages(aside, missed, still, hub):
                yield part
        finally:
            hub.leave(client)

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(body(), 200, headers, media_type="text/event-stream")


def _missed(serving: Serving, known: int, until: int) -> list[Message] | None:
    """None: too much, or from another store; the client reads everything anew."""
    if known > until:
        return None
    try:
        with serving.store() as store:
            events = store.events_after(known, limit=REPLAYED + 1)
    except NoRuns:
        return []
    if len(events) > REPLAYED:
        return None
    return [message(event) for event in events if (event.position or 0) <= until]
