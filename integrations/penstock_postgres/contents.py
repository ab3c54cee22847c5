"""Which rows tables hold, as one hash over all of them, whatever their order, read in few snapshots. What cannot be told for certain is said
to be there, and no more."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from penstock.assets import Relation
from penstock.integration import UNSEEN, Cancellation, ColumnSet, Content, QueryCancelled
from penstock_postgres.connect import first_line, quoted
from penstock_postgres.found import Found, read_found

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

Wanted = Mapping[Relation, Iterable[ColumnSet | None]]
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


def read_contents(
    session: Session, wanted: Wanted, most: int, cancel: Cancellation | None = None
) -> dict[Relation, Content]:
    """Of each that exists. Larger tables than `most` MiB are not looked at. Raises psycopg's errors; LockNotAvailable where somebody
    replaces one of them for longer than a look waits."""

    def some(relations: Sequence[Relation]) -> dict[Relation, Content]:
        with _snapshot(session, relations, most) as found:
            return {one: _content(session, it, wanted[one], most, cancel) for one, it in found.items()}

    sizes = {it: one.size for it, one in _patient(lambda: _asked(session, list(wanted)), cancel).items()}
    contents: dict[Relation, Content] = {}
    for together in _groups(sizes):
        contents |= _patient(partial(some, together), cancel)
    return contents


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


def _patient(look: Callable[[], T], cancel: Cancellation | None) -> T:
    import psycopg

    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return look()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable, _Replaced) as error:
            if time.monotonic() > until:
                raise psycopg.errors.LockNotAvailable(str(error)) from None
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        time.sleep(_PAUSE)


class _Replaced(Exception):
    """A table was another one when it was locked."""


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
        return read_found(session, relations, sizes=True)


def _content(
    session: Session, found: Found, sets: Iterable[ColumnSet | None], most: int, cancel: Cancellation | None
) -> Content:
    import psycopg

    columns = tuple((name, kind) for name, kind, _ in found.columns)
    if found.view is not None:
        return Content(kind="view", columns=columns, definition=_digest(found.view))
    if why := found.untold(most):
        return Content(kind=UNSEEN, columns=(), untold=why)
    try:
        with session.transaction():
            return _hashed(session, found, columns, list(dict.fromkeys(sets)))
    except psycopg.errors.QueryCanceled:
        if cancel is not None and cancel.wanted:
            raise
        return Content(kind=UNSEEN, columns=(), untold="reading it takes longer than statement_seconds")
    except psycopg.Error as error:  # no more than this table, unless the session is gone
        if session.closed:
            raise
        return Content(kind=UNSEEN, columns=(), untold=f"it cannot be read: {first_line(error)}")


def _hashed(
    session: Session, found: Found, columns: tuple[tuple[str, str], ...], sets: Sequence[ColumnSet | None]
) -> Content:
    if not sets:
        return Content(kind="table", columns=columns)
    chosen = [_chosen(found.columns, one) for one in sets]
    sums = ", ".join(f"sum({_row(one)})" for one in chosen)
    # Rows that are written anew have another xmin, be they the same ones: equal sums of them mean that none was.
    query = (
        f"SELECT count(*), sum(hashtextextended(t.xmin::text, 0)), {sums or 'NULL'} FROM {found.place} AS t"
    )
    row = session.execute(query.encode()).fetchone()
    assert row is not None
    engine = session.info.server_version // 10000
    hashes = {
        one: _digest(f"{engine}\0{of}\0{row[0]}\0{total}")
        for one, of, total in zip(sets, chosen, row[2:], strict=False)
    }
    return Content(
        kind="table", columns=columns, rows=row[0], hashes=hashes, laid=_digest(f"{found.files} {row[1]}")
    )


def _chosen(
    columns: Sequence[tuple[str, str, str | None]], wanted: ColumnSet | None
) -> list[tuple[str, str, str | None]]:
    if wanted is None:
        return list(columns)
    names = {name.lower() for name in wanted}
    return [column for column in columns if column[0].lower() in names]


def _row(columns: Sequence[tuple[str, str, str | None]]) -> str:
    """A hash of the text of a row, which tells NULL from '' and where a value ends. The sum of a column of 8 bytes is numeric."""
    values = ", ".join(_value(name, kind) for name, kind, _ in columns)
    return f'hashtextextended(ROW({values})::text COLLATE "C", 0)'


def _value(name: str, kind: str) -> str:
    """xml shows itself without the encoding that it declares; its text has it."""
    return f"t.{quoted(name)}::text" if kind == "xml" else f"t.{quoted(name)}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
