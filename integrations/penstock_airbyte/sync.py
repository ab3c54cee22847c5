"""One sync from beginning to end, as a machine that can be entered at any point: what has happened stands in its folder.

prepare -> launch -> follow -> stage -> commit -> ended; each leaves a file behind, and is skipped when that is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from penstock.errors import PenstockError, UsageError, WarehouseBusy
from penstock.integration import (
    AttemptKey,
    Finished,
    ItemFinished,
    ItemProgress,
    ItemStarted,
    LoadedTable,
    LogLine,
    Lost,
    Outcome,
    Phase,
    RunContext,
    Step,
    StepEvent,
)
from penstock.system.files import private_folder, write_private
from penstock_airbyte.ahead import Ahead
from penstock_airbyte.child import CONFIG, RAW, STDERR, Child, discard, kill_orphan, take_over
from penstock_airbyte.config import AirbyteConfig
from penstock_airbyte.job import Job, load_of, load_so_far
from penstock_airbyte.prepare import Preparation
from penstock_airbyte.records import BadRecord
from penstock_airbyte.tail import Tail, TextTail
from penstock_airbyte.verdict import Verdict, verdict_of

T = TypeVar("T")
ENDED, JOB = "ended.json", "job.json"
_POLL = 0.1
_PROGRESS = 0.5
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 5.0


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended, as its last events; `busy` when all is ready but the warehouse was held by another process."""

    events: tuple[StepEvent, ...]
    busy: bool = False


class _Cancelled(Exception):
    """The user wants it stopped; nothing has been written."""


class Sync:
    """One attempt. `emit` takes its events; `run` ends with FINISHED, unless it is itself cancelled from outside."""

    def __init__(
        self,
        context: RunContext[AirbyteConfig],
        step: Step,
        attempt: AttemptKey,
        emit: Callable[[StepEvent], None],
    ) -> None:
        self._context = context
        self._step = step
        self._attempt = attempt
        self._emit = emit
        self._settings: AirbyteConfig = context.config
        self._folder: Path = context.folder(attempt).resolve()
        self._child = Child(self._folder)
        self._items = {item.id for item in step.items}
        self._seen: set[str] = set()
        self._cancelling = asyncio.Event()
        self._redact = context.redact
        self._stderr = TextTail(self._folder / STDERR)
        self._began = time.time()

    async def run(self) -> None:
        ended = read_ended(self._folder)
        if ended is None:
            # Left by us (cancelled from outside), the connector goes on: what it still has to read stays.
            ended = await self._attempt_it()
            (self._folder / CONFIG).unlink(missing_ok=True)
            write_ended(self._folder, ended)
            if not ended.busy:
                await asyncio.to_thread(discard, self._folder)
        for event in ended.events:
            self._emit(event)

    async def cancel(self) -> None:
        """Stop the connector; what is past it (staging, commit) goes on to its end."""
        self._cancelling.set()
        await asyncio.to_thread(self._child.terminate, self._settings.stop_timeout)

    async def _attempt_it(self) -> Ended:
        try:
            preparation = Preparation(self._context, self._step)
            job = await self._job(preparation)
            tail = await self._follow(preparation, job)
            verdict = self._verdict(job, tail)
            if verdict.outcome is Outcome.CANCELLED:
                raise _Cancelled
            if tail.config_update is not None:
                await asyncio.to_thread(preparation.keep_config, tail.config_update)
            try:
                loaded = await self._load(preparation, job, tail, verdict)
            except BadRecord as error:
                # Only now it was read closely: what counts is what was said before it.
                tail = await asyncio.to_thread(self._said_before, job, error)
                verdict = self._verdict(job, tail)
                loaded = await self._load(preparation, job, tail, verdict)
            return self._ended(job, tail, verdict, loaded)
        except _Cancelled:
            return self._failed("cancelled", Outcome.CANCELLED, retryable=True)
        except PenstockError as error:
            text = f"{error.what}\n  {error.hint}" if error.hint else error.what
            where = f"{error.where}: " if error.where else ""
            retryable = not isinstance(error, UsageError)
            busy = isinstance(error, WarehouseBusy)
            return self._failed(where + text, Outcome.ERROR, retryable=retryable, busy=busy)

    # ------------------------------------------------------------ preparing

    async def _job(self, preparation: Preparation) -> Job:
        """The job as written down; made, and the connector launched, when that has not happened yet."""
        known = _read(self._folder / JOB, Job)
        if known is not None and await asyncio.to_thread(self._child.launched):
            return known
        self._phase("preparing")
        progress = self._threadsafe(self._phase)
        connector = await self._until_cancelled(asyncio.to_thread(preparation.connector, progress))
        streams = await self._until_cancelled(asyncio.to_thread(preparation.streams, connector, progress))
        state: dict[str, str] = {}
        if any(stream.mode.incremental for stream in streams):
            state = await self._in_warehouse(lambda: preparation.state(streams))
        job = preparation.job(streams, state)
        await asyncio.to_thread(self._replace_earlier, job, preparation.pointer)
        _write(self._folder / JOB, job)
        if self._cancelling.is_set():
            raise _Cancelled
        if not (self._folder / "launched").exists() or not self._child.launched():
            await asyncio.to_thread(preparation.launch, self._child, connector, job, self._folder)
        return job

    def _replace_earlier(self, job: Job, pointer: Path) -> None:
        """This attempt is the connection's only one from now on. An earlier one that had all its rows, and found the
        warehouse held, hands them over; one that died leaves no connector behind."""
        earlier = Path(pointer.read_text()) if pointer.exists() else None
        if earlier is not None and earlier != self._folder and earlier.is_dir():
            kill_orphan(earlier, self._settings.stop_timeout)
            ended = read_ended(earlier)
            if ended is not None and ended.busy and _same(_read(earlier / JOB, Job), job):
                take_over(earlier, self._folder)
            else:
                discard(earlier)
        private_folder(pointer.parent)
        write_private(pointer, str(self._folder).encode())

    # ------------------------------------------------------------ following the connector

    async def _follow(self, preparation: Preparation, job: Job) -> Tail:
        """Read what the connector writes until it has ended, and tell of it."""
        self._phase("reading")
        tail = Tail(self._folder / RAW, job.names(), longest=self._settings.max_record_mb << 20)
        stage = preparation.destination.stage
        ahead = Ahead(lambda until: stage(load_so_far(job, self._folder, until)))
        told: dict[str, int] = {}
        last = 0.0
        while True:
            alive = self._child.alive()  # before reading: what it wrote until it died is there afterwards
            more = await asyncio.to_thread(tail.advance)
            if tail.config_update is not None:
                preparation.hide(tail.config_update)  # before the log lines that follow it are told
            self._tell_logs(tail, ended=not alive)
            if time.monotonic() - last > _PROGRESS or not alive:
                last = time.monotonic()
                self._tell_progress(job, tail, told)
            if not alive and not more:
                await ahead.finish()
                tail.finish(whole=self._child.exit_code() == 0)
                self._tell_logs(tail, ended=True)
                self._tell_progress(job, tail, told)
                return tail
            if tail.bad is not None and alive:
                await asyncio.to_thread(self._child.terminate, self._settings.stop_timeout)
            ahead.offer(tail.end)
            if not more:
                await asyncio.sleep(_POLL)

    def _verdict(self, job: Job, tail: Tail) -> Verdict:
        return verdict_of(job, tail, self._child.exit_code(), self._stderr.last, self._cancelling.is_set())

    def _said_before(self, job: Job, error: BadRecord) -> Tail:
        tail = Tail(self._folder / RAW, job.names(), until=error.at)
        while tail.advance():
            pass
        tail.bad = error.what
        return tail

    def _tell_logs(self, tail: Tail, *, ended: bool) -> None:
        for line in tail.take_logs():
            self._log(line.text, line.level)
        for text in self._stderr.take(ended=ended):
            self._log(text, "info")

    def _tell_progress(self, job: Job, tail: Tail, told: dict[str, int]) -> None:
        for stream in job.streams:
            rows = tail.rows.get(stream.item, 0)
            if rows or stream.item in tail.started:
                self._start_item(stream.item)
            if rows != told.get(stream.item, 0):
                told[stream.item] = rows
                self._tell_rows(stream.item, rows)

    # ------------------------------------------------------------ loading

    async def _load(
        self, preparation: Preparation, job: Job, tail: Tail, verdict: Verdict
    ) -> dict[str, LoadedTable]:
        """Stage outside the warehouse, then commit inside it; what was written, by relation."""
        # Recorded by its attempt alone is only what is whole: an attempt that is found there has succeeded.
        token = str(self._attempt) if verdict.complete else f"{self._attempt} in part"
        load = load_of(job, tail, self._folder, token, success=verdict.complete)
        if not load.tables:
            return {}
        self._phase("staging")
        staged = await asyncio.to_thread(preparation.destination.stage, load)
        if self._cancelling.is_set():
            raise _Cancelled
        done = await self._in_warehouse(staged.commit, "committing")
        for table in done:
            for note in table.notes:
                self._log(note, "warn")
        return {str(table.relation): table for table in done}

    async def _in_warehouse(self, action: Callable[[], T], phase: str | None = None) -> T:
        """Do it while the warehouse is ours; wait for another process that holds it, up to `busy_timeout`."""
        deadline = time.monotonic() + self._settings.busy_timeout
        pause = _FIRST_WAIT
        while True:
            try:
                async with AsyncExitStack() as stack:
                    hold = self._context.hold(self._attempt, "commit")
                    await self._until_cancelled(stack.enter_async_context(hold))
                    if phase is not None:
                        self._phase(phase)
                    return await _to_its_end(action)
            except WarehouseBusy as error:
                if time.monotonic() + pause > deadline:
                    raise
                self._phase(f"waiting: {error.what}")
            await self._until_cancelled(asyncio.sleep(pause))
            pause = min(_LONGEST_WAIT, pause * 1.6)

    async def _until_cancelled(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's result; _Cancelled as soon as somebody cancels. A thread behind it is left to end by itself."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._cancelling.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise _Cancelled
            return task.result()
        finally:
            stop.cancel()
            task.cancel()

    # ------------------------------------------------------------ ending

    def _ended(self, job: Job, tail: Tail, verdict: Verdict, loaded: dict[str, LoadedTable]) -> Ended:
        events: list[StepEvent] = []
        for stream in job.streams:
            if stream.item not in self._items:
                continue
            self._start_item(stream.item)
            table = loaded.get(str(stream.relation))
            outcome, message = verdict.of(stream, loaded=table is not None)
            events.append(
                ItemFinished(
                    at=time.time(),
                    item=stream.item,
                    outcome=outcome,
                    lost=Lost.UNDONE if verdict.killed and not outcome.good else None,
                    message=message and self._redact(message),
                    rows=table.rows_read if table else None,
                    facts={"rows_total": table.rows_total, "emitted": tail.rows.get(stream.item, 0)}
                    if table
                    else {},
                    seconds=time.time() - self._began,
                )
            )
        for item in sorted(self._items - {stream.item for stream in job.streams}):
            # Not one of its tables: the connection itself, planned before its streams were known.
            message = verdict.message and self._redact(verdict.message)
            events.append(ItemFinished(at=time.time(), item=item, outcome=verdict.outcome, message=message))
        events.append(
            Finished(
                at=time.time(),
                outcome=verdict.outcome,
                lost=Lost.UNDONE if verdict.killed else None,
                message=verdict.message and self._redact(verdict.message),
                retryable=verdict.retryable,
                rows=sum(table.rows_read for table in loaded.values()),
                seconds=time.time() - self._began,
            )
        )
        return Ended(events=tuple(events))

    def _failed(self, message: str, outcome: Outcome, *, retryable: bool, busy: bool = False) -> Ended:
        text = self._redact(message)
        items = tuple(
            ItemFinished(at=time.time(), item=item.id, outcome=outcome, message=text)
            for item in self._step.items
        )
        last = Finished(at=time.time(), outcome=outcome, message=text, retryable=retryable)
        return Ended(events=(*items, last), busy=busy)

    # ------------------------------------------------------------ events

    def _phase(self, message: str) -> None:
        self._emit(Phase(at=time.time(), message=message))

    def _log(self, text: str, level: str) -> None:
        self._emit(LogLine(at=time.time(), message=self._redact(text), level=level))

    def _start_item(self, item: str) -> None:
        if item in self._items and item not in self._seen:
            self._seen.add(item)
            self._emit(ItemStarted(at=time.time(), item=item))

    def _tell_rows(self, item: str, rows: int) -> None:
        if item in self._items:
            self._emit(ItemProgress(at=time.time(), item=item, rows=rows))

    def _threadsafe(self, tell: Callable[[str], None]) -> Callable[[str], None]:
        loop = asyncio.get_running_loop()

        def told(text: str) -> None:
            loop.call_soon_threadsafe(tell, text)

        return told


def read_ended(folder: Path) -> Ended | None:
    """How the attempt of that folder ended; None while it has not."""
    return _read(folder / ENDED, Ended)


def write_ended(folder: Path, ended: Ended) -> None:
    _write(folder / ENDED, ended)


def _same(earlier: Job | None, job: Job) -> bool:
    return earlier is not None and msgspec.structs.replace(earlier, sync_id=job.sync_id) == job


async def _to_its_end(action: Callable[[], T]) -> T:
    """Run it in a thread and wait for it even when cancelled: it would go on, and nobody would know how it ended."""
    task = asyncio.ensure_future(asyncio.to_thread(action))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with contextlib.suppress(PenstockError):
            await task
        raise


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None


def _write(path: Path, value: msgspec.Struct) -> None:
    write_private(path, msgspec.json.encode(value))
