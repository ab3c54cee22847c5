"""Statements that change rows, alone or as parts of a query: what RETURNING gives, and where OUTPUT ... INTO puts it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.read.output_targets import JOINED
from penstock.lineage.scope.dependencies import Rows
from penstock.lineage.scope.results import OpenStar, Result, Scope
from penstock.lineage.scope.walk import Modifying, Walk
from penstock.lineage.statements.deletes import delete_from
from penstock.lineage.statements.insert_update_delete import insert_into, update_table, with_ctes
from penstock.lineage.statements.merge import merge_into
from penstock.lineage.statements.projections import project
from penstock.lineage.statements.sources import as_result
from penstock.lineage.statements.targets import Outcome, Statement, Target, named_by, target_of, written
from penstock.lineage.statements.variables import put


def changed(w: Walk, node: Any) -> list[Outcome]:
    scope = with_ctes(w, node, Scope(None, {}))
    outcomes, target, seen = _change(w, node, scope)
    returning = node.args.get("returning")
    into = returning.args.get("into") if returning is not None else None
    if isinstance(into, exp.Expr) and not w.rules.has.output_into_tables:
        rel = _returning(w, node, seen, target, outcomes[0].rel if outcomes else Result())
        for name, col in zip(_variables(w, into), rel.listing(), strict=False):
            put(w, name, col)
    elif returning is not None and isinstance(into, exp.Expr):
        kept = _output_into(w, into)
        if kept is not None:
            rel = _returning(w, node, seen, target, outcomes[0].rel if outcomes else Result())
            outcomes.append(written(w, kept, named_by(w, rel, kept.columns) if kept.columns else rel))
    elif returning is not None:
        shown = _returning(w, node, seen, target, outcomes[0].rel if outcomes else Result())
        outcomes.append(Outcome((), shown))
    return outcomes


def _change(w: Walk, node: Any, scope: Scope) -> tuple[list[Outcome], Target, Scope]:
    """What changes, and the scope with the sources that RETURNING can name beside the target."""
    if isinstance(node, exp.Update):
        return update_table(w, node, scope)
    if isinstance(node, exp.Delete):
        return delete_from(w, node, scope)
    if isinstance(node, exp.Merge):
        merged, target, seen = merge_into(w, node, scope)
        return [merged], target, seen
    outcome, target = insert_into(w, node, scope)
    return [outcome], target, scope


def _variables(w: Walk, into: Any) -> list[str]:
    """`returning a, b into x, y`."""
    w.known(into.find_all(exp.Column))
    listed = into.args.get("expressions")
    return [one.name for one in listed] if listed else [into.name]


def _output_into(w: Walk, into: Any) -> Target | None:
    """T-SQL's OUTPUT ... INTO `s.log (a, b)`, which reads like a function of columns."""
    database, schema, columns = None, None, None
    if into.__class__ is exp.Dot:
        schema, into = into.args["this"], into.args["expression"]
    if isinstance(into, exp.Column):
        schema, into = into.args.get("table"), into.args["this"]
    if isinstance(into, exp.Anonymous):
        w.known(into.expressions)
        columns = [one.args["this"] for one in into.expressions if isinstance(one, exp.Column)]
        into = exp.to_identifier(str(into.args["this"]))
    if isinstance(into, exp.Func):  # `log (a, b)`: a table by the name of a function
        named = sorted(
            into.find_all(exp.Column), key=lambda one: (one.args["this"]._meta or {}).get("start", 0)
        )
        w.known(named)
        columns = [one.args["this"] for one in named] or columns
        into = exp.to_identifier(w.text_of_name(into) or into.key)
    if isinstance(into, exp.Identifier) and JOINED in into.name:
        *before, name = into.name.split(JOINED)[1:]
        schema = exp.to_identifier(before[-1]) if before and before[-1] else "" if before else None
        database = exp.to_identifier(before[-2]) if len(before) > 1 else None
        into = exp.Parameter(this=exp.Var(this=name[1:])) if name[:1] == "@" else exp.to_identifier(name)
    if isinstance(into, exp.Parameter):
        target = target_of(w, exp.Table(this=into))
        target.columns = columns
        return target
    if not isinstance(into, exp.Identifier) or not (not schema or isinstance(schema, exp.Identifier)):
        return None
    target = target_of(w, exp.Table(this=into, db=schema, catalog=database))
    target.columns = columns
    return target


def _returning(w: Walk, node: Any, scope: Scope, target: Target, rel: Result) -> Result:
    """What RETURNING hands to the query around: the target's rows after the change."""
    returning = node.args.get("returning")
    if returning is None:
        return Result()
    after = Result(rows=rel.rows)
    for col in target.rel.listing():
        after.add(rel.find(col.key) or col)
    for col in rel.listing():
        if col.key not in after.index:
            after.add(col)
    if target.rel.is_open:
        after.open_stars = target.rel.open_stars or [OpenStar(target.rel, len(after.cols))]
    inner = Scope(scope.parent, scope.ctes)
    inner.add(target.alias, after if after.cols else target.rel)
    for other in scope.sources:
        if other is not target.rel:
            inner.sources.append(other)
    for alias, other in scope.by_alias.items():
        if other is not target.rel:
            inner.by_alias.setdefault(alias, other)
    for name, rel_then in (
        ("inserted", inner.sources[0]),
        ("new", inner.sources[0]),
        ("deleted", target.rel),
        ("old", target.rel),
    ):
        inner.by_alias.setdefault(w.fold(name), rel_then)
    outer, w.scope = w.scope, inner
    items = [item for at, one in enumerate(returning.expressions) for item in project(w, one, at)]
    w.scope = outer
    made = as_result(items)
    made.rows = Rows()
    made.rows.parents.append(inner.rows)
    return made


def _changing_query(w: Walk, node: Any, around: Scope) -> Result:
    """INSERT, UPDATE, DELETE or MERGE ... RETURNING as a CTE: it writes, and it gives rows."""
    scope = with_ctes(w, node, Scope(around, around.ctes))
    outcomes, target, seen = _change(w, node, scope)
    w.beside.extend(outcomes)
    return _returning(w, node, seen, target, outcomes[0].rel if outcomes else Result())


_KINDS = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
STATEMENTS: Mapping[type, Statement] = MappingProxyType(dict.fromkeys(_KINDS, changed))
MODIFYING: Mapping[type, Modifying] = MappingProxyType(dict.fromkeys(_KINDS, _changing_query))
