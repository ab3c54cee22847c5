"""Runs steps of dbt nodes, one exact invocation each: by a warm worker, or by the executable where there is no interpreter.

What a step does is in its attempt's folder, never only in memory: another coordinator finds it there (`request.py`).
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from penstock.errors import ConfigError, ToolError
from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Handle,
    Intent,
    LogLine,
    RunContext,
    Step,
    StepEvent,
)
from penstock.system.boot import boot_id
from penstock_dbt.batches import remaining_of
from penstock_dbt.choose import choose
from penstock_dbt.config import DbtConfig
from penstock_dbt.executable_backend import ExecutableBackend
from penstock_dbt.fold import Death, Fold
from penstock_dbt.hiding import hide_written
from penstock_dbt.locate import Dbt
from penstock_dbt.options import DbtOptions, options_of
from penstock_dbt.packages import install_packages, packages_missing
from penstock_dbt.records import End, Record
from penstock_dbt.request import Folder, Request
from penstock_dbt.settings import Settings, settings_of
from penstock_dbt.tail import lines
from penstock_dbt.worker_backend import WorkerBackend

_INTERRUPT_GRACE = 20.0  # seconds for dbt to cancel its queries
_TERMINATE_GRACE = 5.0


class Reader(Protocol):
    """Lines to records. `ends_with_process`: the step is over when its process is gone, not before. `rest` comes when it is over."""

    ends_with_process: bool

    def read(self, line: bytes) -> list[Record]: ...
    def rest(self, at: float) -> list[Record]: ...


class DbtBackend(Protocol):
    """How dbt is called. All that is known of a call is in its folder; an object only remembers which children are its own."""

    name: str

    def start(
        self, settings: Settings, dbt: Dbt, request: Request, folder: Folder, options: DbtOptions
    ) -> None: ...
    def found(self, folder: Folder) -> bool: ...
    def external(self, folder: Folder) -> dict[str, object]: ...
    def source(self, folder: Folder) -> Path: ...
    def reader(self, folder: Folder) -> Reader: ...
    def living(self, folder: Folder) -> bool: ...
    def over(self, folder: Folder) -> bool: ...
    def last_words(self, folder: Folder) -> str | None: ...
    def signal(self, folder: Folder, number: signal.Signals) -> None: ...
    def texts(self, folder: Folder) -> tuple[Path, ...]: ...  # files that hold what dbt has said
    def workshops(self, folder: Folder) -> tuple[Path, ...]: ...  # folders that dbt fills and nobody removes
    def release(self, folder: Folder) -> int | None: ...
    def close(self) -> None: ...


class DbtRunner(BaseRunner):
    """See `penstock.integration.Runner`."""

    def __init__(self, context: RunContext[DbtConfig]) -> None:
        self._context = context
        self._backends: dict[str, DbtBackend] = {"worker": WorkerBackend(), "executable": ExecutableBackend()}
        self._starting = asyncio.Lock()
        self._dbt: Dbt | None = None

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        async with self._starting:
            known = await self.find(step, attempt, intent)
            return known if known is not None else await asyncio.to_thread(self._start, step, attempt)

    def _start(self, step: Step, attempt: AttemptKey) -> Handle:
        options = options_of(self._context.options, step.options)
        settings = settings_of(self._context, step.options)
        dbt = self._ready(settings)
        folder = self._folder(attempt)
        backend = self._backends["worker" if dbt.python is not None else "executable"]
        request = Request(
            items=step.items,
            backend=backend.name,
            dbt=str(dbt),
            hooks=_hooks(step, settings, backend),
            fail_fast=options.fail_fast,
            boot=boot_id(),
        )
        refuse_unknown(request, settings, ranges=dbt.python is not None)
        backend.start(settings, dbt, request, folder, options)
        return Handle(attempt=attempt, local=True, external=backend.external(folder))

    def _ready(self, settings: Settings) -> Dbt:
        """Once per run: whose dbt, its adapter, the project's packages."""
        if self._dbt is None:
            dbt = choose(settings, _silent)
            if settings.config.deps == "auto" and packages_missing(settings.project):
                install_packages(settings, dbt)
            self._dbt = dbt
        return self._dbt

    def _folder(self, attempt: AttemptKey) -> Folder:
        return Folder(self._context.folder(attempt))

    def _known(self, attempt: AttemptKey) -> tuple[Folder, Request, DbtBackend] | None:
        folder = self._folder(attempt)
        request = folder.request()
        return None if request is None else (folder, request, self._backends[request.backend])

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        known = self._known(attempt)
        if known is None:
            return None
        folder, _, backend = known
        if not await asyncio.to_thread(backend.found, folder):
            return None
        return Handle(attempt=attempt, local=True, external=backend.external(folder))

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        known = self._known(handle.attempt)
        if known is None:
            raise ToolError(f"nothing is known of {handle.attempt}", where=f"dbt/{self._context.instance}")
        folder, request, backend = known
        yield LogLine(at=time.time(), message=f"with {request.dbt}")
        fold, reader = (
            Fold(
                request.items,
                folder.cancelled_at,
                fail_fast=request.fail_fast,
                all_written=request.boot == boot_id(),
            ),
            backend.reader(folder),
        )
        end: End | None = None
        async with aclosing(lines(backend.source(folder), lambda: backend.living(folder))) as written:
            async for line in written:
                for record in reader.read(line):
                    if isinstance(record, End) and (end is None or not end.text):
                        end = record
                    for event in fold.feed(record):
                        yield event
                if end is not None and not reader.ends_with_process:
                    break
        places = backend.texts(folder), backend.workshops(folder), folder.asked_at()
        await asyncio.to_thread(hide_written, self._context.secrets, *places)
        code = await asyncio.to_thread(backend.release, folder)
        at = end.at if end is not None else time.time()
        for record in reader.rest(at):
            for event in fold.feed(record):
                yield event
        died = _death(code, backend.last_words(folder))
        for event in fold.finish(end, at=at, died=died):
            yield event

    async def cancel(self, handle: Handle) -> None:
        known = self._known(handle.attempt)
        if known is None or known[2].over(known[0]):
            return
        known[0].mark_cancelled()
        await asyncio.to_thread(_stop, known[2], known[0])

    async def close(self, *, detach: bool) -> None:
        if detach:
            return  # its children go on
        for backend in self._backends.values():
            await asyncio.to_thread(backend.close)


def _hooks(step: Step, settings: Settings, backend: DbtBackend) -> tuple[bool, bool]:
    if settings.config.hooks != "first_last":
        return True, True
    if backend.name != "worker":
        raise ConfigError(
            "`hooks: first_last` needs a dbt that runs in Python, which this one does not",
            where=settings.where,
            hint="set `hooks: each`, or `auto`, which does not split the project",
        )
    return step.first, step.last


def refuse_unknown(request: Request, settings: Settings, *, ranges: bool) -> None:
    """A microbatch model that was made in part is never made without its failed ranges: dbt would make the newest ones alone.

    `ranges`: this dbt can be told them. Likewise one that is made anew while others are added to. Raises ConfigError.
    """
    anew = next((item.id.rpartition(".")[2] for item in request.items if item.anew), None)
    if anew is not None and not ranges:
        raise ConfigError(
            f"{anew} is to be made anew (on_code_change), and only a dbt that runs in Python makes one model so among others",
            where=settings.where,
            hint=f"penstock run --full-refresh -s {anew}",
        )
    for unique_id, left in remaining_of(request.items).items():
        if ranges and left.failed:
            continue
        name = unique_id.rpartition(".")[2]
        told = f"from {left.failed[0][0]} to {left.failed[-1][1]}" if left.failed else ", ".join(left.names)
        raise ConfigError(
            f"some batches of {name} failed ({told}), and only a dbt that runs in Python can be told to make exactly those",
            where=settings.where,
            hint=f"make the range anew: penstock build -s {name}+ --event-time-start ... --event-time-end ...",
        )


def _stop(backend: DbtBackend, folder: Folder) -> None:
    """SIGINT is what dbt understands: it cancels its queries. Only then the hard ways."""
    hardness = (
        (signal.SIGINT, _INTERRUPT_GRACE),
        (signal.SIGTERM, _TERMINATE_GRACE),
        (signal.SIGKILL, _TERMINATE_GRACE),
    )
    for number, grace in hardness:
        backend.signal(folder, number)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline:
            if backend.over(folder) or not backend.living(folder):
                return
            time.sleep(0.05)


def _death(code: int | None, said: str | None) -> Death:
    """`code` is that of a child of ours; `said` what it printed last. dbt ends with 2 before any log when it is called wrongly."""
    if code is None:
        return Death(Death().words + (f" ({said})" if said else ""))
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    words = f"dbt ended without reporting: its process {how}" + (f" ({said})" if said and code > 0 else "")
    return Death(words, hopeless=code == 2)


def _silent(line: str) -> None:
    """A run has no one line to show: its events tell."""
