"""Runs steps of dbt nodes: one exact invocation each, by a warm driver, or by the executable where there is no interpreter.

What a step does is in its attempt's folder, never only in memory: another coordinator finds it there (`request.py`).
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from penstock.errors import ToolError
from penstock.integration import AttemptKey, Handle, RunContext, Step, StepEvent
from penstock_dbt.choose import choose
from penstock_dbt.drivers import Driver, Drivers
from penstock_dbt.flags import option_flags, partial_parse_flags, project_flags, quiet_flags
from penstock_dbt.fold import Fold
from penstock_dbt.locate import Dbt
from penstock_dbt.packages import install_packages, packages_missing
from penstock_dbt.process import ProcessId, alive, send, wait_gone
from penstock_dbt.records import End, read_record
from penstock_dbt.request import Folder, Request, Started
from penstock_dbt.selecting import selection_flags
from penstock_dbt.settings import Settings, settings_of
from penstock_dbt.tail import lines

_INTERRUPT_GRACE = 20.0  # seconds for dbt to cancel its queries
_TERMINATE_GRACE = 5.0
_BEGIN_GRACE = 15.0  # for a living driver to take up what it was told


class DbtRunner:
    """See `penstock.integration.Runner`."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._drivers = Drivers()
        self._starting = asyncio.Lock()
        self._dbt: Dbt | None = None

    async def start(self, step: Step, attempt: AttemptKey) -> Handle:
        known = await self.find(step, attempt)
        if known is not None:
            return known
        async with self._starting:
            return await asyncio.to_thread(self._start, step, attempt)

    def _start(self, step: Step, attempt: AttemptKey) -> Handle:
        options = {**self._context.options, **step.options}
        settings = settings_of(self._context, step.options)
        dbt = self._ready(settings)
        folder = Folder(self._context.folder(attempt))
        if dbt.python is None:
            from penstock_dbt.executable import start

            return start(settings, dbt, step, attempt, folder, options)
        key = self._key(settings, dbt, options)
        driver = self._drivers.idle(key) or self._drivers.start(key, settings, dbt)
        command = self._command(settings, dbt, step, folder, driver, options)
        folder.write_request(Request(items=step.items, command=command, road="driver", dbt=str(dbt)))
        folder.write_started(Started(process=driver.identity))
        driver.tell(command, folder.events)
        return _handle(attempt, folder, driver.identity)

    def _ready(self, settings: Settings) -> Dbt:
        """Once per run: whose dbt, its adapter, the project's packages."""
        if self._dbt is None:
            dbt = choose(settings, _silent)
            if settings.config.deps == "auto" and packages_missing(settings.project):
                install_packages(settings, dbt)
            self._dbt = dbt
        return self._dbt

    @staticmethod
    def _key(settings: Settings, dbt: Dbt, options: dict[str, Any]) -> tuple[str, ...]:
        """Everything that changes what a parsed project is: a driver with another key would build something else."""
        parsing = [str(options.get(name)) for name in ("warn_error", "warn_error_options")]
        return (settings.key, *dbt.command, *parsing)

    def _command(
        self,
        settings: Settings,
        dbt: Dbt,
        step: Step,
        folder: Folder,
        driver: Driver,
        options: dict[str, Any],
    ) -> dict[str, Any]:
        project = project_flags(settings, driver.folder, driver.folder / "logs")
        saved = partial_parse_flags(settings, driver.folder, settings.folder / "parse")
        parsing = {name: options.get(name) for name in ("warn_error", "warn_error_options")}
        return {
            "events": str(folder.events),
            "log": str(folder.log),
            "parse": ["parse", *project, *saved, *quiet_flags(), "--no-write-json", *option_flags(parsing)],
            "argv": [
                "build",
                *selection_flags([item.id for item in step.items], folder.selection, dbt),
                *project,
                *quiet_flags(),
                "--no-write-json",
                *option_flags({"threads": settings.threads, **options}),
            ],
            "compiled": str(settings.folder / "compiled"),
            "spoils": bool(options.get("defer")),
        }

    async def find(self, step: Step, attempt: AttemptKey) -> Handle | None:
        folder = Folder(self._context.folder(attempt))
        started = folder.started()
        if started is None:
            return None
        deadline = time.monotonic() + _BEGIN_GRACE
        while not _begun(folder):
            if not self._living(started.process) and not _begun(folder):
                folder.forget_started()
                return None
            if time.monotonic() > deadline:
                raise ToolError(
                    f"the dbt process {started.process.pid} does not take up {attempt}",
                    where=f"dbt/{self._context.instance}",
                )
            await asyncio.sleep(0.05)
        return _handle(attempt, folder, started.process)

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        folder = Folder(self._context.folder(handle.attempt))
        request, started = folder.request(), folder.started()
        if request is None or started is None:
            raise ToolError(f"nothing is known of {handle.attempt}", where=f"dbt/{self._context.instance}")
        fold = Fold(request.items)
        end: End | None = None
        async with aclosing(lines(folder.events, lambda: self._living(started.process))) as written:
            async for line in written:
                record = read_record(line)
                if isinstance(record, End):
                    end = record
                    break
                if record is not None:
                    for event in fold.feed(record):
                        yield event
        driver = self._drivers.by_pid(started.process.pid)
        if driver is not None and driver.events == folder.events:
            driver.done()
        died = _how_it_died(driver)
        for event in fold.finish(
            end, signalled=folder.cancelled, died=died, at=end.at if end else time.time()
        ):
            yield event

    def _living(self, process: ProcessId) -> bool:
        driver = self._drivers.by_pid(process.pid)
        return driver.alive if driver is not None and driver.identity == process else alive(process)

    async def cancel(self, handle: Handle) -> None:
        folder = Folder(self._context.folder(handle.attempt))
        started = folder.started()
        if started is None or _ended(folder):
            return
        folder.mark_cancelled()
        await asyncio.to_thread(self._stop, started.process, folder)

    def _stop(self, process: ProcessId, folder: Folder) -> None:
        """SIGINT is what dbt understands: it cancels its queries. Only then the hard ways."""
        send(process, signal.SIGINT)
        deadline = time.monotonic() + _INTERRUPT_GRACE
        while self._living(process) and not _ended(folder):
            if time.monotonic() > deadline:
                send(process, signal.SIGTERM, group=True)
                if not wait_gone(process, _TERMINATE_GRACE):
                    send(process, signal.SIGKILL, group=True)
                    wait_gone(process, _TERMINATE_GRACE)
                return
            time.sleep(0.05)

    async def close(self) -> None:
        await asyncio.to_thread(self._drivers.close)


def _handle(attempt: AttemptKey, folder: Folder, process: ProcessId) -> Handle:
    external = {
        "pid": process.pid,
        "boot": process.boot,
        "started": process.started,
        "events": str(folder.events),
    }
    return Handle(attempt=attempt, external=external)


def _begun(folder: Folder) -> bool:
    return folder.events.exists() and folder.events.stat().st_size > 0


def _ended(folder: Folder) -> bool:
    if not folder.events.exists():
        return False
    last = folder.events.read_bytes().rstrip().rpartition(b"\n")[2]
    return isinstance(read_record(last), End)


def _how_it_died(driver: Driver | None) -> str:
    code = driver.process.poll() if driver is not None else None
    if code is None:
        return "dbt ended without reporting"
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"dbt ended without reporting: its process {how}"


def _silent(line: str) -> None:
    """A run has no one line to show: its events tell."""
