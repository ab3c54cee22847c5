"""Names that a SELECT gives otherwise than by AS behind an item of its list."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.scope.results import Scope
from penstock.lineage.scope.walk import Walk

_NAMING_CLAUSES = ("prewhere", "where", "having", "qualify")


def foresee(w: Walk, scope: Scope, node: Any) -> None:
    """ClickHouse: a name may be used before the projection that gives it, and be given inside an expression, also of WHERE."""
    clauses_ = [node.args[one] for one in _NAMING_CLAUSES if node.args.get(one) is not None]
    for part in (*clauses_, *(node.args.get("expressions") or ())):
        for one in part.walk(prune=lambda one: isinstance(one, exp.Query)):
            if one.__class__ is exp.Alias:
                key, name = w.named(one.args["alias"])
                scope.pending[key] = lambda inner=one.args["this"], key=key, name=name: value(
                    w, inner, key, name
                )


def of_script(w: Walk, listed: Any) -> Any:
    """Hive's `transform(a, b) using 'x' as c, d`: all names are of what the script gives."""
    first = listed[0]
    if first.__class__ is not exp.Alias or first.args["this"].__class__ is not exp.QueryTransform:
        return listed
    if len(listed) == 1 or not all(one.__class__ is exp.Column for one in listed[1:]):
        return listed
    w.known(listed[1:])
    called = first.args["this"]
    return [first, *(exp.Alias(this=called, alias=one.args["this"]) for one in listed[1:])]


def named_by_text(node: Any) -> Any:
    """T-SQL's `'p' = a` as `a as p`. `@x = a` gives no column."""
    label = node.args["this"]
    if label.__class__ is not exp.Literal:
        return node
    return exp.Alias(this=node.args["expression"], alias=exp.to_identifier(label.name, quoted=True))
