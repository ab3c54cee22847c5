"""Runs scripts as child processes that outlive us. What has happened is in files of the attempt's folder, never in memory.

`launched` is written before the child is started; the child holds a lock on `lock` for as long as it, or a script of it, lives,
and appends to `events` before and after each script. So any process can tell what became of an attempt.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec

from penstock.assets import DataVersion, DataVersionKind
from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    ItemStarted,
    LogLine,
    Lost,
    Outcome,
    RunContext,
    Step,
    StepEvent,
    given,
)
from penstock_scripts.integration import ScriptsConfig, ScriptsOptions, folder_of

_WRAPPER = """
echo $$ > "$0/pid.part" && mv "$0/pid.part" "$0/pid"
for name in "$@"; do
  echo "start $name" >> "$0/events"
  OUT="$OUTPUT/$name.csv" sh $STRICT "$SCRIPTS/$name.sh" >> "$0/log" 2>&1
  echo "end $name $?" >> "$0/events"
done
echo finished >> "$0/events"
"""
_POLL = 0.05
_GRACE = 5.0


class ScriptRunner(BaseRunner):
    """See `penstock.integration.Runner`. There is nothing to remember before a trigger: `prepare` is that of the base class."""

    def __init__(self, context: RunContext[ScriptsConfig]) -> None:
        self._context = context
        self._children: dict[AttemptKey, subprocess.Popen[bytes]] = {}
        if context.config.token:
            context.secrets.add(context.config.token)

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        known = await self.find(step, attempt, intent)
        if known is None:
            self._children[attempt] = self._launch(step, self._context.folder(attempt))
        return self._handle(attempt)

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        folder = self._context.folder(attempt)
        begun = (folder / "events").exists()
        # Launched, but neither alive nor begun: its coordinator died in between, and nothing has been done.
        if not (folder / "launched").exists() or not (begun or _alive(folder)):
            return None
        return self._handle(attempt)

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        folder = self._context.folder(handle.attempt)
        items = msgspec.json.decode((folder / "launched").read_bytes(), type=list[str])
        story = _Story(items)
        logs = _Lines(folder / "log")
        happened = _Lines(folder / "events")
        while True:
            alive = _alive(folder)  # asked before reading: what was written until then is there afterwards
            for line in logs.new():
                yield LogLine(at=time.time(), message=self._context.redact(line))
            for line in happened.new():
                for event in story.tell(line, self._output):
                    yield event
            if story.finished or not alive:
                break
            await asyncio.sleep(_POLL)
        for event in story.end(cancelled=(folder / "cancelled").exists()):
            yield event

    async def cancel(self, handle: Handle) -> None:
        folder = self._context.folder(handle.attempt)
        (folder / "cancelled").touch()
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + _GRACE
            while _alive(folder) and time.monotonic() < deadline:
                _signal(folder, number)
                await asyncio.sleep(_POLL)

    async def close(self, *, detach: bool) -> None:
        for attempt, child in self._children.items():
            if not detach and _alive(self._context.folder(attempt)):
                await self.cancel(self._handle(attempt))
            if child.poll() is None:
                child.returncode = 0  # it goes on, and is nobody's child from now on

    def _handle(self, attempt: AttemptKey) -> Handle:
        return Handle(attempt=attempt, local=True, external={"folder": str(self._context.folder(attempt))})

    def _output(self, name: str) -> Path:
        return self._context.project_root / self._context.config.output / f"{name}.csv"

    def _launch(self, step: Step, folder: Path) -> subprocess.Popen[bytes]:
        names = [item.id for item in step.items]
        options = given(step.options, ScriptsOptions)
        output = self._context.project_root / self._context.config.output
        output.mkdir(exist_ok=True)
        (folder / "launched").write_bytes(msgspec.json.encode(names))
        environ = {
            **self._context.environ,
            "SCRIPTS": str(folder_of(self._context)),
            "OUTPUT": str(output),
            "TOKEN": self._context.config.token,
            "STRICT": "-e" if options.strict else "",
            "LIMIT": str(options.limit or ""),
        }
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return subprocess.Popen(
                ["sh", "-c", _WRAPPER, str(folder), *names],
                cwd=self._context.project_root,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )


class _Story:
    """Lines of `events` to events, and at the end what they did not tell. Pure, but for the size of what was made."""

    def __init__(self, items: list[str]) -> None:
        self._open = dict.fromkeys(items, False)  # whether it has begun
        self._failed: list[str] = []
        self.finished = False

    def tell(self, line: str, output: Callable[[str], Path]) -> Iterator[StepEvent]:
        word, _, rest = line.partition(" ")
        if word == "finished":
            self.finished = True
        elif word == "start":
            self._open[rest] = True
            yield ItemStarted(at=time.time(), item=rest)
        elif word == "end":
            name, _, code = rest.rpartition(" ")
            self._open.pop(name)
            yield self._ended(name, int(code), output(name))

    def _ended(self, name: str, code: int, file: Path) -> ItemFinished:
        if code or not file.exists():
            self._failed.append(name)
            why = f"{name}.sh ended with exit code {code}" if code else f"{name}.sh made no {file.name}"
            return ItemFinished(at=time.time(), item=name, outcome=Outcome.ERROR, message=why)
        return ItemFinished(
            at=time.time(),
            item=name,
            outcome=Outcome.SUCCESS,
            size_bytes=file.stat().st_size,
            data_version=DataVersion(DataVersionKind.FILE, hashlib.sha256(file.read_bytes()).hexdigest()),
        )

    def end(self, *, cancelled: bool) -> Iterator[StepEvent]:
        outcome = Outcome.ERROR if self._failed or self._open else Outcome.SUCCESS
        message = f"{', '.join(self._failed)} failed" if self._failed else None
        lost = None
        if self._open and cancelled:
            outcome, message = Outcome.CANCELLED, "cancelled"
        elif self._open:
            lost, message = Lost.UNKNOWN, "the process is gone and did not say how it ended"
        for name, begun in self._open.items():
            known = None if lost is None else Lost.UNKNOWN if begun else Lost.UNDONE
            yield ItemFinished(at=time.time(), item=name, outcome=outcome, message=message, lost=known)
        yield Finished(at=time.time(), outcome=outcome, message=message, lost=lost)


class _Lines:
    """The whole lines of a file that grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def new(self) -> list[str]:
        try:
            with self._path.open("rb") as opened:
                opened.seek(self._read)
                data = opened.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return whole.decode(errors="replace").splitlines()


def _alive(folder: Path) -> bool:
    """Whether somebody holds the attempt's lock. No pid is looked at: it could be another process's by now."""
    with contextlib.suppress(FileNotFoundError), (folder / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _signal(folder: Path, number: signal.Signals) -> None:
    """To the whole session of the child. Call it only while the lock is held: then the pid is still its own."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.killpg(int((folder / "pid").read_text()), number)
