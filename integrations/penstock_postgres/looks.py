"""The few snapshots in which a look reads tables: what is locked, for how long, and what is tried again. Reads no rows itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from penstock.assets import Relation
from penstock.integration import Cancellation, QueryCancelled
from penstock_postgres.connect import first_line
from penstock_postgres.found import Found, read_found

if TYPE_CHECKING:
    import psycopg

    from penstock_postgres.connect import Session

_PATIENCE = 5.0  # seconds in which what is being replaced just now is tried again
_PAUSE = 0.1

# A value's text must tell it from every other one, in whichever session it is read. SET takes no snapshot, set_config would.
_PINNED = "; ".join(
    f"SET LOCAL {name} = {value}"
    for name, value in {
        "search_path": "pg_catalog",
        "DateStyle": "'ISO, YMD'",
        "IntervalStyle": "postgres",
        "TimeZone": "'UTC'",
        "extra_float_digits": "3",
        "bytea_output": "hex",
        "lc_monetary": "'C'",
        "quote_all_identifiers": "off",
        "row_security": "off",  # a role that would see a part of the rows gets an error
    }.items()
)
_TOGETHER = 64 << 20  # bytes that are read in one snapshot, or one table that is larger
T = TypeVar("T")


def read_together(
    session: Session,
    relations: Sequence[Relation],
    most: int,
    read: Callable[[Mapping[Relation, Found]], dict[Relation, T]],
    failed: Callable[[Relation, str], dict[Relation, T]],
    cancel: Cancellation | None = None,
) -> dict[Relation, T]:
    """What `read` makes of those that exist, some at a time, each time in one snapshot; `failed` of one that cannot be looked at, and why
    not. Larger tables than `most` MiB are not locked. Raises psycopg's errors, where they are of no single table."""

    def some(together: Sequence[Relation]) -> dict[Relation, T]:
        with _snapshot(session, together, most) as found:
            return read(found)

    def asked(together: Sequence[Relation]) -> dict[Relation, int]:
        return {it: one.size for it, one in _asked(session, together).items()}

    answers: dict[Relation, T] = {}

    def unasked(one: Relation, why: str) -> dict[Relation, int]:
        answers.update(failed(one, why))  # it has been waited for already
        return {}

    sizes = _or_singly(session, asked, relations, unasked, cancel)
    for together in _groups(sizes):
        answers |= _or_singly(session, some, together, failed, cancel)
    return answers


def _or_singly(
    session: Session,
    look: Callable[[Sequence[Relation]], dict[Relation, T]],
    relations: Sequence[Relation],
    failed: Callable[[Relation, str], dict[Relation, T]],
    cancel: Cancellation | None,
) -> dict[Relation, T]:
    """One of them that is locked for long, or cannot be read at all, takes none of the others with it."""
    import psycopg

    try:
        return _patient(partial(look, relations), cancel)
    except psycopg.errors.QueryCanceled:
        raise
    except psycopg.Error:
        if session.closed:
            raise
    found: dict[Relation, T] = {}
    for one in relations:
        try:
            found |= _patient(partial(look, [one]), cancel, 0.0)
        except psycopg.errors.QueryCanceled:
            raise
        except psycopg.Error as error:
            if session.closed:
                raise
            found |= failed(one, _why(error))
    return found


def _why(error: psycopg.Error) -> str:
    import psycopg

    if isinstance(error, psycopg.errors.LockNotAvailable):
        return "another session has locked it"
    return f"it cannot be read: {first_line(error)}"


def _groups(sizes: Mapping[Relation, int]) -> list[list[Relation]]:
    """Those that are read in one snapshot. Locks are held as long as it takes, and whoever replaces a table waits so long."""
    groups: list[list[Relation]] = []
    left = 0
    for relation, size in sizes.items():
        if size > left or not groups:
            groups.append([])
            left = _TOGETHER
        groups[-1].append(relation)
        left -= size
    return groups


def _patient(look: Callable[[], T], cancel: Cancellation | None, patience: float | None = None) -> T:
    import psycopg

    until = time.monotonic() + (_PATIENCE if patience is None else patience)
    while True:
        try:
            return look()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable, _Replaced) as error:
            if time.monotonic() > until:
                raise psycopg.errors.LockNotAvailable(str(error)) from None
        except psycopg.errors.InternalError_:  # a view that is gone by the time that its SQL is asked for
            if time.monotonic() > until:
                raise
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        time.sleep(_PAUSE)


class _Replaced(Exception):
    """A table was another one when it was locked, or none."""


@contextmanager
def _snapshot(session: Session, relations: Sequence[Relation], most: int) -> Iterator[dict[Relation, Found]]:
    """One state of all of them, in a transaction. Every lock is taken before it, at once and without waiting: who holds none and waits for
    none is part of no deadlock."""
    import psycopg

    before = _asked(session, relations)
    scanned = {it: one for it, one in before.items() if one.kind != "v" and not one.untold(most)}
    session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with session.transaction():
        session.execute(_PINNED)
        if scanned:
            places = ", ".join(one.place for one in scanned.values())
            session.execute(f"LOCK TABLE {places} IN ACCESS SHARE MODE NOWAIT".encode())
        found = read_found(session, list(scanned), sizes=False)
        if {one.oid for one in found.values()} != {one.oid for one in scanned.values()}:
            raise _Replaced("a table is being replaced")
        yield before | found


def _asked(session: Session, relations: Sequence[Relation]) -> dict[Relation, Found]:
    """Before any lock is held: to ask for a size or a view's SQL is to wait for who replaces it."""
    with session.transaction():
        session.execute(f"{_PINNED}; SET LOCAL lock_timeout = '100ms'".encode())
        found = read_found(session, relations, sizes=True)
    if any(one.readable is None for one in found.values()):
        raise _Replaced("a table is gone by the time that its grants are asked for")
    return found
