"""Rows of automation: schedules, ticks and daemons. Tick, decision and intent of a run are written in one transaction.

What is decided comes from the caller; here is only how it is kept, and that no two daemons keep it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row

from penstock.store import backlog, daemons, inbox, schema
from penstock.store.daemons import DaemonRow, Took
from penstock.store.database import Database
from penstock.store.fold import text as json_text
from penstock.store.inbox import Arrival, one_at_a_time
from penstock.store.listening import tell
from penstock.store.owner import surely_dead, this_process
from penstock.store.records import Owner

ALL = "*"
_SCHEDULES, _TICKS = schema.schedules, schema.ticks


class TickState(StrEnum):
    """WAITING: a run is to be made. RUNNING: a daemon is at it. The others are ends: NOTHING had nothing to do, FAILED made
    no run, MISSED and SKIPPED and COALESCED never started."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"
    NOTHING = "nothing"
    FAILED = "failed"
    MISSED = "missed"
    SKIPPED = "skipped"
    COALESCED = "coalesced"

    @property
    def open(self) -> bool:
        return self in (TickState.WAITING, TickState.RUNNING)


class ScheduleRow(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    fingerprint: str
    looked_until: float
    changed_at: float
    paused_at: float | None = None
    paused_by: str | None = None
    paused_why: str | None = None


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """`number`: how many ticks the row stands for, this being the newest. `run_key` is that of the run it makes."""

    schedule: str
    at: float
    state: TickState
    reason: str
    decided_at: float
    number: int = 1
    run_key: str | None = None
    run: str | None = None
    owner: Owner | None = None
    held_until: float | None = None
    ended_at: float | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision stands on, read in the transaction that will keep it. `now` is the store's clock; `open` are the ticks at
    work and of each schedule the oldest that wait; `arrived` are the events that nobody has looked at yet, oldest first."""

    now: float
    schedules: Mapping[str, ScheduleRow]
    open: Sequence[Tick]
    arrived: Sequence[Arrival] = ()


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """`schedules` are written over, `ticks` are added (or closed, when they are known), of `cancel` the runs are to stop;
    `handled` are events with what became of them. `before`: nothing was decided, for this daemon comes first."""

    schedules: tuple[ScheduleRow, ...] = ()
    ticks: tuple[Tick, ...] = ()
    cancel: tuple[Tick, ...] = ()
    handled: tuple[Arrival, ...] = ()
    before: DaemonRow | None = None


class AutomationStore:
    """Blocking; safe to use from several threads and processes."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def refuse_missing(self) -> None:
        """Raises StoreMissing when the file was taken away, and StoreReplaced when another is in its place."""
        self._database.refuse_missing()

    def now(self) -> float:
        with self._database.read() as connection:
            return self._database.now(connection)

    def decide(self, decide: Callable[[Known], Decided], *, identity: str = "", project: str = "") -> Decided:
        """Read, decide and write in one transaction. Of several daemons one at a time, and none that stands by."""
        self._database.refuse_missing()
        with self._database.write() as connection:
            self._alone(connection)
            if project and (first := self._before(connection, identity, project)) is not None:
                return Decided(before=first)
            known = Known(
                now=self._database.now(connection),
                schedules=self._schedules(connection),
                open=self._open(connection),
                arrived=inbox.unhandled(connection, self._environment),
            )
            decided = decide(known)
            for row in decided.schedules:
                self._put(connection, _SCHEDULES, {"name": row.name}, _schedule_values(row))
            for tick in decided.ticks:
                self._put(connection, _TICKS, _tick_key(tick), _tick_values(tick))
            for tick in decided.cancel:
                connection.execute(
                    update(schema.runs)
                    .where(
                        schema.runs.c.environment == self._environment,
                        schema.runs.c.run_key == tick.run_key,
                        schema.runs.c.ended_at.is_(None),
                    )
                    .values(wanted="cancel")
                )
            inbox.handled(connection, self._environment, decided.handled, known.now)
            return decided

    def claim(
        self,
        seconds: float,
        *,
        overlapping: Iterable[str] = (),
        working_on: Iterable[tuple[str, float]] = (),
        alone: Mapping[str, frozenset[str]] | None = None,
    ) -> list[Tick]:
        """The ticks that this process is to work on now: those that wait for their turn, and those whose daemon is gone.

        `overlapping` are schedules that may have several at a time; `working_on` what this process is at (schedule, at). `alone`: what
        the runs of each schedule must have to themselves (None: nothing); one that is not told of, since its tick has come only now,
        goes beside none that needs anything.
        """
        mine, several, known = this_process(), frozenset(overlapping), frozenset(working_on)
        taken: list[Tick] = []
        with self._database.write() as connection:
            self._alone(connection)
            now = self._database.now(connection)
            ticks = self._open(connection, backlog.AT_ONCE if several else 1)
            busy = {tick.schedule for tick in ticks if tick.state is TickState.RUNNING}
            told = (
                dict.fromkeys((tick.schedule for tick in ticks), frozenset[str]()) if alone is None else alone
            )
            everything = frozenset((ALL, *(need for needs in told.values() for need in needs)))
            in_use = frozenset[str]().union(*(told.get(name, everything) for name in busy))
            for tick in sorted(ticks, key=lambda one: one.at):
                if (tick.schedule, tick.at) in known:
                    continue
                if tick.state is TickState.RUNNING and not _abandoned(tick, now):
                    continue
                needs = told.get(tick.schedule, everything)
                if tick.state is TickState.WAITING and (tick.schedule in busy - several or needs & in_use):
                    continue
                busy.add(tick.schedule)
                in_use |= needs
                mended = msgspec.structs.replace(
                    tick, state=TickState.RUNNING, owner=mine, held_until=now + seconds
                )
                self._put(connection, _TICKS, _tick_key(tick), _tick_values(mended))
                taken.append(mended)
        return taken

    def hold(self, ticks: Iterable[Tick], seconds: float) -> None:
        """Say that this process is still at them; `seconds` 0 gives them back."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            for tick in ticks:
                self._update_held(connection, tick, held_until=now + seconds)

    def note_run(self, tick: Tick, run: str) -> None:
        with self._database.write() as connection:
            self._update_held(connection, tick, run_id=run)

    def end(self, tick: Tick, state: TickState, reason: str, run: str | None = None) -> None:
        """How it came out. Nothing is written when another daemon has taken the tick over."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            values = {"state": state.value, "reason": reason, "ended_at": now, "held_until": None}
            self._update_held(connection, tick, **values, **({"run_id": run} if run else {}))

    def schedules(self) -> dict[str, ScheduleRow]:
        with self._database.read() as connection:
            return self._schedules(connection)

    def ticks(self, *, schedule: str | None = None, limit: int = 20) -> list[Tick]:
        """Newest first."""
        with self._database.read() as connection:
            return self._ticks(connection, schedule=schedule, limit=limit)

    def ticks_at(self, times: Iterable[float]) -> list[Tick]:
        """Of all schedules, those of exactly these times."""
        query = select(_TICKS).where(_TICKS.c.environment == self._environment, _TICKS.c.at.in_(list(times)))
        with self._database.read() as connection:
            return [_tick(row) for row in connection.execute(query.order_by(_TICKS.c.schedule))]

    def open_ticks(self) -> list[Tick]:
        """All at work, and of each schedule the oldest that wait."""
        with self._database.read() as connection:
            return self._open(connection)

    def pause(self, name: str, by: str, why: str) -> None:
        """Of a schedule, or of all (`*`). A schedule that was never looked at is kept from its beginning."""
        with self._database.write() as connection:
            self._alone(connection)
            now = self._database.now(connection)
            values: dict[str, object] = {"paused_at": now, "paused_by": by, "paused_why": why}
            if name not in self._schedules(connection):
                values |= {"fingerprint": "", "looked_until": now, "changed_at": now}
            self._put(connection, _SCHEDULES, {"name": name}, values)
            tell(connection)

    def resume(self, name: str) -> bool:
        """Whether it was paused. What was due meanwhile is not made up for."""
        with self._database.write() as connection:
            found = connection.execute(
                update(_SCHEDULES)
                .where(
                    _SCHEDULES.c.environment == self._environment,
                    _SCHEDULES.c.name == name,
                    _SCHEDULES.c.paused_at.is_not(None),
                )
                .values(paused_at=None, paused_by=None, paused_why=None)
            )
            tell(connection)
            return found.rowcount > 0

    def beat(self, identity: str, saying: str, project: str = "", took: Took | None = None) -> None:
        """This daemon lives, what it does now, what it decides by, and how long that takes."""
        with self._database.write() as connection:
            self._alone(connection)
            daemons.beat(self._database, connection, self._environment, identity, saying, project, took)

    def leave(self, identity: str) -> None:
        with self._database.write() as connection:
            daemons.leave(connection, self._environment, identity)
            tell(connection)

    def daemons(self) -> list[DaemonRow]:
        """The one that came first, first."""
        with self._database.read() as connection:
            return daemons.daemons(connection, self._environment)

    def before(self, identity: str, project: str) -> DaemonRow | None:
        """The daemon for which this one stands by: it came first and decides by another project."""
        with self._database.read() as connection:
            return self._before(connection, identity, project)

    def _before(self, connection: Connection, identity: str, project: str) -> DaemonRow | None:
        found = daemons.daemons(connection, self._environment)
        return daemons.before(found, identity, project, self._database.now(connection))

    def _alone(self, connection: Connection) -> None:
        one_at_a_time(self._database, connection, self._environment)

    def _schedules(self, connection: Connection) -> dict[str, ScheduleRow]:
        rows = connection.execute(select(_SCHEDULES).where(_SCHEDULES.c.environment == self._environment))
        return {row.name: _schedule(row) for row in rows}

    def _open(self, connection: Connection, waiting: int = backlog.AT_ONCE) -> list[Tick]:
        return [_tick(row) for row in backlog.open_ticks(connection, self._environment, waiting)]

    def _ticks(
        self,
        connection: Connection,
        *,
        schedule: str | None = None,
        limit: int | None = None,
    ) -> list[Tick]:
        query = select(_TICKS).where(_TICKS.c.environment == self._environment)
        if schedule is not None:
            query = query.where(_TICKS.c.schedule == schedule)
        query = query.order_by(_TICKS.c.at.desc()).limit(limit)
        return [_tick(row) for row in connection.execute(query)]

    def _put(
        self, connection: Connection, table: Any, key: Mapping[str, object], values: Mapping[str, object]
    ) -> None:
        whole = {"environment": self._environment, **key}
        same = [table.c[name] == value for name, value in whole.items()]
        if connection.execute(update(table).where(*same).values(**values)).rowcount == 0:
            connection.execute(insert(table).values(**whole, **values))

    def _update_held(self, connection: Connection, tick: Tick, **values: object) -> None:
        connection.execute(
            update(_TICKS)
            .where(
                _TICKS.c.environment == self._environment,
                _TICKS.c.schedule == tick.schedule,
                _TICKS.c.at == tick.at,
                _TICKS.c.state == TickState.RUNNING.value,
                _TICKS.c.owner == json_text(this_process()),
            )
            .values(**values)
        )


def _abandoned(tick: Tick, now: float) -> bool:
    """Its daemon has not been heard of for too long, has given it back, or is known to be dead."""
    return (tick.held_until or 0.0) <= now or (tick.owner is not None and surely_dead(tick.owner))


def _tick_key(tick: Tick) -> dict[str, object]:
    return {"schedule": tick.schedule, "at": tick.at}


def _tick_values(tick: Tick) -> dict[str, object]:
    return {
        "state": tick.state.value,
        "reason": tick.reason,
        "number": tick.number,
        "decided_at": tick.decided_at,
        "run_key": tick.run_key,
        "run_id": tick.run,
        "owner": json_text(tick.owner),
        "held_until": tick.held_until,
        "ended_at": tick.ended_at,
    }


def _schedule_values(row: ScheduleRow) -> dict[str, object]:
    """Without the pause: a person's word is not written over by a decision."""
    return {
        "fingerprint": row.fingerprint,
        "looked_until": row.looked_until,
        "changed_at": row.changed_at,
    }


def _schedule(row: Row[object]) -> ScheduleRow:
    return ScheduleRow(
        name=row.name,
        fingerprint=row.fingerprint,
        looked_until=row.looked_until,
        changed_at=row.changed_at,
        paused_at=row.paused_at,
        paused_by=row.paused_by,
        paused_why=row.paused_why,
    )


def _tick(row: Row[object]) -> Tick:
    return Tick(
        schedule=row.schedule,
        at=row.at,
        state=TickState(row.state),
        reason=row.reason,
        decided_at=row.decided_at,
        number=row.number,
        run_key=row.run_key,
        run=row.run_id,
        owner=msgspec.json.decode(row.owner, type=Owner) if row.owner else None,
        held_until=row.held_until,
        ended_at=row.ended_at,
    )
