"""What stands under the names that a look asks for, and whether a scan of it would tell which rows it holds. Nothing is scanned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import Relation
from penstock_postgres.connect import quoted

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

# OFFSET 0: one by its oid, where the planner would read the catalog whole for each relation.
_FOUND = """
SELECT w.place, n.nspname, c.relname, c.oid::bigint, c.relkind::text, tree.kinds, tree.stored, tree.secured, tree.size,
       c.relkind = 'r' AND c.relhassubclass, has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), tree.files,
       (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> t.typcollation
                        THEN (SELECT k.collname || ' ' || k.oid FROM pg_collation k WHERE k.oid = a.attcollation) END) ORDER BY a.attnum)::text
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       CASE WHEN c.relkind = 'v' AND %(sizes)s THEN concat(pg_get_viewdef(c.oid), c.reloptions::text) END,
       (SELECT coalesce(bool_and(a.atttypid < 16384 AND t.typname !~ '^_?(reg|aclitem)' AND coalesce(to_jsonb(a) ->> 'attgenerated', '') <> 'v'), true)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       (WITH RECURSIVE held(type, within) AS (
            SELECT a.atttypid, false FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            UNION SELECT under.type, true FROM held CROSS JOIN LATERAL (SELECT * FROM pg_type WHERE oid = held.type OFFSET 0) t CROSS JOIN LATERAL (
                SELECT t.typbasetype UNION SELECT t.typelem UNION SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0
            ) AS under(type))
        SELECT coalesce(bool_or(within AND type = 'xml'::regtype), false) FROM held)
FROM unnest(%(schemas)s::text[], %(names)s::text[]) WITH ORDINALITY AS w(schema, name, place)
JOIN pg_namespace n ON n.nspname = w.schema
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT m.relkind::text, '') AS kinds, bool_and(m.relpersistence = 'p') AS stored,
           bool_or(m.relrowsecurity) AS secured, string_agg(concat(m.oid, ':', m.relfilenode, ':',
               (SELECT md5(string_agg(concat(a.attnum, ':', a.xmin), ',' ORDER BY a.attnum)) FROM pg_attribute a WHERE a.attrelid = m.oid AND a.attnum > 0)), ',' ORDER BY m.oid)
               || (SELECT extract(epoch FROM pg_postmaster_start_time())) AS files,
           coalesce(sum(CASE WHEN m.relkind = 'r' AND %(sizes)s THEN pg_table_size(m.oid) END), 0)::bigint AS size
    FROM (SELECT c.oid UNION SELECT p.relid FROM pg_partition_tree(CASE WHEN c.relkind = 'p' THEN c.oid END) p) AS every(oid)
    CROSS JOIN LATERAL (SELECT * FROM pg_class WHERE oid = every.oid OFFSET 0) m
) AS tree"""
_KINDS = {"m": "a materialized view", "f": "a foreign table"}


class Found(msgspec.Struct, frozen=True):
    schema: str
    name: str
    oid: int
    kind: str
    kinds: str  # its own, and those of its partitions
    stored: bool
    secured: bool
    size: int
    has_children: bool
    readable: bool | None  # None: it was dropped while this was asked
    files: str  # and which DDL of columns, since which start of the server: one that is added again rewrites no row
    columns: list[tuple[str, str, str | None]]
    view: str | None
    plain: bool  # its values are what its rows hold: an enum's words may change, a `regclass`, and what is computed as it is read
    hides_xml: bool  # an array, domain or type of somebody's own holds xml: its text leaves out the encoding

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
        if self.hides_xml:
            return "it has xml within another type"
        if self.size > most << 20:
            return f"not looked at: {self.size >> 20} MiB, more than look_megabytes: {most}"
        return ""


def read_found(session: Session, relations: Sequence[Relation], *, sizes: bool) -> dict[Relation, Found]:
    """Those that exist. Sizes, and the SQL of views, are asked for only where nothing is locked: to ask may be to wait."""
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
        columns = [tuple(one) for one in json.loads(row[-4] or "[]")]
        found[relations[row[0] - 1]] = Found(*(*row[1:-4], columns, *row[-3:]))
    return found
