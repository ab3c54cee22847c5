"""Which of the functions that a script makes a call means: by its full name, and by its arguments where dialects tell them apart."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.records import Parts
from penstock.lineage.scope.relations import written_parts
from penstock.lineage.scope.results import Col, Result
from penstock.lineage.scope.signatures import MadeFunction, made_of
from penstock.lineage.scope.walk import Walk

Made = dict[Parts, list[MadeFunction]]


def keep_function(w: Walk, made: Made, signature: Any, rel: Result) -> None:
    """Of one name and the same types of parameters the last is kept; of one name, where types do not tell them apart."""
    key, new = _key(w, written_parts(w, signature.args["this"])), made_of(signature, rel)
    same = made.get(key, []) if w.rules.has.functions_overload else []
    made[key] = [*(one for one in same if one.types != new.types), new]


def function_made(w: Walk, node: Any) -> Result | None:
    """The function of the script that is called; None of one that is not the script's, or could be one of several."""
    meant = [one for one in _named(w, w.functions, node) if one.takes(node.expressions)]
    return meant[0].rel if len(meant) == 1 else None


def value_made(w: Walk, node: Any) -> Col | None:
    """What the function of the script that is called reads for the one value that it gives. Parameters may have values of their own."""
    same = _named(w, w.given_back, node)
    given = len(node.expressions)
    meant = [one for one in same if one.takes(node.expressions)] or [
        one for one in same if one.most is None or one.most >= given
    ]
    if len(meant) > 1:
        w.finding("not-followed", f"{node.name}: which of the functions of that name is called", node)
    return meant[0].rel.cols[0] if len(meant) == 1 else None


def _named(w: Walk, made: Made, node: Any) -> list[MadeFunction]:
    key = _key(w, _written(w, node))
    if (same := made.get(key)) is not None:
        return same
    longer = [one for one in made if len(one) > len(key) and one[-len(key) :] == key]
    return made[longer[0]] if len(longer) == 1 else []


def _key(w: Walk, parts: Parts) -> Parts:
    return tuple(w.rules.relation_key(part) for part in w.catalog.full(parts))


def _written(w: Walk, node: Any) -> Parts:
    """`a.b.f(1)`: what stands before the call is kept by the table around it, or by dots."""
    name, around = node.args["this"], node.parent
    own = (
        (w.rules.stores(name),) if isinstance(name, str) else tuple(w.name(name).split("."))
    )  # BigQuery: `a.f`
    before: list[Any] = []
    if around.__class__ is exp.Dot and around.args["expression"] is node:
        first = around.args["this"]
        before = list(first.flatten()) if first.__class__ is exp.Dot else [first]
    elif around.__class__ is exp.Table and around.args.get("this") is node:
        before = [around.args.get(part) for part in ("catalog", "db")]
    named = [w.name(one) if one != "" else w.rules.left_out_schema for one in before if one is not None]
    return (*(one for one in named if one), *own)
