"""SET of UPDATE and MERGE: which columns get which values, and whether as a whole."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.scope.lookup import source_named
from penstock.lineage.scope.results import Col, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.query import is_default
from penstock.lineage.statements.variables import put


def given(w: Walk, node: Any, key: str = "", name: str = "") -> Col:
    """A value for a column; DEFAULT is none that the statement has."""
    if not is_default(node):
        return value(w, node, key, name)
    w.known([node])
    return Col(key, name, {})


def assigned_name(node: Any) -> Any:
    return node.args["this"] if node.__class__ in (exp.Column, exp.Dot) else node


def assignments(w: Walk, node: Any) -> list[tuple[Any, Any, Col]]:
    """`a = x` and `(a, b) = (x, y)` or `(a, b) = (select ...)`: name, qualifier, value."""
    if not isinstance(node, exp.EQ | exp.PropertyEQ):
        return []
    left, right = node.args["this"], node.args["expression"]
    if left.__class__ is exp.Parameter:  # T-SQL: `set @v = a = x` changes `a`, and `@v` has what it has then
        found = assignments(w, right) if w.rules.has.marked_variables else []
        put(w, left.name, found[0][2] if found else given(w, right))
        return found
    if left.__class__ not in (exp.Tuple, exp.Paren):
        steps = []
        while left.__class__ in (exp.Dot, exp.Bracket):
            steps.extend(left.expressions)
            left = left.args["this"]  # a field of a struct, an element of an array: the column changes
        if left.__class__ is exp.Column:
            return [(*_place_of(w, left), _with_steps(w, given(w, right), steps))]
        return [(left, None, given(w, right))]
    names = left.expressions if left.__class__ is exp.Tuple else [left.args["this"]]
    is_row = right.__class__ is exp.Anonymous and right.name.lower() == "row"  # PostgreSQL: `row(x, y)`
    if right.__class__ is exp.Tuple or is_row:
        values = [given(w, one) for one in right.expressions]
    elif isinstance(right, exp.Query):
        rel = w.derive(w, right, w.scope)
        rows = rel.rows.flat()
        values = [Col("", "", {**col.deps, **rows}) for col in rel.listing()]
    else:
        values = [value(w, right, "", "")]
    pairs = zip(names, values, strict=False)
    return [(assigned_name(one), one.args.get("table"), col) for one, col in pairs]


def _with_steps(w: Walk, col: Col, steps: list[Any]) -> Col:
    """`a[i] = x`: which element changes is a part of what the column is."""
    found = [value(w, one, "", "") for one in steps if one.find(exp.Column) is not None]
    return Col(col.key, col.name, merge([col, *found])) if found else col


def _place_of(w: Walk, column: Any) -> tuple[Any, Any]:
    """The column that changes, and what stands before it: of `s.x.y` the struct `s`, unless `x` or `s` is a source."""
    parts = [column.args[part] for part in ("catalog", "db", "table", "this") if column.args.get(part)]
    if len(parts) < 3 or source_named(w.scope, w.key(parts[-2])) is not None:
        return column.args["this"], column.args.get("table")
    w.known([column])
    qualified = source_named(w.scope, w.key(parts[0])) is not None
    return (parts[1], parts[0]) if qualified else (parts[0], None)


def is_whole(w: Walk, scope: Scope, node: Any) -> bool:
    """Whether an assignment is to columns, not to a field or an element."""
    left = node.args["this"]
    if left.__class__ is not exp.Column:
        return left.__class__ in (exp.Tuple, exp.Identifier)
    before = left.args.get("table")
    return before is None or (left.args.get("db") is None and source_named(scope, w.peek(before)) is not None)
