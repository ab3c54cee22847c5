"""The names of a select list where columns are looked up: whether one can be meant, and what one stands for that comes later."""

from __future__ import annotations

from sqlglot import exp

from penstock.lineage.scope.results import Col, Scope
from penstock.lineage.scope.walk import Walk


def foreseen(scope: Scope, key: str) -> Col:
    """A name that is given further on. In what it stands for, the same name is a column."""
    made: Col = scope.pending.pop(key)()
    scope.memo.pop(key, None)
    scope.aliases[key] = made
    return made


def alias_at(w: Walk, level: Scope, key: str) -> tuple[bool, bool]:
    """Whether a name of the select list can be meant where it stands, and whether nothing else can.

    A column of the source comes first in all but ORDER BY; but a source's column that is not grouped cannot stand in
    HAVING, and no aggregate of the select list can stand inside another. QUALIFY is for window functions: a name of one is it.
    """
    clause = level.clause
    if clause == "aggregate":
        return False, False
    if clause in ("where", "prewhere", "join"):
        return w.rules.has.aliases_in_where, False
    if clause == "qualify":
        made_of = level.alias_nodes.get(key)
        return True, made_of is not None and made_of.find(exp.Window) is not None
    return True, clause == "having" and key in level.aggregated
