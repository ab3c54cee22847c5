"""Every name of a statement is accounted for: what no part of the walk has looked at is told, never left out in silence."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.walk import Walk

_LEAVES = frozenset(
    {str, bool, int, type(None), exp.Identifier, exp.Literal, exp.Var, exp.DataType, exp.Null, exp.Boolean}
)
# What is written there says how a relation is kept, not where its columns come from.
_WITH_FLOWS = (
    exp.Query,
    exp.Pivot,
    exp.Values,
    exp.Create,
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.MultitableInserts,
    exp.Copy,
    exp.Export,
    exp.Cache,
)
_OTHER_MATTERS = frozenset(
    {
        exp.Properties,
        exp.Schema,
        exp.ColumnDef,
        exp.Hint,
        exp.DataType,
        exp.PartitionedByProperty,
        exp.Index,
        exp.QueryOption,
    }
)


def account(w: Walk, statement: Any) -> None:
    """A finding for each relation and each column of the statement that nothing has looked up."""
    if not isinstance(statement, _WITH_FLOWS) or _makes_no_relation(statement):
        return
    seen = w.seen
    stack: list[Any] = [statement]
    pop, extend, push = stack.pop, stack.extend, stack.append
    while stack:
        node = pop()
        kind = node.__class__
        if kind is exp.Column:
            this = node.args["this"]
            if id(this) not in seen and id(node) not in seen and this.__class__ is exp.Identifier:
                _told(w, node, "column")
            continue
        if kind is exp.Table:
            this = node.args.get("this")
            if id(node) not in seen and id(this) not in seen and this.__class__ is exp.Identifier:
                _told(w, node, "relation")
            w.known(one for one in (node.args.get("format"),) if isinstance(one, exp.Expr))
        if kind in _OTHER_MATTERS:
            continue
        for held in node.args.values():
            of = held.__class__
            if of in _LEAVES:
                continue
            if of is list:
                extend([one for one in held if one.__class__ not in _LEAVES])
            else:
                push(held)


def _makes_no_relation(statement: Any) -> bool:
    kind = str(statement.args.get("kind") or "").upper()
    return statement.__class__ is exp.Create and kind not in ("TABLE", "VIEW")


def _told(w: Walk, node: Any, what: str) -> None:
    name = ".".join(part.name for part in node.parts) if hasattr(node, "parts") else node.name
    w.finding("not-followed", f"{name}: what this {what} is used for is not followed", node)
