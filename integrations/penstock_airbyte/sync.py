"""One sync from beginning to end, as a machine that can be entered at any point: what has happened stands in its folder.

prepare -> launch -> follow -> stage -> commit -> ended; each leaves a file behind, and is skipped when that is there.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

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
from penstock_airbyte.ended import Ended, read_ended, read_record, write_ended, write_record
from penstock_airbyte.job import Job
from penstock_airbyte.loading import Loading
from penstock_airbyte.lost import committed_before, committed_itself, unanswered
from penstock_airbyte.prepare import Preparation
from penstock_airbyte.records import BadRecord
from penstock_airbyte.tail import Tail, TextTail
from penstock_airbyte.turn import Cancelled, Turns
from penstock_airbyte.verdict import Verdict, undeclared, verdict_of, with_changes

JOB = "job.json"
_POLL = 0.1
_PROGRESS = 0.5
_WHAT_NEXT = (
    "penstock refresh discovers the source again; what is missing then is missing in the connector's schema"
)


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
        self._turns = Turns(lambda: context.hold(attempt, "commit"), self._phase, self._settings.busy_timeout)
        self._cancelling = self._turns.cancelling
        self._stopped = False
        self._redact = context.redact
        self._log_left = self._settings.max_log_mb << 20
        self._stderr = TextTail(self._folder / STDERR)
        self._began = time.time()

    async def run(self) -> None:
        ended = read_ended(self._folder)
        if ended is None:
            # Left by us (cancelled from outside), the connector goes on: what it still has to read stays.
            ended = await self._attempt_it()
            (self._folder / CONFIG).unlink(missing_ok=True)
            try:
                write_ended(self._folder, ended)
            except OSError:  # a full disk has room again without what was read
                await asyncio.to_thread(discard, self._folder)
                write_ended(self._folder, ended)
            if not ended.busy:
                await asyncio.to_thread(discard, self._folder)
        for event in ended.events:
            self._emit(event)

    async def cancel(self) -> None:
        """Stop the connector. What its last state confirms is committed still, if the warehouse is free."""
        self._stopped = self._stopped or self._child.alive()
        self._cancelling.set()
        await asyncio.to_thread(self._child.terminate, self._settings.stop_timeout)

    async def _attempt_it(self) -> Ended:
        try:
            preparation = Preparation(self._context, self._step)
            if not (self._folder / JOB).exists():
                done = await self._committed_before(preparation)
                if done is not None:
                    return done
            job = await self._job(preparation)
            loading = self._loading(preparation, job)
            await loading.resume()
            try:
                tail = await self._follow(preparation, job, loading)
                verdict = await self._keep(preparation, job, tail, loading)
            except BadRecord as error:
                # Only now it was read closely: what counts is what was said before it.
                await asyncio.to_thread(self._child.terminate, self._settings.stop_timeout)
                tail = await asyncio.to_thread(self._said_before, job, error)
                verdict = await self._keep(preparation, job, tail, loading)
            return self._ended(job, tail, verdict, loading)
        except Cancelled:
            return self._failed("cancelled", Outcome.CANCELLED, retryable=True)
        except (PenstockError, OSError) as error:
            await asyncio.to_thread(self._child.terminate, self._settings.stop_timeout)
            done = await asyncio.to_thread(
                committed_itself, self._context, self._step, str(self._attempt), self._folder
            )
            if done is None:
                return self._broken(error)
            self._log(_words(error), "warn")
            return done

    def _broken(self, error: PenstockError | OSError) -> Ended:
        return self._failed(
            _words(error),
            Outcome.ERROR,
            retryable=not isinstance(error, UsageError),
            busy=isinstance(error, WarehouseBusy),
        )

    # ------------------------------------------------------------ preparing

    async def _committed_before(self, preparation: Preparation) -> Ended | None:
        """What an earlier attempt has committed without knowing it: asked in a turn of its own, for which a held warehouse is waited for."""
        token = await asyncio.to_thread(unanswered, preparation, str(self._attempt))
        if token is None:
            return None
        return await self._turns.take(lambda: committed_before(preparation, self._step, token))

    async def _job(self, preparation: Preparation) -> Job:
        """The job as written down; made, and the connector launched, when that has not happened yet."""
        known = read_record(self._folder / JOB, Job)
        if known is not None and await asyncio.to_thread(self._child.launched):
            return known
        self._phase("preparing")
        progress = self._threadsafe(self._phase)
        connector = await self._turns.until_cancelled(asyncio.to_thread(preparation.connector, progress))
        streams = await self._turns.until_cancelled(
            asyncio.to_thread(preparation.streams, connector, progress)
        )
        state: dict[str, str] = {}
        if any(stream.mode.incremental for stream in streams):
            state = await self._turns.take(lambda: preparation.state(streams))
            for warning in preparation.warnings:
                self._log(warning, "warn")
        job = preparation.job(streams, state)
        await asyncio.to_thread(self._replace_earlier, job, preparation.pointer)
        write_record(self._folder / JOB, job)
        if self._cancelling.is_set():
            raise Cancelled
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
            if ended is not None and ended.busy and _same(read_record(earlier / JOB, Job), job):
                take_over(earlier, self._folder)
            else:
                discard(earlier)
        private_folder(pointer.parent)
        write_private(pointer, str(self._folder).encode())

    # ------------------------------------------------------------ following the connector

    async def _follow(self, preparation: Preparation, job: Job, loading: Loading) -> Tail:
        """Read what the connector writes until it has ended, and tell of it."""
        self._phase("reading")
        tail = Tail(self._folder / RAW, job.names(), longest=self._settings.max_record_mb << 20)
        ahead = Ahead(loading.ahead, preparation.destination.part)
        told: dict[str, int] = {}
        last = 0.0
        while True:
            alive = self._child.alive()  # before reading: what it wrote until it died is there afterwards
            if not alive:  # what it has started goes with it
                await asyncio.to_thread(self._child.terminate, self._settings.stop_timeout)
            written = self._stderr.size()  # as well: a secret that it has rotated by then is known afterwards
            more = await asyncio.to_thread(tail.advance)
            self._hide(preparation, tail)
            self._tell_logs(tail, 0 if more else written, ended=not alive)
            if time.monotonic() - last > _PROGRESS or not alive:
                last = time.monotonic()
                self._tell_progress(job, tail, told)
            if not alive and not more:
                await ahead.finish()
                tail.finish(whole=self._child.exit_code() == 0)
                self._hide(preparation, tail)
                self._tell_logs(tail, self._stderr.size(), ended=True)
                self._tell_progress(job, tail, told)
                return tail
            if tail.bad is not None and alive:
                await asyncio.to_thread(self._child.terminate, self._settings.stop_timeout)
            if loading.due(tail) and tail.bad is None and not self._cancelling.is_set():
                await ahead.finish()
                await loading.checkpoint(tail)
                self._phase("reading")
            ahead.offer(tail.end)
            if not more:
                await asyncio.sleep(_POLL)

    def _hide(self, preparation: Preparation, tail: Tail) -> None:
        """Know the secrets of a configuration that the connector has rotated, before the log lines that follow it are told."""
        if tail.config_update is not None:
            preparation.hide(tail.config_update)

    def _verdict(self, job: Job, tail: Tail) -> Verdict:
        return verdict_of(job, tail, self._child.exit_code(), self._stderr.last, self._stopped)

    def _said_before(self, job: Job, error: BadRecord) -> Tail:
        tail = Tail(self._folder / RAW, job.names(), until=error.at)
        while tail.advance():
            pass
        tail.bad = error.what
        return tail

    def _tell_logs(self, tail: Tail, written: int, *, ended: bool) -> None:
        """What was logged, and of stderr what stands before the byte `written`."""
        for line in tail.take_logs():
            self._said(line.text, line.level)
        while True:
            for text in self._stderr.take(written, ended=ended, skip=self._log_left <= 0):
                self._said(text, "info")
            if not (ended and self._stderr.more):
                break

    def _said(self, text: str, level: str) -> None:
        """One line of the connector's, while there is room for it; an error always."""
        left = self._log_left
        self._log_left -= len(text)
        if level == "error" or left > 0:
            self._log(text, level)
            if self._log_left <= 0 < left:
                kept = self._settings.max_log_mb
                self._log(
                    f"the connector's log is longer than {kept} MB (max_log_mb); the rest is not kept", "warn"
                )

    def _tell_progress(self, job: Job, tail: Tail, told: dict[str, int]) -> None:
        for stream in job.streams:
            rows = tail.rows.get(stream.item, 0)
            if rows or stream.item in tail.started:
                self._start_item(stream.item)
            if rows != told.get(stream.item, 0):
                told[stream.item] = rows
                self._tell_rows(stream.item, rows)

    # ------------------------------------------------------------ loading

    def _loading(self, preparation: Preparation, job: Job) -> Loading:
        return Loading(
            attempt=str(self._attempt),
            job=job,
            folder=self._folder,
            destination=preparation.destination,
            turns=self._turns,
            tell=lambda note: self._log(note, "warn"),
            every=self._settings.checkpoint_every,
            patience=self._settings.stop_timeout,
            memory_mb=self._settings.memory_mb,
        )

    async def _keep(self, preparation: Preparation, job: Job, tail: Tail, loading: Loading) -> Verdict:
        """Commit what the verdict allows. Cancelled, that is what a state confirms, and only if the warehouse is free."""
        verdict = self._verdict(job, tail)
        if tail.config_update is not None and verdict.outcome is not Outcome.CANCELLED:
            await asyncio.to_thread(preparation.keep_config, tail.config_update)
        try:
            await loading.finish(tail, success=verdict.complete, finished=verdict.finished)
        except WarehouseBusy:
            if verdict.outcome is not Outcome.CANCELLED:
                raise
        whole = [s.stream for s in job.streams if verdict.of(s, loaded=s.item in loading.loaded)[0].good]
        await asyncio.to_thread(preparation.keep_loaded, whole)
        return verdict

    # ------------------------------------------------------------ ending

    def _ended(self, job: Job, tail: Tail, verdict: Verdict, loading: Loading) -> Ended:
        events: list[StepEvent] = []
        for stream in job.streams:
            if stream.item not in self._items:
                continue
            self._start_item(stream.item)
            table = loading.loaded.get(stream.item)
            outcome, message = verdict.of(stream, loaded=table is not None)
            if table is not None and (others := undeclared(table)) is not None:
                self._log(f"{stream.name}: {others}; {_WHAT_NEXT}", "warn")
            events.append(
                ItemFinished(
                    at=time.time(),
                    item=stream.item,
                    outcome=outcome,
                    lost=Lost.UNDONE if verdict.killed and not outcome.good else None,
                    message=with_changes(message and self._redact(message), table),
                    rows=table.rows_read if table else None,
                    facts=_facts(table, tail.rows.get(stream.item, 0)),
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
                rows=sum(table.rows_read for table in loading.loaded.values()),
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


def _words(error: PenstockError | OSError) -> str:
    if isinstance(error, OSError):
        where, text = error.filename, error.strerror or str(error)
    else:
        where, text = error.where, f"{error.what}\n  {error.hint}" if error.hint else error.what
    return f"{where}: {text}" if where else text


def _facts(table: LoadedTable | None, emitted: int) -> dict[str, str | int | float | bool | None]:
    if table is None:
        return {}
    others = {"undeclared": json.dumps(table.undeclared, sort_keys=True)} if table.undeclared else {}
    return {"rows_total": table.rows_total, "emitted": emitted, "rows_changed": table.rows_changed, **others}


def _same(earlier: Job | None, job: Job) -> bool:
    return earlier is not None and msgspec.structs.replace(earlier, sync_id=job.sync_id) == job
