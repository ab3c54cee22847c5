"""`f(doc -> 'key')`: where sqlglot reads a lambda inside a function's brackets, and a step into JSON is meant. Trees in, trees changed."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from penstock.lineage.dialects.traits import traits

_OF_LAMBDAS = frozenset({"apply", "filter", "reduce", "transform", "sort", "columns"})
# What an operator behind the step leaves it inside of.
_AROUND = (exp.Binary, exp.Cast, exp.Bracket, exp.Between, exp.In, exp.Not, exp.AtTimeZone)


def steps_into_json(tree: Any, name: str, dialect: Dialect) -> Any:
    """The tree with what was misread put right."""
    has = traits(name)
    if not has.arrow_is_json and not has.arrow_is_both:
        return tree
    for node in list(tree.find_all(exp.Lambda)):
        step = _step(node, dialect) if has.arrow_is_json or not _takes_lambda(node.parent) else None
        if step is not None:
            node.replace(step)
    return tree


def _takes_lambda(node: Any) -> bool:
    called = node.name if isinstance(node, exp.Anonymous) else node.key if node is not None else ""
    return called.lower().removeprefix("list_").removeprefix("array_").removeprefix("array") in _OF_LAMBDAS


def _step(node: Any, dialect: Dialect) -> Any:
    """The body with the step in its leftmost place: `doc -> 'a' = 1` was read as `doc -> ('a' = 1)`."""
    named = node.expressions
    if len(named) != 1 or not isinstance(named[0], exp.Identifier):
        return None
    body = node.args["this"]
    leaf = body
    while isinstance(leaf, _AROUND) and isinstance(leaf.args.get("this"), exp.Expr):
        leaf = leaf.args["this"]
    if not isinstance(leaf, exp.Literal | exp.Neg | exp.Column | exp.Placeholder | exp.Parameter | exp.Func):
        return None
    inner = leaf.copy() if leaf is not body else leaf
    step = exp.JSONExtract(this=exp.Column(this=named[0]), expression=dialect.to_json_path(inner))
    if leaf is body:
        return step
    leaf.replace(step)
    return body
