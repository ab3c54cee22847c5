"""Statements that tell of others: SUMMARIZE reads every column, EXPLAIN ANALYZE runs what it explains, other plans run nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.read.wrapped import PLAN_ONLY
from penstock.lineage.scope.dependencies import AGGREGATION, Deps, extend
from penstock.lineage.scope.results import Col, Result, Scope
from penstock.lineage.scope.walk import Modifying, Walk
from penstock.lineage.statements.sources import add_source
from penstock.lineage.statements.targets import Outcome, Statement

# What DuckDB says of each column: its name and type, which are no data, and figures over its values.
_NO_DATA = ("column_name", "column_type")
_FIGURES = (
    "min", "max", "approx_unique", "avg", "std", "q25", "q50", "q75", "count", "null_percentage",
)  # fmt: skip
_OF_DESCRIBE = ("column_name", "column_type", "null", "key", "default", "extra")


def summary(w: Walk, node: Any, around: Scope | None) -> Result:
    """A row for each column: each figure is an aggregate of whichever column the row is about."""
    scope = Scope(around, around.ctes if around is not None else {})
    outer, w.scope = w.scope, scope
    inner = node.args["this"]
    if isinstance(inner, exp.Query):
        source = w.derive(w, inner, scope)
    else:
        add_source(w, scope, inner)
        source = scope.sources[0]
    w.scope = outer
    deps: Deps = {}
    for col in (*source.listing(), *source.guess("*", "*")):
        extend(deps, col.deps, AGGREGATION, None)
    cols = [*(Col(name, name, {}) for name in _NO_DATA), *(Col(name, name, deps) for name in _FIGURES)]
    made = Result([Col(w.rules.column_key(col.name), col.name, col.deps) for col in cols])
    made.rows.parents.append(source.rows)
    return made


def _description(w: Walk, node: Any, around: Scope) -> Result:
    """`from (describe t)`: what a relation looks like, not what is in it."""
    w.finding("not-followed", "DESCRIBE tells what columns look like: none of their values goes on", None)
    w.known(node.find_all(exp.Column, exp.Table))
    return Result(Col(w.rules.column_key(name), name, {}) for name in _OF_DESCRIBE)


def _summarized(w: Walk, node: Any) -> list[Outcome]:
    return [Outcome((), summary(w, node, None))]


def _described(w: Walk, node: Any) -> list[Outcome]:
    """Some dialects' EXPLAIN is read as DESCRIBE."""
    inner = node.args["this"]
    handler = w.statements.get(inner.__class__)
    if handler is None and not isinstance(inner, exp.Query):
        return []
    if str(node.args.get("style") or "").upper() != "ANALYZE":
        w.finding("not-followed", PLAN_ONLY, None)
        return []
    return handler(w, inner) if handler is not None else [Outcome((), w.derive(w, inner, None))]


STATEMENTS: Mapping[type, Statement] = MappingProxyType(
    {exp.Summarize: _summarized, exp.Describe: _described}
)
QUERIES: Mapping[type, Modifying] = MappingProxyType({exp.Summarize: summary, exp.Describe: _description})
