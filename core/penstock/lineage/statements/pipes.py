"""Pipe syntax derived: each operator takes the result before it, and may still name the tables it was joined from."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.visit import visit
from penstock.lineage.read import tree
from penstock.lineage.read.pipe_syntax import OPERATOR, PIPES
from penstock.lineage.scope.dependencies import GROUP_BY, TRANSFORMATION
from penstock.lineage.scope.results import Col, OpenStar, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.function_results import FunctionResult
from penstock.lineage.statements.match_recognize import matched
from penstock.lineage.statements.pivot import pivoted
from penstock.lineage.statements.projections import project
from penstock.lineage.statements.select import add_from, clauses, projections, unique, use
from penstock.lineage.statements.set_operations import combined
from penstock.lineage.statements.sources import add_join, as_result
from penstock.lineage.statements.star import Item, expand


def derive_pipe(w: Walk, node: Any, around: Scope) -> Result:
    """The result of the last operator. `around` has the CTEs that every operator sees."""
    first, *operators = node.args[PIPES]
    outer = w.scope
    pipe = _Pipe(w, around, first)
    for operator in operators:
        pipe.apply(operator)
    w.scope = outer
    return pipe.rel


class _Pipe:
    """The result so far, and the aliases of the tables in it that can still be named."""

    def __init__(self, w: Walk, around: Scope, first: Any) -> None:
        self.w = w
        self.around = around
        scope = w.scope = self._scope()
        if _is_from(first):
            add_from(w, scope, first.args)
            self.rel = as_result(expand(w, exp.Star()))
            self.rel.rows = scope.rows
            self.aliases = scope.by_alias
        else:
            self.rel = w.derive(w, first, around)
            self.aliases = {}

    def _scope(self) -> Scope:
        return Scope(self.around.parent, self.around.ctes)

    def apply(self, node: Any) -> None:
        """Makes the operator's result the one that the next operator takes."""
        scope = self._scope()
        scope.add(None, self.rel)
        scope.by_alias.update(self.aliases)
        self.w.scope = scope
        operator = node.meta[OPERATOR]
        handler = _OPERATORS.get(operator)
        if handler is None:
            self.w.finding("not-followed", f"|> {operator}: not followed", node)
            return
        self.rel = handler(self, scope, node)
        if operator != "call":
            self.rel.rows = scope.rows


def _is_from(node: Any) -> bool:
    """`from t join u ...`, with nothing selected from it yet."""
    only_sources = {"expressions", tree.FROM, "joins", "laterals"}
    given = {name for name, held in node.args.items() if held}
    stars = [one.__class__ for one in node.args.get("expressions") or ()]
    return node.__class__ is exp.Select and given <= only_sources and stars in ([], [exp.Star])


def _items(w: Walk) -> list[Item]:
    return expand(w, exp.Star())


def _same(pipe: _Pipe, items: list[Item] | None = None) -> Result:
    return as_result(_items(pipe.w) if items is None else items)


def _select(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    rel, grouped = projections(pipe.w, scope, node)
    clauses(pipe.w, scope, node.args, rel, grouped)
    pipe.aliases = {}
    return rel


def _extend(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    more = [item for at, one in enumerate(node.expressions) for item in project(pipe.w, one, at)]
    return _same(pipe, [*_items(pipe.w), *more])


def _set(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    new: dict[str, Col] = {}
    for one in node.expressions:
        if one.__class__ is exp.EQ:
            ident = one.args["this"].args["this"]
            key = pipe.w.key(ident)
            made = project(pipe.w, exp.Alias(this=one.args["expression"].copy(), alias=ident.copy()), 0)
            pipe.w.known(one.args["expression"].find_all(exp.Column))
            new[key] = next(item for item in made if isinstance(item, Col))
    return _same(pipe, _replaced(_items(pipe.w), new))


def _replaced(items: list[Item], new: dict[str, Col]) -> list[Item]:
    made: list[Item] = []
    known = {item.key for item in items if isinstance(item, Col)}
    for item in items:
        if isinstance(item, Col):
            made.append(new.get(item.key, item))
        else:
            made.append(OpenStar(item.rel, item.at, item.hidden | frozenset(new), item.site))
            made.extend(col for key, col in new.items() if key not in known)
    return made


def _drop(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    gone = frozenset(pipe.w.key(one.args["this"]) for one in node.expressions if one.__class__ is exp.Column)
    kept: list[Item] = []
    for item in _items(pipe.w):
        if isinstance(item, OpenStar):
            kept.append(OpenStar(item.rel, item.at, item.hidden | gone, item.site))
        elif item.key not in gone:
            kept.append(item)
    return _same(pipe, kept)


def _rename(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    w = pipe.w
    pairs = [(one.args["this"], one.args["alias"]) for one in node.expressions if one.__class__ is exp.Alias]
    named = {w.key(before.args["this"]): after for before, after in pairs if before.__class__ is exp.Column}
    items = _items(w)
    known = {item.key for item in items if isinstance(item, Col)}
    made: list[Item] = []
    for item in items:
        if isinstance(item, Col):
            after = named.get(item.key)
            made.append(item if after is None else item.renamed(w.key(after), w.name(after)))
            continue
        made.append(OpenStar(item.rel, item.at, item.hidden | frozenset(named), item.site))
        for key, after in named.items():
            if key not in known:
                made.extend(col.renamed(w.key(after), w.name(after)) for col in item.guess(key, key))
    return _same(pipe, made)


def _aggregate(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    """The keys come first, then the aggregates."""
    w = pipe.w
    keys = [item for at, one in enumerate(node.args.get("keys") or ()) for item in project(w, one, at)]
    items = [item for at, one in enumerate(node.expressions) for item in project(w, one, at)]
    for item in keys:
        if isinstance(item, Col):
            use(scope, item, GROUP_BY, None)
    pipe.aliases = {}
    return as_result([*keys, *items])


def _clause(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    rel = _same(pipe)
    if node.args.get("distinct") is not None:
        unique(rel, scope, node)
        return rel
    clauses(pipe.w, scope, node.args, rel, [])
    return rel


def _assert(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    """What is asserted decides nothing but whether there is a result."""
    outer, pipe.w.acc = pipe.w.acc, {}
    visit(pipe.w, node.args["where"].args["this"], TRANSFORMATION)
    pipe.w.acc = outer
    return _same(pipe)


def _as(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    rel = _same(pipe)
    pipe.aliases = {
        pipe.w.key(one.args["this"]): rel for one in node.expressions if one.__class__ is exp.Column
    }
    return rel


def _join(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    _left_is_known(pipe, node)
    for join in node.args.get("joins") or ():
        add_join(pipe.w, scope, join)
    for lateral in node.args.get("laterals") or ():
        add_from(pipe.w, scope, {"laterals": [lateral]})
    pipe.aliases = dict(scope.by_alias)
    return _same(pipe)


def _left_is_known(pipe: _Pipe, node: Any) -> Any:
    """The table that stands for what is left of the operator."""
    left = node.args[tree.FROM].args["this"]
    pipe.w.known([left])
    return left


def _pivot(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    rel = pipe.rel
    pipe.aliases = {}
    for one in _left_is_known(pipe, node).args.get("pivots") or ():
        rel, alias = pivoted(pipe.w, rel, one)
        scope.rows.parents.append(rel.rows)
        pipe.aliases = {alias: rel} if alias else {}
    return Result(rel.listing()) if not rel.open_stars else _with_open_stars(rel)


def _with_open_stars(rel: Result) -> Result:
    made = Result(rel.listing())
    made.open_stars = rel.open_stars
    return made


def _matched(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    match = _left_is_known(pipe, node).args.get("match") or node.args.get("match")
    matched(pipe.w, scope, match)
    pipe.aliases = {}
    return _same(pipe)


def _sample(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    _left_is_known(pipe, node)
    return _same(pipe)


def _combined(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    right = pipe.w.derive(pipe.w, node.args["expression"], pipe.around)
    made = combined(pipe.w, node, pipe.rel, right)
    scope.rows.parents.append(made.rows)
    pipe.aliases = {}
    return _with_open_stars(made)


def _call(pipe: _Pipe, scope: Scope, node: Any) -> Result:
    """`CALL f(x) AS a`: a table function whose first argument is what is left of it."""
    source = node.args[tree.FROM].args["this"]
    w = pipe.w
    acc, w.acc = w.acc, {}
    visit(w, source.args.get("this"), TRANSFORMATION)
    rel = FunctionResult(w.refs, w.acc, [pipe.rel])
    w.acc = acc
    alias = source.args.get("alias")
    pipe.aliases = (
        {w.key(alias.args["this"]): rel} if alias is not None and alias.args.get("this") is not None else {}
    )
    return rel


_OPERATORS = {
    "select": _select, "extend": _extend, "set": _set, "drop": _drop, "rename": _rename, "aggregate": _aggregate, "clause": _clause,
    "assert": _assert, "as": _as, "join": _join, "pivot": _pivot, "matched": _matched, "sample": _sample, "call": _call, "combine": _combined,
}  # fmt: skip
