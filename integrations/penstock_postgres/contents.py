"""Which rows tables hold, as one hash over all of them, whatever their order, read in few snapshots. What cannot be told for certain is said
to be there, and no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from penstock.assets import Relation
from penstock.integration import UNSEEN, Cancellation, ColumnSet, Content
from penstock_postgres.connect import first_line, quoted
from penstock_postgres.found import Found
from penstock_postgres.looks import read_together

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

Wanted = Mapping[Relation, Iterable[ColumnSet | None]]
# Rows that are written anew have another xmin, be they the same ones; what is deleted is missing. Equal counts and sums: neither has happened.
_ROWS = "count(*), sum(hashtextextended(t.xmin::text, 0))"


def read_contents(
    session: Session, wanted: Wanted, most: int, cancel: Cancellation | None = None
) -> dict[Relation, Content]:
    """Of each that exists. Larger tables than `most` MiB are not looked at. Raises what `read_together` does."""

    def read(found: Mapping[Relation, Found]) -> dict[Relation, Content]:
        return {one: _content(session, it, wanted[one], most, cancel) for one, it in found.items()}

    def failed(one: Relation, why: str) -> dict[Relation, Content]:
        return {one: Content(kind=UNSEEN, columns=(), untold=why)}

    return read_together(session, list(wanted), most, read, failed, cancel)


def read_laid(
    session: Session, relations: Iterable[Relation], most: int, cancel: Cancellation | None = None
) -> dict[Relation, str]:
    """`Content.laid` of those of which it proves that they hold the same rows, for a fifth of what their hash costs."""

    def read(found: Mapping[Relation, Found]) -> dict[Relation, str]:
        told = {one: it for one, it in found.items() if it.kind != "v" and it.plain and not it.untold(most)}
        return {one: laid for one, it in told.items() if (laid := _laid_alone(session, it, cancel))}

    return read_together(session, list(relations), most, read, lambda one, why: {}, cancel)


def _laid_alone(session: Session, found: Found, cancel: Cancellation | None) -> str:
    import psycopg

    try:
        with session.transaction():
            row = session.execute(f"SELECT {_ROWS} FROM {found.place} AS t".encode()).fetchone()
    except psycopg.Error:  # whoever reads it whole is told why it cannot be read
        if session.closed or (cancel is not None and cancel.wanted):
            raise
        return ""
    assert row is not None
    return _laid(found, row)


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
    if not found.plain and None not in sets:  # how it lies is told by all its values, whichever are asked for
        sets = [*sets, None]
    chosen = {one: _chosen(found.columns, one) for one in sets}
    sums = {one: f"sum({_row(of)})" for one, of in chosen.items()}
    asked = list(dict.fromkeys(sums.values()))  # all columns may be read by their names, too
    row = session.execute(f"SELECT {_ROWS}, {', '.join(asked)} FROM {found.place} AS t".encode()).fetchone()
    assert row is not None
    totals = dict(zip(asked, row[2:], strict=True))
    engine = session.info.server_version // 10000
    hashes = {one: _digest(f"{engine}\0{of}\0{row[0]}\0{totals[sums[one]]}") for one, of in chosen.items()}
    values = "" if found.plain else hashes[None]
    return Content(kind="table", columns=columns, rows=row[0], hashes=hashes, laid=_laid(found, row, values))


def _laid(found: Found, row: Sequence[object], values: str = "") -> str:
    """Of values that may change where they lie, their hash belongs to it."""
    return _digest(f"{found.files} {list(row[:2])} {values}")


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
