"""INSERT, UPDATE, DELETE and MERGE: which columns of the target get which values, and what decides the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from penstock.lineage import tree
from penstock.lineage.deps import FILTER, JOIN, Rows
from penstock.lineage.paths import value
from penstock.lineage.query import MODIFYING, derive_query, is_default, read_with
from penstock.lineage.records import Parts
from penstock.lineage.resolve import source_named
from penstock.lineage.scope import BaseRel, Col, Rel, Scope, merge
from penstock.lineage.select import add_from, derive_select, project
from penstock.lineage.sources import add_join, add_source, as_rel, decides_rows
from penstock.lineage.targets import (
    STATEMENTS,
    Outcome,
    Target,
    named_by,
    target_of,
    written,
)
from penstock.lineage.walk import Walk


def insert(w: Walk, node: Any) -> list[Outcome]:
    outcome, _ = _insert(w, node, _with(w, node, Scope(None, {})))
    return [outcome]


def _with(w: Walk, node: Any, scope: Scope) -> Scope:
    written_with = node.args.get(tree.WITH)
    if written_with is not None:
        scope.ctes = read_with(w, written_with, scope)
    return scope


def _insert(w: Walk, node: Any, scope: Scope) -> tuple[Outcome, Target]:
    table = node.args["this"]
    if isinstance(table, exp.Directory):
        rel = derive_query(w, node.args["expression"], scope)
        parts = (str(table.name),)
        return written(w, Target(parts, rel, None), rel), Target(parts, rel, None)
    target = target_of(w, table)
    rel = _inserted(w, node, scope, target)
    conflict = node.args.get("conflict")
    if conflict is not None and conflict.args.get("expressions"):
        rel = _on_conflict(w, conflict, scope, target, rel)
    return written(w, target, rel), target


def _inserted(w: Walk, node: Any, scope: Scope, target: Target) -> Rel:
    """The new rows, each column under its name in the target."""
    expression = node.args.get("expression")
    if expression is None:
        if not node.args.get("default"):
            told = ".".join(target.parts)
            w.finding("not-followed", f"{told}: what is inserted is not a query", node)
        return Rel()
    rel = derive_query(w, expression, scope)
    if node.args.get("by_name"):
        return rel
    fixed, turning = _partition(w, node)
    names = target.columns
    if names is None and target.known is not None:
        names = [one for one in target.known if w.key(one) not in fixed]
    if names is None:
        if turning:
            rel = _last_named(w, rel, turning)
        elif not rel.is_open and expression.__class__ is exp.Values:
            told = ".".join(target.parts)
            w.finding(
                "unnamed-target", f"{told}: its columns are not known, so the values are named by position"
            )
        return rel
    return named_by(w, rel, names)


def _partition(w: Walk, node: Any) -> tuple[set[str], list[Any]]:
    """Hive's and Spark's PARTITION (a = 1, b): a has its value there, b is the last column of the query."""
    table = node.args["this"]
    written_so = node.args.get("partition") or table.args.get("partition")
    fixed: set[str] = set()
    turning: list[Any] = []
    for one in written_so.expressions if written_so is not None else ():
        if isinstance(one, exp.EQ):
            fixed.add(w.key(one.args["this"].args["this"]))
        elif one.__class__ is exp.Column:
            turning.append(one.args["this"])
    return fixed, turning


def _last_named(w: Walk, rel: Rel, idents: list[Any]) -> Rel:
    columns = rel.listing()
    if rel.is_open or len(columns) < len(idents):
        return rel
    made = Rel(columns[: -len(idents)], rel.rows)
    for col, ident in zip(columns[-len(idents) :], idents, strict=True):
        made.add(col.renamed(w.key(ident), w.name(ident)))
    return made


def _on_conflict(w: Walk, conflict: Any, scope: Scope, target: Target, rel: Rel) -> Rel:
    """ON CONFLICT DO UPDATE: some columns may get a value of their own instead."""
    inner = Scope(scope, scope.ctes)
    inner.add(target.alias, target.rel)
    offered = Rel(rel.listing())
    inner.by_alias[w.fold("excluded")] = offered
    inner.by_alias[w.fold("new")] = offered
    outer, w.scope = w.scope, inner
    changed = {}
    for one in conflict.args["expressions"]:
        ident, source = _assigned_name(one.args["this"]), one.args["expression"]
        key = w.key(ident)
        changed[key] = value(w, source, key, w.name(ident))
    for one in (conflict.args.get("where") and [conflict.args["where"].args["this"]]) or ():
        decides_rows(w, inner, one, FILTER)
    w.scope = outer
    made = Rel(rows=rel.rows)
    made.rows.parents.append(inner.rows)
    for col in rel.listing():
        new = changed.pop(col.key, None)
        made.add(Col(col.key, col.name, merge([col, new])) if new is not None else col)
    for col in changed.values():
        made.add(col)
    made.tails = rel.tails
    return made


def _assigned_name(node: Any) -> Any:
    return node.args["this"] if node.__class__ in (exp.Column, exp.Dot) else node


def update(w: Walk, node: Any) -> list[Outcome]:
    outcomes, _, _ = _update(w, node, _with(w, node, Scope(None, {})))
    return outcomes


def _update(w: Walk, node: Any, around: Scope) -> tuple[list[Outcome], Target, Scope]:
    scope = Scope(around, around.ctes)
    outer, w.scope = w.scope, scope
    table = node.args["this"]
    target = _updated_table(w, scope, node, table)
    made: dict[Parts, Rel] = {}
    targets: dict[Parts, Target] = {target.parts: target}
    for one in node.args.get("expressions") or ():
        for ident, qualifier, col in _assignments(w, one):
            own = _target_named(w, scope, qualifier) or target
            if qualifier is not None and own is target and source_named(scope, w.key(qualifier)) is None:
                ident = qualifier  # a field of a struct: the column changes
            targets.setdefault(own.parts, own)
            made.setdefault(own.parts, Rel()).add(Col(w.key(ident), _true_name(w, own, ident), col.deps))
    where = node.args.get("where")
    if where is not None:
        decides_rows(w, scope, where.args["this"], FILTER)
    w.scope = outer
    outcomes = []
    for parts, rel in made.items():
        rel.rows = scope.rows
        outcomes.append(written(w, targets[parts], rel))
    return outcomes, target, scope


def _true_name(w: Walk, target: Target, ident: Any) -> str:
    known = target.rel.find(w.key(ident))
    return known.name if known is not None else w.name(ident)


def _updated_table(w: Walk, scope: Scope, node: Any, table: Any) -> Target:
    """The table that changes: named first, or named by an alias of FROM (T-SQL)."""
    if table.args.get("db") is None and w.rules.dialect in ("tsql", "fabric"):
        add_from(w, scope, node.args)
        found = _target_named(w, scope, table.args["this"])
        if found is not None:
            return found
        target = target_of(w, table, scope)
        scope.add(target.alias, target.rel)
        return target
    target = target_of(w, table, scope)
    scope.add(target.alias, target.rel)
    for join in table.args.get("joins") or ():
        add_join(w, scope, join)
    add_from(w, scope, node.args)
    return target


def _target_named(w: Walk, scope: Scope, qualifier: Any) -> Target | None:
    """The target behind an alias; a CTE over one table is that table."""
    if qualifier is None:
        return None
    rel = source_named(scope, w.key(qualifier))
    if isinstance(rel, BaseRel):
        return Target(w.relations[rel.id], rel, w.key(qualifier))
    if rel is None:
        return None
    behind = {w.refs.rows[dep >> 4][0] for col in rel.listing() for dep in col.deps if not dep & 15}
    if len(behind) == 1 and (only := behind.pop()) >= 0:
        return Target(w.relations[only], rel, w.key(qualifier))
    return None


def _given(w: Walk, node: Any, key: str = "", name: str = "") -> Col:
    """A value for a column; DEFAULT is none that the statement has."""
    return Col(key, name, {}) if is_default(node) else value(w, node, key, name)


def _assignments(w: Walk, node: Any) -> list[tuple[Any, Any, Col]]:
    """`a = x` and `(a, b) = (x, y)` or `(a, b) = (select ...)`: name, qualifier, value."""
    if not isinstance(node, exp.EQ | exp.PropertyEQ):
        return []
    left, right = node.args["this"], node.args["expression"]
    if left.__class__ not in (exp.Tuple, exp.Paren):
        while left.__class__ is exp.Dot:
            left = left.args["this"]  # a field of a struct: the column changes
        if left.__class__ is exp.Column:
            return [(left.args["this"], left.args.get("table"), _given(w, right))]
        return [(left, None, _given(w, right))]
    names = left.expressions if left.__class__ is exp.Tuple else [left.args["this"]]
    if right.__class__ is exp.Tuple:
        values = [_given(w, one) for one in right.expressions]
    elif isinstance(right, exp.Query):
        rel = w.derive(w, right, w.scope)
        rows = rel.rows.flat()
        values = [Col("", "", {**col.deps, **rows}) for col in rel.listing()]
    else:
        values = [value(w, right, "", "")]
    pairs = zip(names, values, strict=False)
    return [(_assigned_name(one), one.args.get("table"), col) for one, col in pairs]


def delete(w: Walk, node: Any) -> list[Outcome]:
    outcome, _ = _delete(w, node, _with(w, node, Scope(None, {})))
    return [outcome]


def _delete(w: Walk, node: Any, around: Scope) -> tuple[Outcome, Target]:
    scope = Scope(around, around.ctes)
    outer, w.scope = w.scope, scope
    args = node.args
    table = args["this"] or exp.Table()
    target = target_of(w, table, scope)
    scope.add(target.alias, target.rel)
    for join in table.args.get("joins") or ():
        add_join(w, scope, join)
    for one in args.get("using") or ():
        add_source(w, scope, one)
    named = args.get("tables")
    if named:
        target = _target_named(w, scope, named[0].args["this"]) or target
    if args.get("where") is not None:
        decides_rows(w, scope, args["where"].args["this"], FILTER)
    w.scope = outer
    return written(w, target, Rel(rows=scope.rows)), target


def merge_into(w: Walk, node: Any) -> list[Outcome]:
    outcome, _ = _merge(w, node, _with(w, node, Scope(None, {})))
    return [outcome]


def _merge(w: Walk, node: Any, around: Scope) -> tuple[Outcome, Target]:
    args = node.args
    scope = Scope(around, around.ctes)
    outer, w.scope = w.scope, scope
    target = target_of(w, args["this"], scope)
    scope.add(target.alias, target.rel)
    add_source(w, scope, args["using"])
    source = scope.sources[-1]
    if args.get("on") is not None:
        decides_rows(w, scope, args["on"], JOIN)
    taken: dict[str, list[Col]] = {}
    for when in args["whens"].expressions:
        w.scope = seen = _seen_by(scope, target, source, when)
        if when.args.get("condition") is not None:
            decides_rows(w, seen, when.args["condition"], FILTER)
        for col in _branch(w, seen, target, source, when):
            taken.setdefault(col.key, []).append(col)
    w.scope = outer
    rel = Rel((Col(key, cols[0].name, merge(cols)) for key, cols in taken.items()), scope.rows)
    return written(w, target, rel), target


def _seen_by(scope: Scope, target: Target, source: Rel, when: Any) -> Scope:
    """NOT MATCHED sees the source alone, NOT MATCHED BY SOURCE the target alone: a bare name is a column of that one."""
    if when.args.get("matched"):
        return scope
    seen = Scope(scope.parent, scope.ctes)
    seen.sources = [target.rel if when.args.get("source") else source]
    seen.by_alias, seen.rows = scope.by_alias, scope.rows
    return seen


def _branch(w: Walk, scope: Scope, target: Target, source: Rel, when: Any) -> list[Col]:
    then = when.args.get("then")
    if isinstance(then, exp.Update):
        assigned = then.args.get("expressions") or ()
        if _by_name(assigned):
            return _same_named(w, target, source)
        cols = [
            Col(w.key(ident), _true_name(w, target, ident), col.deps)
            for one in assigned
            for ident, _, col in _assignments(w, one)
        ]
    elif isinstance(then, exp.Insert):
        cols = _merge_insert(w, target, source, then)
    else:
        return []
    if then.args.get("where") is not None:
        decides_rows(w, scope, then.args["where"].args["this"], FILTER)
    return cols


def _by_name(assigned: Any) -> bool:
    return len(assigned) == 1 and assigned[0].__class__ in (exp.Star, exp.Var)


def _merge_insert(w: Walk, target: Target, source: Rel, then: Any) -> list[Col]:
    names, values = then.args.get("this"), then.args.get("expression")
    if not isinstance(values, exp.Expr):
        values = None
    if values is None and names.__class__ is exp.Tuple and names.expressions:
        only = names.expressions[0]
        if only.__class__ is exp.Anonymous and str(only.args["this"]).upper() == "VALUES":
            names, values = None, exp.Tuple(expressions=only.expressions)  # INSERT VALUES (...)
    if names.__class__ in (exp.Star, exp.Var) or values is None:
        return _same_named(w, target, source)
    cells = values.expressions if values.__class__ is exp.Tuple else [values]
    if cells and isinstance(cells[0], exp.Tuple):
        cells = cells[0].expressions
    if names is not None:
        idents = [_assigned_name(one) for one in (names.expressions or [names])]
    else:
        idents = list(target.known or ())
    if not idents and cells:
        w.finding(
            "unnamed-target", f"{'.'.join(target.parts)}: its columns are not known, so INSERT names none"
        )
    return [
        _given(w, cell, w.key(ident), _true_name(w, target, ident))
        for ident, cell in zip(idents, cells, strict=False)
    ]


def _same_named(w: Walk, target: Target, source: Rel) -> list[Col]:
    """`UPDATE SET *`, `INSERT *`, `INSERT ROW`: each column from the source's column of that name."""
    known = target.known
    if known is None:
        if source.is_open:
            return [Col("*", "*", merge(source.guess("*", "*"))), *source.listing()]
        return source.listing()
    found = []
    for ident in known:
        key = w.key(ident)
        col = source.find(key)
        choices = [col] if col is not None else source.guess(key, w.name(ident))
        if choices:
            found.append(Col(key, w.name(ident), merge(choices)))
    return found


def many_inserts(w: Walk, node: Any) -> list[Outcome]:
    """INSERT ALL / FIRST, and Hive's FROM ... INSERT: one source, several targets."""
    around = _with(w, node, Scope(None, {}))
    scope = Scope(around, around.ctes)
    source_node = node.args["source"]
    if isinstance(source_node, exp.Query) and source_node.args.get("alias") is None:
        scope.add(None, derive_query(w, source_node, around))
    else:
        add_source(w, scope, source_node)
    outcomes: list[Outcome] = []
    for inner, conditions in _conditions(node):
        decided = Scope(around, around.ctes)
        decided.sources, decided.by_alias = list(scope.sources), dict(scope.by_alias)
        decided.rows.parents.append(scope.rows)
        for condition in conditions:
            decides_rows(w, decided, condition, FILTER)
        outcomes.append(_one_of_many(w, inner, decided))
    return outcomes


def _conditions(node: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Each INSERT of several, and what must hold for it: its own WHEN, which later INTOs without one share; for FIRST
    also that no WHEN before it held; for ELSE that none did."""
    first = str(node.args.get("kind") or "").upper() == "FIRST"
    before: list[Any] = []
    applied: list[Any] = []
    for one in node.expressions:
        if not isinstance(one, exp.ConditionalInsert):
            yield one, []
            continue
        condition = one.args.get("expression")
        if one.args.get(tree.ELSE):
            applied = list(before)
        elif condition is not None:
            applied = [*before, condition] if first else [condition]
            before.append(condition)
        yield one.args["this"], applied


def _one_of_many(w: Walk, node: Any, scope: Scope) -> Outcome:
    target = target_of(w, node.args["this"])
    expression = node.args.get("expression")
    if isinstance(expression, exp.Select):
        rel = derive_select(w, expression, scope)
    elif expression is not None:
        rel = derive_query(w, expression, scope)
        rel.rows.parents.append(scope.rows)
    else:
        rel = Rel(scope.sources[0].listing(), scope.rows)
        rel.tails = scope.sources[0].tails
    names = target.columns if target.columns is not None else target.known
    return written(w, target, named_by(w, rel, names) if names else rel)


def _returning(w: Walk, node: Any, scope: Scope, target: Target, rel: Rel) -> Rel:
    """What RETURNING hands to the query around: the target's rows after the change."""
    returning = node.args.get("returning")
    if returning is None:
        return Rel()
    after = Rel(rows=rel.rows)
    for col in target.rel.listing():
        after.add(rel.find(col.key) or col)
    for col in rel.listing():
        if col.key not in after.index:
            after.add(col)
    after.tails = target.rel.tails
    inner = Scope(scope, scope.ctes)
    inner.add(target.alias, after if after.cols else target.rel)
    for name in ("inserted", "deleted", "new", "old"):
        inner.by_alias.setdefault(w.fold(name), inner.sources[0])
    outer, w.scope = w.scope, inner
    items = [item for at, one in enumerate(returning.expressions) for item in project(w, one, at)]
    w.scope = outer
    made = as_rel(items)
    made.rows = Rows()
    made.rows.parents.append(inner.rows)
    return made


def _changing_query(w: Walk, node: Any, around: Scope) -> Rel:
    """INSERT, UPDATE, DELETE or MERGE ... RETURNING as a CTE: it writes, and it gives rows."""
    scope = _with(w, node, Scope(around, around.ctes))
    if isinstance(node, exp.Insert):
        outcome, target = _insert(w, node, scope)
        outcomes = [outcome]
    elif isinstance(node, exp.Update):
        outcomes, target, _ = _update(w, node, scope)
    elif isinstance(node, exp.Delete):
        outcome, target = _delete(w, node, scope)
        outcomes = [outcome]
    else:
        outcome, target = _merge(w, node, scope)
        outcomes = [outcome]
    w.beside.extend(outcomes)
    return _returning(w, node, scope, target, outcomes[0].rel if outcomes else Rel())


STATEMENTS.update(
    {
        exp.Insert: insert,
        exp.Update: update,
        exp.Delete: delete,
        exp.Merge: merge_into,
        exp.MultitableInserts: many_inserts,
    }
)
MODIFYING.update(dict.fromkeys((exp.Insert, exp.Update, exp.Delete, exp.Merge), _changing_query))
