"""Queries: WITH, set operations, VALUES, and the way from any query to the SELECTs in it."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.read import tree
from penstock.lineage.read.pipe_syntax import PIPES
from penstock.lineage.scope.dependencies import TRANSFORMATION
from penstock.lineage.scope.results import Col, OpenStar, OutsideRelation, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.later_ctes import in_order
from penstock.lineage.statements.pipes import derive_pipe
from penstock.lineage.statements.pivot import pivoted
from penstock.lineage.statements.select import derive_select
from penstock.lineage.statements.set_operations import ordered, set_operation, unique_rows
from penstock.lineage.statements.sources import add_source, as_result, with_names
from penstock.lineage.statements.star import expand

_ROUNDS = 12


def derive_query(w: Walk, node: Any, around: Scope | None) -> Result:
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
    if not isinstance(node, exp.Expr):
        return Result()  # a statement without its query
    scope = Scope(around, ctes)
    if around is not None:
        scope.siblings = around.siblings
    with_ = node.args.get(tree.WITH)
    if with_ is not None:
        scope.ctes = read_with(w, with_, scope)
    if kind is exp.Select:
        if PIPES in node.args:
            return derive_pipe(w, node, scope)
        return derive_select(w, node, scope)
    if isinstance(node, exp.SetOperation):
        return set_operation(w, node, scope)
    if kind is exp.Values:
        return _values(w, node, scope)
    if kind is exp.Subquery:
        rel = derive_query(w, node.args["this"], scope)
        return ordered(w, node, scope, rel)
    if kind is exp.Table:
        return _from_only(w, node, around)
    if kind is exp.Pivot:
        return _pivot_statement(w, node, scope)
    changing = w.modifying.get(kind)
    if changing is not None:
        return changing(w, node, scope)
    outer, w.scope = w.scope, scope
    rel = Result([value(w, node, "", "")])
    w.scope = outer
    return rel


def _from_only(w: Walk, node: Any, around: Scope | None) -> Result:
    """`table t`, or `(select ...) pivot (...)`: all columns of one source."""
    scope = Scope(around, around.ctes if around is not None else {})
    outer, w.scope = w.scope, scope
    add_source(w, scope, node)
    rel = as_result(expand(w, exp.Star()))
    rel.rows = scope.rows
    w.scope = outer
    return rel


def _pivot_statement(w: Walk, node: Any, scope: Scope) -> Result:
    """DuckDB: `PIVOT t ON a USING sum(b)` as a statement."""
    outer, w.scope = w.scope, scope
    add_source(w, scope, node.args["this"])
    rel, _ = pivoted(w, scope.sources[-1], node)
    w.scope = outer
    return rel


def read_with(w: Walk, node: Any, scope: Scope) -> dict[str, Result]:
    """The CTEs that the rest of the query sees. A CTE hides the ones outside that have its name."""
    scope.ctes = ctes = dict(scope.ctes)
    recursive = bool(node.args.get("recursive"))
    looks_ahead = (recursive or w.rules.has.self_recursive) and w.rules.has.later_ctes_are_seen
    for cte in in_order(w, node.expressions) if looks_ahead else node.expressions:
        alias = cte.args["alias"]
        key = w.key(alias.args["this"])
        this = cte.args["this"]
        if cte.args.get("scalar"):
            _scalar(w, scope, key, w.name(alias.args["this"]), this)
            continue
        columns = alias.args.get("columns")
        steps = this.unnest() if this.__class__ is exp.Subquery else this
        may_recurse = (recursive or w.rules.has.self_recursive) and isinstance(steps, exp.SetOperation)
        if may_recurse and _names_itself(steps, key, w):
            rel = _recursive(w, steps, scope, key, columns)
        else:
            rel = derive_query(w, this, scope)
            if columns:
                rel = with_names(w, rel, columns)
        ctes[key] = rel
    search = node.args.get("search")
    if search is not None and node.expressions:
        ctes[key] = _searched(w, search, rel)
    return ctes


def _searched(w: Walk, node: Any, rel: Result) -> Result:
    """SEARCH ... BY a SET x, CYCLE a SET x USING y: columns that are made of those by which rows are followed."""
    made = Result(rel.listing(), rel.rows)
    made.open_stars = rel.open_stars or ([OpenStar(rel, len(made.cols))] if rel.is_open else [])
    by = node.args["this"]
    found = rel.find(w.key(by))
    deps = merge([found] if found is not None else rel.guess(w.key(by), w.name(by)), subtype=TRANSFORMATION)
    for one in (node.args["expression"], node.args.get("using"), node.args.get("cycle")):
        if isinstance(one, exp.Identifier):
            made.add(Col(w.key(one), w.name(one), deps))
    return made


def _scalar(w: Walk, scope: Scope, key: str, name: str, node: Any) -> None:
    """ClickHouse: `with <expression> as x`. It is read where it is used, with the columns seen there."""
    if isinstance(node, exp.Query):
        outer, w.scope = w.scope, scope  # it sees the names before it
        scope.aliases[key] = value(w, node, key, name)
        w.scope = outer
    else:
        scope.scalars[key] = lambda: value(w, node, key, name)


def _names_itself(node: Any, key: str, w: Walk) -> bool:
    return any(
        table.args.get("db") is None
        and isinstance(table.args.get("this"), exp.Identifier)
        and w.key(table.args["this"]) == key
        for table in node.args["expression"].find_all(exp.Table)
    )


def _recursive(w: Walk, node: Any, scope: Scope, key: str, columns: Any) -> Result:
    """The anchor first, then the rest again and again until nothing new depends on anything."""
    anchor = derive_query(w, node.args["this"], scope)
    if columns:
        anchor = with_names(w, anchor, columns)
    seed = Result((Col(col.key, col.name, dict(col.deps)) for col in anchor.listing()), anchor.rows)
    seed.open_stars = anchor.open_stars
    if isinstance(anchor, OutsideRelation) or (anchor.is_open and not anchor.open_stars):
        seed.open_stars = [OpenStar(anchor, 0)]
    for _ in range(_ROUNDS):
        before = sum(len(col.deps) for col in seed.cols)
        scope.ctes[key] = seed
        step = derive_query(w, node.args["expression"], scope)
        grown = Result(rows=seed.rows)
        grown.open_stars = seed.open_stars
        for at, col in enumerate(seed.cols):
            more = step.cols[at].deps if at < len(step.cols) else {}
            grown.add(Col(col.key, col.name, {**more, **col.deps}))
        rows = step.rows
        seed = grown
        if sum(len(col.deps) for col in seed.cols) == before:
            break
    made = Result(seed.cols)
    made.open_stars = seed.open_stars
    made.rows.parents.extend((anchor.rows, rows))
    if node.args.get("distinct"):
        unique_rows(made)
    return made


def is_default(node: Any) -> bool:
    """`values (1, default)`."""
    return (
        node.__class__ is exp.Column
        and node.args["this"].__class__ is exp.Identifier
        and not node.args["this"].args.get("quoted")
        and node.args.get("table") is None
        and node.args["this"].args["this"].lower() == "default"
    )


def _structure(node: Any) -> tuple[list[str], list[Any]]:
    """ClickHouse's `values('a Int32, b String', (1, 'x'))`: the names in the text, and the rows."""
    only = node.expressions[0] if len(node.expressions) == 1 else None
    cells = only.expressions if only.__class__ is exp.Tuple else []
    if len(cells) < 2 or cells[0].__class__ is not exp.Literal or not _STRUCTURE.match(cells[0].name):
        return [], node.expressions
    depth, names, begins = 0, [], True
    for part in re.findall(r"`[^`]*`|\w+|[^\w\s]", cells[0].name):
        if begins:
            names.append(part.strip("`"))
        depth += (part == "(") - (part == ")")
        begins = part == "," and not depth
    return names, cells[1:]


_STRUCTURE = re.compile(r"\s*(?:\w+|`[^`]*`)\s+\w")


def _values(w: Walk, node: Any, scope: Scope) -> Result:
    """VALUES: each column is whatever stands in its place in any row."""
    outer, w.scope = w.scope, scope
    places: list[list[Col]] = []
    names, rows = _structure(node) if w.rules.has.remote_functions else ([], node.expressions)
    for row in rows:
        cells = row.expressions if row.__class__ is exp.Tuple else [row]
        if len(cells) == 1 and cells[0].__class__ is exp.Anonymous and cells[0].name.lower() == "row":
            cells = cells[0].expressions  # MySQL: VALUES ROW(1, 2)
        for at, cell in enumerate(cells):
            if at == len(places):
                places.append([])
            if not is_default(cell):
                places[at].append(value(w, cell, "", ""))
    w.scope = outer
    prefix, first = w.rules.values_names
    rel = Result()
    for at, cells in enumerate(places):
        name = names[at] if at < len(names) else f"{prefix}{at + first}"
        rel.add(Col(w.rules.column_key(name), name, merge(cells)))
    alias = node.args.get("alias")
    listed = alias.args.get("columns") if alias is not None else None
    return with_names(w, rel, listed) if listed else rel
