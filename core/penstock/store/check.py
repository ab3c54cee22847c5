"""Whether the store is sound: every run's state is what its events fold to, and nothing stands without its run."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, Table, select, text

from penstock.errors import StoreError
from penstock.store import schema
from penstock.store.database import Database
from penstock.store.fold import Delta, Row
from penstock.store.keys import KEYS
from penstock.store.records import ItemState, RunState
from penstock.store.rows import event_record

# What the plan gives an item; everything else in its row comes from events.
_FIRST_STATES = {"build": ItemState.PENDING, "reuse": ItemState.REUSED, "skip": ItemState.LEFT}
_FROM_EVENTS = (
    "step",
    "attempt",
    "started_at",
    "ended_at",
    "seconds",
    "rows",
    "size_bytes",
    "message",
    "cause",
    "provenance",
    "used_seconds",
    "used_bytes",
    "used_slots",
    "used_money",
    "used_currency",
)
_RUN_FROM_EVENTS = ("state", "started_at", "ended_at", "message", "counts")


class StoreFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the store that should not be. `subject` names the row."""

    run: str | None
    subject: str
    message: str


def check(database: Database, runs: list[str] | None = None) -> list[StoreFinding]:
    """Look at these runs, or all, and at the database file itself."""
    with database.read() as connection:
        found = list(_file(database, connection))
        query = select(schema.runs.c.id).order_by(schema.runs.c.number)
        for run in connection.execute(query).scalars().all() if runs is None else runs:
            found.extend(_run(connection, run))
        found.extend(_orphans(connection))
    return found


def rebuild(connection: Connection, run: str) -> tuple[Delta, Row]:
    """A run's state from its plan's rows and its events alone."""
    delta = Delta()
    run_row = connection.execute(select(schema.runs).where(schema.runs.c.id == run)).one()._asdict()
    first = {**run_row, **dict.fromkeys(_RUN_FROM_EVENTS), "state": RunState.QUEUED.value}
    delta.insert("runs", (run,), first)
    table = schema.run_items
    for row in connection.execute(select(table).where(table.c.run_id == run)):
        item = row._asdict()
        item.update(dict.fromkeys(_FROM_EVENTS))
        item["state"] = _FIRST_STATES[item["decision"]].value
        delta.insert("run_items", (run, item["item"]), item)
    events = schema.events
    for row in connection.execute(select(events).where(events.c.run_id == run).order_by(events.c.seq)):
        delta.fold(run, row.environment, event_record(row))
    return delta, run_row


_ONLY_ADDED = frozenset({"materializations", "check_results"})


def _run(connection: Connection, run: str) -> Iterator[StoreFinding]:
    try:
        delta, _row = rebuild(connection, run)
    except (StoreError, KeyError, msgspec.MsgspecError) as error:
        yield StoreFinding(run=run, subject="events", message=f"cannot be read: {error}")
        return
    for name in KEYS.keys() - _ONLY_ADDED:
        yield from _compare(connection, run, schema.metadata.tables[name], delta)
    for name in sorted(_ONLY_ADDED):
        yield from _compare_added(connection, run, schema.metadata.tables[name], delta)
    events = schema.events
    numbers = connection.execute(
        select(events.c.seq).where(events.c.run_id == run).order_by(events.c.seq)
    ).scalars()
    for expected, number in enumerate(numbers, 1):
        if number != expected:
            yield StoreFinding(run=run, subject=f"event {expected}", message="is missing")
            return


def _compare(connection: Connection, run: str, table: Table, delta: Delta) -> Iterator[StoreFinding]:
    """Rows of the store against rows that the events give."""
    owner = table.c.id if table.name == "runs" else table.c.run_id
    stored = {
        tuple(row[key] for key in KEYS[table.name]): row
        for row in (found._asdict() for found in connection.execute(select(table).where(owner == run)))
    }
    folded = delta.new.get(table.name, {})
    for key in {*stored, *folded, *delta.changed.get(table.name, {})}:
        subject = f"{table.name} {'/'.join(map(str, key[1:] or key))}"
        if key not in folded:
            yield StoreFinding(run=run, subject=subject, message="is in the store, but no event made it")
        elif key not in stored:
            yield StoreFinding(run=run, subject=subject, message="is missing")
        else:
            yield from _differences(run, subject, stored[key], folded[key])


def _compare_added(connection: Connection, run: str, table: Table, delta: Delta) -> Iterator[StoreFinding]:
    """Pruning takes old rows of these tables away while their run stays: only what is there must be right."""
    name = "asset" if table.name == "materializations" else "check_key"
    folded = {(row[name], row["step"], row["attempt"]): row for row in delta.added.get(table.name, ())}
    for found in connection.execute(select(table).where(table.c.run_id == run)):
        row = found._asdict()
        del row["id"]
        subject = f"{table.name} {row[name]}"
        told = folded.get((row[name], row["step"], row["attempt"]))
        if told is None:
            yield StoreFinding(run=run, subject=subject, message="is in the store, but no event made it")
        else:
            yield from _differences(run, subject, row, told)


def _differences(run: str, subject: str, stored: Row, folded: Row) -> Iterator[StoreFinding]:
    for column, value in stored.items():
        told: object = folded.get(column)
        if value != told:
            words = f"{column} is {value!r}, its events say {told!r}"
            yield StoreFinding(run=run, subject=subject, message=words)


def _orphans(connection: Connection) -> Iterator[StoreFinding]:
    known = select(schema.runs.c.id)
    for table in (
        schema.run_items,
        schema.steps,
        schema.attempts,
        schema.events,
        schema.leases,
        schema.plans,
    ):
        query = select(table.c.run_id).where(table.c.run_id.not_in(known)).distinct()
        for run in connection.execute(query).scalars():
            yield StoreFinding(run=run, subject=table.name, message="has rows of a run that does not exist")


def _file(database: Database, connection: Connection) -> Iterator[StoreFinding]:
    if database.is_sqlite:
        for (line,) in connection.execute(text("PRAGMA quick_check")):
            if line != "ok":
                yield StoreFinding(run=None, subject="file", message=line)
