"""Variables and loop records of procedural code: what a query has put into them goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.expressions.visit import Handler, numbered, value_of_pair
from penstock.lineage.read import tree
from penstock.lineage.scope.dependencies import ARGUMENT, Deps
from penstock.lineage.scope.results import NOTHING, Col, OutsideRelation, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.contents import common, either
from penstock.lineage.statements.query import derive_query
from penstock.lineage.statements.targets import Outcome, Statement, Target, column_list, relation_key, written


def kept_in_variables(w: Walk, node: Any, rel: Result) -> bool:
    """Whether the query's result goes into variables, by INTO or T-SQL's `select @x = ...`; they have it from here on."""
    into = node.args.get("into")
    if into.__class__ is exp.Into:
        names = _names_of_into(w, into)
        w.known(
            one
            for one in (into.args.get("this"), *(into.args.get("expressions") or ()))
            if names and one is not None
        )
        if names:
            w.kept.append((all_of(rel), node))
        if len(names) == 1:
            keep_record(w, names[0], rel)
        for at, name in enumerate(names):
            put(w, name, rel.cols[at] if at < len(rel.cols) else first(rel))
        return bool(names)
    if not w.rules.has.select_assigns:
        return False
    given = [one for one in node.args.get("expressions") or () if _is_assignment(one)]
    if given:
        w.kept.append((all_of(rel), node))
    for one, col in zip(given, rel.cols, strict=False):
        put(
            w, one.args["this"].name, col, adds=node.args.get(tree.FROM) is not None
        )  # no row leaves it as it is
    return bool(given) and len(given) == len(node.expressions)


def _is_assignment(node: Any) -> bool:
    return node.__class__ is exp.EQ and node.args["this"].__class__ is exp.Parameter


def _names_of_into(w: Walk, into: Any) -> list[str]:
    listed = into.args.get("expressions")
    if listed:
        return [one.name for one in listed]
    table = into.args.get("this")
    if isinstance(table, exp.Schema):  # PostgreSQL: `into x, y`
        w.known([table.args["this"]])
        return [one.name for one in table.expressions]
    ident = table.args.get("this") if isinstance(table, exp.Table) else None
    of_row = table.args.get("db") if isinstance(table, exp.Table) else None
    if ident is not None and of_row is not None and w.fold(of_row.name) in w.records:
        return [f"{of_row.name}.{ident.name}"]  # in a trigger: `into :new.id`
    if ident is None or table.args.get("db") is not None:
        return []
    meant = (
        not isinstance(ident, exp.Identifier) or w.rules.has.into_is_variables or w.key(ident) in w.variables
    )
    return [ident.name] if meant else []


def all_of(rel: Result) -> Deps:
    deps: Deps = dict(rel.rows.flat())
    for col in (*rel.listing(), *rel.guess("*", "*")):
        deps.update(col.deps)
    return deps


def first(rel: Result) -> Col:
    columns = rel.listing()
    col = columns[0] if columns else Col("", "", merge(rel.guess("*", "*")))
    return Col(col.key, col.name, {**col.deps, **rel.rows.flat()})


def put(w: Walk, name: str, col: Col, *, adds: bool = False) -> None:
    """A variable may get values in several branches: each may be in it. In a trigger `new.a` is a column of the row."""
    record, _, field = name.partition(".")
    row = w.records.get(w.fold(record)) if field else None
    if isinstance(row, OutsideRelation):
        target = Target(w.relations[row.id], row, None)
        w.beside.append(written(w, target, Result([col.renamed(w.fold(field), w.stores(field))])))
        return
    key = w.fold(name)
    before = w.variables.get(key, NOTHING)
    set_in = w.set_in.get(key)
    if set_in is None:
        w.set_in[key] = w.branch
    elif adds or key in w.fetched or set_in[: len(w.branch)] != w.branch:
        w.set_in[key] = common(set_in, w.branch)
    else:
        w.set_in[key] = w.branch
        before = NOTHING
    w.variables[key] = Col(key, name, {**before.deps, **col.deps})


def keep_record(w: Walk, name: str, rel: Result) -> None:
    """The row that a variable has. One of another branch may still be there: then it is either."""
    key = w.fold(name)
    before = w.records.get(key)
    w.records[key] = either(before, rel) if before is not None and w.branch else rel


def declare(w: Walk, key: str) -> None:
    """A variable of that name is another one from here on."""
    w.variables[key] = NOTHING
    w.records.pop(key, None)
    w.set_in.pop(key, None)


def _set(w: Walk, node: Any) -> list[Outcome]:
    for item in node.expressions:
        pair = item.args.get("this")
        if isinstance(pair, exp.EQ) and _reads(w, pair.args["expression"]):
            _give_each(w, _names_of(pair.args["this"]), pair.args["expression"])
    return []


def _reads(w: Walk, node: Any) -> bool:
    """A query, or a variable that holds something."""
    return any(
        isinstance(one, exp.Query) or w.fold(one.name) in w.variables
        for one in node.find_all(exp.Query, exp.Parameter, exp.Column)
    )


def _give_each(w: Walk, names: list[str], node: Any) -> None:
    """BigQuery: `set (a, b) = (select as struct ...)` goes by position, as does a query of as many columns."""
    if node.__class__ is exp.Tuple and len(names) == len(node.expressions):
        for name, one in zip(names, node.expressions, strict=True):
            _give(w, name, one)
        return
    query = node.unnest()
    if len(names) < 2 or not isinstance(query, exp.Select):
        for name in names:
            _give(w, name, node)
        return
    rel = derive_query(w, query, None)
    w.kept.append((all_of(rel), node))
    fields = rel.cols[0].fields if len(rel.cols) == 1 else None
    cols = list(fields.values()) if fields else rel.cols
    rows = rel.rows.flat()
    for at, name in enumerate(names):
        col = cols[at] if at < len(cols) else first(rel)
        put(w, name, Col(col.key, col.name, {**col.deps, **rows}))


def _names_of(node: Any) -> list[str]:
    inner = node.expressions if node.__class__ is exp.Tuple else [node]
    return [one.args["this"].name if one.__class__ is exp.Paren else one.name for one in inner]


def _declare(w: Walk, node: Any) -> list[Outcome]:
    for item in node.expressions:
        default = item.args.get("default")
        names = item.args["this"] if isinstance(item.args["this"], list) else [item.args["this"]]
        for one in names:
            declare(w, w.fold(one.name))
            if isinstance(item.args.get("kind"), exp.Schema):
                columns = column_list(item.args["kind"])
                key = relation_key(w, w.catalog.full((f"@{w.fold(one.name)}",)))
                w.made[key] = Result(Col(w.key(ident), w.name(ident), {}) for ident in columns)
            if isinstance(default, exp.Expr):
                _give(w, one.name, default)
    return []


def _give(w: Walk, name: str, node: Any) -> None:
    outer, w.scope = w.scope, Scope(None, {})
    col = value(w, node, "", "")
    w.kept.append((col.deps, node))
    put(w, name, col)
    w.scope = outer


def _used(w: Walk, node: Any, sub: int) -> None:
    """`@x`, `:x`, `$x`: what the variable holds."""
    col = numbered(w, node) or w.variables.get(w.fold(node.name))
    if col is not None:
        w.add(col, sub)


def _assigned(w: Walk, node: Any, sub: int) -> None:
    """`x := 1` of a struct, or MySQL's `@x := a`, which is the value and leaves it in `@x`."""
    if node.args["this"].__class__ is not exp.Parameter:
        value_of_pair(w, node, sub)
        return
    col = value(w, node.args["expression"], "", "")
    put(w, node.args["this"].name, col)
    w.add(col, ARGUMENT[sub])


HANDLERS: Mapping[type, Handler | None] = MappingProxyType(
    {exp.Parameter: _used, exp.Placeholder: _used, exp.PropertyEQ: _assigned}
)
STATEMENTS: Mapping[type, Statement] = MappingProxyType({exp.Set: _set, exp.Declare: _declare})
