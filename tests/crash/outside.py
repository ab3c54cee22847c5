"""What is outside of a coordinator: a job server that counts triggers, and child processes that write a journal.

Both go on when their coordinator dies. What they were asked to do is counted here, and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    Lost,
    Outcome,
    Step,
    StepEvent,
)
from penstock.system.processes import process_started

CHILD = Path(__file__).with_name("child.py")


def kill_children(folder: Path) -> None:
    """All children that work for the coordinators of that folder."""
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ProcessLookupError):
            words = (process / "cmdline").read_bytes() if process.name.isdigit() else b""
            if str(CHILD).encode() in words and f"{folder}/".encode() in words:
                os.kill(int(process.name), signal.SIGKILL)


def _items(handle: Handle) -> list[str]:
    return msgspec.convert(handle.external["items"], list[str])


class JobServer(socketserver.ThreadingTCPServer):
    """One JSON line in, one out. Every trigger makes a job, also when it comes twice: that is what is to be found out."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port: int = self.server_address[1]
        self.triggers: list[str] = []
        self.done: Counter[str] = Counter()
        self._jobs: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if asked["do"] == "trigger":
                self.triggers.append(asked["key"])
                self.done.update(asked["items"])
                self._jobs.append({"key": asked["key"], "ends": time.monotonic() + asked["seconds"]})
                return {"job": len(self._jobs) - 1}
            if asked["do"] == "find":
                jobs = [number for number, job in enumerate(self._jobs) if job["key"] == asked["key"]]
                return {"job": jobs[-1] if jobs else None}
            return {"ended": time.monotonic() >= self._jobs[asked["job"]]["ends"]}


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, JobServer)
        line = self.rfile.readline()
        if line.endswith(b"\n"):
            self.wfile.write(json.dumps(self.server.answer(json.loads(line))).encode() + b"\n")


Point = Callable[[], None]
"""Called wherever a coordinator may die."""


class JobRunner(BaseRunner):
    """Steps are jobs of the server: without an idempotency key, but found again by a label."""

    def __init__(self, port: int, point: Point, *, seconds: float = 0.03, poll: float = 0.005) -> None:
        self._port = port
        self._point = point
        self._seconds = seconds
        self._poll = poll
        self._items: dict[AttemptKey, list[str]] = {}

    async def _ask(self, **asked: Any) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(json.dumps(asked).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await reader.readline())
        writer.close()
        return answer

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        items = [item.id for item in step.items]
        self._point()
        told = await self._ask(do="trigger", key=str(attempt), items=items, seconds=self._seconds)
        self._point()
        return Handle(attempt=attempt, local=False, external={"job": told["job"], "items": items})

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        told = await self._ask(do="find", key=str(attempt))
        if told["job"] is None:
            return None
        return Handle(
            attempt=attempt,
            local=False,
            external={"job": told["job"], "items": [item.id for item in step.items]},
        )

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        while not (await self._ask(do="ask", job=handle.external["job"]))["ended"]:  # noqa: ASYNC110  # another process
            await asyncio.sleep(self._poll)
        self._point()
        for item in _items(handle):
            yield ItemFinished(at=time.time(), item=item, outcome=Outcome.SUCCESS, seconds=0.03)
        yield Finished(at=time.time(), outcome=Outcome.SUCCESS)

    async def cancel(self, handle: Handle) -> None:
        pass


class ChildRunner(BaseRunner):
    """Steps are child processes. Who makes the claim file first has the attempt: the child, or the coordinator that gave
    it up. So a child that starts late, after its coordinator died, does nothing."""

    def __init__(self, journal: Path, folder: Callable[[AttemptKey], Path], point: Point) -> None:
        self._journal = journal
        self._folder = folder
        self._point = point

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        folder = self._folder(attempt)
        self._point()
        child = subprocess.Popen(  # noqa: ASYNC220  # forking is quick
            [sys.executable, "-S", "-E", str(CHILD), str(folder), str(self._journal), str(attempt)]
            + [item.id for item in step.items],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._point()
        items = [item.id for item in step.items]
        return Handle(
            attempt=attempt, local=True, external={"pid": child.pid, "folder": str(folder), "items": items}
        )

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        folder = self._folder(attempt)
        try:
            claim = os.open(folder / "claim", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            while not (words := (folder / "claim").read_text()):  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.005)
            return (
                None
                if words == "given up"
                else Handle(
                    attempt=attempt,
                    local=True,
                    external={"pid": 0, "folder": str(folder), "items": [item.id for item in step.items]},
                )
            )
        os.write(claim, b"given up")
        os.close(claim)
        return None

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        folder, seen = Path(str(handle.external["folder"])), 0
        begun: set[str] = set()
        ended: set[str] = set()
        while True:
            alive = self._alive(folder)
            lines = (folder / "events").read_text().splitlines() if (folder / "events").exists() else []
            for line in lines[seen:]:
                seen += 1
                self._point()
                if line.startswith("begin "):
                    begun.add(line.removeprefix("begin "))
                    continue
                if line == "finished":
                    yield Finished(at=time.time(), outcome=Outcome.SUCCESS)
                    return
                ended.add(line)
                yield ItemFinished(
                    at=time.time(),
                    item=line,
                    outcome=Outcome.SUCCESS,
                    seconds=0.01,
                )
            if not alive and len(lines) == seen:
                for event in self._died([item for item in _items(handle) if item not in ended], begun):
                    yield event
                return
            await asyncio.sleep(0.005)

    @staticmethod
    def _died(left: list[str], begun: set[str]) -> Iterator[StepEvent]:
        for item in left:
            lost = Lost.UNKNOWN if item in begun else Lost.UNDONE
            yield ItemFinished(at=time.time(), item=item, outcome=Outcome.ERROR, lost=lost)
        yield Finished(
            at=time.time(),
            outcome=Outcome.ERROR,
            message="the child died",
            lost=Lost.UNKNOWN,
        )

    def _alive(self, folder: Path) -> bool:
        try:
            pid, started = (folder / "claim").read_text().split()
        except (OSError, ValueError):
            return True  # not there yet
        return process_started(int(pid)) == started

    async def cancel(self, handle: Handle) -> None:
        pass
