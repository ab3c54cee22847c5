"""How ClickHouse spells an expression when it has to serve as a name: every operator as the function that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from penstock.lineage.scope.walk import Walk

_FUNCTIONS: dict[type, str] = {
    exp.Add: "plus",
    exp.Sub: "minus",
    exp.Mul: "multiply",
    exp.Div: "divide",
    exp.Mod: "modulo",
    exp.DPipe: "concat",
    exp.EQ: "equals",
    exp.NEQ: "notEquals",
    exp.GT: "greater",
    exp.GTE: "greaterOrEquals",
    exp.LT: "less",
    exp.LTE: "lessOrEquals",
    exp.And: "and",
    exp.Or: "or",
    exp.Like: "like",
    exp.ILike: "ilike",
}


def spelled(w: Walk, node: Any) -> str | None:
    """None where this module does not know ClickHouse's way."""
    kind = node.__class__
    if kind is exp.Paren:
        return spelled(w, node.args["this"])
    if kind is exp.Column:
        return str(node.name)
    if kind is exp.Literal:
        return f"'{node.name}'" if node.args["is_string"] else str(node.name)
    if kind is exp.Null:
        return "NULL"
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(w, node)
    if kind in (exp.And, exp.Or):
        return _call(w, _FUNCTIONS[kind], list(node.flatten()))
    if kind in _FUNCTIONS:
        return _call(w, _FUNCTIONS[kind], [node.args["this"], node.args["expression"]])
    if isinstance(node, exp.Anonymous):
        return _call(w, str(node.args["this"]), node.expressions)
    if isinstance(node, exp.Func):
        return _function(w, node)
    return None


def _call(w: Walk, name: str, arguments: list[Any]) -> str | None:
    parts = [spelled(w, one) for one in arguments]
    known = [part for part in parts if part is not None]
    return f"{name}({', '.join(known)})" if len(known) == len(parts) else None


def _function(w: Walk, node: Any) -> str | None:
    """A function of one argument or of a list, by the name that it was called by; others as they were written."""
    name = w.text_of_name(node)
    arguments = [node.args.get("this"), *(node.args.get("expressions") or ())]
    others = [key for key, value in node.args.items() if isinstance(value, exp.Expr) and key != "this"]
    if not name.isidentifier() or others or not isinstance(arguments[0], exp.Expr):
        return None
    return _call(w, name, [one for one in arguments if isinstance(one, exp.Expr)])


def _count(w: Walk, node: Any) -> str | None:
    this = node.args.get("this")
    if this is None or this.__class__ is exp.Star:
        return "count()"
    if this.__class__ is exp.Distinct:
        return _call(w, "uniqExact", this.expressions)
    return _call(w, "count", [this])


def _cast(w: Walk, node: Any) -> str | None:
    inner = spelled(w, node.args["this"])
    kind = node.args["to"].sql(dialect="clickhouse").removeprefix("Nullable(").removesuffix(")")
    return None if inner is None else f"CAST({inner}, '{kind}')"


def _not(w: Walk, node: Any) -> str | None:
    inner = node.args["this"]
    if isinstance(inner, exp.Is):
        return _call(w, "isNotNull", [inner.args["this"]])
    return _call(w, "not", [inner])


_SPECIAL: dict[type, Callable[[Walk, Any], str | None]] = {
    exp.Count: _count,
    exp.Cast: _cast,
    exp.Not: _not,
    exp.Neg: lambda w, node: _call(w, "negate", [node.args["this"]]),
    exp.Is: lambda w, node: _call(w, "isNull", [node.args["this"]]),
    exp.Array: lambda w, node: _call(w, "array", node.expressions),
    exp.Tuple: lambda w, node: _call(w, "tuple", node.expressions),
}
