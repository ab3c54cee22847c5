"""DELETE: which relations lose rows, and what decides that. One that loses all of them holds nothing afterwards."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.scope.dependencies import FILTER
from penstock.lineage.scope.results import Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.contents import is_of_all_rows
from penstock.lineage.statements.insert_update_delete import changed_query, first_ones, target_named
from penstock.lineage.statements.sources import add_join, add_source, decides_rows
from penstock.lineage.statements.targets import Leaves, Outcome, Target, is_query, target_of, written


def delete_from(w: Walk, node: Any, around: Scope) -> tuple[list[Outcome], Target, Scope]:
    scope = Scope(around, around.ctes)
    outer, w.scope = w.scope, scope
    args = node.args
    named = args.get("tables")
    if args.get("using") and args["this"] and w.rules.has.delete_names_sources:
        return _deleted_by_alias(w, scope, node, outer)
    table = args["this"] or (named[0] if named else exp.Table())
    target = changed_query(w, scope, table) or target_of(w, table, scope)
    if not target.parts:
        w.finding("not-followed", "DELETE: what it deletes from is not one table", node)
    scope.add(target.alias, target.rel)
    for join in table.args.get("joins") or ():
        add_join(w, scope, join)
    for one in args.get("using") or ():
        add_source(w, scope, one)
    targets = [target]
    if named and args["this"]:
        targets = [target_named(w, scope, one.args["this"]) or target for one in named]
    if args.get("where") is not None:
        decides_rows(w, scope, args["where"].args["this"], FILTER)
    first_ones(w, scope, node)
    w.scope = outer
    if is_of_all_rows(node) and len(scope.sources) == 1 and not is_query(w, target):
        return [written(w, target, Result(), leaves=Leaves.NOTHING)], target, scope
    return [written(w, one, Result(rows=scope.rows)) for one in targets], targets[0], scope


def _deleted_by_alias(w: Walk, scope: Scope, node: Any, outer: Scope) -> tuple[list[Outcome], Target, Scope]:
    """MySQL: `delete from a, b using t as a join u as b`."""
    args = node.args
    for one in args["using"]:
        add_source(w, scope, one)
    tables = [args["this"], *(join.args["this"] for join in args["this"].args.get("joins") or ())]
    targets = [target_named(w, scope, one.args["this"]) or target_of(w, one, scope) for one in tables]
    if args.get("where") is not None:
        decides_rows(w, scope, args["where"].args["this"], FILTER)
    w.scope = outer
    return [written(w, one, Result(rows=scope.rows)) for one in targets], targets[0], scope
