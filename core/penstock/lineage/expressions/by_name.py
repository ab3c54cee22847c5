"""ClickHouse's names of relations where others have values: `dictGet('d', 'a', k)`, `joinGet`, `k in t`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.visit import Handler, decides, generic, visit
from penstock.lineage.scope.dependencies import ARGUMENT
from penstock.lineage.scope.relations import outside
from penstock.lineage.scope.results import Result
from penstock.lineage.scope.walk import Walk


def looked_up(w: Walk, name: str, arguments: Sequence[Any], sub: int) -> bool:
    """`dictGet('d', 'a', key)`: the attribute, which row of it the key decides. False when it is no such call."""
    if not (
        w.rules.has.dictionary_function and name.startswith(("dictget", "joinget")) and len(arguments) > 2
    ):
        return False
    rel = _relation(w, arguments[0])
    attributes = arguments[1].expressions if arguments[1].__class__ is exp.Tuple else [arguments[1]]
    if rel is None or any(one.__class__ is not exp.Literal for one in attributes):
        return False
    for one in attributes:
        key = w.rules.column_key(one.name)
        found = rel.find(key)
        for col in [found] if found is not None else rel.guess(key, one.name):
            w.add(col, sub)
    visit(w, arguments[2], decides(sub))
    for one in arguments[3:]:
        visit(w, one, sub)
    return True


def _relation(w: Walk, node: Any) -> Result | None:
    if node.__class__ is exp.Literal:
        return outside(w, w.catalog.parts_of(node.name))
    if node.__class__ is not exp.Column:
        return None
    w.known([node])
    return outside(
        w, tuple(w.name(node.args[part]) for part in ("db", "table", "this") if node.args.get(part))
    )


def _in(w: Walk, node: Any, sub: int) -> None:
    """`k in t`: the rows of the relation, unless the name is that of an expression."""
    named = node.args.get("field")
    if not w.rules.has.in_names_a_table or named.__class__ is not exp.Column or _is_expression(w, named):
        generic(w, node, sub)
        return
    visit(w, node.args["this"], ARGUMENT[sub])
    plain = named.args.get("table") is None
    cte = w.scope.ctes.get(w.key(named.args["this"])) if plain else None
    rel = cte if cte is not None else _relation(w, named)
    for col in (*rel.listing(), *rel.guess("*", "*")) if rel is not None else ():
        w.add(col, ARGUMENT[sub])


def _is_expression(w: Walk, named: Any) -> bool:
    key, scope = w.peek(named.args["this"]), w.scope
    while scope is not None:
        if key in scope.aliases or key in scope.scalars:
            return True
        if any(one.find(key) is not None for one in scope.sources):
            return True
        scope = scope.parent  # type: ignore[assignment]  # None is the end
    return False


HANDLERS: Mapping[type, Handler | None] = MappingProxyType({exp.In: _in})
