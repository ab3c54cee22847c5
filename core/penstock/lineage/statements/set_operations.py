"""UNION, INTERSECT and EXCEPT: columns meet by position or by name, and the rows decide one another."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.read import tree
from penstock.lineage.scope.dependencies import FILTER, GROUP_BY, Deps
from penstock.lineage.scope.results import Col, OpenStar, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.select import counts, order
from penstock.lineage.statements.sources import decides_rows


def unique_rows(rel: Result) -> None:
    for col in rel.cols:
        rel.rows.decided_where_used(col.deps, GROUP_BY)


def set_operation(w: Walk, node: Any, scope: Scope) -> Result:
    """UNION, INTERSECT, EXCEPT. Generated SQL has hundreds in a row, nested to the left: a loop."""
    chain = [node]
    while isinstance(node.args["this"], exp.SetOperation) and node.args["this"].args.get(tree.WITH) is None:
        node = node.args["this"]
        chain.append(node)
    rel = w.derive(w, chain[-1].args["this"], scope)
    w.known(column for one in node_settings(chain) for column in one.find_all(exp.Column))
    if len(chain) > 1 and all(_is_plain_union(one) for one in chain):
        return _united(
            w, chain[0], [rel, *(w.derive(w, one.args["expression"], scope) for one in reversed(chain))]
        )
    for one in reversed(chain):
        right = w.derive(w, one.args["expression"], scope)
        rel = combined(w, one, rel, right)
        rel = ordered(w, one, scope, rel)
    return rel


def node_settings(chain: list[Any]) -> list[Any]:
    """ClickHouse's SETTINGS behind the last branch: options, and no columns."""
    return [setting for one in chain for setting in one.args.get("settings") or ()]


def _is_plain_union(node: Any) -> bool:
    args = node.args
    marked = bool(counts(args)) or any(
        args.get(part) for part in ("by_name", "on", "side", "kind", "order", "distinct")
    )
    return node.__class__ is exp.Union and not marked


def _united(w: Walk, node: Any, branches: list[Result]) -> Result:
    """Many UNION ALLs at once: each column is put together one time."""
    first = branches[0].listing()
    if any(rel.is_open for rel in branches) or any(len(rel.listing()) != len(first) for rel in branches):
        rel = branches[0]
        for right in branches[1:]:
            rows = rel.rows
            rel = _by_position(w, rel, right, node)
            rel.rows.parents.extend((rows, right.rows))
        return rel
    made = Result()
    for at, col in enumerate(first):
        deps: Deps = {}
        for rel in branches:
            for key, site in rel.listing()[at].deps.items():
                if key not in deps:
                    deps[key] = site
        access = all(rel.listing()[at].access for rel in branches)
        made.add(Col(col.key, col.name, deps, access=access))
    made.rows.parents.extend(rel.rows for rel in branches)
    return made


def combined(w: Walk, node: Any, left: Result, right: Result) -> Result:
    by_name = bool(node.args.get("by_name")) or bool(node.args.get("on"))
    if isinstance(node, exp.Except):
        made = Result(left.listing())
        made.open_stars = list(left.open_stars) or _own_star(left)
        _filtered_by(made, (left, right), node)
    else:
        made = _by_name(w, left, right, node) if by_name else _by_position(w, left, right, node)
        if isinstance(node, exp.Intersect):
            _filtered_by(made, (left, right), node)
        elif node.args.get("distinct"):
            unique_rows(made)
    made.rows.parents.extend((left.rows, right.rows))
    return made


def _own_star(rel: Result) -> list[OpenStar]:
    return [OpenStar(rel, 0)] if rel.is_open and not rel.open_stars else []


def _filtered_by(made: Result, sides: tuple[Result, Result], site: Any) -> None:
    """Which rows stay is decided by all columns of both sides."""
    for rel in sides:
        for col in [*rel.listing(), *rel.guess("*", "*")]:
            made.rows.decided_where_used(col.deps, FILTER, site)


def _by_position(w: Walk, left: Result, right: Result, node: Any) -> Result:
    if left.is_open or right.is_open:
        return _open_union(w, left, right)
    ours, theirs = left.listing(), right.listing()
    if len(ours) != len(theirs):
        w.finding("set-operation", f"a set operation of {len(ours)} and {len(theirs)} columns", node)
    made = Result()
    for at, col in enumerate(ours):
        made.add(_both(col, theirs[at]) if at < len(theirs) else col)
    return made


def _both(ours: Col, theirs: Col) -> Col:
    if ours.deps is theirs.deps or not theirs.deps:
        return ours
    return Col(ours.key, ours.name, {**ours.deps, **theirs.deps}, access=ours.access and theirs.access)


def _by_name(w: Walk, left: Result, right: Result, node: Any) -> Result:
    made = Result()
    listed = [one.args["this"] if isinstance(one, exp.Column) else one for one in node.args.get("on") or ()]
    on = {w.key(one) for one in listed if isinstance(one, exp.Identifier)}
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
        made.open_stars.append(OpenStar(OpenUnion(w, left, right, positional=False), len(made.cols)))
    return made


class OpenUnion(Result):
    """A union of results whose columns are not all known: a name is looked for in both."""

    __slots__ = ("left", "positional", "right", "walk")

    def __init__(self, w: Walk, left: Result, right: Result, *, positional: bool) -> None:
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
        if key == "*":  # a side whose columns are all known has them behind the star as well
            ours, theirs = ours or self.left.listing(), theirs or self.right.listing()
        deps: Deps = merge(ours)
        doubt = self.positional and key != "*"
        for col in theirs:
            for dep, site in col.deps.items():
                deps.setdefault(self.walk.refs.doubted(dep) if doubt else dep, site)
        return [Col(key, name, deps, base=False)] if deps else []

    def relations(self) -> set[int]:
        return self.left.relations() | self.right.relations()


def _either(rel: Result, key: str, name: str) -> list[Col]:
    known = rel.find(key)
    return [known] if known is not None else rel.guess(key, name)


def _open_union(w: Walk, left: Result, right: Result) -> Result:
    """One side has a star over unknown columns: the columns before it still meet by position."""
    before = min(_known_before(left), _known_before(right))
    ours, theirs = left.listing(), right.listing()
    made = Result(_both(ours[at], theirs[at]) for at in range(before))
    for at in range(before, len(ours)):
        made.add(_doubted(w, ours[at], right))
    if left.is_open:
        made.open_stars.append(OpenStar(OpenUnion(w, left, right, positional=True), len(made.cols)))
    return made


def _known_before(rel: Result) -> int:
    """How many columns stand before the first star that is not known."""
    if rel.open_stars:
        return rel.open_stars[0].at
    return 0 if rel.is_open else len(rel.listing())


def _doubted(w: Walk, col: Col, other: Result) -> Col:
    deps = dict(col.deps)
    for choice in _either(other, col.key, col.name):
        for dep, site in choice.deps.items():
            deps.setdefault(w.refs.doubted(dep), site)
    return Col(col.key, col.name, deps)


def ordered(w: Walk, node: Any, scope: Scope, rel: Result) -> Result:
    """ORDER BY of a whole set operation sees the result's columns; a query in its LIMIT decides its rows."""
    written, numbers = node.args.get("order"), counts(node.args)
    if written is None and not numbers:
        return rel
    inner = Scope(scope, scope.ctes)
    inner.add(None, rel)
    outer, w.scope = w.scope, inner
    if written is not None:
        order(w, inner, written, rel)
    for one in numbers:
        decides_rows(w, inner, one, FILTER)
    w.scope = outer
    made = Result(rel.listing(), inner.rows)
    made.open_stars = rel.open_stars or _own_star(rel)
    return made
