"""The marks of states that reuse rests on: a table's commit token and its last DDL, and when it was last altered. A view's text.

The token moves with each DML, LAST_DDL with each ALTER, CREATE, DROP and UNDROP: neither alone covers all that changes rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import Relation
from penstock.errors import WarehouseAsleep
from penstock.integration import UNSEEN, Connection, Content, clock_ahead, text_of, whole_of
from penstock_snowflake.columns import condition, queried_columns, shown_columns
from penstock_snowflake.counts import listed
from penstock_snowflake.databases import filled_from_elsewhere
from penstock_snowflake.kept import Described
from penstock_snowflake.naming import quoted
from penstock_snowflake.objects import table_of
from penstock_snowflake.shows import Row, flag
from penstock_snowflake.states import commit_tokens
from penstock_snowflake.waking import why_not

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_PLAIN = frozenset(
    {"TABLE", "TRANSIENT"}
)  # the rest is filled by something else than DML, or ends with its session
Place = tuple[str, str, str]


class _Times(msgspec.Struct, frozen=True):
    """`altered` in epoch seconds of this machine's clock, or later."""

    ddl: str
    altered: float


def read_marks(
    session: Session,
    connection: Connection,
    relations: Iterable[Relation],
    default: str | None,
    *,
    wake: bool,
) -> dict[Relation, Content]:
    """See `StateMarks.marked`. What the account does not tell of a table leaves it without a state."""
    there, closed = listed(session, relations, default)
    unseen = dict.fromkeys(closed, Content(kind=UNSEEN, columns=()))
    if not there:
        return unseen
    reason = None if wake else why_not(session, connection)
    if reason is not None:
        raise WarehouseAsleep(f"{reason}; a run starts it, and looks")
    places = {one: (one.database or default or "", one.schema or "", one.identifier) for one in there}
    columns = _columns(session, places.values())
    plain = [one for one, (what, row) in there.items() if what == "TABLES" and _is_plain(row)]
    filled = filled_from_elsewhere(session, (places[one][0] for one in plain))
    plain = [one for one in plain if places[one][0] not in filled]
    tokens = commit_tokens(session, plain, default)
    times = _times(session, places.values())
    return unseen | {
        one: _content(what, row, columns.get(places[one]), tokens.get(one), times.get(places[one]))
        for one, (what, row) in there.items()
    }


def _content(
    what: str, row: Row, columns: Described | None, token: str | None, times: _Times | None
) -> Content:
    listed = columns[0] if columns is not None else ()
    changed = times.altered if times is not None else None
    if what == "VIEWS":
        text = text_of(row, "text")
        view = bool(text and listed) and not flag(row.get("is_materialized"))
        kind = "view" if view else "a view whose SQL is not shown"
        return Content(kind=kind, columns=listed, definition=_digest(text or ""), changed_at=changed)
    known = token is not None and times is not None and bool(listed)
    state = _digest(f"{row.get('created_on')}\0{token}\0{times.ddl}") if known and times is not None else ""
    kind = "table" if _is_plain(row) else table_of(row).kind
    return Content(kind=kind, columns=listed, rows=whole_of(row, "rows"), state=state, changed_at=changed)


def _is_plain(row: Row) -> bool:
    return (
        table_of(row).kind == "table"
        and str(row.get("kind") or "TABLE").upper() in _PLAIN
        and not flag(row.get("is_event"))
    )


def _times(session: Session, places: Iterable[Place]) -> dict[Place, _Times]:
    """Of each that INFORMATION_SCHEMA lists with both. Its clock is compared with ours by a statement that needs no warehouse."""

    def now() -> float:
        (row,) = session.rows("SELECT DATE_PART(epoch_millisecond, CURRENT_TIMESTAMP()) AS n")
        return int(str(row["n"])) / 1000

    ahead = clock_ahead(now)
    found: dict[Place, _Times] = {}
    for database, few in _by_database(places).items():
        rows = session.rows(
            "SELECT table_schema, table_name, last_ddl, DATE_PART(epoch_millisecond, last_altered) AS altered"
            f" FROM {quoted(database)}.INFORMATION_SCHEMA.TABLES WHERE {condition(few)}"
        )
        for row in rows:
            altered, ddl = row.get("altered"), row.get("last_ddl")
            if altered is not None and ddl is not None:
                place = (database, str(row["table_schema"]), str(row["table_name"]))
                found[place] = _Times(str(ddl), int(str(altered)) / 1000 + ahead)
    return found


def _columns(session: Session, places: Iterable[Place]) -> dict[Place, Described]:
    found: dict[Place, Described] = {}
    for database, few in _by_database(places).items():
        for schema in dict.fromkeys(schema for schema, _ in few):
            own = [one for one in few if one[0] == schema]
            shown = shown_columns(session, database, schema)
            pages: Iterable[Mapping[tuple[str, str], Described]] = (
                [shown] if shown is not None else queried_columns(session, database, own)
            )
            for page in pages:
                found |= {(database, *one): page[one] for one in own if one in page}
    return found


def _by_database(places: Iterable[Place]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for database, schema, name in sorted(places):
        found.setdefault(database, []).append((schema, name))
    return found


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
