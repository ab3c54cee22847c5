"""Rows of alerts: incidents, and the outbox of messages about them. Incident and message are written in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, or_, select, text, update
from sqlalchemy.engine import Row

from penstock.store import schema, schema_people
from penstock.store.database import Database
from penstock.store.fold import text as json_text

_INCIDENTS, _OUTBOX = schema_people.incidents, schema_people.outbox


class IncidentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What people are told: `cause` is the name of the asset or schedule, `affected` what cannot go on, exposures first."""

    kind: str
    cause: str
    severity: str
    title: str
    why: str
    since: float
    affected: tuple[str, ...] = ()
    exposures: int = 0
    command: str = ""
    environment: str = ""
    project: str = ""
    channels: tuple[str, ...] = ()  # that were told


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """`cause` is its key. `quiet`: nobody was told, so nobody is told of its end."""

    id: str
    kind: str
    cause: str
    told: IncidentSummary
    opened_at: float
    told_at: float | None = None
    closed_at: float | None = None
    quiet: bool = False
    muted_until: float | None = None
    muted_by: str | None = None
    threads: dict[str, str] = {}


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message for one channel. `event`: opened, updated, closed, joined (part of another incident now), test, digest. `thread`: what the channel called its first message.
    `digest_at`: it waits until then, and goes out with all that wait for the same channel."""

    id: int = 0
    incident: str
    channel: str
    event: str
    told: IncidentSummary
    tries: int = 0
    thread: str | None = None
    trouble: str | None = None
    written_at: float = 0.0
    digest_at: float | None = None


class AlertsKnown(msgspec.Struct, frozen=True, kw_only=True):
    """`lately`: how often each (kind, cause) was opened within the last hour. `first`: nothing was ever looked at."""

    now: float
    open: Sequence[Incident]
    lately: Mapping[tuple[str, str], int]
    first: bool


class AlertsDecided(msgspec.Struct, frozen=True, kw_only=True):
    """`news`: those of the incidents that are more than the same in other words."""

    news: tuple[Incident, ...] = ()
    incidents: tuple[Incident, ...] = ()
    letters: tuple[Letter, ...] = ()


class AlertStore:
    """Blocking; safe to use from several threads and processes."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def reconcile(self, decide: Callable[[AlertsKnown], AlertsDecided]) -> AlertsDecided:
        """Read, decide and write in one transaction: of several daemons one at a time."""
        with self._database.write() as connection:
            if not self._database.is_sqlite:
                words = "SELECT pg_advisory_xact_lock(7369749, hashtext(:environment))"
                connection.execute(text(words), {"environment": self._environment})
            now = self._database.now(connection)
            decided = decide(self._known(connection, now))
            for incident in decided.incidents:
                self._put(connection, incident)
            for letter in decided.letters:
                self._write(connection, letter, now)
            return decided

    def _known(self, connection: Connection, now: float) -> AlertsKnown:
        table = _INCIDENTS.c
        mine = table.environment == self._environment
        found = connection.execute(select(_INCIDENTS).where(mine, table.closed_at.is_(None)))
        lately = connection.execute(
            select(table.kind, table.cause, func.count())
            .where(mine, table.opened_at > now - 3600)
            .group_by(table.kind, table.cause)
        )
        first = self._never_looked(connection, now)
        return AlertsKnown(
            now=now,
            open=[_incident(row) for row in found],
            lately={(kind, cause): number for kind, cause, number in lately},
            first=first,
        )

    def _never_looked(self, connection: Connection, now: float) -> bool:
        """True once: the cursor of alerts stands where somebody looked for the first time."""
        cursors, sink = schema.event_cursors, f"alerts:{self._environment}"
        if connection.execute(select(cursors.c.sink).where(cursors.c.sink == sink)).first() is not None:
            return False
        connection.execute(insert(cursors).values(sink=sink, position=0, moved_at=now))
        return True

    def _write(self, connection: Connection, letter: Letter, now: float) -> None:
        connection.execute(
            insert(_OUTBOX).values(
                environment=self._environment,
                incident=letter.incident,
                channel=letter.channel,
                event=letter.event,
                document=json_text(letter.told),
                written_at=now,
                due_at=now if letter.digest_at is None else letter.digest_at,
                digest_at=letter.digest_at,
                tries=0,
            )
        )

    def take(self, seconds: float, limit: int = 20) -> list[Letter]:
        """Letters that are due, at most so many for each channel, in the order in which they were written; nobody else gets them
        for so long. What is to be told after a letter that is not sent yet waits for it: a resolve before its trigger opens for ever."""
        if not self._is_due():
            return []
        with self._database.write() as connection:
            if not self._database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(7369750)"))
            now = self._database.now(connection)
            earlier = _OUTBOX.alias()
            held_up = (
                select(earlier.c.id)
                .where(
                    earlier.c.environment == _OUTBOX.c.environment,
                    earlier.c.incident == _OUTBOX.c.incident,
                    earlier.c.channel == _OUTBOX.c.channel,
                    earlier.c.id < _OUTBOX.c.id,
                    earlier.c.digest_at.is_(None),
                    earlier.c.due_at > now,
                )
                .exists()
            )
            query = (
                select(_OUTBOX, _INCIDENTS.c.threads)
                .join_from(
                    _OUTBOX,
                    _INCIDENTS,
                    (_INCIDENTS.c.environment == _OUTBOX.c.environment)
                    & (_INCIDENTS.c.id == _OUTBOX.c.incident),
                    isouter=True,
                )
                .where(_OUTBOX.c.environment == self._environment, _OUTBOX.c.due_at <= now)
                .where(or_(_OUTBOX.c.digest_at.is_not(None), ~held_up))
                .order_by(_OUTBOX.c.id)
            )
            letters = _few_of_each([_letter(row) for row in connection.execute(query)], limit)
            ids = [letter.id for letter in letters]
            connection.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(ids)).values(due_at=now + seconds))
            return letters

    def _is_due(self) -> bool:
        """Asked every few seconds: it writes nothing."""
        with self._database.read() as connection:
            due = _OUTBOX.c.due_at <= self._database.now(connection)
            mine = select(_OUTBOX.c.id).where(_OUTBOX.c.environment == self._environment, due)
            return connection.execute(mine.limit(1)).first() is not None

    def next_due(self) -> float:
        """Seconds until a letter is due; infinite when none is to come."""
        due = select(func.min(_OUTBOX.c.due_at)).where(_OUTBOX.c.environment == self._environment)
        with self._database.read() as connection:
            found = connection.execute(due).scalar()
            return inf if found is None else max(0.0, found - self._database.now(connection))

    def put_back(self, letter: Letter, seconds: float = 0.0) -> None:
        """It was taken and not tried; it is due after so many seconds."""
        with self._database.write() as connection:
            values = {"due_at": self._database.now(connection) + seconds}
            connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == letter.id).values(**values))

    def sent(self, letter: Letter, thread: str | None) -> None:
        with self._database.write() as connection:
            now = self._database.now(connection)
            values = {"sent_at": now, "due_at": None, "trouble": None, "tries": letter.tries + 1}
            connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == letter.id).values(**values))
            if thread is not None and thread != letter.thread:
                where = (
                    _INCIDENTS.c.environment == self._environment,
                    _INCIDENTS.c.id == letter.incident,
                )
                kept = connection.execute(select(_INCIDENTS.c.threads).where(*where)).scalar()
                threads = {**_threads(kept), letter.channel: thread}
                connection.execute(update(_INCIDENTS).where(*where).values(threads=json_text(threads)))

    def unsent(self, letter: Letter, trouble: str, again_in: float | None) -> None:
        """It could not be sent: tried again after so many seconds, or (None) given up."""
        with self._database.write() as connection:
            due = None if again_in is None else self._database.now(connection) + again_in
            values = {"due_at": due, "trouble": trouble, "tries": letter.tries + 1}
            connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == letter.id).values(**values))

    def waiting(self) -> list[Letter]:
        """Letters that are not sent: still due, or given up."""
        query = select(_OUTBOX).where(_OUTBOX.c.environment == self._environment, _OUTBOX.c.sent_at.is_(None))
        with self._database.read() as connection:
            return [_letter(row) for row in connection.execute(query.order_by(_OUTBOX.c.id))]

    def incidents(self, *, limit: int = 20, open_only: bool = False) -> list[Incident]:
        """Open ones first, then the newest. Those of which nobody was told are among them."""
        table = _INCIDENTS.c
        query = select(_INCIDENTS).where(table.environment == self._environment)
        if open_only:
            query = query.where(table.closed_at.is_(None))
        order = (table.closed_at.is_not(None), table.opened_at.desc())
        with self._database.read() as connection:
            return [_incident(row) for row in connection.execute(query.order_by(*order).limit(limit))]

    def mute(self, incident: str, by: str, until: float) -> bool:
        """Whether there is such an open incident, by its id or the end of it."""
        table = _INCIDENTS.c
        with self._database.write() as connection:
            done = connection.execute(
                update(_INCIDENTS)
                .where(
                    table.environment == self._environment,
                    table.closed_at.is_(None),
                    or_(table.id == incident, table.id.endswith(incident, autoescape=True)),
                )
                .values(muted_until=until, muted_by=by)
            )
            return done.rowcount > 0

    def _put(self, connection: Connection, incident: Incident) -> None:
        """Without mute and threads: those are others' words."""
        values = {
            "kind": incident.kind,
            "cause": incident.cause,
            "document": json_text(incident.told),
            "opened_at": incident.opened_at,
            "told_at": incident.told_at,
            "closed_at": incident.closed_at,
            "quiet": incident.quiet,
        }
        table = _INCIDENTS.c
        same = (table.environment == self._environment, table.id == incident.id)
        if connection.execute(update(_INCIDENTS).where(*same).values(**values)).rowcount == 0:
            whole = {"environment": self._environment, "id": incident.id, **values}
            connection.execute(insert(_INCIDENTS).values(**whole))


def _few_of_each(letters: Sequence[Letter], limit: int) -> list[Letter]:
    """A channel that is away keeps back no other one's; a digest is whole."""
    counts: Counter[str] = Counter()
    found = []
    for letter in letters:
        counts[letter.channel] += letter.digest_at is None
        if letter.digest_at is not None or counts[letter.channel] <= limit:
            found.append(letter)
    return found


def _threads(kept: str | None) -> dict[str, str]:
    return msgspec.json.decode(kept, type=dict[str, str]) if kept else {}


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        kind=row.kind,
        cause=row.cause,
        told=msgspec.json.decode(row.document, type=IncidentSummary),
        opened_at=row.opened_at,
        told_at=row.told_at,
        closed_at=row.closed_at,
        quiet=row.quiet,
        muted_until=row.muted_until,
        muted_by=row.muted_by,
        threads=_threads(row.threads),
    )


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=row.id,
        incident=row.incident,
        channel=row.channel,
        event=row.event,
        told=msgspec.json.decode(row.document, type=IncidentSummary),
        tries=row.tries,
        thread=_threads(getattr(row, "threads", None)).get(row.channel),
        trouble=row.trouble,
        written_at=row.written_at,
        digest_at=row.digest_at,
    )
