"""MATCH_RECOGNIZE: patterns over ordered rows."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.scope.dependencies import FILTER, WINDOW
from penstock.lineage.scope.results import OpenStar, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.sources import decides_rows


def matched(w: Walk, scope: Scope, node: Any) -> None:
    """Replaces the last source of `scope` by what the pattern gives: its partition and its measures."""
    args = node.args
    source = scope.sources[-1] if scope.sources else Result()
    inner = Scope(scope.parent, scope.ctes)
    inner.add(None, source)
    for name, rel in scope.by_alias.items():
        if rel is source:
            inner.by_alias[name] = rel
    for one in args.get("define") or ():
        inner.by_alias[w.key(one.args["alias"])] = source
    for word in _pattern_names(args.get("pattern")):
        inner.by_alias.setdefault(w.fold(word), source)
    outer, w.scope = w.scope, inner
    made = Result()
    if "ALL ROWS" in str(args.get("rows") or "").upper():
        for col in source.listing():
            made.add(col)
        made.open_stars.extend(source.open_stars)
        if source.is_open and not source.open_stars:
            made.open_stars.append(OpenStar(source, 0, frozenset(made.index)))
    else:
        for one in args.get("partition_by") or ():
            made.add(value(w, one, w.key(one.args["this"]), w.name(one.args["this"])))
    for one in args.get("measures") or ():
        measure = one.args["this"]
        made.add(value(w, measure.args["this"], w.key(measure.args["alias"]), w.name(measure.args["alias"])))
    for one in args.get("partition_by") or ():
        decides_rows(w, inner, one, WINDOW)
    order = args.get("order")
    for one in order.expressions if order is not None else ():
        decides_rows(w, inner, one.args["this"], WINDOW)
    for one in args.get("define") or ():
        decides_rows(w, inner, one.args["this"], FILTER)
    w.scope = outer
    made.rows = inner.rows
    _replace(w, scope, source, made, args.get("alias"))


def _pattern_names(pattern: Any) -> list[str]:
    text = str(pattern.name if isinstance(pattern, exp.Var) else pattern or "")
    return "".join(letter if letter.isalnum() or letter == "_" else " " for letter in text).split()


def _replace(w: Walk, scope: Scope, source: Result, made: Result, alias: Any) -> None:
    scope.sources[-1:] = [made]
    scope.rows.parents.append(made.rows)
    for name, rel in list(scope.by_alias.items()):
        if rel is source:
            scope.by_alias[name] = made
    if alias is not None and alias.args.get("this") is not None:
        scope.by_alias[w.key(alias.args["this"])] = made
