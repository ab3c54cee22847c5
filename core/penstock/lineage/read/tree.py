"""The names that sqlglot gives to parts of its trees, where they differ between versions. Nothing else knows them."""

from __future__ import annotations

from collections import deque
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
# What is written there says how a relation is kept, not where its columns come from.
_OTHER_MATTERS = frozenset(
    {exp.Properties, exp.Schema, exp.ColumnDef, exp.Hint, exp.DataType, exp.PartitionedByProperty, exp.Index, exp.QueryOption}
)  # fmt: skip


class Nodes:
    """The nodes of a statement, listed in one pass: `columns` and `tables` that say where data comes from, and in `inner`
    what each node holds that has nodes below it."""

    __slots__ = ("columns", "inner", "tables")

    def __init__(self, root: Any) -> None:
        self.columns: list[Any] = []
        self.tables: list[Any] = []
        self.inner: list[dict[str, Any]] = []
        aside: list[Any] = []
        self._list([root], self.columns.append, self.tables.append, aside)
        self._list(aside, _nowhere, _nowhere, None)

    def _list(self, stack: list[Any], column: Any, table: Any, aside: list[Any] | None) -> None:
        """All below the nodes in `stack`. Without `aside` nothing is left aside."""
        pop, push, extend, note, leaves = stack.pop, stack.append, stack.extend, self.inner.append, _LEAVES
        plain, named, alias, identifier, anything = exp.Column, exp.Table, exp.Alias, exp.Identifier, exp.Expr
        while stack:
            node = pop()
            kind = node.__class__
            args = node.args
            if (
                kind is alias
                and args["alias"].__class__ is identifier
                and args["this"].__class__ not in leaves
            ):
                note(args)  # most of what select lists hold: without a turn of its own
                node = args["this"]
                kind = node.__class__
                args = node.args
            if kind is plain:
                note(args)
                column(node)
                if args["this"].__class__ is identifier:
                    continue
            elif kind is named:
                note(args)
                table(node)
            elif aside is not None and kind in _OTHER_MATTERS:
                aside.append(node)
                continue
            else:
                note(args)
            for held in args.values():
                of = held.__class__
                if of is list:
                    extend([one for one in held if one.__class__ not in leaves])
                elif of not in leaves and isinstance(held, anything):
                    push(held)

    def dismantle(self) -> None:
        """Takes the tree apart. A node knows its parent: a whole tree would wait for garbage collection."""
        deque(map(dict.clear, self.inner), maxlen=0)


def _nowhere(node: Any) -> None:
    """What is aside is not listed."""
