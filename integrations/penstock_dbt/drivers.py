"""The warm drivers of one run: one process per thing that changes the outcome, reused while idle. Starting and ending of them."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from pathlib import Path
from typing import IO, Any

import msgspec

from penstock.errors import ToolError
from penstock_dbt.invoke import DRIVER
from penstock_dbt.locate import Dbt
from penstock_dbt.process import ProcessId, identify_process
from penstock_dbt.settings import Settings

# A driver that has grown beyond this is ended after its command: a parse of a large project leaves much behind.
OUTPUT = "driver.out"
_RECYCLE_AT_BYTES = 2_000_000_000


class Slot:
    """A target folder that one driver at a time writes into. The lock lives in the driver itself: it ends with it, however it ends."""

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        self.folder = folder
        self.lock = lock

    @classmethod
    def take(cls, settings: Settings) -> Slot:
        number = 0
        while True:
            folder = settings.folder / f"driver-{number}"
            folder.mkdir(parents=True, exist_ok=True)
            lock = (folder / "lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return cls(folder, lock)
            except BlockingIOError:
                lock.close()
                number += 1


class Driver:
    """A living driver process of ours."""

    def __init__(
        self, key: tuple[str, ...], slot: Slot, process: subprocess.Popen[bytes], identity: ProcessId
    ) -> None:
        self.key = key
        self.folder = slot.folder
        self.output = slot.folder / OUTPUT
        self.process = process
        self.identity = identity
        self.events: Path | None = None
        self.files: str | None = None

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def idle(self) -> bool:
        return self.events is None and self.process.stdin is not None and not self.process.stdin.closed

    def tell(self, command: dict[str, Any], events: Path) -> None:
        assert self.process.stdin is not None
        self.events = events
        try:
            self.process.stdin.write(msgspec.json.encode(command) + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it died: whoever follows its events sees that

    def done(self, *, again: bool) -> None:
        """Its command is over. One that was interrupted may have threads of dbt left in it: it is not used `again`."""
        self.events = None
        if not again:
            self.dismiss()

    def grown(self) -> bool:
        try:
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            return False
        return pages * os.sysconf("SC_PAGE_SIZE") > _RECYCLE_AT_BYTES

    def dismiss(self) -> None:
        """Nothing more will be asked: it ends by itself, at once when idle, else after its command."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()


class Drivers:
    """All drivers of a run."""

    def __init__(self) -> None:
        self._drivers: list[Driver] = []

    def idle(self, key: tuple[str, ...]) -> Driver | None:
        """One that can be told something now. The dead and the grown are let go."""
        for driver in list(self._drivers):
            if not driver.alive or (driver.idle and driver.grown()):
                driver.dismiss()
                self._drivers.remove(driver)
        return next((driver for driver in self._drivers if driver.idle and driver.key == key), None)

    def by_pid(self, pid: int) -> Driver | None:
        return next((driver for driver in self._drivers if driver.process.pid == pid), None)

    def start(self, key: tuple[str, ...], settings: Settings, dbt: Dbt) -> Driver:
        slot = Slot.take(settings)
        with (slot.folder / OUTPUT).open("wb") as output, slot.lock as lock:
            process = subprocess.Popen(
                [str(dbt.python), str(DRIVER)],
                cwd=settings.project,
                env={**settings.environ, **dbt.overlay},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
        identity = identify_process(process.pid)
        if identity is None:
            raise ToolError(
                f"{dbt.python} ended at once",
                where=settings.where,
                hint=f"its output: {slot.folder / OUTPUT}",
            )
        driver = Driver(key, slot, process, identity)
        self._drivers.append(driver)
        return driver

    def close(self, patience: float = 5.0) -> None:
        """Let all go. An idle one ends now and is waited for; a busy one finishes what it was told (nobody cancelled it)."""
        for driver in self._drivers:
            driver.dismiss()
        deadline = time.monotonic() + patience
        for driver in self._drivers:
            if driver.events is None:
                try:
                    driver.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    driver.process.kill()
                    driver.process.wait()
        self._drivers = [driver for driver in self._drivers if driver.alive]
