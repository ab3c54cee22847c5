"""MERGE: what each branch gives to the target's columns, and what decides between the branches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from penstock.lineage.scope.dependencies import FILTER, JOIN
from penstock.lineage.scope.growth import AnyOf, Together
from penstock.lineage.scope.lookup import member, source_named
from penstock.lineage.scope.results import Col, OpenStar, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.assignments import assigned_name, assignments, given
from penstock.lineage.statements.changed_columns import true_name
from penstock.lineage.statements.query import is_default
from penstock.lineage.statements.sources import add_source, decides_rows
from penstock.lineage.statements.targets import Outcome, Target, target_of, written


def merge_into(w: Walk, node: Any, around: Scope) -> tuple[Outcome, Target, Scope]:
    args = node.args
    scope = Scope(around, around.ctes)
    outer, w.scope = w.scope, scope
    target = target_of(w, args["this"], scope)
    scope.add(target.alias, target.rel)
    add_source(w, scope, args["using"])
    source = scope.sources[-1]
    for ident in args.get("using_cond") or ():
        for rel in (target.rel, source):
            scope.rows.decided_by(member(w, rel, ident).deps, JOIN, ident)
    if args.get("on"):
        decides_rows(w, scope, args["on"], JOIN)
    taken: dict[str, list[Col]] = {}
    stars: list[Result] = []
    for when in args["whens"].expressions:
        w.scope = seen = _seen_by(scope, target, source, when)
        if when.args.get("condition") is not None:
            decides_rows(w, seen, when.args["condition"], FILTER)
        for col in _branch(w, seen, target, source, when, stars):
            taken.setdefault(col.key, []).append(col)
    w.scope = outer
    rel = Result(rows=scope.rows)
    for key, cols in taken.items():
        others = [one for one in stars if not isinstance(one, AnyOf) and one.find(key) is None]
        guessed = [col for one in others for col in one.guess(key, cols[0].name)]
        rel.add(Col(key, cols[0].name, merge([*cols, *guessed])))
    if stars:
        rel.open_stars = [OpenStar(Together(stars), 0)]
    return written(w, target, rel), target, scope


def _seen_by(scope: Scope, target: Target, source: Result, when: Any) -> Scope:
    """NOT MATCHED sees the source alone, NOT MATCHED BY SOURCE the target alone: a bare name is a column of that one."""
    if when.args.get("matched"):
        return scope
    seen = Scope(scope.parent, scope.ctes)
    seen.sources = [target.rel if when.args.get("source") else source]
    seen.by_alias, seen.rows = scope.by_alias, scope.rows
    return seen


def _branch(
    w: Walk, scope: Scope, target: Target, source: Result, when: Any, stars: list[Result]
) -> list[Col]:
    """The columns that it gives by name; `stars` gets what gives others."""
    then = when.args.get("then")
    if _says_by_name(w, then):
        return _same_named(w, target, source, stars)
    if isinstance(then, exp.Update):
        assigned = then.args.get("expressions") or ()
        if _by_name(assigned):
            return _same_named(w, target, source, stars)
        cols = [
            Col(w.key(ident), true_name(w, target, ident), col.deps)
            for one in assigned
            for ident, col in _assigned(w, scope, one)
        ]
    elif isinstance(then, exp.Insert):
        cols = _merge_insert(w, target, source, then, stars)
    else:
        return []
    if then.args.get("where") is not None:
        decides_rows(w, scope, then.args["where"].args["this"], FILTER)
    return cols


def _assigned(w: Walk, scope: Scope, node: Any) -> Iterator[tuple[Any, Col]]:
    """`t.a = x`; `a.b = x`, where `a` is no source, changes the column `a`."""
    for ident, qualifier, col in assignments(w, node):
        if qualifier is not None and source_named(scope, w.key(qualifier)) is None:
            w.known([ident])
            ident = qualifier
        yield ident, col


def _by_name(assigned: Any) -> bool:
    if isinstance(assigned, exp.Star):
        return True
    return len(assigned) == 1 and assigned[0].__class__ in (exp.Star, exp.Var)


def _says_by_name(w: Walk, then: Any) -> bool:
    """DuckDB's `update by name`, `insert by name` (an alias where a list would stand), and `update` alone."""
    if isinstance(then, exp.Update):
        return not then.args.get("expressions")
    names = then.args.get("this") if isinstance(then, exp.Insert) else None
    said = isinstance(names, exp.Tuple) and [one.sql().lower() for one in names.expressions] == ["by as name"]
    if said and isinstance(names, exp.Tuple):
        w.known(names.find_all(exp.Column))
    return said


def _merge_insert(w: Walk, target: Target, source: Result, then: Any, stars: list[Result]) -> list[Col]:
    names, values = then.args.get("this"), then.args.get("expression")
    if not isinstance(values, exp.Expr):
        values = None
    if values is None and names.__class__ is exp.Tuple and names.expressions:
        only = names.expressions[0]
        if len(names.expressions) == 1 and is_default(only):
            w.known([only])
            return []  # INSERT DEFAULT VALUES
        if only.__class__ is exp.Anonymous and str(only.args["this"]).upper() == "VALUES":
            names, values = None, exp.Tuple(expressions=only.expressions)  # INSERT VALUES (...)
    if values is None and names.__class__ is exp.Tuple and w.rules.has.insert_values_only:
        names, values = None, names  # INSERT (s.id, s.a)
    if names.__class__ in (exp.Star, exp.Var) or values is None:
        return _same_named(w, target, source, stars)
    cells = values.expressions if values.__class__ is exp.Tuple else [values]
    if cells and isinstance(cells[0], exp.Tuple):
        cells = cells[0].expressions
    if names is not None:
        idents = [assigned_name(one) for one in (names.expressions or [names])]
    else:
        idents = list(target.known or ())
    if not idents and cells:
        told = ".".join(target.parts)
        w.finding("unnamed-target", f"{told}: its columns are not known, so INSERT names none")
        stars.append(AnyOf(w.refs, merge([given(w, cell) for cell in cells])))
        return []
    return [
        given(w, cell, w.key(ident), true_name(w, target, ident))
        for ident, cell in zip(idents, cells, strict=False)
    ]


def _same_named(w: Walk, target: Target, source: Result, stars: list[Result]) -> list[Col]:
    """`UPDATE SET *`, `INSERT *`, `INSERT ROW`: each column from the source's column of that name."""
    known = target.known
    if known is None:
        if source.is_open:
            stars.append(source)
        return source.listing()
    found = []
    for ident in known:
        key = w.key(ident)
        col = source.find(key)
        choices = [col] if col is not None else source.guess(key, w.name(ident))
        if choices:
            found.append(Col(key, w.name(ident), merge(choices)))
    return found
