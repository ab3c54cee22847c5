"""What is in a PostgreSQL database: relations, columns, view SQL, comments, owners, sizes. Bulk queries, nothing is scanned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from penstock.assets import Relation
from penstock.integration import Address, Cancellation, CatalogTable, QueryCancelled, RowCount, Scope
from penstock_postgres.connect import INTERNAL_SCHEMA

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

# So many relations' columns are asked for at once: memory stays flat however many there are.
PAGE = 2000
KINDS = {"r": "table", "p": "partitioned table", "v": "view", "m": "materialized view", "f": "foreign table"}
_NOT_OURS = ("pg_catalog", "information_schema", INTERNAL_SCHEMA)
# pg_catalog shows every relation without a grant; information_schema hides what this user must not read.
_RELATIONS = """
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner), c.reltuples::float8,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END,
       CASE WHEN c.relispartition THEN (SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
  AND n.nspname <> ALL(%(hidden)s) AND n.nspname NOT LIKE 'pg\\_t%%'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY(%(schemas)s))
ORDER BY n.nspname, c.relname"""
DETAILS = """
SELECT c.oid::bigint, obj_description(c.oid, 'pg_class'),
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END
FROM pg_class c WHERE c.oid = ANY(%s::oid[])"""
# One row per relation, in the shape of packed columns: a row per column costs the client several times as much.
COLUMNS = """
SELECT a.attrelid::bigint, json_agg(json_build_array(
         a.attname, format_type(a.atttypid, a.atttypmod), coalesce(d.description, ''), false, true) ORDER BY a.attnum)::text
FROM pg_attribute a
LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY a.attrelid"""

_READS = """
SELECT DISTINCT r.ev_class::bigint, d.refobjid::bigint FROM pg_rewrite r
JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
WHERE r.ev_class = ANY(%s::oid[]) AND d.refobjid <> r.ev_class ORDER BY 1, 2"""


class Found(msgspec.Struct, frozen=True, gc=False):
    """A relation as pg_class has it. `rows` is the planner's estimate, None where there is none."""

    oid: int
    schema: str
    name: str
    kind: str
    owner: str
    rows: float | None
    size: int


def read_relations(session: Session, scope: Scope, address: Address) -> list[Found]:
    """What lies in the scope, in order. Leaves of a partitioned table are counted in it, and not shown themselves."""
    if scope.database not in (None, address.database):
        return []
    schemas = list(scope.schemas) if scope.schemas is not None else None
    if scope.relations is not None and schemas is None:
        schemas = sorted({relation.schema or "public" for relation in scope.relations})
    # A partition may lie in another schema than its parent; then its size is not in the parent's.
    rows = session.execute(_RELATIONS, {"hidden": list(_NOT_OURS), "schemas": schemas}).fetchall()
    parents = {row[0]: row[7] for row in rows if row[7] is not None}
    size: dict[int, int] = {}
    count: dict[int, float] = {}
    for oid, _, _, kind, _, estimate, own, _ in rows:
        root = oid
        while root in parents:
            root = parents[root]
        size[root] = size.get(root, 0) + (own or 0)
        if kind != "p" and estimate >= 0:
            count[root] = count.get(root, 0.0) + estimate
    shown = [row for row in rows if row[0] not in parents]
    return [
        Found(oid, schema, name, kind, owner, count.get(oid) if kind != "v" else None, size.get(oid, 0))
        for oid, schema, name, kind, owner, _, _, _ in shown
        if scope.has(relation_at(address, schema, name))
    ]


def pages(
    session: Session, scope: Scope, address: Address, cancel: Cancellation | None, *, packed: bool = False
) -> Iterator[tuple[CatalogTable, ...]]:
    """The relations of the scope, so many at a time. One that is dropped meanwhile is left out. `packed`: columns stay packed,
    nobody looks at them one by one."""
    found = read_relations(session, scope, address)
    places = {one.oid: relation_at(address, one.schema, one.name) for one in found}
    for start in range(0, len(found), PAGE):
        if cancel is not None and cancel.wanted:
            raise QueryCancelled
        yield _page(session, found[start : start + PAGE], places, packed)


def relation_at(address: Address, schema: str, name: str) -> Relation:
    return Relation(address.namespace, address.dialect, address.database, schema, name)


def _page(
    session: Session, found: Sequence[Found], places: Mapping[int, Relation], packed: bool
) -> tuple[CatalogTable, ...]:
    oids = [one.oid for one in found]
    views = [one.oid for one in found if one.kind in ("v", "m")]
    reads: dict[int, list[Relation]] = {}
    for view, source in session.execute(_READS, [views]) if views else ():
        if source in places:
            reads.setdefault(view, []).append(places[source])
    details = {oid: rest for oid, *rest in session.execute(DETAILS, [oids]).fetchall()}
    columns: dict[int, str] = dict(session.execute(COLUMNS, [oids]).fetchall())
    return tuple(
        _table(
            places[one.oid], one, details[one.oid], columns.get(one.oid, "[]"), reads.get(one.oid, ()), packed
        )
        for one in found
        if one.oid in details
    )


_Columns = list[tuple[str, str, str, bool, bool]]
_READ = msgspec.json.Decoder().decode
_READ_EACH = msgspec.json.Decoder(_Columns).decode
_PACK = msgspec.msgpack.Encoder().encode


def _table(
    relation: Relation, one: Found, details: list[Any], columns: str, reads: Sequence[Relation], packed: bool
) -> CatalogTable:
    comment, definition = details
    listed: _Columns = [] if packed else _READ_EACH(columns)
    return CatalogTable(
        relation=relation,
        kind=KINDS[one.kind],
        columns=tuple((name, kind) for name, kind, *_ in listed),
        comment=comment,
        column_comments={name: told for name, _, told, *_ in listed if told},
        rows=None if one.rows is None else RowCount(round(one.rows), exact=False),
        size_bytes=None if one.kind in ("v", "f") else one.size,
        sql=definition,
        owner=one.owner,
        reads=tuple(reads),
        packed=_PACK(_READ(columns)) if packed and columns != "[]" else b"",
    )


def existing(session: Session, schemas: Sequence[str]) -> dict[tuple[str, str], str]:
    """(schema, name) -> kind of what lies in these schemas."""
    rows = session.execute(
        "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = ANY(%s)",
        [list(schemas)],
    ).fetchall()
    return {(schema, name): kind for schema, name, kind in rows}
