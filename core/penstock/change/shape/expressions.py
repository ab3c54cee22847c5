"""Digests of expressions: equal for two that give the same value of the same rows. Queries inside are asked of `query`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from sqlglot import exp

from penstock.change.shape.records import Outside
from penstock.change.shape.scope import Scope, Unshaped, among, digest, qualified, unqualified
from penstock.lineage.dialects.rules import Rules

_CONNECTORS = (exp.And, exp.Or)
_SYMMETRIC = (exp.EQ, exp.NEQ)
_IGNORED = frozenset({"comments"})
# Names of functions that two letters' case tells apart.
_CASE_COUNTS = frozenset({"bigquery", "clickhouse"})


class Expressions(ABC):
    """Of one text."""

    def __init__(self, rules: Rules, dialect: str, outside: Outside) -> None:
        self.rules = rules
        self.dialect = dialect
        self.outside = outside

    @abstractmethod
    def query(self, node: Any, outer: Scope) -> str:
        """All that a query inside an expression gives."""

    def key(self, ident: Any) -> str:
        if isinstance(ident, exp.Identifier):
            return self.rules.column_key(ident.name, bool(ident.args.get("quoted")))
        raise Unshaped

    def of(self, node: Any, scope: Scope) -> str:
        kind = node.__class__
        if kind is exp.Paren:
            return self._in_parentheses(node, scope)
        if kind is exp.Column:
            return self._column(node, scope)
        if kind in _CONNECTORS:
            return digest(kind.__name__, *sorted(self._flat(node, kind, scope)))
        if kind in _SYMMETRIC and not _is_argument(node):
            sides = sorted((self.of(node.this, scope), self.of(node.expression, scope)))
            return digest(kind.__name__, *sides, *self._rest(node, scope, "this", "expression"))
        if isinstance(node, exp.Query):
            return digest("query", self.query(node, scope))
        if kind is exp.Count and isinstance(node.this, exp.Literal) and not node.this.is_string:
            return digest("Count", digest("Star"))
        if kind is exp.Count and node.this.__class__ is exp.Star and not node.expressions:
            return digest("Count", digest("Star"))
        if kind is exp.Identifier:
            return digest("name", self.key(node))
        if kind is exp.Anonymous:
            return digest("call", self._called(node), *self._rest(node, scope, "this"))
        return digest(kind.__name__, *self._rest(node, scope))

    def _in_parentheses(self, node: Any, scope: Scope) -> str:
        """The tree has the precedence; but `order by (1)` may not be the first column."""
        inside = node.this
        if isinstance(inside, exp.Literal) and isinstance(node.parent, exp.Group | exp.Ordered | exp.Order):
            return digest("Paren", self.of(inside, scope))
        return self.of(inside, scope)

    def _flat(self, node: Any, kind: Any, scope: Scope) -> list[str]:
        found: list[str] = []
        waiting: list[Any] = [node]
        while waiting:
            one: Any = waiting.pop()
            while isinstance(one, exp.Paren):
                one = one.args["this"]
            if isinstance(one, kind):
                waiting += [one.args["expression"], one.args["this"]]
            else:
                found.append(self.of(one, scope))
        return found

    def _called(self, node: Any) -> str:
        name = node.this if isinstance(node.this, str) else node.this.sql()
        return name if self.dialect in _CASE_COUNTS else name.lower()

    def _rest(self, node: Any, scope: Scope, *without: str) -> list[object]:
        """The arguments by name. What is absent and what is empty are the same."""
        parts: list[object] = []
        for name, value in sorted(node.args.items()):
            if value is None or value == [] or name in without or name in _IGNORED:
                continue
            if name == "desc" and not value:
                continue
            parts.append((name, self._value(value, scope)))
        return parts

    def _value(self, value: Any, scope: Scope) -> object:
        if isinstance(value, exp.Expression):
            return self.of(value, scope)
        if isinstance(value, list | tuple):
            return tuple(self._value(one, scope) for one in value)
        return str(value)

    def _column(self, node: Any, scope: Scope) -> str:
        args = node.args
        parts = [args[part] for part in ("catalog", "db", "table", "this") if args.get(part)]
        if not isinstance(parts[-1], exp.Identifier):
            return self._star(parts, scope)
        keys = [self.key(part) for part in parts]
        if len(keys) == 1:
            return unqualified(self.rules, scope, keys[0])
        if len(keys) == 2:
            found = qualified(scope, keys[0], keys[1])
            if found is not None:
                return found
        return digest("path", *keys, *(among(scope, key, "") for key in keys[:-1]))

    def _star(self, parts: list[Any], scope: Scope) -> str:
        """`count(t.*)`: every column of a source, or of all of them."""
        if not isinstance(parts[-1], exp.Star):
            raise Unshaped
        inside = self._rest(parts[-1], scope)
        if len(parts) == 1:
            return digest("star", *inside, *(one.whole for one in scope.sources))
        return digest("star", *inside, among(scope, self.key(parts[-2]), ""))


def _is_argument(node: Any) -> bool:
    """`f(header = true)`: what looks like a comparison may name an argument."""
    return isinstance(node.parent, exp.Func) and not isinstance(node.parent, _CONNECTORS)
