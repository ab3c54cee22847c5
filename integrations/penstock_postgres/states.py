"""Which data the server holds, by the transactions that are seen there, and one table, as far as PostgreSQL's statistics tell. The latter is a
hint: counters move with rolled-back writes too.

The version of a table is (start of the server, oid, relfilenode, rows written since the counters began). Any difference may be a change.
Two equal ones prove nothing: a TRUNCATE, a crash or a write less than ten seconds ago may not show.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from penstock.assets import DataVersion, DataVersionKind, Relation
from penstock.integration import Signal, TableState

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

# A partitioned table stores nothing itself: its version is that of its leaves.
_STATES = """
WITH RECURSIVE wanted AS (
    SELECT w.place, c.oid AS root, c.oid, c.relkind
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) WITH ORDINALITY AS w(schema, name, place)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
    UNION ALL
    SELECT wanted.place, wanted.root, c.oid, c.relkind
    FROM wanted JOIN pg_inherits i ON i.inhparent = wanted.oid JOIN pg_class c ON c.oid = i.inhrelid
    WHERE wanted.relkind = 'p'
)
SELECT wanted.place, bool_and(wanted.relkind IN ('r', 'p', 'm')),
       string_agg(concat_ws(':', wanted.oid, c.relfilenode, s.n_tup_ins + s.n_tup_upd + s.n_tup_del), ',' ORDER BY wanted.oid),
       (SELECT extract(epoch FROM pg_postmaster_start_time())::bigint), pg_is_in_recovery()
FROM wanted JOIN pg_class c ON c.oid = wanted.oid LEFT JOIN pg_stat_all_tables s ON s.relid = wanted.oid
GROUP BY wanted.place"""

_SEEN = (
    "SELECT concat_ws('/', extract(epoch FROM pg_postmaster_start_time()), current_database(), current_user, txid_current_snapshot()),"
    " pg_is_in_recovery()"
)


def whole_state(session: Session) -> TableState | None:
    """Every write has a transaction: where the same ones are seen, by the same user, everything holds what it held, but for unlogged
    tables after a crash. Two different states say nothing of one table."""
    row = session.execute(_SEEN).fetchone()
    if row is None or row[1]:
        return None
    return TableState(
        signal=Signal.COMMIT, version=DataVersion(DataVersionKind.TOKEN, row[0]), equal_means_same=True
    )


def read_states(session: Session, relations: Iterable[Relation]) -> dict[Relation, TableState]:
    """The state of each that exists. Views, foreign tables and everything on a replica: nothing is known, and that is said."""
    wanted = list(relations)
    rows = session.execute(
        _STATES,
        {
            "schemas": [relation.schema or "public" for relation in wanted],
            "names": [relation.identifier for relation in wanted],
        },
    ).fetchall()
    found = {}
    for place, stored, counters, started, replica in rows:
        known = stored and not replica
        found[wanted[place - 1]] = TableState(
            signal=Signal.STATISTICS,
            version=DataVersion(DataVersionKind.TOKEN, f"{started}/{counters}") if known else None,
        )
    return found
