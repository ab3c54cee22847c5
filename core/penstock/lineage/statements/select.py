"""One SELECT: its sources, its columns in order, and what decides its rows."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.read import tree
from penstock.lineage.scope.dependencies import (
    FILTER,
    GROUP_BY,
    JOIN,
    SORT,
    TRANSFORMATION,
    Deps,
    extend,
)
from penstock.lineage.scope.lookup import first_met, member
from penstock.lineage.scope.results import NOTHING, Col, OpenStar, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.given_names import foresee, named_by_text, of_script
from penstock.lineage.statements.match_recognize import matched
from penstock.lineage.statements.projections import is_pattern, project
from penstock.lineage.statements.sources import add_join, add_source, as_result, decides_rows
from penstock.lineage.statements.star import Item


def derive_select(w: Walk, node: Any, scope: Scope) -> Result:
    """The result of a SELECT whose WITH has been read into `scope`."""
    args = node.args
    outer_scope, outer_flag = w.scope, w.saw_aggregate
    w.scope = scope
    add_from(w, scope, args)
    for one in (*(args.get("settings") or ()), *(args.get("locks") or ())):
        w.known(one.find_all(exp.Column, exp.Table))
    if args.get("match") is not None:
        matched(w, scope, args["match"])
    if args.get("connect") is not None:
        scope.memo[w.fold("level")] = NOTHING
    for window in args.get("windows") or ():
        scope.windows[w.key(window.args["this"])] = window
    rel, grouped = projections(w, scope, node)
    clauses(w, scope, args, rel, grouped)
    rel.rows = scope.rows
    w.scope, w.saw_aggregate = outer_scope, outer_flag
    return rel


def add_from(w: Walk, scope: Scope, args: dict[str, Any]) -> None:
    """FROM, JOIN and LATERAL VIEW of anything that has them."""
    from_ = args.get(tree.FROM)
    if from_ is not None:
        add_source(w, scope, from_.args["this"])
    joins, laterals = args.get("joins") or (), args.get("laterals") or ()
    if joins and laterals:  # `from t lateral view explode(a) x as b join u on u.id = x.b`
        for one in sorted((*joins, *laterals), key=_place):
            (add_join if one.__class__ is exp.Join else add_source)(w, scope, one)
        return
    for join in joins:
        add_join(w, scope, join)
    for lateral in laterals:
        add_source(w, scope, lateral)


def _place(node: Any) -> int:
    """Where the first name of a source stands in the text."""
    named = ((one._meta or {}).get("start", 0) for one in node.find_all(exp.Identifier))
    return min(named, default=0)


def projections(w: Walk, scope: Scope, node: Any) -> tuple[Result, list[Col]]:
    """The columns, and those of them that are no aggregates (what GROUP BY ALL groups by)."""
    items: list[Item] = []
    grouped: list[Col] = []
    outer, w.multiplied = w.multiplied, []
    aliasing = w.rules.has.lateral_aliases
    expressions = node.args.get("expressions") or ()
    if len(expressions) > 1 and w.rules.has.explode_makes_columns:
        expressions = of_script(w, expressions)
    if w.rules.has.aliases_first:
        foresee(w, scope, node)
    all_groups = _groups_by_all(node)
    by_name = node.args.get("group") is not None or node.args.get("qualify") is not None
    for projection in expressions:
        if projection.__class__ is exp.EQ and w.rules.has.select_assigns:
            projection = named_by_text(projection)
        named = projection.__class__ is exp.Alias
        inner = projection.args["this"] if named else projection
        w.saw_aggregate = False
        if named and scope.pending:
            scope.pending.pop(w.key(projection.args["alias"]), None)
        plain = _plain(w, scope, inner, projection.args["alias"] if named else None)
        if plain is not None:
            items.append(plain)
            first: Item = plain
            if all_groups and scope.aggregated and _names_aggregate(w, scope, inner):
                w.saw_aggregate = True
            elif all_groups:
                grouped.append(plain)
        else:
            made = project(w, projection, len(items))
            if not made:
                continue  # a star of which nothing is left
            items.extend(made)
            first = made[0]
            if all_groups and scope.aggregated and _names_aggregate(w, scope, inner):
                w.saw_aggregate = True
            if all_groups and not w.saw_aggregate:
                grouped.extend(item for item in made if isinstance(item, Col))
        if named and (aliasing or by_name or w.saw_aggregate) and first.__class__ is Col:
            _remember(w, scope, first, inner)
    if node.args.get("exclude"):
        hidden = {
            w.key(one.args["this"] if one.__class__ is exp.Column else one) for one in node.args["exclude"]
        }
        items = [item for item in items if isinstance(item, OpenStar) or item.key not in hidden]
    w.multiplied = outer
    rel = as_result(items)
    if not aliasing:
        scope.aliases = rel.index
    if node.args.get("kind") == "VALUE" and len(rel.cols) == 1 and rel.cols[0].fields and not rel.open_stars:
        rel = Result(rel.cols[0].fields.values())
    return rel, grouped


def _names_aggregate(w: Walk, scope: Scope, node: Any) -> bool:
    """`select sum(a) as s, s + 1`: the second is an aggregate, too."""
    named = (one for one in node.find_all(exp.Column) if one.args.get("table") is None)
    return any(
        one.args["this"].__class__ is exp.Identifier and w.peek(one.args["this"]) in scope.aggregated
        for one in named
    )


def _remember(w: Walk, scope: Scope, col: Any, made_of: Any) -> None:
    """A name of the select list, for the clauses and projections that may mean it."""
    key = col.key
    scope.alias_nodes[key] = made_of
    if w.saw_aggregate:
        scope.aggregated.add(key)
    if key and w.rules.has.lateral_aliases:
        scope.aliases[key] = col
        if scope.pending:
            scope.pending.pop(key, None)
        if w.rules.has.aliases_first:
            scope.memo.pop(key, None)


def _groups_by_all(node: Any) -> bool:
    group = node.args.get("group")
    return group is not None and bool(group.args.get("all"))


def _plain(w: Walk, scope: Scope, node: Any, alias: Any) -> Col | None:
    """A column handed through, perhaps under another name or type, or a constant: most of what select lists hold, so it is
    done in one go. None for all else."""
    kind = node.__class__
    if kind is not exp.Column:
        return _cast_or_constant(w, scope, node, alias) if alias is not None else None
    this = node.args["this"]
    if alias is None and w.rules.has.names_as_patterns and is_pattern(w, this):
        return None
    col = _column(w, scope, node.args, this)
    if col is None:
        return None
    if alias is None:
        key, name = w.named(this)  # accounted for by the look-up
        if w.rules.has.true_names and col.key == key:
            name = col.name
    else:
        key, name = w.named(alias)
    if col.base:
        return Col(key, name, dict.fromkeys(col.deps, node), False, col.access, col.fields)
    return (
        col
        if col.key == key and col.name == name
        else Col(key, name, col.deps, False, col.access, col.fields)
    )


def _column(w: Walk, scope: Scope, args: dict[str, Any], this: Any) -> Col | None:
    """The column `a` or `t.a` of this scope; None for what is written or meant in another way."""
    if this.__class__ is not exp.Identifier or args.get("db") is not None:
        return None
    table = args.get("table")
    if table is None:
        key = w.key(this)
        return scope.memo.get(key) or first_met(w, this, key)
    rel = scope.by_alias.get(w.peek(table))  # accounted for as a part of the column
    if rel is None:
        return None
    return member(w, rel, this)


_CONSTANTS = frozenset({exp.Literal, exp.Null, exp.Boolean})
_CASTS = frozenset({exp.Cast, exp.TryCast})


def _cast_or_constant(w: Walk, scope: Scope, node: Any, alias: Any) -> Col | None:
    """`1 as a`, `cast(b as text) as a`, where the type has no fields."""
    kind = node.__class__
    if kind in _CONSTANTS:
        return Col(*w.named(alias), {})
    if kind not in _CASTS or w.spans.has_columns:
        return None
    args = node.args
    inner, to = args["this"], args["to"]
    if to.__class__ is not exp.DataType or to.args.get("nested"):
        return None
    if args.get("format") is not None or args.get("default") is not None or args.get("action") is not None:
        return None
    deps: Deps = {}
    if inner.__class__ is exp.Column:
        col = _column(w, scope, inner.args, inner.args["this"])
        if col is None:
            return None
        extend(deps, col.deps, TRANSFORMATION, node)
    elif inner.__class__ not in _CONSTANTS:
        return None
    return Col(*w.named(alias), deps)


_CLAUSES = frozenset(
    ["where", "prewhere", "having", "qualify", "connect", "group", "distinct", "order", "sort", "distribute", "cluster", "limit", "offset"]
)  # fmt: skip


def _has_clauses(args: dict[str, Any]) -> bool:
    """Most SELECTs have none."""
    return bool([one for one in args if one in _CLAUSES and args[one] is not None])


def clauses(w: Walk, scope: Scope, args: dict[str, Any], rel: Result, grouped: list[Col]) -> None:
    """The clauses that decide which rows there are, and in which order."""
    if not _has_clauses(args):
        return
    if args.get("where") is not None:
        _where(w, scope, args["where"].args["this"])
    for clause in ("prewhere", "having", "qualify"):
        if args.get(clause) is not None:
            decides_rows(w, scope, args[clause].args["this"], FILTER, clause=clause)
    connect = args.get("connect")
    if connect is not None:
        for part in ("start", "connect"):
            if connect.args.get(part) is not None:
                decides_rows(w, scope, connect.args[part], FILTER)
    if args.get("group") is not None:
        _group(w, scope, args["group"], rel, grouped)
    if args.get("distinct") is not None:
        _distinct(w, scope, args["distinct"], rel)
    for clause in ("order", "sort", "distribute", "cluster"):
        if args.get(clause) is not None:
            order(w, scope, args[clause], rel)
    for count in counts(args):
        decides_rows(w, scope, count, FILTER)
    limit = args.get("limit")
    for one in (limit.args.get("expressions") if limit is not None else None) or ():
        _keyed(w, scope, one, rel, FILTER)


def counts(args: dict[str, Any]) -> list[Any]:
    """How many rows LIMIT and OFFSET take, where it is no number."""
    held = [one for one in (args.get("limit"), args.get("offset")) if one is not None]
    if not held:
        return held
    found = [one.args.get("expression") for one in held if isinstance(one, exp.Expr)]
    return [one for one in found if isinstance(one, exp.Expr) and not isinstance(one, exp.Literal)]


def _where(w: Walk, scope: Scope, condition: Any) -> None:
    """Oracle's `a.id = b.id (+)` is a join that is written as a filter."""
    if not w.rules.has.join_marks or not _has_join_mark(condition):
        decides_rows(w, scope, condition, FILTER, clause="where")
        return
    for one in condition.flatten() if condition.__class__ is exp.And else (condition,):
        subtype = JOIN if _has_join_mark(one) else FILTER
        decides_rows(w, scope, one, subtype, site=condition, clause="where")


def _has_join_mark(node: Any) -> bool:
    return any(column.args.get("join_mark") for column in node.find_all(exp.Column))


def _group(w: Walk, scope: Scope, node: Any, rel: Result, grouped: list[Col]) -> None:
    args = node.args
    if args.get("all"):
        for col in grouped:
            use(scope, col, GROUP_BY, None)
    keys = args.get("expressions") or ()
    for one in keys:
        meant = _meant_alias(w, scope, one, keys)
        if meant is not None:
            use(scope, meant, GROUP_BY, one)
        else:
            _keyed(w, scope, one, rel, GROUP_BY)
    for part in ("grouping_sets", "cube", "rollup"):
        sets = args.get(part)
        for one in sets if isinstance(sets, list) else ():
            _keyed(w, scope, one, rel, GROUP_BY)


def _meant_alias(w: Walk, scope: Scope, node: Any, keys: Any) -> Col | None:
    """`group by day` over unknown columns: the select list's `day`, if what that is made of would be ungrouped otherwise."""
    if node.__class__ is not exp.Column or node.args.get("table") is not None:
        return None
    key = w.key(node.args["this"])
    made_of = scope.alias_nodes.get(key)
    if made_of is None or key in scope.aggregated:
        return None
    if w.rules.has.group_aliases_first:
        return scope.aliases.get(key)
    if any(rel.find(key) for rel in scope.sources):
        return None
    named = {w.peek(one.args["this"]) for one in made_of.find_all(exp.Column)}
    others = {w.peek(c.args["this"]) for one in keys if one is not node for c in one.find_all(exp.Column)}
    return scope.aliases.get(key) if named - others - {key} else None


def _keyed(w: Walk, scope: Scope, node: Any, rel: Result, subtype: int) -> None:
    """One key of GROUP BY: an expression, a position or an alias."""
    if node.__class__ is exp.Collate and node.args["this"].__class__ is exp.Literal:
        node = node.args["this"]  # SQLite's `order by 1 collate nocase`
    in_order = (
        subtype == SORT and node.__class__ is exp.PositionalColumn
    )  # DuckDB: there `#1` counts the select list
    if (node.__class__ is exp.Literal and not node.args["is_string"]) or in_order:
        number = int(node.name) if node.name.isdigit() else 0
        if 0 < number <= (rel.open_stars[0].at if rel.open_stars else len(rel.cols)):
            use(scope, rel.cols[number - 1], subtype, node)
        return
    decides_rows(w, scope, node, subtype, clause="group" if subtype == GROUP_BY else "order")


def _distinct(w: Walk, scope: Scope, node: Any, rel: Result) -> None:
    on = node.args.get("on")
    if on is not None:
        for one in on.expressions if on.__class__ is exp.Tuple else [on]:
            _keyed(w, scope, one, rel, GROUP_BY)
        return
    unique(rel, scope, node)


def unique(rel: Result, scope: Scope, site: Any) -> None:
    """DISTINCT: the rows are grouped by all columns."""
    for col in rel.cols:
        use(scope, col, GROUP_BY, None)
    for open_star in rel.open_stars:
        for col in open_star.guess("*", "*"):
            use(scope, col, GROUP_BY, open_star.site or site)


def use(scope: Scope, col: Col, subtype: int, site: Any) -> None:
    """`col`, used as `subtype`, decides the rows. Without a site the column's own expression is told."""
    if site is None:
        scope.rows.decided_where_used(col.deps, subtype)
    else:
        scope.rows.decided_by(col.deps, subtype, site)


def order(w: Walk, scope: Scope, node: Any, rel: Result) -> None:
    """ORDER BY: positions and the result's own names come before the sources' columns."""
    for one in node.args.get("expressions") or ():
        this = one.args["this"] if one.__class__ is exp.Ordered else one
        if one is not this and one.args.get("with_fill") is not None:
            w.known(one.args["with_fill"].find_all(exp.Column))  # ClickHouse: what rows between are given
        if this.__class__ is exp.Var and this.name.upper() == "ALL":
            for col in rel.cols:
                use(scope, col, SORT, this)
            continue
        if this.__class__ is exp.Column and this.args.get("table") is None:
            ident = this.args["this"]
            own = rel.find(w.key(ident)) if ident.__class__ is exp.Identifier else None
            if own is not None:
                use(scope, own, SORT, this)
                continue
            if this.name.lower() == "all" and not this.args["this"].args.get("quoted"):
                for col in rel.cols:
                    use(scope, col, SORT, this)
                continue
        _keyed(w, scope, this, rel, SORT)
