"""The pool of dbt workers of one run: starts, reuses and ends them. Commands share a worker when target, vars, profile, parsing
flags and dbt are the same (`sharing.py`)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from penstock.errors import ToolError
from penstock.system.files import open_private, private_folder
from penstock.system.processes import resident_bytes
from penstock_dbt import warm
from penstock_dbt.locate import Dbt
from penstock_dbt.process import ProcessId, alive, identify_process
from penstock_dbt.settings import Settings

if TYPE_CHECKING:
    from filelock import BaseFileLock

WORKER = Path(__file__).with_name("worker.py")
_LONGEST_ADDRESS = 100  # bytes of a Unix socket's path that every system allows
_LINGERS = 30.0  # seconds that one which has read the project waits for the run, which may have to wait for other work
# A worker that has grown beyond this is ended after its command: a parse of a large project leaves much behind.
OUTPUT = "worker.out"
_RECYCLE_AT_BYTES = 2_000_000_000


class Slot:
    """A target folder that one worker at a time writes into. The lock lives in the worker itself: it ends with it, however it ends."""

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        self.folder = folder
        self.lock = lock

    @classmethod
    def take(cls, settings: Settings) -> Slot:
        number = 0
        while True:
            folder = settings.folder / f"worker-{number}"
            private_folder(folder)
            lock = open_private(folder / "lock", "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return cls(folder, lock)
            except BlockingIOError:
                lock.close()
                number += 1


class Worker:
    """A living worker process that takes our commands: a child of ours, or one that an earlier run left warm."""

    def __init__(self, key: tuple[str, ...], folder: Path, identity: ProcessId, pipe: IO[bytes]) -> None:
        self.key = key
        self.folder = folder
        self.output = folder / OUTPUT
        self.identity = identity
        self.process: subprocess.Popen[bytes] | None = None
        self.events: Path | None = None
        self.files: str | None = None
        self.note: warm.Note | None = None  # where it outlives its run
        self.claim: BaseFileLock | None = None
        self._pipe = pipe

    @property
    def alive(self) -> bool:
        return self.process.poll() is None if self.process is not None else alive(self.identity)

    @property
    def idle(self) -> bool:
        return self.events is None and not self._pipe.closed

    @property
    def code(self) -> int | None:
        """The exit code of a child that has died."""
        return self.process.poll() if self.process is not None else None

    def tell(self, command: Mapping[str, object], events: Path) -> None:
        self.events = events
        self._write(command)
        self._remark()

    def _write(self, command: Mapping[str, object]) -> None:
        try:
            self._pipe.write(msgspec.json.encode(command) + b"\n")
            self._pipe.flush()
        except BrokenPipeError:
            pass  # it died: whoever follows its events sees that

    def _remark(self) -> None:
        if self.note is not None:
            self.note = msgspec.structs.replace(self.note, files=self.files, used_at=time.time())
            warm.write_note(self.folder, self.note)

    def done(self, *, again: bool) -> None:
        """Its command is over. One that was interrupted may have threads of dbt left in it: it is not used `again`."""
        self.events = None
        self._remark()
        if not again:
            self.dismiss(for_good=True)

    def hand_over(self) -> None:
        """What it was told is done, and it waits for others of this process: the run after the plan."""
        self.done(again=True)
        self.dismiss()
        if self.process is not None:
            threading.Thread(
                target=self.process.wait, daemon=True
            ).start()  # so that it is reaped when it ends

    def grown(self) -> bool:
        return (resident_bytes(self.identity.pid) or 0) > _RECYCLE_AT_BYTES

    def dismiss(self, *, for_good: bool = False) -> None:
        """Nothing more will be asked by us. It ends by itself after its command; one that stays warm only `for_good`."""
        if self._pipe.closed:
            return
        if for_good and self.note is not None:
            warm.forget_note(self.folder)
            self._write({"quit": True})
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        if self.claim is not None:
            self.claim.release()

    def wait(self, seconds: float) -> None:
        """Until a child that was dismissed has ended; it is killed when it does not. A warm one is left to itself."""
        if self.process is None:
            return
        if self.note is not None:
            self.process.returncode = self.process.poll() or 0  # it is nobody's child from now on
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _socket(slot: Path, *, must: bool) -> Path | None:
    """Where others find it. Where there can be no such place (a temporary folder that is open to others, or too long a name), what
    only saves time goes without."""
    try:
        path = warm.socket_path(slot)
    except OSError:
        if must:
            raise
        return None
    return path if must or len(os.fsencode(path)) <= _LONGEST_ADDRESS else None


class WorkerPool:
    """The workers of one run, those that it found warm included."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []

    def idle(self, key: tuple[str, ...], settings: Settings, dbt: Dbt) -> Worker | None:
        """One that can be told something now: of this run, or left warm by another. The dead and the grown are let go."""
        for worker in list(self._workers):
            if not worker.alive or (worker.idle and worker.grown()):
                worker.dismiss(for_good=True)
                self._workers.remove(worker)
        own = next((worker for worker in self._workers if worker.idle and worker.key == key), None)
        return own or self._left_warm(key, settings, dbt)

    def _left_warm(self, key: tuple[str, ...], settings: Settings, dbt: Dbt) -> Worker | None:
        wanted = warm.digest(key, {**settings.environ, **dbt.overlay})
        for folder in warm.slots(settings.folder):
            note = warm.read_note(folder)
            if note is None or note.key != wanted or self.by_pid(note.process.pid) is not None:
                continue
            claim = warm.claim(folder)
            if claim is None:
                continue
            pipe = warm.connect(note)
            if pipe is None:
                claim.release()
                continue
            worker = Worker(key, folder, note.process, pipe)
            worker.note, worker.files, worker.claim = note, note.files, claim
            self._workers.append(worker)
            return worker
        return None

    def by_pid(self, pid: int) -> Worker | None:
        return next((worker for worker in self._workers if worker.identity.pid == pid), None)

    def start(self, key: tuple[str, ...], settings: Settings, dbt: Dbt, *, lingers: bool = False) -> Worker:
        """A new one; `lingers`: when its work is done, others of this process may use it."""
        slot = Slot.take(settings)
        environ = {**settings.environ, **dbt.overlay}
        seconds = settings.config.warm_seconds or (_LINGERS if lingers else 0.0)
        lingers = lingers and not settings.config.warm_seconds
        path = _socket(slot.folder, must=not lingers) if seconds else None
        warmth = ["--warm", str(seconds), str(path), *([str(os.getpid())] if lingers else [])] if path else []
        with open_private(slot.folder / OUTPUT) as output, slot.lock as lock:
            process = subprocess.Popen(
                [str(dbt.python), str(WORKER), *warmth],
                cwd=settings.project,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
        identity = identify_process(process.pid)
        if identity is None or process.stdin is None:
            raise ToolError(
                f"{dbt.python} ended at once",
                where=settings.where,
                hint=f"its output: {slot.folder / OUTPUT}",
            )
        worker = Worker(key, slot.folder, identity, process.stdin)
        worker.process = process
        if path is not None:
            digest = warm.digest(key, environ)
            worker.note = warm.Note(
                process=identity,
                key=digest,
                socket=str(path),
                seconds=seconds,
                used_at=time.time(),
                lingers=lingers,
            )
            worker.claim = warm.claim(slot.folder)
        self._workers.append(worker)
        return worker

    def close(self, patience: float = 5.0) -> None:
        """Let all go. An idle one ends now and is waited for; a busy one finishes what it was told (nobody cancelled it)."""
        for worker in self._workers:
            worker.dismiss(for_good=worker.idle and worker.note is not None and worker.note.lingers)
        deadline = time.monotonic() + patience
        for worker in self._workers:
            if worker.events is None:
                worker.wait(max(0.0, deadline - time.monotonic()))
        self._workers = [worker for worker in self._workers if worker.alive and worker.note is None]
