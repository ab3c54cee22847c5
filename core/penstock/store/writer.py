"""The one writer: whatever is pending becomes one transaction (group commit), and each caller waits for its own commit.

It runs in a thread of its own, so that neither the event loop nor a reader ever waits for a disk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from penstock.errors import StoreError
from penstock.store import leases, schema
from penstock.store.database import Database, disconnected, locked, translated
from penstock.store.fast import Statements
from penstock.store.fold import KINDS, Delta, text, unknown_kind
from penstock.store.keys import KEYS
from penstock.store.listening import TELLING
from penstock.store.records import LeaseRecord, NewEvent

_PATIENCE = 60.0


class Claimant:
    """What the writer must know of a session: its run, its fence, and the number of its last committed event."""

    __slots__ = ("broken", "environment", "fence", "lost", "run", "seconds", "seq")

    def __init__(self, run: str, environment: str, fence: int, seq: int, seconds: float) -> None:
        self.run = run
        self.environment = environment
        self.fence = fence
        self.seq = seq
        self.seconds = seconds
        self.lost = False
        self.broken: StoreError | None = None


class Submission:
    """What one caller wants committed, all or nothing: events, and leases to take or give back."""

    __slots__ = (
        "claim",
        "durable",
        "events",
        "future",
        "goodbye",
        "release",
        "release_all",
        "renew",
        "session",
        "step",
    )

    def __init__(
        self,
        session: Claimant,
        events: Sequence[NewEvent] = (),
        *,
        durable: bool = False,
        claim: Sequence[str] = (),
        step: str = "",
        release: Sequence[str] = (),
        release_all: bool = False,
        renew: bool = False,
        goodbye: bool = False,
    ) -> None:
        self.session = session
        self.events = events
        self.durable = durable
        self.claim = claim
        self.step = step
        self.release = release
        self.release_all = release_all
        self.renew = renew
        self.goodbye = goodbye
        self.future: asyncio.Future[tuple[LeaseRecord, ...]]


_Result = tuple[LeaseRecord, ...] | StoreError


class Writer:
    """Batches submissions of every session of this process. Bound to the event loop that first submits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="penstock-store")
        self._connection: Connection | None = None
        self._statements = Statements()
        self._durable = False
        self._pending: list[Submission] = []
        self._draining: asyncio.Task[None] | None = None

    def submit(self, submission: Submission) -> asyncio.Future[tuple[LeaseRecord, ...]]:
        """The future is done when it is committed; its result is who stands in the way of the claim (then nothing was)."""
        loop = asyncio.get_running_loop()
        submission.future = loop.create_future()
        # Refused here, it stops nothing else: found in the batch, it would take the batch with it.
        for event in submission.events:
            if event.kind not in KINDS:
                raise unknown_kind(event.kind)
        self._pending.append(submission)
        if self._draining is None:
            self._draining = loop.create_task(self._drain())
        return submission.future

    @property
    def busy(self) -> bool:
        return self._draining is not None

    async def flush(self) -> None:
        """Wait until everything submitted so far is committed or refused."""
        while self._draining is not None:
            await asyncio.shield(self._draining)

    def close(self) -> None:
        self._thread.submit(self._disconnect).result()
        self._thread.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                try:
                    results: list[_Result] = await loop.run_in_executor(self._thread, self._write, batch)
                except StoreError as error:
                    results = [error] * len(batch)
                    for submission in batch:
                        submission.session.broken = error
                _resolve(batch, results)
        finally:
            self._draining = None

    # ------------------------------------------------------------ in the writer's thread

    def _write(self, batch: list[Submission]) -> list[_Result]:
        deadline = time.monotonic() + _PATIENCE
        unsure = False
        while True:
            try:
                return self._transaction(batch, unsure)
            except DBAPIError as error:
                self._disconnect()
                if time.monotonic() > deadline or not (disconnected(error) or locked(error)):
                    raise translated(error, self._database.place) from error
                # The server went away, perhaps after it had committed: look before writing again.
                unsure = disconnected(error)
                time.sleep(0.2)

    def _transaction(self, batch: list[Submission], unsure: bool) -> list[_Result]:
        connection = self._connected()
        durable = any(submission.durable for submission in batch)
        if durable != self._durable:
            self._database.durable(connection, durable)
            self._durable = durable
        with connection.begin():
            if durable and not self._database.is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
            fences = leases.fences(self._database, connection, {entry.session.run for entry in batch})
            work = _Batch(self._database, connection, self._statements, fences)
            work.claims(batch)
            if unsure:
                for session in {submission.session for submission in batch}:
                    work.look(session)
            results = [work.take(submission) for submission in batch]
            work.flush()
        for session, seq in work.seqs.items():
            session.seq = seq
        return results

    def _connected(self) -> Connection:
        if self._connection is None:
            try:
                self._connection = self._database.writing_connection()
            except StoreError as error:
                if isinstance(error.__cause__, DBAPIError):
                    raise error.__cause__ from None
                raise
            self._durable = False
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with self._database.errors():
                connection.close()


class _Batch:
    """One transaction in the making."""

    def __init__(
        self, database: Database, connection: Connection, statements: Statements, fences: dict[str, int]
    ) -> None:
        self._database = database
        self._connection = connection
        self._statements = statements
        self._book: leases.Book | None = None
        self._fences = fences
        self._delta = Delta()
        self._events: list[dict[str, object]] = []
        self._released: list[dict[str, object]] = []
        self._present: set[tuple[object, ...]] = set()
        self.seqs: dict[Claimant, int] = {}

    def claims(self, batch: Sequence[Submission]) -> None:
        """Look up all leases that this batch wants to take, at once."""
        names = [name for submission in batch for name in submission.claim]
        if names:
            self._book = leases.Book(self._database, self._connection, names)

    def look(self, session: Claimant) -> None:
        """After a lost connection: which of the session's events had been committed after all."""
        event = schema.events.c
        query = select(event.seq, event.run_id, event.kind, event.step, event.attempt, event.item)
        for seq, *identity in self._connection.execute(
            query.where(event.run_id == session.run, event.seq > session.seq)
        ):
            self._present.add(tuple(identity))
            self.seqs[session] = max(seq, self.seqs.get(session, 0))

    def _done(self, submission: Submission) -> bool:
        if not self._present or not submission.events:
            return False
        first = submission.events[0]
        return (submission.session.run, first.kind, first.step, first.attempt, first.item) in self._present

    def take(self, submission: Submission) -> _Result:
        session = submission.session
        if session.lost or self._fences.get(session.run) != session.fence:
            session.lost = True
            return leases.LeaseLost(session.run)
        if session.broken is not None and submission.events:
            # What came before was not written: an item's end might be missing that a step's end speaks of.
            return session.broken
        if self._done(submission):
            return ()
        if submission.claim and self._book is not None:
            holders = self._book.claim(submission.claim, session.run, session.environment, submission.step)
            if holders:
                return holders
        self._append(session, submission.events)
        self._leases(submission)
        return ()

    def _append(self, session: Claimant, events: Sequence[NewEvent]) -> None:
        seq = self.seqs.get(session, session.seq)
        for event in events:
            seq += 1
            self._delta.fold(session.run, session.environment, event)
            self._events.append(event_row(session.run, session.environment, seq, event))
        self.seqs[session] = seq

    def _leases(self, submission: Submission) -> None:
        session = submission.session
        self._released += [{"key_run_id": session.run, "key_name": name} for name in submission.release]
        if submission.release_all:
            leases.release_all(self._connection, session.run)
        if submission.renew:
            leases.renew_run(self._database, self._connection, session.run, session.fence, session.seconds)
        if submission.goodbye:
            leases.give_back_run(self._connection, session.run, session.fence)

    def flush(self) -> None:
        connection, statements = self._connection, self._statements
        apply(connection, statements, self._delta)
        if self._events:
            give_positions(connection, self._events)
            statements.insert(connection, schema.events, self._events)
        if self._book is not None and self._book.taken:
            statements.insert(connection, schema.leases, list(self._book.taken.values()))
        if self._released:
            statements.delete(connection, schema.leases, ("run_id", "name"), self._released)


def event_row(run: str, environment: str, seq: int, event: NewEvent) -> dict[str, object]:
    return {
        "run_id": run,
        "seq": seq,
        "at": event.at,
        "kind": event.kind,
        "environment": environment,
        "state": event.state,
        "step": event.step,
        "attempt": event.attempt,
        "item": event.item,
        "data": None if event.data is None else text(event.data),
        "position": None,
    }


def give_positions(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Give events their positions in the whole store. Locks the count until the commit: positions appear in their order."""
    telling = f", {TELLING}" if connection.dialect.name == "postgresql" else ""
    words = f"UPDATE event_count SET last = last + {len(rows)} WHERE id = 1 RETURNING last{telling}"
    last: int = connection.exec_driver_sql(words).one()[0]
    for position, row in enumerate(rows, last - len(rows) + 1):
        row["position"] = position


def apply(connection: Connection, statements: Statements, delta: Delta) -> None:
    """Write a delta: one statement per table and set of changed columns, each over all its rows."""
    tables = schema.metadata.tables
    for name, rows in delta.new.items():
        if rows:
            statements.insert(connection, tables[name], list(rows.values()))
    for name, changes in delta.changed.items():
        by_columns: dict[tuple[str, ...], list[dict[str, object]]] = {}
        keys = tuple(f"key_{column}" for column in KEYS[name])
        for key, values in changes.items():
            columns = tuple(values)
            values.update(zip(keys, key, strict=True))
            by_columns.setdefault(columns, []).append(values)
        for columns, updates in by_columns.items():
            statements.update(connection, tables[name], KEYS[name], columns, updates)
    for name, added in delta.added.items():
        statements.insert(connection, tables[name], added)


def _resolve(batch: list[Submission], results: list[_Result]) -> None:
    for submission, result in zip(batch, results, strict=True):
        if submission.future.done():
            continue
        if isinstance(result, StoreError):
            submission.future.set_exception(result)
            submission.future.exception()  # it reaches whoever waits; that nobody does is no error of its own
        else:
            submission.future.set_result(result)
