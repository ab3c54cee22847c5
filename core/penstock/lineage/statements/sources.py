"""What stands in FROM: relations, CTEs, subqueries, VALUES, and joins between them."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.expressions.visit import visit
from penstock.lineage.scope.dependencies import FILTER, JOIN, TRANSFORMATION
from penstock.lineage.scope.lookup import lookup, source_named
from penstock.lineage.scope.relations import outside, relation
from penstock.lineage.scope.results import (
    Col,
    OpenStar,
    OutsideRelation,
    Result,
    Scope,
    UnknownRelation,
    merge,
)
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.engines import filled_view
from penstock.lineage.statements.pivot import pivoted
from penstock.lineage.statements.source_names import LABELS, dictionary_named, function_name, labels
from penstock.lineage.statements.star import expand
from penstock.lineage.statements.table_functions import function_result
from penstock.lineage.statements.unnest import unnested, unpivoted_object


def add_source(w: Walk, scope: Scope, node: Any) -> None:
    """Puts one item of a FROM into the scope, with the joins that are written inside it."""
    kind = node.__class__
    if kind is exp.Subquery and _holds_sources(node):
        _parenthesised(w, scope, node)
    else:
        add_result(w, scope, node, *_named_result(w, scope, node))
    args = node.args
    if args.get("sample") is not None and (bucket := args["sample"].args.get("bucket_field")) is not None:
        picks = exp.Column(this=bucket) if bucket.__class__ is exp.Identifier else bucket
        decides_rows(w, scope, picks, FILTER, site=bucket)
    for lateral in args.get("laterals") or ():
        add_source(w, scope, lateral)
    for join in args.get("joins") or ():
        add_join(w, scope, join)


def add_result(w: Walk, scope: Scope, node: Any, alias: str | None, rel: Result) -> None:
    """Gives a source its alias and column names. A PIVOT reads it under that alias, and its result has the PIVOT's own."""
    args = node.args
    written = args.get("alias")
    if written is not None and written.__class__ is exp.TableAlias:
        if written.args.get("this") is not None:
            alias = w.key(written.args["this"])
        elif w.rules.has.one_column_unnest and node.__class__ is exp.Unnest and len(written.columns) == 1:
            alias = w.key(written.args["columns"][0])  # `unnest(x) as a`
        listed = written.args.get("columns") and not isinstance(node, exp.Unnest | exp.Lateral)
        if listed and dictionary_named(w, node) is None:
            rel = with_names(w, rel, written.args["columns"])
    for one in args.get("pivots") or ():
        rel, pivot_alias = pivoted(w, rel, one, alias)
        alias = pivot_alias or alias
    scope.add(alias, rel)


def _named_result(w: Walk, scope: Scope, node: Any) -> tuple[str | None, Result]:
    kind = node.__class__
    if kind is exp.Table:
        return table(w, scope, node)
    if kind is exp.Subquery:
        return None, _derived(w, scope, node.args["this"])
    if kind is exp.Lateral:
        return None, _lateral(w, scope, node)
    if kind is exp.Unnest:
        return None, unnested(w, scope, node)
    if kind is exp.Values:
        return None, w.derive(w, node, scope)
    if kind is exp.Final:
        inner = node.args["this"]
        alias, rel = _named_result(w, scope, inner)
        written = inner.args.get("alias")
        return (w.key(written.args["this"]) if written is not None else alias), rel
    if kind is exp.Stream:
        inner = node.args["this"]
        return _named_result(w, scope, inner.args["this"] if inner.__class__ is exp.Subquery else inner)
    if kind is exp.AtIndex:
        return _at_index(w, scope, node)
    if (
        kind is exp.Pivot
        and node.args.get("unpivot")
        and isinstance(node.args["this"], exp.AtIndex | exp.Alias)
    ):
        return unpivoted_object(w, scope, node)
    if isinstance(node, exp.Query):
        return None, _derived(w, scope, node)
    inner = node.args["this"] if kind in (exp.TableFromRows, exp.Alias) else node
    if inner.__class__ is exp.Literal:
        return None, outside(w, w.catalog.parts_of(inner.name))  # `table('db.s.t')`
    if inner.__class__ is exp.Parameter:
        w.finding("not-followed", f"table(${inner.name}): the name of its relation is put together", node)
        return None, UnknownRelation(w.refs)  # `table($name)`
    return None, function_result(w, scope, inner, node.args.get("alias"))


def _holds_sources(node: Any) -> bool:
    """Whether a FROM stands in the parentheses, and no query: `((a join b on ...) join c on ...)`."""
    inner = node.args["this"]
    while inner.__class__ is exp.Subquery:
        if any(inner.args.get(part) for part in ("alias", "joins", "laterals", "pivots")):
            return True
        inner = inner.args["this"]
    return not isinstance(inner, exp.Query | exp.Pivot | exp.Values | exp.Summarize | exp.Describe)


def _parenthesised(w: Walk, scope: Scope, node: Any) -> None:
    """`(a join b on ...)`: with an alias it is one source, without one its sources stay visible."""
    if node.args.get("alias") is None and not node.args.get("pivots"):
        add_source(w, scope, node.args["this"])
        return
    inner = Scope(scope.parent, scope.ctes)
    outer, w.scope = w.scope, inner
    add_source(w, inner, node.args["this"])
    rel = as_result(expand(w, exp.Star()))
    rel.rows = inner.rows
    w.scope = outer
    add_result(w, scope, node, None, rel)


def as_result(items: list[Col | OpenStar]) -> Result:
    rel = Result()
    cols, index = rel.cols, rel.index
    for item in items:
        if item.__class__ is Col:
            cols.append(item)
            if item.key not in index:
                index[item.key] = item
        else:
            star: Any = item
            rel.open_stars.append(OpenStar(star.rel, len(cols), star.hidden, star.site))
    return rel


def _derived(w: Walk, scope: Scope, query: Any) -> Result:
    """A derived table: it sees the scopes around the SELECT, and DuckDB lets it see its siblings too."""
    if scope.sources and w.rules.has.siblings_are_seen:
        around = Scope(scope.parent, scope.ctes)
        around.siblings = scope
        return w.derive(w, query, around)
    around = Scope(scope.parent, scope.ctes)
    return w.derive(w, query, around)


def _lateral(w: Walk, scope: Scope, node: Any) -> Result:
    this = node.args["this"]
    alias = node.args.get("alias")
    if this.__class__ is exp.Subquery:
        rel = w.derive(w, this.args["this"], scope)
    elif this.__class__ is exp.Unnest:
        rel = unnested(w, scope, this, alias)
    else:
        rel = function_result(w, scope, this, alias)
    columns = alias.args.get("columns") if alias is not None else None
    return with_names(w, rel, columns) if columns and this.__class__ is exp.Subquery else rel


def _at_index(w: Walk, scope: Scope, node: Any) -> tuple[str | None, Result]:
    """Redshift: `t.items as item at position`."""
    this = node.args["this"]
    alias = None
    if this.__class__ is exp.Alias:
        alias = this.args["alias"]
        this = this.args["this"]
    rel = unnested(w, scope, exp.Unnest(expressions=[this]))
    if alias is not None and rel.cols:
        rel.value = rel.cols[0].renamed(w.key(alias), w.name(alias))
        rel = with_names(w, rel, [alias])
    index = node.args["expression"]
    rel.add(Col(w.key(index), w.name(index), {}))
    return (w.key(alias) if alias is not None else None), rel


def table(w: Walk, scope: Scope, node: Any) -> tuple[str | None, Result]:
    """A name in FROM: a CTE, a table made earlier in the script, a column that is an array, or a relation outside."""
    this = node.args.get("this")
    kind = this.__class__
    w.seen.add(id(node))
    for part in LABELS:
        if node.args.get(part):
            labels(w, node.args[part])
    if kind is exp.Identifier:
        key = w.key(this)
        if node.args.get("db") is None:
            known = scope.ctes.get(key)
            if known is not None:
                return key, known
            if (named := dictionary_named(w, node)) is not None:
                return None, outside(w, w.catalog.parts_of(named))
        elif w.rules.has.one_column_unnest and (rel := _array_path(w, scope, node)) is not None:
            return key, rel
        if w.rules.has.database_links:
            key = key.split("@", 1)[0]
        return key, relation(w, node)
    if kind is exp.Dot and all(isinstance(one, exp.Identifier) for one in this.flatten()):
        return w.key(this.args["expression"]), relation(w, node)  # four parts
    if kind is type(None):
        return None, _side_by_side(w, scope, node)
    if w.rules.has.remote_functions and (rel := filled_view(w, scope, node)) is not None:
        return w.key(exp.to_identifier(this.name)), rel
    if isinstance(this, exp.Func | exp.Dot | exp.SemanticView | exp.DynamicIdentifier):
        return function_name(this), function_result(
            w, scope, this, node.args.get("alias"), node.args.get("ordinality")
        )
    if kind is exp.Parameter and w.rules.has.table_variables:
        return None, relation(w, node)
    if kind is exp.Parameter or kind is exp.Placeholder or kind is exp.Var:
        return None, outside(w, (this.name or this.sql(),))
    return None, relation(w, node)


def _side_by_side(w: Walk, scope: Scope, node: Any) -> Result:
    """PostgreSQL's ROWS FROM (f(x), g(y)): the functions' columns beside one another."""
    made = Result()
    for one in node.args.get("rows_from") or ():
        unnests = one.__class__ is exp.Unnest
        rel = unnested(w, scope, one) if unnests else function_result(w, scope, one.args["this"], None)
        for col in rel.listing() or rel.guess("*", "*"):
            made.add(col)
        made.rows.parents.append(rel.rows)
    return made


def _array_path(w: Walk, scope: Scope, node: Any) -> Result | None:
    """`from t, t.items`: the first part is a source, here or around the query, so the rest is an array in it."""
    parts = [node.args[part] for part in ("catalog", "db", "this") if node.args.get(part) is not None]
    if source_named(scope, w.peek(parts[0])) is None:
        return None
    path: Any = exp.Column(this=parts[1], table=parts[0])
    for part in parts[2:]:
        path = exp.Dot(this=path, expression=part)
    alias = node.args.get("alias") or exp.TableAlias(columns=[parts[-1]])
    return unnested(w, scope, exp.Unnest(expressions=[path]), alias)


def with_names(w: Walk, rel: Result, idents: list[Any]) -> Result:
    """`t(a, b)`: names by position. Over an unknown list the names are known and the columns behind them are not."""
    named = Result(rows=rel.rows)
    columns = [] if rel.open_stars else rel.listing()
    whole = [] if columns else rel.guess("*", "*")
    for at, ident in enumerate(idents):
        ident = ident.args["this"] if ident.__class__ is exp.ColumnDef else ident
        key, name = w.key(ident), w.name(ident)
        if at < len(columns):
            named.add(columns[at].renamed(key, name))
        elif whole:
            deps = {w.refs.doubted(dep): site for dep, site in merge(whole).items()}
            named.add(Col(key, name, deps, base=True))
    for col in columns[len(idents) :]:
        named.add(col)
    named.value = rel.value
    return named


def add_join(w: Walk, scope: Scope, node: Any) -> None:
    args = node.args
    if str(args.get("kind") or "").upper() == "ARRAY":
        _array_join(w, scope, node)
        return
    left = list(scope.sources)
    add_source(w, scope, args["this"])
    for pivot in args.get("pivots") or ():
        rel, alias = pivoted(w, scope.sources.pop(), pivot)
        scope.add(alias, rel)
    right = scope.sources[len(left) :]
    using = args.get("using")
    if using:
        _merge_columns(w, scope, node, left, right, [w.key(one) for one in using], using)
    elif str(args.get("method") or "").upper() == "NATURAL":
        _natural(w, scope, node, left, right)
    for condition in (args.get("on"), args.get("match_condition")):
        if condition is not None:
            decides_rows(w, scope, condition, JOIN)
    if str(args.get("kind") or "").upper() in ("SEMI", "ANTI"):
        for rel in right:
            scope.sources.remove(rel)
        scope.memo.clear()


def decides_rows(
    w: Walk, scope: Scope, condition: Any, subtype: int, *, site: Any = None, clause: str = "join"
) -> None:
    """What a condition uses decides the rows of the whole result. `site` is the expression told; `condition` if None."""
    outer_acc, outer_site, outer_scope, outer_clause = w.acc, w.site, w.scope, scope.clause
    w.acc, w.site, w.scope, scope.clause = scope.rows.own, site or condition, scope, clause
    visit(w, condition, subtype)
    w.acc, w.site, w.scope, scope.clause = outer_acc, outer_site, outer_scope, outer_clause


def _natural(w: Walk, scope: Scope, node: Any, left: list[Result], right: list[Result]) -> None:
    if any(rel.is_open for rel in (*left, *right)):
        for rel in (*left, *right):
            for col in rel.guess("*", "*") or rel.listing():
                scope.rows.decided_by(map(w.refs.doubted, col.deps), JOIN, node.args["this"])
        w.finding(
            "natural-join",
            "NATURAL JOIN over columns that are not known: its keys are not known either",
            node,
        )
    theirs = {col.key for rel in right for col in rel.listing()}
    keys: list[str] = []
    for rel in left:
        keys.extend(col.key for col in rel.listing() if col.key in theirs and col.key not in keys)
    _merge_columns(w, scope, node, left, right, keys, [])


def _merge_columns(
    w: Walk,
    scope: Scope,
    node: Any,
    left: list[Result],
    right: list[Result],
    keys: list[str],
    idents: list[Any],
) -> None:
    """USING: one column of both sides. Its value is the left one's, the right one's, or either's, by the join's side."""
    side = str(node.args.get("side") or "").upper()
    for at, key in enumerate(keys):
        ident = idents[at] if at < len(idents) else exp.to_identifier(key, quoted=True)
        ours = scope.merged.get(key) or _from(w, left, scope, key, ident)
        theirs = _from(w, right, scope, key, ident)
        for col in (ours, theirs):
            scope.rows.decided_by(col.deps, JOIN, ident)
        name = ours.name or theirs.name
        if side == "RIGHT":
            merged = Col(key, name, theirs.deps, base=theirs.base, access=theirs.access)
        elif side == "FULL":
            deps = dict.fromkeys(merge([ours, theirs], subtype=TRANSFORMATION), ident)
            merged = Col(key, name, deps)
        else:
            merged = Col(key, name, ours.deps, base=ours.base, access=ours.access)
        scope.merged[key] = merged
    scope.memo.clear()


def _from(w: Walk, rels: list[Result], scope: Scope, key: str, ident: Any) -> Col:
    """A USING column on one side."""
    side = Scope(None, scope.ctes)
    side.sources = rels
    col = lookup(w, side, key, ident)
    if col is not None:
        return col
    for rel in rels:
        if isinstance(rel, OutsideRelation) and (alike := rel.find_folded(key)) is not None:
            return alike
    w.finding("unresolved-column", f"{ident.name}: not a column of both sides of the join", ident)
    return Col(key, w.name(ident), {})


def _array_join(w: Walk, scope: Scope, node: Any) -> None:
    """ClickHouse: each named array becomes its elements, under its own name or an alias."""
    outer, w.scope = w.scope, scope
    for one in (node.args["this"], *(node.args.get("expressions") or ())):
        if one.__class__ is exp.Table and one.args.get("db") is None:
            inner: Any = exp.Column(this=one.args["this"])
            alias = one.args["alias"].args["this"] if one.args.get("alias") is not None else one.args["this"]
        else:
            inner = one.args["this"] if one.__class__ is exp.Alias else one
            alias = one.args["alias"] if one.__class__ is exp.Alias else one.args["this"]
        array = value(w, inner, "", "")
        deps = dict.fromkeys(merge([array], subtype=TRANSFORMATION), inner)
        scope.aliases[w.key(alias)] = Col(w.key(alias), w.name(alias), deps, access=array.access)
        scope.rows.decided_by(array.deps, JOIN, inner)
    scope.memo.clear()
    w.scope = outer
