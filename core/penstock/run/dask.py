"""Steps on a Dask cluster. The engine's side: a Runner that sends each attempt there as one task and hears what it says.

Dask gets single, ready steps; order, pools, retries and state stay with the engine. A task is entered again by Dask when
its worker is lost, and by us when the scheduler has forgotten it: on the other side (dask_task.py) an attempt is first
looked for in its tool, and only started when it was never started.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import msgspec

from penstock.errors import PenstockError, ToolError, ToolMissing
from penstock.integration import (
    AttemptKey,
    Finished,
    Handle,
    Intent,
    Outcome,
    Runner,
    Step,
    StepEvent,
)
from penstock.run.dask_task import Message, Ticket, distributed, grant_name, perform, stop_name, task_name
from penstock.run.executor import Remote
from penstock.run.runner_pool import FolderFn, HoldFn

_CONNECT_SECONDS = 20
_ASK_SECONDS = 5


class DaskExecutor:
    """One per run: one client, made when the first step is sent."""

    def __init__(self, address: str, remote: Remote, resources: Mapping[str, Mapping[str, float]]) -> None:
        self.address = "tcp://" + address.removeprefix("dask://")
        self.remote = remote
        self.resources = resources
        self._client: Any = None
        self._opening = asyncio.Lock()
        self._users = 0

    def runner(
        self,
        _integration: str,
        _instance: str,
        hold: HoldFn,
        _folder: FolderFn,
        _local: Callable[[], Runner | None],
    ) -> Runner | None:
        self._users += 1
        return DaskRunner(self, hold)

    async def client(self) -> Any:
        """Connected. Raises ToolError when the scheduler cannot be reached."""
        async with self._opening:
            if self._client is None or self._client.status != "running":
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> object:
        return await _connected(self.address, _CONNECT_SECONDS)

    async def leave(self) -> None:
        self._users -= 1
        if self._users <= 0 and self._client is not None:
            client, self._client = self._client, None
            await client.close()


async def _connected(address: str, seconds: float) -> Any:
    """A client. Raises ToolError when the scheduler cannot be reached, ToolMissing without Dask."""
    try:
        dask = distributed()
    except ImportError:
        raise ToolMissing(
            "steps are to run on Dask, which is not installed", hint="pip install 'penstock[dask]'"
        ) from None
    client = dask.Client(address, asynchronous=True, timeout=seconds, set_as_default=False)
    try:
        return await client
    except BaseException as error:
        # A client that is dropped without this closes itself as garbage, which nobody awaits.
        with contextlib.suppress(Exception):
            await client.close()
        if isinstance(error, OSError | TimeoutError | ValueError):
            raise ToolError(f"no Dask scheduler answers: {error}", where=address) from error
        raise


def count_workers(address: str) -> int:
    """How many workers the scheduler at dask://host:port has. Raises ToolError, ToolMissing."""

    async def ask() -> int:
        client = await _connected("tcp://" + address.removeprefix("dask://"), _ASK_SECONDS)
        try:
            return len(await client.nthreads())
        finally:
            await client.close()

    return asyncio.run(ask())


class DaskRunner:
    def __init__(self, executor: DaskExecutor, hold: HoldFn) -> None:
        self._executor = executor
        self._hold = hold
        self._mailboxes: dict[str, Mailbox] = {}

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        name = task_name(attempt)
        client = await self._executor.client()
        mailbox = self._mailboxes[name] = Mailbox(client, name)
        await mailbox.open()
        ticket = Ticket(
            step=step,
            attempt=attempt,
            factory=self._executor.remote.factory,
            settings=self._executor.remote.settings,
        )
        future = client.submit(
            perform,
            msgspec.json.encode(ticket),
            key=name,
            pure=False,
            retries=0,
            resources=self._resources(step) or None,
        )
        mailbox.future = future
        with contextlib.suppress(KeyError):  # it was published by a former coordinator
            await client.publish_dataset(future, name=name)
        return Handle(attempt=attempt, local=False, external={"dask": self._executor.address, "task": name})

    def _resources(self, step: Step) -> dict[str, float]:
        found: dict[str, float] = {}
        for name in (step.kind, step.integration, f"{step.integration}/{step.instance}"):
            found.update(self._executor.resources.get(name, {}))
        return found

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        """A scheduler that does not know the task may have forgotten it: the task is sent again, and looks for itself."""
        name = task_name(attempt)
        client = await self._executor.client()
        if name not in await client.list_datasets():
            return await self.start(step, attempt, intent)
        mailbox = self._mailboxes[name] = Mailbox(client, name)
        mailbox.future = await client.get_dataset(name)
        await mailbox.open()
        return Handle(attempt=attempt, local=False, external={"dask": self._executor.address, "task": name})

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        mailbox = self._mailboxes[str(handle.external["task"])]
        holds = Holds(partial(self._hold, handle.attempt), mailbox)
        try:
            async for message in mailbox.messages():
                if message.event is None:
                    await holds.heard(message)
                    continue
                yield message.event
                if isinstance(message.event, Finished):
                    await mailbox.forget()  # it is in the store now; not so when the run is only left
                    return
        finally:
            await holds.close()
            mailbox.close()

    async def cancel(self, handle: Handle) -> None:
        """The task hears of it and stops its tool; one that has not begun is taken back."""
        mailbox = self._mailboxes[str(handle.external["task"])]
        await mailbox.signal(stop_name(mailbox.name))
        await mailbox.ended.wait()

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        """Remembered here; what the tool itself must remember is remembered by the task, in the attempt's folder."""
        return Intent()

    async def close(self, *, detach: bool) -> None:
        """A task that has not ended goes on, or was cancelled before."""
        for mailbox in self._mailboxes.values():
            mailbox.close()
        await self._executor.leave()


class Holds:
    """The resources of a phase are the engine's: a task asks for them, waits until they are granted, and gives them back."""

    def __init__(self, hold: Callable[[str], AbstractAsyncContextManager[None]], mailbox: Mailbox) -> None:
        self._hold = hold
        self._mailbox = mailbox
        self._incarnation = ""
        self._held: dict[str, contextlib.AsyncExitStack] = {}
        self._takers: dict[str, asyncio.Task[None]] = {}

    async def heard(self, message: Message) -> None:
        if message.incarnation != self._incarnation:  # the one before died, with all that it had
            await self.close()
            self._incarnation = message.incarnation
        if message.hold is not None:
            self._takers[message.token] = asyncio.ensure_future(self._take(message.hold, message.token))
        elif message.release is not None:
            taker = self._takers.pop(message.release, None)
            if taker is not None:
                taker.cancel()
            if message.release in self._held:
                await self._held.pop(message.release).aclose()

    async def _take(self, phase: str, token: str) -> None:
        stack = contextlib.AsyncExitStack()
        await stack.enter_async_context(self._hold(phase))
        self._held[token] = stack
        await self._mailbox.signal(grant_name(self._mailbox.name, token))

    async def close(self) -> None:
        for taker in self._takers.values():
            taker.cancel()
        self._takers.clear()
        while self._held:
            await self._held.popitem()[1].aclose()


class Mailbox:
    """What a task says: a topic of the scheduler. Everything said so far is read first; nothing is read twice."""

    def __init__(self, client: Any, name: str) -> None:
        self.name = name
        self.future: Any = None
        self.ended = asyncio.Event()
        self._client = client
        self._queue: asyncio.Queue[Message | BaseException] = asyncio.Queue()
        self._seen: set[tuple[str, int]] = set()
        self._waiter: asyncio.Task[None] | None = None
        self._open = False

    async def open(self) -> None:
        self._client.subscribe_topic(self.name, self._hear)
        self._open = True
        for entry in await self._client.get_events(self.name):
            self._hear(entry)

    def _hear(self, entry: Any) -> None:
        message = msgspec.json.decode(entry[1], type=Message)
        identity = (message.incarnation, message.number)
        if identity not in self._seen:
            self._seen.add(identity)
            self._queue.put_nowait(message)

    async def messages(self) -> AsyncIterator[Message]:
        """To the task's last word; what got lost on the way is in its result."""
        self._waiter = asyncio.ensure_future(self._wait())
        while True:
            message = await self._queue.get()
            if isinstance(message, BaseException):
                yield Message(event=self._lost(message))
                return
            yield message

    async def _wait(self) -> None:
        try:
            said = await self.future.result()
        except Exception as error:  # whatever the task raised, or Dask for it
            self._queue.put_nowait(error)
        else:
            for text in said:
                self._hear((0, text))
        self.ended.set()

    def _lost(self, error: BaseException) -> StepEvent:
        words = f"lost on the cluster: {type(error).__name__}: {error}"
        return Finished(
            at=time.time(),
            outcome=Outcome.ERROR,
            message=words,
            retryable=not isinstance(error, PenstockError),
        )

    async def signal(self, name: str) -> None:
        await distributed().Event(name, client=self._client).set()

    async def forget(self) -> None:
        """The cluster need not keep this attempt any longer."""
        with contextlib.suppress(KeyError, OSError):
            await self._client.unpublish_dataset(self.name)

    def close(self) -> None:
        """Stop listening. A task that has not ended goes on."""
        self.ended.set()
        if self._open:
            self._open = False
            if self._waiter is not None:
                self._waiter.cancel()
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._client.unsubscribe_topic(self.name)
