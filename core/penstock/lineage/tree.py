"""The names that sqlglot gives to parts of its trees, where they differ between versions. Nothing else knows them."""

from __future__ import annotations

from sqlglot import exp


def _name(kind: type[exp.Expr], plain: str) -> str:
    """`with` is `with_` in newer versions: the name that this version's `kind` has."""
    return f"{plain}_" if f"{plain}_" in kind.arg_types else plain


WITH = _name(exp.Select, "with")
FROM = _name(exp.Select, "from")
EXCEPT = _name(exp.Star, "except")
FOR = _name(exp.Select, "for")
ELSE = _name(exp.ConditionalInsert, "else")
