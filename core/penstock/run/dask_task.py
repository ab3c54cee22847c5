"""One attempt of a step as a task of a Dask worker: its runner is made there, and everything that it says is sent back.

Entered again (its worker was lost, or the scheduler forgot it), it first looks whether its tool already works on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec

from penstock.errors import PenstockError
from penstock.integration import (
    AttemptKey,
    Finished,
    Handle,
    Intent,
    ItemProgress,
    LogLine,
    Outcome,
    Reused,
    Runner,
    Step,
    StepEvent,
    satisfied,
)
from penstock.run.forming import step_folder
from penstock.system.files import private_folder

_POLL = 0.5
_KEPT_LOG_LINES = 200


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What goes to the worker: no graph, no secret, no state."""

    step: Step
    attempt: AttemptKey
    factory: str
    settings: dict[str, object]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What comes back: an event, a phase whose resources are asked for, or a token whose resources are given back.

    `incarnation` tells entering the task again from hearing the same thing twice.
    """

    incarnation: str = ""
    number: int = 0
    event: StepEvent | None = None
    hold: str | None = None
    token: str = ""
    release: str | None = None


def distributed() -> Any:
    """Dask's own package: an extra, 0.4 s of import, and without types."""
    return importlib.import_module("distributed")


def task_name(attempt: AttemptKey) -> str:
    return f"penstock/{attempt}"


def stop_name(task: str) -> str:
    return f"{task}/stop"


def grant_name(task: str, token: str) -> str:
    return f"{task}/grant/{token}"


def perform(ticket: bytes) -> list[bytes]:
    """The task. Its result is all that it said (of the log, the last lines)."""
    return asyncio.run(_Performance(msgspec.json.decode(ticket, type=Ticket)).whole())


class _Performance:
    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self._name = task_name(ticket.attempt)
        self._worker = distributed().get_worker()
        self._client = distributed().get_client()
        self._incarnation = uuid.uuid4().hex[:8]
        self._number = 0
        self._said: list[bytes] = []
        self._log_lines = 0

    async def whole(self) -> list[bytes]:
        try:
            await self._perform()
        except PenstockError as error:
            self._end(str(error))
        return self._said

    async def _perform(self) -> None:
        step = self._ticket.step
        runner = self._make()
        if runner is None:
            self._end(f"{step.integration}/{step.instance} cannot be run on this worker")
            return
        watch: asyncio.Task[None] | None = None
        try:
            begun = await self._begin(runner)
            if isinstance(begun, Reused):
                self._say_reused(begun)
                return
            watch = asyncio.ensure_future(self._watch(runner, begun))
            async for event in runner.events(begun):
                self._say(Message(event=event), keep=self._worth_keeping(event))
        finally:
            if watch is not None:
                watch.cancel()
            await runner.close(detach=False)

    async def _begin(self, runner: Runner) -> Handle | Reused:
        """What must be remembered is in the attempt's folder before the tool is triggered: another worker reads it there."""
        step, attempt = self._ticket.step, self._ticket.attempt
        kept = self._folder(attempt) / "intent.json"
        intent = msgspec.json.decode(kept.read_bytes(), type=Intent) if kept.exists() else Intent()
        found = await runner.find(step, attempt, intent)
        if found is not None:
            return found
        intent = await runner.prepare(step, attempt)
        if intent.remembered:
            _write_durably(kept, msgspec.json.encode(intent))
        return await runner.start(step, attempt, intent)

    def _say_reused(self, reused: Reused) -> None:
        now = time.time()
        for event in satisfied((item.id for item in self._ticket.step.items), reused, now):
            self._say(Message(event=event), keep=True)
        words = f"satisfied by {reused.provenance.told(now)}"
        self._say(Message(event=Finished(at=now, outcome=Outcome.REUSED, message=words)), keep=True)

    def _make(self) -> Runner | None:
        module, _, function = self._ticket.factory.partition(":")
        factory: Callable[..., Runner | None] = getattr(importlib.import_module(module), function)
        step = self._ticket.step
        return factory(self._ticket.settings, step.integration, step.instance, self._hold, self._folder)

    def _folder(self, attempt: AttemptKey) -> Path:
        folder = Path(
            str(self._ticket.settings["runs"]), attempt.run, step_folder(attempt.step), str(attempt.attempt)
        )
        return private_folder(folder)

    @contextlib.asynccontextmanager
    async def _hold(self, _attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
        token = uuid.uuid4().hex[:8]
        self._say(Message(hold=phase, token=token))
        granted = self._signal(grant_name(self._name, token))
        while not await asyncio.to_thread(granted.wait, "5s"):
            pass
        try:
            yield
        finally:
            self._say(Message(release=token))

    async def _watch(self, runner: Runner, handle: Handle) -> None:
        """Until the engine wants the attempt stopped."""
        stop = self._signal(stop_name(self._name))
        while not await asyncio.to_thread(stop.is_set):  # noqa: ASYNC110  # set in another process
            await asyncio.sleep(_POLL)
        await runner.cancel(handle)

    def _signal(self, name: str) -> Any:
        return distributed().Event(name, client=self._client)

    def _worth_keeping(self, event: StepEvent) -> bool:
        if isinstance(event, LogLine):
            self._log_lines += 1
            return self._log_lines <= _KEPT_LOG_LINES
        return not isinstance(event, ItemProgress)

    def _say(self, message: Message, *, keep: bool = False) -> None:
        self._number += 1
        numbered = msgspec.structs.replace(message, incarnation=self._incarnation, number=self._number)
        text = msgspec.json.encode(numbered)
        if keep:
            self._said.append(text)
        self._worker.log_event(self._name, text)

    def _end(self, words: str) -> None:
        event = Finished(at=time.time(), outcome=Outcome.ERROR, message=words, retryable=False)
        self._say(Message(event=event), keep=True)


def _write_durably(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(path)
