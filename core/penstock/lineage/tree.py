"""The names that sqlglot gives to parts of its trees, where they differ between versions. Nothing else knows them."""

from __future__ import annotations

from typing import Any

from sqlglot import exp


def _name(kind: type[exp.Expr], plain: str) -> str:
    """`with` is `with_` in newer versions: the name that this version's `kind` has."""
    return f"{plain}_" if f"{plain}_" in kind.arg_types else plain


WITH = _name(exp.Select, "with")
FROM = _name(exp.Select, "from")
EXCEPT = _name(exp.Star, "except")
FOR = _name(exp.Select, "for")
ELSE = _name(exp.ConditionalInsert, "else")

_LEAVES = frozenset(
    {str, bool, int, type(None), exp.Identifier, exp.Literal, exp.Var, exp.Star, exp.Null, exp.Boolean}
)


def dismantle(root: Any) -> None:
    """Takes a tree apart that nobody needs any more. A node knows its parent: whole trees would wait for a collection."""
    stack = [root]
    pop, push, leaves = stack.pop, stack.append, _LEAVES
    while stack:
        args = pop().args
        for held in args.values():
            kind = held.__class__
            if kind is list:
                for one in held:
                    if one.__class__ not in leaves:
                        push(one)
            elif kind not in leaves and isinstance(held, exp.Expr):
                push(held)
        args.clear()
