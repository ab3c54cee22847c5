"""Who may write what: a run's coordinator holds `run:ID`, and while it makes an asset the run holds that asset's key.

A run lease is fenced: each taking of it counts `fence` up, and every commit of a coordinator checks that its own number is
still the newest, in the same transaction. Asset leases stand as long as their run does: a job may outlive its coordinator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.engine import Row

from penstock.assets import Window
from penstock.errors import StoreError
from penstock.store import schema
from penstock.store.database import Database
from penstock.store.fold import text as json_text
from penstock.store.owner import surely_dead
from penstock.store.records import LeaseRecord, Owner

_LEASES = schema.leases
_RECORD = "name, run_id, step, owner, fence, expires_at, window_start, window_end"
_CHUNK = 400  # below every database's limit of bound parameters


class LeaseLost(StoreError):
    """Another coordinator has taken the run over; this one may not write another byte to it."""

    def __init__(self, run: str) -> None:
        super().__init__(f"run {run} was taken over by another penstock", hint=f"penstock runs {run}")
        self.run = run


class RunHeld(StoreError):
    """A living coordinator holds the run. `holder` says which process."""

    def __init__(self, run: str, holder: LeaseRecord) -> None:
        owner = holder.owner
        place = f" (process {owner.pid} on {owner.host})" if owner else ""
        super().__init__(f"run {run} is already being worked on{place}", hint=f"penstock runs {run}")
        self.run = run
        self.holder = holder


def run_lease(run: str) -> str:
    return f"run:{run}"


def record(row: Row[object]) -> LeaseRecord:
    owner = msgspec.json.decode(row.owner, type=Owner) if row.owner else None
    return LeaseRecord(
        name=row.name,
        run=row.run_id,
        step=row.step,
        owner=owner,
        fence=row.fence,
        expires_at=row.expires_at,
        window=None if row.window_start is None else Window(row.window_start, row.window_end),
    )


def held(lease: LeaseRecord, now: float) -> bool:
    """Whether a run lease is in force: not expired, and its process not known to be dead."""
    return lease.expires_at > now and not (lease.owner is not None and surely_dead(lease.owner))


def take_run(database: Database, run: str, environment: str, owner: Owner, seconds: float) -> int:
    """Take the run's lease and return its fence. Raises RunHeld while a living coordinator has it."""
    with database.write() as connection:
        _serialise(database, connection)
        now = database.now(connection)
        name = run_lease(run)
        row = connection.execute(select(_LEASES).where(_LEASES.c.name == name)).one_or_none()
        values = {
            "owner": json_text(owner),
            "acquired_at": now,
            "expires_at": now + seconds,
            "fence": 1 if row is None else row.fence + 1,
        }
        if row is None:
            connection.execute(
                insert(_LEASES).values(name=name, environment=environment, run_id=run, **values)
            )
        else:
            lease = record(row)
            if held(lease, now):
                raise RunHeld(run, lease)
            connection.execute(update(_LEASES).where(_LEASES.c.name == name).values(**values))
        fence: int = values["fence"]  # type: ignore[assignment]  # the one int among the values
        return fence


def renew_run(database: Database, connection: Connection, run: str, fence: int, seconds: float) -> None:
    now = database.now(connection)
    connection.execute(
        update(_LEASES)
        .where(_LEASES.c.name == run_lease(run), _LEASES.c.fence == fence)
        .values(expires_at=now + seconds)
    )


def give_back_run(connection: Connection, run: str, fence: int) -> None:
    """The row stays, so that the fence never goes back."""
    connection.execute(
        update(_LEASES)
        .where(_LEASES.c.name == run_lease(run), _LEASES.c.fence == fence)
        .values(expires_at=0.0)
    )


def fences(database: Database, connection: Connection, runs: Iterable[str]) -> dict[str, int]:
    """The newest fence of each run, locked against being taken until this transaction ends."""
    rows = _named(database, connection, "run_id, fence", [run_lease(run) for run in runs], " FOR SHARE")
    return {row.run_id: row.fence for row in rows}


class Book:
    """The asset leases that a batch of claims is about: looked up once, decided claim by claim, written once (`taken`)."""

    def __init__(self, database: Database, connection: Connection, names: Sequence[str]) -> None:
        _serialise(database, connection)
        self._now = database.now(connection)
        self._held: dict[str, LeaseRecord] = {}
        self.taken: dict[str, dict[str, object]] = {}
        for row in _named(database, connection, _RECORD, names):
            self._held[row.name] = record(row)

    def claim(self, names: Sequence[str], run: str, environment: str, step: str) -> tuple[LeaseRecord, ...]:
        """Take all of these, or none: then who holds those that are not free. What the run has already, it keeps."""
        found = [self._held[name] for name in names if name in self._held]
        holders = tuple(lease for lease in found if lease.run != run)
        if holders:
            return holders
        for name in names:
            if name not in self._held:
                self._held[name] = LeaseRecord(
                    name=name, run=run, step=step, owner=None, fence=0, expires_at=self._now
                )
                self.taken[name] = {
                    "name": name,
                    "environment": environment,
                    "run_id": run,
                    "step": step,
                    "owner": None,
                    "fence": 0,
                    "acquired_at": self._now,
                    "expires_at": self._now,
                }
        return ()


def release_all(connection: Connection, run: str) -> None:
    connection.execute(delete(_LEASES).where(_LEASES.c.run_id == run, _LEASES.c.name != run_lease(run)))


def working_in(connection: Connection, namespace: str) -> dict[str, set[str]]:
    """By run, the steps that have assets of that namespace leased."""
    found: dict[str, set[str]] = {}
    wanted = _LEASES.c.name.startswith(f"{namespace}|", autoescape=True)
    for row in connection.execute(select(_LEASES.c.run_id, _LEASES.c.step).where(wanted)):
        found.setdefault(row.run_id, set()).add(row.step)
    return found


def run_leases(connection: Connection, runs: Iterable[str]) -> Mapping[str, LeaseRecord]:
    names = [run_lease(run) for run in runs]
    found: dict[str, LeaseRecord] = {}
    for part in _parts(names):
        for row in connection.execute(select(_LEASES).where(_LEASES.c.name.in_(part))):
            found[row.run_id] = record(row)
    return found


def _named(
    database: Database, connection: Connection, columns: str, names: Sequence[str], lock: str = ""
) -> Iterable[Row[object]]:
    """Rows by name, in words that need no compiling: every commit asks this."""
    if database.is_sqlite:
        words = f"SELECT {columns} FROM leases WHERE name IN (SELECT value FROM json_each(?))"
        return connection.exec_driver_sql(words, (json_text(names),))
    return connection.exec_driver_sql(
        f"SELECT {columns} FROM leases WHERE name = ANY(%s){lock}", (list(names),)
    )


def _parts(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + _CHUNK] for start in range(0, len(names), _CHUNK))


def _serialise(database: Database, connection: Connection) -> None:
    """SQLite has one writer anyway; on PostgreSQL two claims of one new name must not both see it free."""
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(7369747)"))
