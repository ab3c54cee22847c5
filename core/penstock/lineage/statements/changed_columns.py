"""What an assignment of UPDATE changes: a column of the target, or of the relation behind a query. What later ones see of it."""

from __future__ import annotations

from typing import Any

from penstock.lineage.scope.results import Col, OpenStar, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import Target, base_of, is_query


def changed(w: Walk, target: Target, ident: Any) -> tuple[Target, str, str]:
    """The relation that a column belongs to, its key and its name there: of a query, what it was made from."""
    base = base_of(w, target.rel, w.key(ident)) if is_query(w, target) else None
    if base is None:
        return target, w.key(ident), true_name(w, target, ident)
    return Target(base[0], target.rel, None), w.rules.column_key(base[1]), base[1]


def true_name(w: Walk, target: Target, ident: Any) -> str:
    known = target.rel.find(w.key(ident))
    return known.name if known is not None else w.name(ident)


def see_assigned(scope: Scope, alias: str | None, col: Col) -> None:
    """MySQL gives values from left to right: from here on the name in this scope means `col`."""
    if alias is None or len(scope.sources) != 1:
        return  # of several tables MySQL promises no order
    before = scope.sources[0]
    listed = [col if one.key == col.key else one for one in before.listing()]
    made = Result(listed if before.find(col.key) is not None else [*listed, col], before.rows)
    if before.is_open:
        made.open_stars.append(OpenStar(before, len(listed)))
    scope.sources[0] = scope.by_alias[alias] = made
    scope.memo.pop(col.key, None)
