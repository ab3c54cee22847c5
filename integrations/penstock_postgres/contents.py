"""Which rows tables hold, as one hash over all of them, whatever their order: one look in one snapshot. What cannot be told for certain
is said to be there, and no more."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import Relation
from penstock.integration import UNSEEN, Cancellation, ColumnSet, Content, QueryCancelled
from penstock_postgres.connect import first_line, quoted

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
_IMPATIENT = "SET lock_timeout = '100ms'"
_FOUND = """
SELECT w.place, n.nspname, c.relname, c.oid::bigint, c.relkind::text, tree.kinds, tree.stored, tree.secured, tree.size,
       c.relkind = 'r' AND c.relhassubclass, has_table_privilege(c.oid, 'SELECT'), tree.files,
       (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> t.typcollation
                        THEN (SELECT k.collname || ' ' || k.oid FROM pg_collation k WHERE k.oid = a.attcollation) END) ORDER BY a.attnum)::text
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       CASE WHEN c.relkind = 'v' THEN concat(pg_get_viewdef(c.oid), c.reloptions::text) END
FROM unnest(%(schemas)s::text[], %(names)s::text[]) WITH ORDINALITY AS w(schema, name, place)
JOIN pg_namespace n ON n.nspname = w.schema
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT m.relkind::text, '') AS kinds, bool_and(m.relpersistence = 'p') AS stored,
           bool_or(m.relrowsecurity) AS secured, string_agg(concat(m.oid, ':', m.relfilenode), ',' ORDER BY m.oid) AS files,
           coalesce(sum(CASE WHEN m.relkind = 'r' AND %(sizes)s THEN pg_table_size(m.oid) END), 0)::bigint AS size
    FROM pg_class m WHERE m.oid = c.oid OR m.oid IN (SELECT p.relid FROM pg_partition_tree(CASE WHEN c.relkind = 'p' THEN c.oid END) p)
) AS tree"""
_KINDS = {"m": "a materialized view", "f": "a foreign table"}


class _Found(msgspec.Struct, frozen=True):
    schema: str
    name: str
    oid: int
    kind: str
    kinds: str  # its own, and those of its partitions
    stored: bool
    secured: bool
    size: int
    has_children: bool
    readable: bool
    files: str
    columns: list[tuple[str, str, str | None]]
    view: str | None

    @property
    def place(self) -> str:
        return quoted(self.schema, self.name)

    def untold(self, most: int) -> str:
        """Why no scan of it, by this role, would tell which rows it holds; "" when one does."""
        if self.kind in _KINDS:
            return f"{_KINDS[self.kind]} is not compared"
        if self.kind == "v":
            return ""
        if not self.readable:
            return "this user may not read it"
        if "f" in self.kinds:
            return "a part of it is a foreign table"
        if not self.stored:
            return "an unlogged table is emptied by a crash"
        if self.secured:
            return "policies of row security decide which rows are seen"
        if self.has_children:
            return "other tables inherit from it"
        if self.size > most << 20:
            return f"not looked at: {self.size >> 20} MiB, more than look_megabytes: {most}"
        return ""


def read_contents(
    session: Session, wanted: Wanted, most: int, cancel: Cancellation | None = None
) -> dict[Relation, Content]:
    """Of each that exists. Larger tables than `most` MiB are not looked at. Raises psycopg's errors; LockNotAvailable where somebody
    replaces one of them for longer than a look waits."""
    import psycopg

    until = time.monotonic() + _PATIENCE
    while True:
        try:
            with _snapshot(session, wanted, most) as found:
                return {one: _content(session, it, wanted[one], most, cancel) for one, it in found.items()}
        except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable, _Replaced) as error:
            if time.monotonic() > until:
                raise psycopg.errors.LockNotAvailable(str(error)) from None
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        time.sleep(_PAUSE)


class _Replaced(Exception):
    """A table was another one when it was locked."""


@contextmanager
def _snapshot(session: Session, wanted: Wanted, most: int) -> Iterator[dict[Relation, _Found]]:
    """One state of all of them, in a transaction. Every lock is taken before it, at once and without waiting: who holds none and waits for
    none is part of no deadlock."""
    import psycopg

    session.execute(_IMPATIENT)  # to ask for a size or a view's SQL is to wait for who replaces it
    before = _found(session, wanted, sizes=True)
    scanned = {it: one for it, one in before.items() if one.kind != "v" and not one.untold(most)}
    session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with session.transaction():
        session.execute(_PINNED)
        if scanned:
            places = ", ".join(one.place for one in scanned.values())
            session.execute(f"LOCK TABLE {places} IN ACCESS SHARE MODE NOWAIT".encode())
        found = _found(session, scanned, sizes=False)
        if {one.oid for one in found.values()} != {one.oid for one in scanned.values()}:
            raise _Replaced("a table is being replaced")
        yield before | found


def _found(session: Session, relations: Iterable[Relation], *, sizes: bool) -> dict[Relation, _Found]:
    relations = list(relations)
    rows = session.execute(
        _FOUND,
        {
            "schemas": [one.schema or "public" for one in relations],
            "names": [one.identifier for one in relations],
            "sizes": sizes,
        },
    )
    found = {}
    for row in rows:
        columns = [tuple(one) for one in json.loads(row[-2] or "[]")]
        found[relations[row[0] - 1]] = _Found(*(*row[1:-2], columns, row[-1]))
    return found


def _content(
    session: Session, found: _Found, sets: Iterable[ColumnSet | None], most: int, cancel: Cancellation | None
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
    session: Session, found: _Found, columns: tuple[tuple[str, str], ...], sets: Sequence[ColumnSet | None]
) -> Content:
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
