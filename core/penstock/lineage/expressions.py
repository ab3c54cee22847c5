"""Walks an expression once and notes each column it uses, and how: directly, aggregated, as a condition, in a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from penstock.lineage.deps import (
    AGGREGATED,
    ARGUMENT,
    CONDITIONAL,
    FIRST_INDIRECT,
    SORT,
    TRANSFORMATION,
    WINDOW,
)
from penstock.lineage.resolve import column, member, source_named, unqualified, whole_row
from penstock.lineage.scope import Col, merge
from penstock.lineage.walk import Walk

Handler = Callable[[Walk, Any, int], None]

# Functions of a window that hand a value through, though sqlglot counts them as aggregates.
_WINDOW_ONLY = tuple(
    getattr(exp, name)
    for name in (
        "Lag",
        "Lead",
        "FirstValue",
        "LastValue",
        "NthValue",
        "RowNumber",
        "Rank",
        "DenseRank",
        "PercentRank",
        "CumeDist",
        "Ntile",
    )
    if hasattr(exp, name)
)
_AGGREGATE_NAMES = frozenset(
    [
        "median",
        "mode",
        "kurtosis",
        "skewness",
        "histogram",
        "approx_percentile",
        "approx_distinct",
        "bool_and",
        "bool_or",
        "every",
        "listagg",
        "string_agg",
        "group_concat",
        "entropy",
        "mad",
        "favg",
        "fsum",
        "geomean",
        "product",
        "sumx",
        "regr_slope",
        "regr_intercept",
        "regr_r2",
        "bitmap_union",
        "bitmap_construct_agg",
        "hll_union_agg",
        "hll_accumulate",
        "max_n",
        "min_n",
        "multimap_agg",
        "map_agg",
        "map_union",
        "numeric_histogram",
        "checksum",
        "geometric_mean",
        "checksum_agg",
        "string_concat",
        "collect_list",
        "collect_set",
        "json_agg",
        "jsonb_agg",
        "json_object_agg",
        "jsonb_object_agg",
        "xmlagg",
        "grouping_id",
        "stats_mode",
        "wm_concat",
        "variance_pop",
        "percentile",
        "percentile_approx",
        "try_sum",
        "try_avg",
        "count_min_sketch",
        "array_concat_agg",
        "any_value",
    ]
)
# First arguments that are a unit of time, where a dialect parses them as a column.
_UNITS = frozenset(
    [
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "hour",
        "minute",
        "second",
        "millisecond",
        "microsecond",
        "nanosecond",
        "dayofweek",
        "dayofyear",
        "epoch",
        "yy",
        "yyyy",
        "qq",
        "q",
        "mm",
        "m",
        "dd",
        "d",
        "wk",
        "ww",
        "hh",
        "mi",
        "n",
        "ss",
        "s",
        "ms",
        "isoweek",
        "weekday",
        "doy",
        "dow",
        "decade",
        "century",
        "millennium",
    ]
)


def visit(w: Walk, node: Any, sub: int) -> None:
    """Adds what `node`, used as `sub`, depends on to `w.acc`."""
    handler = HANDLERS.get(node.__class__, _UNKNOWN)
    if handler is _UNKNOWN:
        handler = _classify(node.__class__)
    if handler is not None:
        handler(w, node, sub)


def visit_all(w: Walk, nodes: Any, sub: int) -> None:
    for node in nodes or ():
        visit(w, node, sub)


def generic(w: Walk, node: Any, sub: int) -> None:
    """A function or operator: each argument is used in it."""
    sub = ARGUMENT[sub]
    get = HANDLERS.get
    for value in node.args.values():
        if value.__class__ is list:
            for item in value:
                handler = get(item.__class__, _UNKNOWN)
                if handler is not None:
                    (_classify_and_visit if handler is _UNKNOWN else handler)(w, item, sub)
        else:
            handler = get(value.__class__, _UNKNOWN)
            if handler is not None:
                (_classify_and_visit if handler is _UNKNOWN else handler)(w, value, sub)


def _classify_and_visit(w: Walk, node: Any, sub: int) -> None:
    handler = _classify(node.__class__)
    if handler is not None:
        handler(w, node, sub)


def _unknown(w: Walk, node: Any, sub: int) -> None:
    """Stands for a class that was not met before."""


def binary(w: Walk, node: Any, sub: int) -> None:
    """Operators nest to the left, thousands deep in generated SQL: a loop, not a recursion."""
    sub = ARGUMENT[sub]
    rights = []
    while HANDLERS.get(node.__class__) is binary:
        args = node.args
        rights.append(args.get("expression"))
        node = args["this"]
    visit(w, node, sub)
    for right in reversed(rights):
        visit(w, right, sub)


def _column(w: Walk, node: Any, sub: int) -> None:
    this = node.args["this"]
    if this.__class__ is exp.Star:
        rel = source_named(w.scope, w.key(node.args["table"]))
        if rel is not None:
            w.add(whole_row(rel, "*"), ARGUMENT[sub])
        return
    if node.args.get("table") is None:
        w.add(unqualified(w, this), sub)
    else:
        w.add(column(w, node), sub)


def _star(w: Walk, node: Any, sub: int) -> None:
    """`hash(*)`: every column of every source. `count(*)` does not come here."""
    for rel in w.scope.sources:
        w.add(whole_row(rel, "*"), ARGUMENT[sub])


def same(w: Walk, node: Any, sub: int) -> None:
    visit(w, node.args["this"], sub)


def _value_of_pair(w: Walk, node: Any, sub: int) -> None:
    visit(w, node.args.get("expression"), ARGUMENT[sub])


def _aggregate(w: Walk, node: Any, sub: int) -> None:
    w.saw_aggregate = True
    _arguments(w, node, AGGREGATED[sub])


def _arguments(w: Walk, node: Any, sub: int) -> None:
    for value in node.args.values():
        if value.__class__ is list:
            for item in value:
                visit(w, item, sub)
        else:
            visit(w, value, sub)


def _count(w: Walk, node: Any, sub: int) -> None:
    """`count(*)` counts rows: no column's value is in it. `count(t.*)` is the same in all but name."""
    w.saw_aggregate = True
    this = node.args.get("this")
    if this.__class__ is exp.Star or (
        this.__class__ is exp.Column and this.args["this"].__class__ is exp.Star
    ):
        return
    _arguments(w, node, AGGREGATED[sub])


def _picked(w: Walk, node: Any, sub: int) -> None:
    """`max_by(a, b)`: the value is a's, b only decides which."""
    w.saw_aggregate = True
    args = node.args
    visit(w, args["this"], AGGREGATED[sub])
    visit(w, args.get("expression"), sub if sub >= FIRST_INDIRECT else CONDITIONAL)
    visit(w, args.get("count"), AGGREGATED[sub])


def _combined(w: Walk, node: Any, sub: int) -> None:
    """ClickHouse's `sumIf(x, condition)` and its kin."""
    w.saw_aggregate = True
    arguments = list(node.args.get("expressions") or ())
    name = str(node.args.get("this") or "").lower()
    condition = arguments.pop() if name.endswith("if") and arguments else None
    picks = name.startswith(("argmin", "argmax")) and len(arguments) > 1
    for at, argument in enumerate(arguments):
        visit(w, argument, _indirect(sub) if picks and at else AGGREGATED[sub])
    if condition is not None:
        visit(w, condition, _indirect(sub))


def _indirect(sub: int) -> int:
    return sub if sub >= FIRST_INDIRECT else CONDITIONAL


def _anonymous(w: Walk, node: Any, sub: int) -> None:
    name = str(node.args.get("this")).lower()
    arguments = node.args.get("expressions") or ()
    if name == "values" and arguments and (offered := w.scope.by_alias.get(w.fold("excluded"))) is not None:
        w.add(member(w, offered, arguments[0]), ARGUMENT[sub])  # MySQL: the value that was to be inserted
        return
    if name in _AGGREGATE_NAMES:
        w.saw_aggregate = True
        sub = AGGREGATED[sub]
    else:
        sub = ARGUMENT[sub]
    if arguments and name.startswith("date") and _is_unit(arguments[0]):
        arguments = arguments[1:]
    visit_all(w, arguments, sub)


def _is_unit(node: Any) -> bool:
    return node.__class__ is exp.Column and len(node.args) < 3 and node.name.lower() in _UNITS


def _case(w: Walk, node: Any, sub: int) -> None:
    args = node.args
    sub = ARGUMENT[sub]
    condition = _indirect(sub)
    visit(w, args.get("this"), condition)
    for branch in args["ifs"]:
        visit(w, branch.args["this"], condition)
        visit(w, branch.args.get("true"), sub)
    visit(w, args.get("default"), sub)


def _if(w: Walk, node: Any, sub: int) -> None:
    args = node.args
    sub = ARGUMENT[sub]
    visit(w, args["this"], _indirect(sub))
    visit(w, args.get("true"), sub)
    visit(w, args.get("false"), sub)


def _decode(w: Walk, node: Any, sub: int) -> None:
    """`decode(x, a, 1, b, 2, 3)`: x, a and b are compared, the rest are values."""
    sub = ARGUMENT[sub]
    arguments = node.args["expressions"]
    last = len(arguments) - 1
    for at, argument in enumerate(arguments):
        compared = at == 0 or (at % 2 == 1 and at != last)
        visit(w, argument, _indirect(sub) if compared else sub)


def _window(w: Walk, node: Any, sub: int) -> None:
    args = node.args
    before = w.saw_aggregate
    function = args["this"]
    inner = function.args.get("this") if function.__class__ in _WRAPPERS else function
    if isinstance(inner, exp.AggFunc):
        visit(w, function, sub)
        w.saw_aggregate = before
    else:
        visit(w, function, ARGUMENT[sub])
    _window_parts(w, args, sub if sub >= FIRST_INDIRECT else WINDOW)


def _window_parts(w: Walk, args: dict[str, Any], sub: int) -> None:
    name = args.get("alias")
    if name is not None:
        named = w.scope.windows.get(w.key(name))
        if named is not None:
            _window_parts(w, named.args, sub)
    visit_all(w, args.get("partition_by"), sub)
    order = args.get("order")
    if order is not None:
        visit_all(w, order.args.get("expressions"), sub)
    spec = args.get("spec")
    if spec is not None:
        _arguments(w, spec, sub)


def _filter(w: Walk, node: Any, sub: int) -> None:
    visit(w, node.args["this"], sub)
    visit(w, node.args["expression"].args["this"], _indirect(sub))


def _within_group(w: Walk, node: Any, sub: int) -> None:
    """The order is the value for a percentile, and only an order for listagg."""
    function = node.args["this"]
    visit(w, function, sub)
    order = node.args.get("expression")
    ordered_value = _takes_order_as_value(function)
    for item in (order.args.get("expressions") if order is not None else None) or ():
        visit(w, item.args["this"], AGGREGATED[sub] if ordered_value else _sorted(sub))


def _takes_order_as_value(function: Any) -> bool:
    if isinstance(function, exp.Anonymous):
        name = str(function.args["this"]).lower()
        return name.startswith(
            ("percentile", "mode", "approx_percentile", "median", "rank", "dense_rank", "cume")
        )
    return not isinstance(function, exp.GroupConcat | exp.ArrayAgg)


def _sorted(sub: int) -> int:
    return sub if sub >= FIRST_INDIRECT else SORT


def _order(w: Walk, node: Any, sub: int) -> None:
    """`array_agg(x order by y)`."""
    visit(w, node.args.get("this"), sub)
    visit_all(w, node.args["expressions"], _sorted(sub))


def _having_max(w: Walk, node: Any, sub: int) -> None:
    visit(w, node.args["this"], sub)
    visit(w, node.args["expression"], _indirect(sub))


def _comprehension(w: Walk, node: Any, sub: int) -> None:
    """`[x + k for x in l if x > j]`: x is not a column."""
    args = node.args
    own = {w.key(name) for name in (args["expression"], args.get("position")) if name is not None}
    visit(w, args["iterator"], ARGUMENT[sub])
    _without(w, own, args["this"], ARGUMENT[sub])
    if args.get("condition") is not None:
        _without(w, own, args["condition"], _indirect(sub))


def _lambda(w: Walk, node: Any, sub: int) -> None:
    own = {w.key(name) for name in node.args["expressions"] if isinstance(name, exp.Identifier)}
    _without(w, own, node.args["this"], ARGUMENT[sub])


def _without(w: Walk, names: set[str], body: Any, sub: int) -> None:
    """Visits a body in which `names` are arguments, whatever columns are called so."""
    memo = w.scope.memo
    hidden = {name: memo.get(name) for name in names}
    memo.update(dict.fromkeys(names, Col("", "", {})))
    try:
        visit(w, body, sub)
    finally:
        for name, col in hidden.items():
            if col is None:
                memo.pop(name, None)
            else:
                memo[name] = col


def _query(w: Walk, node: Any, sub: int) -> None:
    w.add(subquery_value(w, node), sub)


def subquery_value(w: Walk, node: Any) -> Col:
    """A subquery used as a value: its first column, and whatever decides its rows."""
    rel = w.derive(w, node, w.scope)
    columns = rel.listing()
    col = columns[0] if columns else Col("", "", merge(rel.guess("*", "*")))
    if node.__class__ is exp.Subquery:
        node = node.args["this"]
    if node.args.get("kind") == "STRUCT":
        fields = {one.key: one for one in columns}
        col = Col("", "", merge(columns, subtype=TRANSFORMATION), fields=fields)
    rows = rel.rows.flat()
    if not rows:
        return col
    return Col(col.key, col.name, {**rows, **col.deps}, fields=col.fields)


def _exists(w: Walk, node: Any, sub: int) -> None:
    """What is selected in it does not matter, only which rows there are."""
    this = node.args["this"]
    if not isinstance(this, exp.Query):
        generic(w, node, sub)
        return
    rel = w.derive(w, this, w.scope)
    w.add_deps(rel.rows.flat(), sub if sub >= FIRST_INDIRECT else TRANSFORMATION)


def _json_object(w: Walk, node: Any, sub: int) -> None:
    this = node.args.get("this")
    if this.__class__ is exp.Star:
        _star(w, this, sub)
    else:
        generic(w, node, sub)


def _member_of_parameter(w: Walk, node: Any, sub: int) -> None:
    """`$1`: the first column of the only source."""
    name = str(node.name)
    if name.isdigit() and len(w.scope.sources) == 1 and w.rules.dialect == "snowflake":
        w.add(member(w, w.scope.sources[0], node), sub)


_UNKNOWN: Handler = _unknown
_WRAPPERS = (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup)

HANDLERS: dict[type, Handler | None] = {
    str: None,
    bool: None,
    int: None,
    type(None): None,
    exp.Identifier: None,
    exp.Literal: None,
    exp.Null: None,
    exp.Boolean: None,
    exp.DataType: None,
    exp.DataType.Type: None,
    exp.Var: None,
    exp.Placeholder: None,
    exp.Parameter: _member_of_parameter,
    exp.SessionParameter: None,
    exp.Interval: generic,
    exp.IntervalSpan: None,
    exp.JSONPath: None,
    exp.TableAlias: None,
    exp.Column: _column,
    exp.Pseudocolumn: _column,
    exp.Star: _star,
    exp.Paren: same,
    exp.Alias: same,
    exp.Aliases: same,
    exp.PivotAlias: same,
    exp.Kwarg: _value_of_pair,
    exp.PropertyEQ: _value_of_pair,
    exp.Count: _count,
    exp.ArgMax: _picked,
    exp.ArgMin: _picked,
    exp.CombinedAggFunc: _combined,
    exp.Anonymous: _anonymous,
    exp.Case: _case,
    exp.If: _if,
    exp.Nvl2: _if,
    exp.DecodeCase: _decode,
    exp.Window: _window,
    exp.Filter: _filter,
    exp.WithinGroup: _within_group,
    exp.Order: _order,
    exp.HavingMax: _having_max,
    exp.IgnoreNulls: same,
    exp.RespectNulls: same,
    exp.Ordered: same,
    exp.Comprehension: _comprehension,
    exp.Lambda: _lambda,
    exp.Select: _query,
    exp.Subquery: _query,
    exp.Union: _query,
    exp.Intersect: _query,
    exp.Except: _query,
    exp.Exists: _exists,
    exp.JSONObject: _json_object,
    exp.And: binary,
    exp.Or: binary,
}
for _kind in _WINDOW_ONLY:
    HANDLERS[_kind] = generic


def _classify(kind: type) -> Handler | None:
    """How a class that is not named above is visited; remembered."""
    handler: Handler | None
    if not issubclass(kind, exp.Expr):
        handler = None
    elif issubclass(kind, exp.AggFunc):
        handler = _aggregate
    elif issubclass(kind, exp.Query):
        handler = _query
    elif issubclass(kind, exp.Binary) and set(kind.arg_types) == {"this", "expression"}:
        handler = binary
    else:
        handler = generic
    HANDLERS[kind] = handler
    return handler
