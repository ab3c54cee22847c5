"""INSERT and UPDATE: which columns of the target get which values, and what decides the rows."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.read import tree
from penstock.lineage.records import Parts
from penstock.lineage.scope.dependencies import FILTER, SORT
from penstock.lineage.scope.lookup import source_named
from penstock.lineage.scope.results import Col, OpenStar, OutsideRelation, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.assignments import assignments, is_whole
from penstock.lineage.statements.changed_columns import changed, see_assigned
from penstock.lineage.statements.contents import is_of_all_rows
from penstock.lineage.statements.query import derive_query, read_with
from penstock.lineage.statements.select import add_from
from penstock.lineage.statements.sources import add_join, decides_rows
from penstock.lineage.statements.table_functions import remote_parts
from penstock.lineage.statements.targets import (
    Leaves,
    Outcome,
    Target,
    at_base,
    behind,
    is_query,
    made_as,
    named_by,
    target_of,
    written,
)


def with_ctes(w: Walk, node: Any, scope: Scope) -> Scope:
    written_with = node.args.get(tree.WITH)
    if written_with is not None:
        scope.ctes = read_with(w, written_with, scope)
    return scope


def insert_into(w: Walk, node: Any, scope: Scope) -> tuple[Outcome, Target]:
    table = node.args["this"]
    expression = _what_is_inserted(node)
    if expression is not None and (isinstance(table, exp.Directory) or node.args.get("is_function")):
        rel = derive_query(w, expression, scope)
        place = table.find(exp.Literal) or table  # ClickHouse: `insert into function file('f.csv')`
        parts = remote_parts(w, table) or (str(place.name),)
        return written(w, Target(parts, rel, None), rel), Target(parts, rel, None)
    if _is_elsewhere(table):
        w.finding(
            "not-followed", "openquery: the query in its text, whose rows change, is not followed", node
        )
        w.known(one for one in table.find_all(exp.Column, exp.Table))
        rel = derive_query(w, expression, scope) if expression is not None else Result()
        target = Target((table.this.expressions[0].name,), rel, None)  # a linked server, as where it is read
        return written(w, target, rel), target
    target = target_of(w, table, scope if w.rules.has.writes_through_queries else None)
    w.known(one for setting in node.args.get("settings") or () for one in setting.find_all(exp.Column))
    if target.parts and is_query(w, target):
        target = at_base(w, target)
    rel = _inserted(w, node, scope, target)
    conflict = node.args.get("conflict")
    if conflict is not None and conflict.args.get("expressions"):
        beside = _sources_of(w, expression, scope) if conflict.args.get("duplicate") else {}
        of_row = _row_alias(w, expression, rel)
        beside.update(of_row)
        rel = _on_conflict(
            w, conflict, scope, target, rel, beside, [one for one in of_row.values() if one is not rel]
        )
    elif conflict is not None:  # DO NOTHING
        w.known(
            column for one in conflict.args.get("conflict_keys") or () for column in one.find_all(exp.Column)
        )
    if node.args.get("where") is not None:
        _replaced(w, node.args["where"], expression, scope, target, rel)
    return written(w, target, rel, leaves=what_it_leaves(node)), target


def _replaced(w: Walk, condition: Any, query: Any, scope: Scope, target: Target, rel: Result) -> None:
    """Databricks' `insert into t replace where ...`: which rows of the target go before the new ones come."""
    beside = _sources_of(w, query, scope)
    inner = Scope(scope, scope.ctes)
    inner.add(target.alias, target.rel)
    inner.by_alias.update({alias: one for alias, one in beside.items() if alias != target.alias})
    decides_rows(w, inner, condition, FILTER)
    rel.rows.parents.append(inner.rows)


def what_it_leaves(node: Any) -> Leaves:
    """INSERT OVERWRITE leaves nothing, but of other partitions, and of rows that REPLACE WHERE does not name."""
    partial = node.args.get("where") is not None or partition_written(node) is not None
    return Leaves.NOTHING if node.args.get("overwrite") and not partial else Leaves.ROWS


def partition_written(node: Any) -> Any:
    table = node.args["this"]
    if table.__class__ is exp.Schema:
        table = table.args["this"]
    return node.args.get("partition") or table.args.get("partition")


def _is_elsewhere(table: Any) -> bool:
    """T-SQL's `insert into openquery(server, 'select ...')` of a text that cannot be read."""
    call = table.args.get("this")
    return call.__class__ is exp.Anonymous and call.name.lower() == "openquery"


def _what_is_inserted(node: Any) -> Any:
    """A query, or in Spark's `insert into t table s` a relation."""
    return node.args.get("expression") or node.args.get("source") or None


def _sources_of(w: Walk, query: Any, scope: Scope) -> dict[str, Result]:
    """MySQL: ON DUPLICATE KEY UPDATE sees the relations of the query, too."""
    if not isinstance(query, exp.Select) or query.args.get(tree.WITH) is not None:
        return {}
    inner = Scope(scope, scope.ctes)
    outer, w.scope = w.scope, inner
    add_from(w, inner, query.args)
    w.scope = outer
    return dict(inner.by_alias)


def _row_alias(w: Walk, values: Any, rel: Result) -> dict[str, Result]:
    """MySQL: `values (1, 2) as n (x, y)` names the new row, and its columns by position."""
    alias = values.args.get("alias") if isinstance(values, exp.Values) else None
    if alias is None or alias.args.get("this") is None:
        return {}
    names = alias.args.get("columns")
    return {w.key(alias.args["this"]): named_by(w, rel, names) if names else rel}


def _inserted(w: Walk, node: Any, scope: Scope, target: Target) -> Result:
    """The new rows, each column under its name in the target."""
    expression = _what_is_inserted(node)
    if expression is None:
        if not node.args.get("default"):
            told = ".".join(target.parts)
            w.finding("not-followed", f"{told}: what is inserted is not a query", node)
        return Result()
    rel = derive_query(w, expression, scope)
    fixed, turning = partition_of(w, node)
    if node.args.get("by_name"):
        return with_fixed(rel, fixed)
    names = target.columns
    if names is None and target.known is not None:
        last = {w.key(one) for one in turning}
        names = [one for one in target.known if w.key(one) not in fixed.keys() | last] + turning
    if names is None:
        if turning:
            rel = last_named(w, rel, turning)
        elif not rel.is_open and expression.__class__ is exp.Values:
            told_by_position(w, target)
        return with_fixed(rel, fixed)
    return with_fixed(named_by(w, rel, names), fixed)


def told_by_position(w: Walk, target: Target) -> None:
    told = ".".join(target.parts)
    w.finding("unnamed-target", f"{told}: its columns are not known, so the values are named by position")


def with_fixed(rel: Result, fixed: dict[str, Col]) -> Result:
    """The rows with the columns to which PARTITION gives a value."""
    if not fixed:
        return rel
    made = Result((*rel.listing(), *(col for key, col in fixed.items() if rel.find(key) is None)), rel.rows)
    made.open_stars = rel.open_stars or ([OpenStar(rel, 0)] if rel.is_open else [])
    return made


def partition_of(w: Walk, node: Any) -> tuple[dict[str, Col], list[Any]]:
    """Hive's and Spark's PARTITION (a = 1, b): a has its value there, b is the last column of the query."""
    written_so = partition_written(node)
    fixed: dict[str, Col] = {}
    turning: list[Any] = []
    if w.rules.has.partitions_have_names and written_so is not None:
        w.known(one for one in written_so.expressions if one.__class__ is exp.Column)
        written_so = exp.Tuple(expressions=[one for one in written_so.expressions if isinstance(one, exp.EQ)])
    for one in written_so.expressions if written_so is not None else ():
        if isinstance(one, exp.EQ):
            ident = one.args["this"].args["this"]
            fixed[w.key(ident)] = value(w, one.args["expression"], w.key(ident), w.name(ident))
        elif one.__class__ is exp.Column:
            turning.append(one.args["this"])
    return fixed, turning


def last_named(w: Walk, rel: Result, idents: list[Any]) -> Result:
    """The last columns under these names; where a star over unknown columns may hold them, they keep their own."""
    columns = rel.listing()
    stars = rel.open_stars if rel.is_open else []
    first = len(columns) - len(idents)
    if first < 0 or (rel.is_open and not stars) or any(one.at > first for one in stars):
        return rel
    w.known(idents)
    made = Result(columns[:first], rel.rows)
    made.open_stars = list(stars)
    for col, ident in zip(columns[first:], idents, strict=True):
        made.add(col.renamed(w.key(ident), w.name(ident)))
    return made


def _on_conflict(
    w: Walk,
    conflict: Any,
    scope: Scope,
    target: Target,
    rel: Result,
    beside: dict[str, Result],
    named: list[Result],
) -> Result:
    """ON CONFLICT DO UPDATE: some columns may get a value of their own instead. `named`: rows whose columns have their own names."""
    inner = Scope(scope, scope.ctes)
    inner.add(target.alias, target.rel)
    inner.sources.extend(named)
    offered = Result(rel.listing())
    offered.open_stars = rel.open_stars or ([OpenStar(rel, 0)] if rel.is_open else [])
    inner.by_alias[w.fold("excluded")] = offered
    inner.by_alias[w.fold("new")] = offered
    inner.by_alias.update({alias: one for alias, one in beside.items() if alias != target.alias})
    for one in conflict.args.get("conflict_keys") or ():
        w.known(one.find_all(exp.Column))
    outer, w.scope = w.scope, inner
    changed = {}
    for one in conflict.args["expressions"]:
        for ident, _, col in assignments(w, one):
            changed[w.key(ident)] = col.renamed(w.key(ident), w.name(ident))
    for one in (conflict.args.get("where") and [conflict.args["where"].args["this"]]) or ():
        decides_rows(w, inner, one, FILTER)
    w.scope = outer
    made = Result(rows=rel.rows)
    made.rows.parents.append(inner.rows)
    for col in rel.listing():
        new = changed.pop(col.key, None)
        made.add(Col(col.key, col.name, merge([col, new])) if new is not None else col)
    for col in changed.values():
        made.add(Col(col.key, col.name, merge([col, *rel.guess(col.key, col.name)])))
    made.open_stars = rel.open_stars
    return made


def update_table(w: Walk, node: Any, around: Scope) -> tuple[list[Outcome], Target, Scope]:
    scope = Scope(around, around.ctes)
    outer, w.scope = w.scope, scope
    table = node.args["this"]
    target = _updated_table(w, scope, node, table)
    made: dict[Parts, Result] = {}
    targets: dict[Parts, Target] = {target.parts: target}
    for one in node.args.get("expressions") or ():
        for ident, qualifier, col in assignments(w, one):
            own = target_named(w, scope, qualifier) or target
            if qualifier is not None and own is target and source_named(scope, w.key(qualifier)) is None:
                w.known([ident])
                ident = qualifier  # a field of a struct: the column changes
            own, key, name = changed(w, own, ident)
            targets.setdefault(own.parts, own)
            made.setdefault(own.parts, Result()).add(Col(key, name, col.deps))
            if w.rules.has.sets_in_order:
                see_assigned(scope, target.alias, Col(key, name, col.deps))
    where = node.args.get("where")
    if where is not None:
        decides_rows(w, scope, where.args["this"], FILTER)
    first_ones(w, scope, node)
    w.scope = outer
    outcomes = []
    alone = is_of_all_rows(node) and len(scope.sources) == 1 and not is_query(w, target)
    alone = alone and not _is_counted(w, table)
    whole = all(is_whole(w, scope, one) for one in node.args.get("expressions") or ())
    leaves = Leaves.OTHER_COLUMNS if alone and whole else Leaves.ROWS
    for parts, rel in made.items():
        rel.rows = scope.rows
        outcomes.append(written(w, targets[parts], rel, leaves=leaves))
    return outcomes, target, scope


def _is_counted(w: Walk, table: Any) -> bool:
    """T-SQL's `update top (5) t`, which is read without TOP."""
    meta = table.args["this"]._meta or {}
    end = meta.get("start", 0)
    return re.search(_TOP, w.spans.sql[max(0, end - 200) : end]) is not None


_TOP = r"(?i)\btop\s*\([^()]*\)\s*(?:percent\s*)?[\w.#\[\]\"]*\Z"


def _updated_table(w: Walk, scope: Scope, node: Any, table: Any) -> Target:
    """The table that changes: named first, or named by an alias of FROM (T-SQL, Teradata)."""
    if table.args.get("db") is None and (w.rules.has.table_variables or w.rules.has.from_before_set):
        add_from(w, scope, node.args)
        found = target_named(w, scope, table.args["this"])
        if found is not None:
            return found
        target = target_of(w, table, scope)
        scope.add(target.alias, target.rel)
        return target
    target = changed_query(w, scope, table) or target_of(w, table, scope)
    scope.add(target.alias, target.rel)
    for join in table.args.get("joins") or ():
        add_join(w, scope, join)
    if node.args.get(tree.FROM) is not None and len(scope.sources) == 1:
        _add_from_alone(w, scope, node.args)
    else:
        add_from(w, scope, node.args)
    return target


def _add_from_alone(w: Walk, scope: Scope, args: dict[str, Any]) -> None:
    """FROM of an UPDATE: a bare name in its joins is no column of the table that changes."""
    target = scope.sources.pop()
    add_from(w, scope, args)
    scope.sources.insert(0, target)
    scope.memo.clear()


def target_named(w: Walk, scope: Scope, qualifier: Any) -> Target | None:
    """The target behind an alias; a CTE over one table is that table."""
    if qualifier is None:
        return None
    rel = source_named(scope, w.key(qualifier))
    if isinstance(rel, OutsideRelation):
        return Target(w.relations[rel.id], rel, w.key(qualifier))
    if rel is None:
        return None
    made = made_as(w, rel)
    if made is not None:
        return Target(made, rel, w.key(qualifier))
    behind = {one for col in rel.listing() for one in w.refs.relations_of(col.deps, identical=True)}
    if len(behind) == 1 and (only := behind.pop()) >= 0:
        return Target(w.relations[only], rel, w.key(qualifier))
    return None


def changed_query(w: Walk, scope: Scope, table: Any) -> Target | None:
    """Oracle: `delete (select ... )`, `update (select ...) x`: the table behind it."""
    if not isinstance(table, exp.Subquery):
        return None
    alias = table.args.get("alias")
    name = w.key(alias.args["this"]) if alias is not None and alias.args.get("this") is not None else ""
    return behind(w, w.derive(w, table, scope), name, None)


def first_ones(w: Walk, scope: Scope, node: Any) -> None:
    """MySQL: ORDER BY ... LIMIT picks the rows that change."""
    order = node.args.get("order")
    for one in order.expressions if isinstance(order, exp.Expr) else ():
        decides_rows(w, scope, one.args["this"], SORT)
