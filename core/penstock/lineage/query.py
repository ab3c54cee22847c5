"""Queries: WITH, set operations, VALUES, and the way from any query to the SELECTs in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from penstock.lineage import tree
from penstock.lineage.deps import FILTER, GROUP_BY, TRANSFORMATION, Deps
from penstock.lineage.expressions import visit
from penstock.lineage.paths import value
from penstock.lineage.pivot import pivoted
from penstock.lineage.scope import BaseRel, Col, Rel, Scope, Tail, merge
from penstock.lineage.select import derive_select, order, use
from penstock.lineage.sources import add_source, as_rel, with_names
from penstock.lineage.star import expand
from penstock.lineage.walk import Walk

_ROUNDS = 12

MODIFYING: dict[type, Callable[[Walk, Any, Scope], Rel]] = {}
"""INSERT, UPDATE, DELETE and MERGE as parts of a query. The module that knows them puts them here."""


def derive_query(w: Walk, node: Any, around: Scope | None) -> Rel:
    """The result of any query; `around` is what it can see beside its own sources."""
    ctes = around.ctes if around is not None else {}
    kind = node.__class__
    while kind is exp.Subquery or kind is exp.Paren:
        if node.args.get(tree.WITH) is not None or node.args.get("order") is not None:
            break
        if node.args.get("pivots") or node.args.get("joins"):
            return _from_only(w, node, around)
        node = node.args["this"]
        kind = node.__class__
    scope = Scope(around, ctes)
    if around is not None:
        scope.siblings = around.siblings
    with_ = node.args.get(tree.WITH)
    if with_ is not None:
        scope.ctes = read_with(w, with_, scope)
    if kind is exp.Select:
        return derive_select(w, node, scope)
    if isinstance(node, exp.SetOperation):
        return _set_operation(w, node, scope)
    if kind is exp.Values:
        return _values(w, node, scope)
    if kind is exp.Subquery:
        rel = derive_query(w, node.args["this"], scope)
        return _ordered(w, node, scope, rel)
    if kind is exp.Table:
        return _from_only(w, node, around)
    if kind is exp.Pivot:
        return _pivot_statement(w, node, scope)
    changing = MODIFYING.get(kind)
    if changing is not None:
        return changing(w, node, scope)
    outer, w.scope = w.scope, scope
    rel = Rel([value(w, node, "", "")])
    w.scope = outer
    return rel


def _from_only(w: Walk, node: Any, around: Scope | None) -> Rel:
    """`table t`, or `(select ...) pivot (...)`: all columns of one source."""
    scope = Scope(around, around.ctes if around is not None else {})
    outer, w.scope = w.scope, scope
    add_source(w, scope, node)
    rel = as_rel(expand(w, exp.Star()))
    rel.rows = scope.rows
    w.scope = outer
    return rel


def _pivot_statement(w: Walk, node: Any, scope: Scope) -> Rel:
    """DuckDB: `PIVOT t ON a USING sum(b)` as a statement."""
    outer, w.scope = w.scope, scope
    add_source(w, scope, node.args["this"])
    rel, _ = pivoted(w, scope.sources[-1], node)
    w.scope = outer
    return rel


def read_with(w: Walk, node: Any, scope: Scope) -> dict[str, Rel]:
    """The CTEs that the rest of the query sees. A CTE hides the ones outside that have its name."""
    scope.ctes = ctes = dict(scope.ctes)
    recursive = bool(node.args.get("recursive"))
    for cte in node.expressions:
        alias = cte.args["alias"]
        key = w.key(alias.args["this"])
        this = cte.args["this"]
        if cte.args.get("scalar"):
            _scalar(w, scope, key, w.name(alias.args["this"]), this)
            continue
        columns = alias.args.get("columns")
        may_recurse = (recursive or w.rules.self_recursive) and isinstance(this, exp.SetOperation)
        if may_recurse and _names_itself(this, key, w):
            rel = _recursive(w, this, scope, key, columns)
        else:
            rel = derive_query(w, this, scope)
            if columns:
                rel = with_names(w, rel, columns)
        ctes[key] = rel
    return ctes


def _scalar(w: Walk, scope: Scope, key: str, name: str, node: Any) -> None:
    """ClickHouse: `with <expression> as x`. It is read where it is used, with the columns seen there."""
    if isinstance(node, exp.Query):
        scope.aliases[key] = value(w, node, key, name)
    else:
        scope.pending[key] = lambda: value(w, node, key, name)


def _names_itself(node: Any, key: str, w: Walk) -> bool:
    return any(
        table.args.get("db") is None
        and isinstance(table.args.get("this"), exp.Identifier)
        and w.key(table.args["this"]) == key
        for table in node.args["expression"].find_all(exp.Table)
    )


def _recursive(w: Walk, node: Any, scope: Scope, key: str, columns: Any) -> Rel:
    """The anchor first, then the rest again and again until nothing new depends on anything."""
    anchor = derive_query(w, node.args["this"], scope)
    if columns:
        anchor = with_names(w, anchor, columns)
    seed = Rel((Col(col.key, col.name, dict(col.deps)) for col in anchor.listing()), anchor.rows)
    seed.tails = anchor.tails
    if isinstance(anchor, BaseRel) or (anchor.is_open and not anchor.tails):
        seed.tails = [Tail(anchor, 0)]
    for _ in range(_ROUNDS):
        before = sum(len(col.deps) for col in seed.cols)
        scope.ctes[key] = seed
        step = derive_query(w, node.args["expression"], scope)
        grown = Rel(rows=seed.rows)
        grown.tails = seed.tails
        for at, col in enumerate(seed.cols):
            more = step.cols[at].deps if at < len(step.cols) else {}
            grown.add(Col(col.key, col.name, {**more, **col.deps}))
        rows = step.rows
        seed = grown
        if sum(len(col.deps) for col in seed.cols) == before:
            break
    made = Rel(seed.cols)
    made.tails = seed.tails
    made.rows.parents.extend((anchor.rows, rows))
    if node.args.get("distinct"):
        _unique(made)
    return made


def _unique(rel: Rel) -> None:
    for col in rel.cols:
        for dep, site in col.deps.items():
            rel.rows.own.setdefault(dep & -16 | GROUP_BY, site)


def _set_operation(w: Walk, node: Any, scope: Scope) -> Rel:
    """UNION, INTERSECT, EXCEPT. Generated SQL has hundreds in a row, nested to the left: a loop."""
    chain = [node]
    while isinstance(node.args["this"], exp.SetOperation) and node.args["this"].args.get(tree.WITH) is None:
        node = node.args["this"]
        chain.append(node)
    rel = derive_query(w, chain[-1].args["this"], scope)
    for one in reversed(chain):
        right = derive_query(w, one.args["expression"], scope)
        rel = _combined(w, one, rel, right)
        rel = _ordered(w, one, scope, rel)
    return rel


def _combined(w: Walk, node: Any, left: Rel, right: Rel) -> Rel:
    by_name = bool(node.args.get("by_name")) or bool(node.args.get("on"))
    if isinstance(node, exp.Except):
        made = Rel(left.listing())
        made.tails = list(left.tails) or _own_tail(left)
        _filtered_by(made, (left, right), node)
    else:
        made = _by_name(w, left, right, node) if by_name else _by_position(w, left, right)
        if isinstance(node, exp.Intersect):
            _filtered_by(made, (left, right), node)
        elif node.args.get("distinct"):
            _unique(made)
    made.rows.parents.extend((left.rows, right.rows))
    return made


def _own_tail(rel: Rel) -> list[Tail]:
    return [Tail(rel, 0)] if rel.is_open and not rel.tails else []


def _filtered_by(made: Rel, sides: tuple[Rel, Rel], site: Any) -> None:
    """Which rows stay is decided by all columns of both sides."""
    for rel in sides:
        for col in [*rel.listing(), *rel.guess("*", "*")]:
            for dep, inner in col.deps.items():
                made.rows.own.setdefault(dep & -16 | FILTER, inner or site)


def _by_position(w: Walk, left: Rel, right: Rel) -> Rel:
    if left.is_open or right.is_open:
        return _open_union(w, left, right)
    ours, theirs = left.listing(), right.listing()
    if len(ours) != len(theirs):
        w.finding("set-operation", f"a set operation of {len(ours)} and {len(theirs)} columns")
    made = Rel()
    for at, col in enumerate(ours):
        made.add(_both(col, theirs[at]) if at < len(theirs) else col)
    return made


def _both(ours: Col, theirs: Col) -> Col:
    if ours.deps is theirs.deps or not theirs.deps:
        return ours
    return Col(ours.key, ours.name, {**theirs.deps, **ours.deps}, access=ours.access and theirs.access)


def _by_name(w: Walk, left: Rel, right: Rel, node: Any) -> Rel:
    made = Rel()
    on = {w.key(one) for one in node.args.get("on") or () if isinstance(one, exp.Identifier)}
    side = str(node.args.get("side") or "").upper()
    inner = str(node.args.get("kind") or "").upper() == "INNER"
    for col in left.listing():
        other = right.find(col.key)
        if other is None and right.is_open:
            made.add(_doubted(w, col, right))
        elif (on and col.key not in on) or (other is None and inner):
            continue
        else:
            made.add(_both(col, other) if other is not None else col)
    if side != "LEFT" and not inner:
        for col in right.listing():
            if left.find(col.key) is None and (not on or col.key in on):
                made.add(col)
    if left.is_open or right.is_open:
        made.tails.append(Tail(Branches(w, left, right, positional=False), len(made.cols)))
    return made


class Branches(Rel):
    """A union of results whose columns are not all known: a name is looked for in both."""

    __slots__ = ("left", "positional", "right", "walk")

    def __init__(self, w: Walk, left: Rel, right: Rel, *, positional: bool) -> None:
        super().__init__()
        self.walk = w
        self.left = left
        self.right = right
        self.positional = positional

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        """By position the second side's column of that name is likely, not certain; `*` is certain for both."""
        ours = _either(self.left, key, name)
        theirs = _either(self.right, key, name)
        deps: Deps = merge(ours)
        doubt = self.positional and key != "*"
        for col in theirs:
            for dep, site in col.deps.items():
                deps.setdefault(self.walk.refs.doubted(dep) if doubt else dep, site)
        return [Col(key, name, deps, base=False)] if deps else []

    def relations(self) -> set[int]:
        return self.left.relations() | self.right.relations()


def _either(rel: Rel, key: str, name: str) -> list[Col]:
    known = rel.find(key)
    return [known] if known is not None else rel.guess(key, name)


def _open_union(w: Walk, left: Rel, right: Rel) -> Rel:
    """One side has a star over unknown columns: the columns before it still meet by position."""
    before = min(_known_before(left), _known_before(right))
    ours, theirs = left.listing(), right.listing()
    made = Rel(_both(ours[at], theirs[at]) for at in range(before))
    for at in range(before, len(ours)):
        made.add(_doubted(w, ours[at], right))
    if left.is_open:
        made.tails.append(Tail(Branches(w, left, right, positional=True), len(made.cols)))
    return made


def _known_before(rel: Rel) -> int:
    """How many columns stand before the first star that is not known."""
    if rel.tails:
        return rel.tails[0].at
    return 0 if rel.is_open else len(rel.listing())


def _doubted(w: Walk, col: Col, other: Rel) -> Col:
    deps = dict(col.deps)
    for choice in _either(other, col.key, col.name):
        for dep, site in choice.deps.items():
            deps.setdefault(w.refs.doubted(dep), site)
    return Col(col.key, col.name, deps)


def _ordered(w: Walk, node: Any, scope: Scope, rel: Rel) -> Rel:
    """ORDER BY of a whole set operation sees the result's columns."""
    written = node.args.get("order")
    if written is None:
        return rel
    inner = Scope(scope, scope.ctes)
    inner.add(None, rel)
    outer, w.scope = w.scope, inner
    order(w, inner, written, rel)
    w.scope = outer
    made = Rel(rel.listing(), inner.rows)
    made.tails = rel.tails or _own_tail(rel)
    return made


_VALUES_NAMES: dict[str, tuple[str, int]] = {
    "duckdb": ("col", 0),
    "postgres": ("column", 1),
    "redshift": ("column", 1),
    "sqlite": ("column", 1),
    "snowflake": ("COLUMN", 1),
    "spark": ("col", 1),
    "databricks": ("col", 1),
    "hive": ("col", 1),
    "mysql": ("column_", 0),
    "trino": ("_col", 0),
    "presto": ("_col", 0),
    "athena": ("_col", 0),
    "clickhouse": ("c", 1),
}


def _values(w: Walk, node: Any, scope: Scope) -> Rel:
    """VALUES: each column is whatever stands in its place in any row."""
    outer, w.scope = w.scope, scope
    places: list[list[Col]] = []
    for row in node.expressions:
        cells = row.expressions if row.__class__ is exp.Tuple else [row]
        for at, cell in enumerate(cells):
            if at == len(places):
                places.append([])
            places[at].append(value(w, cell, "", ""))
    w.scope = outer
    prefix, first = _VALUES_NAMES.get(w.rules.dialect, ("_col_", 0))
    rel = Rel()
    for at, cells in enumerate(places):
        name = f"{prefix}{at + first}"
        rel.add(Col(w.rules.column_key(name), name, merge(cells)))
    return rel


__all__ = ["TRANSFORMATION", "derive_query", "read_with", "use", "visit"]
