"""Texts in quotes that say nothing of columns: whatever stands in them, the tree means the same. Which ones do is read off the tree.

`status = 'paid'` compares, whatever the text; `select 'paid'` names a column after it, `read('paid')` may read a relation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read import tree

# By class of a node the places in it below which a text is only a value.
_PLACES: dict[type, frozenset[str]] = {
    **{
        kind: frozenset({"this", "expression"})
        for kind in (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Union)
    },
    **{
        kind: frozenset({"this"})
        for kind in (
            exp.Alias, exp.Paren, exp.Not, exp.Cast, exp.TryCast, exp.Lower, exp.Upper, exp.Trim, exp.Where, exp.Having, exp.Qualify,
            exp.Subquery, exp.CTE, exp.From,
        )
    },
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.Replace: frozenset({"this", "expression", "replacement"}),
    exp.Join: frozenset({"this", "on"}),
    exp.With: frozenset({"expressions"}),
    exp.Select: frozenset({"expressions", "where", "having", "qualify", "joins", tree.FROM, tree.WITH}),
}  # fmt: skip
_TYPED = (exp.Cast, exp.TryCast)


def inert_texts(root: Any, tokens: list[Token]) -> frozenset[str]:
    """The texts that stand in inert places only, each time that the query has them."""
    written = Counter(token.text for token in tokens if token.token_type == TokenType.STRING)
    inert = Counter(_texts_in(root))
    return frozenset(text for text, count in inert.items() if count == written[text])


def _texts_in(root: Any) -> Iterator[str]:
    """Every text that is reached from the root by inert places alone."""
    stack = [root]
    while stack:
        node = stack.pop()
        kind = node.__class__
        if kind is exp.Literal and node.args["is_string"]:
            yield node.args["this"]
        if kind in _TYPED and node.args["to"].args.get("nested"):
            continue
        for place in _PLACES.get(kind, ()):
            held = node.args.get(place)
            below = [one for one in (held if isinstance(held, list) else [held]) if isinstance(one, exp.Expr)]
            if kind is exp.Select and place == "expressions":  # what has no name is named after its text
                below = [one for one in below if one.__class__ is exp.Alias]
            stack.extend(below)
