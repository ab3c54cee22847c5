"""Runs in the store: making one with its plan, finding it by what a user types, reading it with everything below."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from zlib import compress, decompress

import msgspec
from sqlalchemy import Connection, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.assets import AssetKey
from penstock.errors import StoreError, UsageError
from penstock.store import leases, schema
from penstock.store.database import Database
from penstock.store.fast import Statements
from penstock.store.fold import text
from penstock.store.narrowed import Narrowed, conditions
from penstock.store.records import EventRecord, ItemRecord, NewEvent, RunDetail, RunRecord, RunState
from penstock.store.rows import (
    attempt_record,
    event_record,
    item_record,
    run_record,
    step_record,
    structure,
)
from penstock.store.schema_columns import beside
from penstock.store.writer import event_row, give_positions

_RUNS = schema.runs
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else
_COLUMNS = list(_RUNS.c)
_CHUNK = 400  # below every database's limit of bound parameters


class UnknownRun(UsageError):
    """No run answers to that name. `name` is what was asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no run '{name}' in the store", hint="list them: penstock runs")
        self.name = name


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    """What a run begins with. `document` is its plan, opaque to the store; `items` are the plan's rows."""

    environment: str
    selection: str
    command: str
    graph_hash: str
    document: bytes
    items: Sequence[ItemRecord]
    retry_of: str | None = None
    key: str | None = None
    flags: Mapping[str, str] = {}


def new_id(at: float) -> str:
    """Sorts by time, is unique across stores (tools are given it as their idempotency key), and ends in a word to type."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(5))
    return time.strftime("%Y%m%d-%H%M%S-", time.gmtime(at)) + tail


def create(database: Database, new: NewRun) -> RunRecord:
    """Record a run and its plan, in state QUEUED. A run `key` that exists already returns that run."""
    if new.key is not None and (known := by_key(database, new.environment, new.key)) is not None:
        return known
    at = time.time()
    identity = new_id(at)
    row = {
        "id": identity,
        "environment": new.environment,
        "state": RunState.QUEUED.value,
        "selection": new.selection,
        "command": new.command,
        "graph_hash": new.graph_hash,
        "created_at": at,
        "retry_of": new.retry_of,
        "run_key": new.key,
        "flags": text(dict(new.flags)) if new.flags else None,
    }
    try:
        with database.write() as connection:
            number: int = connection.execute(insert(_RUNS).returning(_RUNS.c.number), row).scalar_one()
            _write_plan(connection, new, identity, number, at)
    except StoreError as error:
        if isinstance(error.__cause__, IntegrityError) and new.key is not None:
            known = by_key(database, new.environment, new.key)
            if known is not None:
                return known
        raise
    return get(database, identity)


def _write_plan(connection: Connection, new: NewRun, run: str, number: int, at: float) -> None:
    connection.execute(
        insert(schema.plans).values(
            run_id=run, environment=new.environment, document=compress(new.document, 3)
        )
    )
    rows = [_item_row(item, run, number, position) for position, item in enumerate(new.items)]
    statements = Statements()
    if rows:
        statements.insert(connection, schema.run_items, rows)
    event = NewEvent("run.created", at, RunState.QUEUED.value)
    created = [event_row(run, new.environment, 1, event)]
    give_positions(connection, created)
    statements.insert(connection, schema.events, created)


def _item_row(item: ItemRecord, run: str, number: int, position: int) -> dict[str, object]:
    return {
        "run_id": run,
        "item": str(item.key),
        "environment": item.environment,
        "run_number": number,
        "position": position,
        "ref": str(item.ref),
        "kind": item.kind.value,
        "name": item.name,
        "resource_type": item.resource_type,
        "decision": item.decision,
        "reason": item.reason,
        "code": item.code,
        "unit": item.unit,
        "severity": item.severity.value,
        "relation": text(item.relation),
        "state": item.state.value,
        "window_start": item.window.start if item.window else None,
        "window_end": item.window.end if item.window else None,
    }


def document(database: Database, run: str) -> bytes:
    """The plan that the run was made with."""
    with database.read() as connection:
        query = select(schema.plans.c.document).where(schema.plans.c.run_id == run)
        found: bytes | None = connection.execute(query).scalar()
    if found is None:
        raise UnknownRun(run)
    return decompress(found)


def find(database: Database, name: str | None = None) -> RunRecord:
    """The run that a user means: its number, its id, the end of its id; None or `latest` is the newest."""
    query = select(*_COLUMNS).order_by(_RUNS.c.number.desc()).limit(1)
    if name not in (None, "latest"):
        assert name is not None
        if name.isdecimal() and len(name) < 8:
            query = query.where(_RUNS.c.number == int(name))
        else:
            query = query.where((_RUNS.c.id == name) | _RUNS.c.id.endswith("-" + name, autoescape=True))
    found = _records(database, query)
    if not found:
        raise UnknownRun(name or "latest")
    return found[0]


def get(database: Database, run: str) -> RunRecord:
    found = _records(database, select(*_COLUMNS).where(_RUNS.c.id == run))
    if not found:
        raise UnknownRun(run)
    return found[0]


def listed(
    database: Database,
    limit: int | None,
    environment: str | None,
    states: Sequence[str],
    before: int | None = None,
    wanted: Narrowed | None = None,
    numbers: Sequence[int] | None = None,
) -> list[RunRecord]:
    """Newest first; with `before` only those of lower numbers, with `numbers` only these."""
    query = select(*_COLUMNS).order_by(_RUNS.c.number.desc())
    if before is not None:
        query = query.where(_RUNS.c.number < before)
    if environment is not None:
        query = query.where(beside(_RUNS.c.environment) == environment)
    if states:
        query = query.where(_RUNS.c.state.in_(states))
    query = query.where(*conditions(wanted or Narrowed(), numbers))
    return _records(database, query if limit is None else query.limit(limit))


def counted(
    database: Database, environment: str, wanted: Narrowed, numbers: Sequence[int] | None
) -> dict[str, int]:
    """How many have ended, by state. The others are few, and are read as records: some of them were left."""
    query = (
        select(_RUNS.c.state, func.count().label("size"))
        .where(beside(_RUNS.c.environment) == environment)
        .where(_RUNS.c.state.in_([state.value for state in RunState if state.ended]))
        .where(*conditions(wanted, numbers))
        .group_by(_RUNS.c.state)
    )
    with database.read() as connection:
        return {row.state: row.size for row in connection.execute(query)}


def by_key(database: Database, environment: str, key: str) -> RunRecord | None:
    query = select(*_COLUMNS).where(_RUNS.c.environment == environment, _RUNS.c.run_key == key)
    found = _records(database, query)
    return found[0] if found else None


def touching(database: Database, environment: str, items: Iterable[AssetKey], after: int = 0) -> set[int]:
    """The numbers above `after` of the runs that planned to make any of these assets or checks."""
    table, wanted, found = schema.run_items, sorted(str(item) for item in set(items)), set[int]()
    with database.read() as connection:
        for first in range(0, len(wanted), _CHUNK):
            query = (
                select(table.c.run_number)
                .where(table.c.environment == environment, table.c.item.in_(wanted[first : first + _CHUNK]))
                .where(table.c.decision != "skip", table.c.run_number > after)
                .distinct()
            )
            found.update(connection.execute(query).scalars())
    return found


def flags(database: Database, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """By run id the flags of those that had any, as in `RunRecord`."""
    wanted, found = sorted(set(ids)), {}
    with database.read() as connection:
        for first in range(0, len(wanted), _CHUNK):
            query = select(_RUNS.c.id, _RUNS.c.flags).where(
                _RUNS.c.id.in_(wanted[first : first + _CHUNK]), _RUNS.c.flags.is_not(None)
            )
            found.update(
                {row.id: structure(row.flags, dict[str, str]) or {} for row in connection.execute(query)}
            )
    return found


def numbers(database: Database, ids: Iterable[str]) -> dict[str, int]:
    """What people call those runs; a run that was pruned is not there."""
    wanted, found = sorted(set(ids)), {}
    with database.read() as connection:
        for first in range(0, len(wanted), _CHUNK):
            query = select(_RUNS.c.id, _RUNS.c.number).where(_RUNS.c.id.in_(wanted[first : first + _CHUNK]))
            found.update({row.id: row.number for row in connection.execute(query)})
    return found


def _records(database: Database, query: Select[object]) -> list[RunRecord]:
    with database.read() as connection:
        rows = connection.execute(query).all()
        open_ids = [row.id for row in rows if not RunState(row.state).ended]
        holds = leases.run_leases(connection, open_ids) if open_ids else {}
        now = database.now(connection) if open_ids else 0.0
    return [run_record(row, holds, now) for row in rows]


def working_in(database: Database, namespace: str) -> dict[str, set[str]]:
    with database.read() as connection:
        return leases.working_in(connection, namespace)


def detail(database: Database, run: str) -> RunDetail:
    record = get(database, run)
    with database.read() as connection:
        items = connection.execute(
            select(schema.run_items)
            .where(schema.run_items.c.run_id == run)
            .order_by(schema.run_items.c.position)
        ).all()
        steps = connection.execute(
            select(schema.steps)
            .where(schema.steps.c.run_id == run)
            .order_by(schema.steps.c.created_at, schema.steps.c.id)
        ).all()
        attempts = connection.execute(
            select(schema.attempts)
            .where(schema.attempts.c.run_id == run)
            .order_by(schema.attempts.c.intent_at)
        ).all()
    return RunDetail(
        run=record,
        items=tuple(item_record(row) for row in items),
        steps=tuple(step_record(row) for row in steps),
        attempts=tuple(attempt_record(row) for row in attempts),
    )


def events(database: Database, run: str, since: int, limit: int | None) -> list[EventRecord]:
    """Events of a run with `seq` above `since`, in order."""
    table = schema.events
    query = select(table).where(table.c.run_id == run, table.c.seq > since).order_by(table.c.seq)
    with database.read() as connection:
        rows = connection.execute(query if limit is None else query.limit(limit)).all()
    return [event_record(row) for row in rows]


def remaining(database: Database, run: str) -> dict[AssetKey, str]:
    """What an item's last end said is left to do of it; "" where it said that nothing is."""
    event = schema.events.c
    query = select(event.item, event.data).where(
        event.run_id == run, event.kind == "item.finished", event.data.contains('"remaining":')
    )
    with database.read() as connection:
        rows = connection.execute(query.order_by(event.seq)).all()
    told = ((AssetKey.parse(row.item), msgspec.json.decode(row.data)) for row in rows)
    return {key: data["remaining"] for key, data in told if "remaining" in data}


def ask(database: Database, run: str, wanted: str) -> None:
    """Leave a wish (`cancel`, `detach`) that the run's coordinator will find. The strongest wish stands."""
    with database.write() as connection:
        statement = update(_RUNS).where(_RUNS.c.id == run)
        if wanted != "cancel":
            statement = statement.where(_RUNS.c.wanted.is_distinct_from("cancel"))
        connection.execute(statement.values(wanted=wanted))


def wish(database: Database, run: str) -> str | None:
    with database.read() as connection:
        found: str | None = connection.execute(select(_RUNS.c.wanted).where(_RUNS.c.id == run)).scalar()
    return found


def forget_wish(database: Database, run: str) -> None:
    """A resumed run begins without the wishes of its former life."""
    with database.write() as connection:
        connection.execute(update(_RUNS).where(_RUNS.c.id == run).values(wanted=None))
