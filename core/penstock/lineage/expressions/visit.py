"""Walks an expression once and notes each column it uses, and how. How functions, aggregates and windows use theirs is
in the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.read import tree
from penstock.lineage.scope.dependencies import (
    AGGREGATED,
    AGGREGATION,
    ARGUMENT,
    CONDITIONAL,
    FIRST_INDIRECT,
    TRANSFORMATION,
    Deps,
    extend,
)
from penstock.lineage.scope.lookup import column, first_met, member, source_named, whole_row
from penstock.lineage.scope.relations import written_parts
from penstock.lineage.scope.results import Col, Fields, merge
from penstock.lineage.scope.walk import Walk

Handler = Callable[[Walk, Any, int], None]


class Handlers(dict[type, Handler | None]):
    """How each class of node is visited. A class that no table names is classified once."""

    __slots__ = ()

    def __missing__(self, kind: type) -> Handler | None:
        handler = self[kind] = _classify(kind)
        return handler


def visit(w: Walk, node: Any, sub: int) -> None:
    """Adds what `node`, used as `sub`, depends on to `w.acc`."""
    handler = w.handlers[node.__class__]
    if handler is not None:
        handler(w, node, sub)


def visit_all(w: Walk, nodes: Any, sub: int) -> None:
    for node in nodes or ():
        visit(w, node, sub)


def generic(w: Walk, node: Any, sub: int) -> None:
    """A function or operator: each argument is used in it."""
    sub = ARGUMENT[sub]
    handlers = w.handlers
    for value in node.args.values():
        if value.__class__ is list:
            for item in value:
                handler = handlers[item.__class__]
                if handler is not None:
                    handler(w, item, sub)
        else:
            handler = handlers[value.__class__]
            if handler is not None:
                handler(w, value, sub)


def binary(w: Walk, node: Any, sub: int) -> None:
    """Operators nest to the left, thousands deep in generated SQL: a loop, not a recursion."""
    sub = ARGUMENT[sub]
    rights = []
    while w.handlers[node.__class__] is binary:
        args = node.args
        rights.append(args.get("expression"))
        node = args["this"]
    visit(w, node, sub)
    for right in reversed(rights):
        visit(w, right, sub)


def _column(w: Walk, node: Any, sub: int) -> None:
    args = node.args
    this = args["this"]
    if this.__class__ is exp.Star:
        rel = source_named(w.scope, w.key(args["table"]))
        if rel is not None:
            w.add(whole_row(rel, "*"), ARGUMENT[sub])
        return
    if args.get("table") is None:
        key = w.key(this)
        col = w.scope.memo.get(key) or first_met(w, this, key)
    else:
        col = column(w, node)
    if sub:
        extend(w.acc, col.deps, sub, w.site)
    else:
        w.add(col, sub)


def whole_star(w: Walk, node: Any, sub: int) -> None:
    """`hash(*)`: every column of every source. `count(*)` does not come here."""
    for rel in w.scope.sources:
        w.add(whole_row(rel, "*"), ARGUMENT[sub])


def same(w: Walk, node: Any, sub: int) -> None:
    visit(w, node.args["this"], sub)


def value_of_pair(w: Walk, node: Any, sub: int) -> None:
    visit(w, node.args.get("expression"), ARGUMENT[sub])


def aggregate(w: Walk, node: Any, sub: int) -> None:
    w.saw_aggregate = True
    scope = w.scope
    clause = scope.clause
    if clause:
        scope.clause = "aggregate"
    arguments(w, node, AGGREGATED[sub])
    scope.clause = clause


def arguments(w: Walk, node: Any, sub: int) -> None:
    for value in node.args.values():
        if value.__class__ is list:
            for item in value:
                visit(w, item, sub)
        else:
            visit(w, value, sub)


def decides(sub: int) -> int:
    return sub if sub >= FIRST_INDIRECT else CONDITIONAL


def _query(w: Walk, node: Any, sub: int) -> None:
    w.add(subquery_value(w, node), sub)


def subquery_value(w: Walk, node: Any) -> Col:
    """A subquery used as a value: its first column, and whatever decides its rows."""
    rel = w.derive(w, node, w.scope)
    columns = rel.listing()
    col = columns[0] if columns else Col("", "", merge(rel.guess("*", "*")))
    if node.__class__ is exp.Subquery:
        node = node.args["this"]
    args = node.args
    if len(columns) > 1 or args.get("kind") == "STRUCT" or args.get(tree.FOR) is not None:
        others = rel.guess("*", "*") if rel.is_open or rel.open_stars else []
        fields = Fields(columns, rel) if others else {one.key: one for one in columns}
        col = Col("", "", merge([*columns, *others], subtype=TRANSFORMATION), fields=fields)
    rows = rel.rows.flat()
    if not rows and not col.deps:
        rows = _counted(w, node)
    if not rows:
        return col
    return Col(col.key, col.name, {**col.deps, **rows}, fields=col.fields)


def _counted(w: Walk, query: Any) -> Deps:
    """`(select count(*) from users)`: how many rows there are is all that the value is made of."""
    found: Deps = {}
    for table in query.find_all(exp.Table):
        if isinstance(table.args.get("this"), exp.Identifier):
            for relation in _behind(w, table):
                found[w.refs.key(relation, "*", masked=True) | AGGREGATION] = None
    return found


def _behind(w: Walk, table: Any) -> set[int]:
    """The relations that a name in FROM stands for: itself, or those of a CTE."""
    cte = w.scope.ctes.get(w.peek(table.args["this"])) if table.args.get("db") is None else None
    if cte is not None:
        return cte.relations().union(*(w.refs.relations_of(col.deps) for col in cte.listing())) - {-1}
    relation = w.relation_ids.get(w.catalog.find(written_parts(w, table)).parts)
    return set() if relation is None else {relation}


def _exists(w: Walk, node: Any, sub: int) -> None:
    """What is selected in it does not matter, only which rows there are."""
    this = node.args["this"]
    if not isinstance(this, exp.Query):
        generic(w, node, sub)
        return
    rel = w.derive(w, this, w.scope)
    w.add_deps(rel.rows.flat() or _counted(w, this), sub if sub >= FIRST_INDIRECT else TRANSFORMATION)


def _numbered(w: Walk, node: Any, sub: int) -> None:
    col = numbered(w, node)
    if col is not None:
        w.add(col, sub)


def numbered(w: Walk, node: Any) -> Col | None:
    """Snowflake's `$1`: the first column of the only source."""
    if node.name.isdigit() and len(w.scope.sources) == 1 and w.rules.has.numbered_columns:
        return member(w, w.scope.sources[0], node)
    return None


HANDLERS: Mapping[type, Handler | None] = MappingProxyType({
    str: None,
    bool: None,
    int: None,
    type(None): None,
    exp.Identifier: None,
    exp.Literal: None,
    exp.Null: None,
    exp.Boolean: None,
    exp.DataType: None,
    exp.DataType.Type: None,
    exp.Var: None,
    exp.Placeholder: None,
    exp.Parameter: _numbered,
    exp.SessionParameter: None,
    exp.Interval: generic,
    exp.IntervalSpan: None,
    exp.JSONPath: None,
    exp.TableAlias: None,
    exp.Column: _column,
    exp.Pseudocolumn: _column,
    exp.Star: whole_star,
    exp.Paren: same,
    exp.Alias: same,
    exp.Aliases: same,
    exp.PivotAlias: same,
    exp.Kwarg: value_of_pair,
    exp.IgnoreNulls: same,
    exp.RespectNulls: same,
    exp.Ordered: same,
    exp.Select: _query,
    exp.Subquery: _query,
    exp.Union: _query,
    exp.Intersect: _query,
    exp.Except: _query,
    exp.Exists: _exists,
    exp.And: binary,
    exp.Or: binary,
})  # fmt: skip


def _classify(kind: type) -> Handler | None:
    """How a class that no table names is visited."""
    if not issubclass(kind, exp.Expr):
        return None
    if issubclass(kind, exp.AggFunc):
        return aggregate
    if issubclass(kind, exp.Query):
        return _query
    if issubclass(kind, exp.Binary) and set(kind.arg_types) == {"this", "expression"}:
        return binary
    return generic
