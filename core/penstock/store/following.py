"""Who follows what happens, over all runs: events in the order of their commits, and how far each sink has come.

An event is handed out once it is committed, never before one of a lower position, and again when the sink failed to take it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import func, insert, select, update

from penstock.store import schema
from penstock.store.database import Database
from penstock.store.records import EventRecord
from penstock.store.rows import event_record
from penstock.store.schema_inbox import inbox

_EVENTS = schema.events
_CURSORS = schema.event_cursors


class EventSink(Protocol):
    """Something that follows the store: alerts, OpenLineage, a web page. `name` is that of its cursor."""

    name: str

    def take(self, events: Sequence[EventRecord]) -> None:
        """Take events, in order. Those of a call that raises come again: a sink knows them by (run, seq) or position."""
        ...


def after(database: Database, position: int, limit: int) -> list[EventRecord]:
    """The committed events above `position`, in order."""
    query = select(_EVENTS).where(_EVENTS.c.position > position).order_by(_EVENTS.c.position).limit(limit)
    with database.read() as connection:
        return [event_record(row) for row in connection.execute(query)]


def newest(database: Database) -> int:
    """The position of the newest committed event; 0 when there is none."""
    with database.read() as connection:
        return connection.execute(select(schema.event_count.c.last)).scalar() or 0


def cursor(database: Database, sink: str) -> int | None:
    """The position of the last event that the sink has taken; None for one that has never been fed."""
    with database.read() as connection:
        return connection.execute(select(_CURSORS.c.position).where(_CURSORS.c.sink == sink)).scalar()


def move(database: Database, sink: str, position: int) -> None:
    values = {"position": position, "moved_at": time.time()}
    with database.write() as connection:
        moved = connection.execute(update(_CURSORS).where(_CURSORS.c.sink == sink).values(**values))
        if moved.rowcount == 0:
            connection.execute(insert(_CURSORS).values(sink=sink, **values))


def feed(database: Database, sink: EventSink, *, limit: int) -> int:
    """Hand the sink what is new since it was last fed, at most `limit` events. Returns how many; 0: it has come to the end."""
    events = after(database, cursor(database, sink.name) or 0, limit)
    if not events:
        return 0
    sink.take(events)
    last = events[-1].position
    assert last is not None
    move(database, sink.name, last)
    return len(events)


def stamp(database: Database) -> object:
    """See `RunStore.stamp`."""
    if database.path is None:
        arrived = select(func.max(inbox.c.received_at)).scalar_subquery()
        with database.read() as connection:
            found = connection.execute(select(schema.event_count.c.last, arrived)).first()
        return tuple(found) if found is not None else None
    try:
        log = database.path.with_name(f"{database.path.name}-wal").stat()
    except OSError:
        return None
    return log.st_mtime_ns, log.st_size
