"""Rows of the daemons that look at an environment: who lives, with which project, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import Row

from penstock.store import schema
from penstock.store.database import Database
from penstock.store.fold import text as json_text
from penstock.store.owner import surely_dead, this_process
from penstock.store.records import Owner

SILENT_SECONDS = 60.0  # who was not heard of for so long is taken for gone
_DAEMONS = schema.daemons


class Took(msgspec.Struct, kw_only=True):
    """How many seconds a daemon's last decision and its last commit took; None before there was one."""

    decision: float | None = None
    write: float | None = None


class DaemonRow(msgspec.Struct, frozen=True, kw_only=True):
    """`alive` is false when it is certain that its process is gone. `project`: what it decides by; empty where it did not say."""

    id: str
    owner: Owner
    started_at: float
    seen_at: float
    saying: str
    alive: bool
    project: str = ""
    took: Took = msgspec.field(default_factory=Took)

    def heard(self, now: float) -> bool:
        return self.alive and now - self.seen_at < SILENT_SECONDS


def beat(
    database: Database,
    connection: Connection,
    environment: str,
    identity: str,
    saying: str,
    project: str,
    took: Took | None = None,
) -> None:
    """It lives. Who was silent for too long comes after those that are there: its turn was another's meanwhile."""
    now = database.now(connection)
    same = (_DAEMONS.c.environment == environment, _DAEMONS.c.id == identity)
    known = connection.execute(select(_DAEMONS).where(*same)).one_or_none()
    values: dict[str, object] = {"seen_at": now, "saying": saying, "project": project}
    if took is not None:
        values |= {"decision_seconds": took.decision, "write_seconds": took.write}
    if known is None:
        owner = json_text(this_process())
        key = {"environment": environment, "id": identity}
        connection.execute(insert(_DAEMONS).values(**key, **values, owner=owner, started_at=now))
        return
    if now - known.seen_at >= SILENT_SECONDS:
        values["started_at"] = now
    connection.execute(update(_DAEMONS).where(*same).values(**values))


def leave(connection: Connection, environment: str, identity: str) -> None:
    connection.execute(
        delete(_DAEMONS).where(_DAEMONS.c.environment == environment, _DAEMONS.c.id == identity)
    )


def daemons(connection: Connection, environment: str) -> list[DaemonRow]:
    """The one that came first, first."""
    query = select(_DAEMONS).where(_DAEMONS.c.environment == environment)
    rows = connection.execute(query.order_by(_DAEMONS.c.started_at, _DAEMONS.c.id))
    return [_daemon(row) for row in rows]


def before(found: Iterable[DaemonRow], identity: str, project: str, now: float) -> DaemonRow | None:
    """The living daemon that came first, where it decides by another project than this one. Two projects that decide in turns
    would make everything again and again, each after its own words."""
    first = next((one for one in found if one.heard(now)), None)
    if first is None or first.id == identity or alike(first.project, project):
        return None
    return first


def alike(one: str, other: str) -> bool:
    """Part by part; a part that either did not say differs from none."""
    parts = zip(one.split(), other.split(), strict=False)
    return all(a == b or "-" in (a, b) for a, b in parts)


def _daemon(row: Row[object]) -> DaemonRow:
    owner = msgspec.json.decode(row.owner, type=Owner)
    return DaemonRow(
        id=row.id,
        owner=owner,
        started_at=row.started_at,
        seen_at=row.seen_at,
        saying=row.saying,
        alive=not surely_dead(owner),
        project=row.project or "",
        took=Took(decision=row.decision_seconds, write=row.write_seconds),
    )
