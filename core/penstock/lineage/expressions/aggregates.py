"""Aggregates and windows: whose values are gathered, what only orders, filters or partitions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.visit import (
    Handler,
    aggregate,
    arguments,
    decides,
    generic,
    visit,
    visit_all,
)
from penstock.lineage.scope.dependencies import (
    AGGREGATED,
    ARGUMENT,
    FIRST_INDIRECT,
    GROUP_BY,
    SORT,
    WINDOW,
    is_direct,
)
from penstock.lineage.scope.walk import Walk

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


AGGREGATE_NAMES = frozenset(
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
        "varp",
        "stdevp",
        "st_union_agg",
        "st_collect_agg",
        "arg_min_null",
        "arg_max_null",
        "collect",
        "any_value",
    ]
)


def masking(handler: Handler) -> Handler:
    """What comes out of it cannot be read back: a hash, a count."""

    def masked(w: Walk, node: Any, sub: int) -> None:
        outer, w.acc = w.acc, {}
        handler(w, node, sub)
        found, w.acc = w.acc, outer
        for key, site in found.items():
            outer.setdefault(w.refs.masked(key) if is_direct(key) else key, site)

    return masked


HASHES = frozenset(
    {
        "hash", "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "md5_hex", "md5_binary", "sha1_hex", "sha1_binary",
        "sha2_hex", "sha2_binary", "hashbytes", "checksum", "binary_checksum", "ora_hash", "hashrow", "xxhash32", "xxhash64",
        "xxh3", "murmurhash2_64", "murmurhash3_32", "murmurhash3_64", "murmurhash3_128", "murmur3", "siphash64", "siphash128",
        "cityhash64", "farmhash64", "metrohash64", "inthash32", "inthash64", "halfmd5", "crc32", "hmac", "hmac_sha256",
        "hmac_sha512", "digest", "crypt", "fnv_hash", "strtol_hash", "spooky_hash_v2_32", "spooky_hash_v2_64", "blake3",
    }
)  # fmt: skip
_HASHING = tuple(
    getattr(exp, name)
    for name in (
        "MD5", "MD5Digest", "MD5NumberLower64", "MD5NumberUpper64", "SHA", "SHA1Digest", "SHA2", "SHA2Digest",
        "FarmFingerprint", "CityHash64", "StandardHash", "HashAgg",
    )
    if hasattr(exp, name)
)  # fmt: skip
_COUNTING = (exp.ApproxDistinct, exp.CountIf)


def _count(w: Walk, node: Any, sub: int) -> None:
    """`count(*)` counts rows: no column's value is in it. `count(t.*)` is the same in all but name."""
    w.saw_aggregate = True
    this = node.args.get("this")
    if this.__class__ is exp.Star or (
        this.__class__ is exp.Column and this.args["this"].__class__ is exp.Star
    ):
        return
    arguments(w, node, AGGREGATED[sub])


def _picked(w: Walk, node: Any, sub: int) -> None:
    """`max_by(a, b)`: the value is a's, b only decides which."""
    w.saw_aggregate = True
    args = node.args
    visit(w, args["this"], AGGREGATED[sub])
    visit(w, args.get("expression"), decides(sub))
    visit(w, args.get("count"), AGGREGATED[sub])


def _combined(w: Walk, node: Any, sub: int) -> None:
    """ClickHouse's `sumIf(x, condition)` and its kin."""
    w.saw_aggregate = True
    arguments = list(node.args.get("expressions") or ())
    name = str(node.args.get("this") or "").lower()
    condition = arguments.pop() if name.endswith("if") and arguments else None
    picks = name.startswith(("argmin", "argmax")) and len(arguments) > 1
    for at, argument in enumerate(arguments):
        visit(w, argument, decides(sub) if picks and at else AGGREGATED[sub])
    if condition is not None:
        visit(w, condition, decides(sub))


def _grouping(w: Walk, node: Any, sub: int) -> None:
    """GROUPING says by what a row is grouped, nothing of a value."""
    w.saw_aggregate = True
    arguments(w, node, sub if sub >= FIRST_INDIRECT else GROUP_BY)


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
        arguments(w, spec, sub)


def _filter(w: Walk, node: Any, sub: int) -> None:
    visit(w, node.args["this"], sub)
    visit(w, node.args["expression"].args["this"], decides(sub))


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
    visit(w, node.args["expression"], decides(sub))


def _returning(handler: Handler) -> Handler:
    """`json_arrayagg(a returning clob)`: the name of a type is read as a column."""

    def visited(w: Walk, node: Any, sub: int) -> None:
        kind = node.args.get("return_type")
        if isinstance(kind, exp.Expr):
            w.known(kind.find_all(exp.Column))
            node.set("return_type", None)
        handler(w, node, sub)

    return visited


_OF_JSON = tuple(
    getattr(exp, name) for name in ("JSONArrayAgg", "JSONObjectAgg", "JSONArray") if hasattr(exp, name)
)
_WRAPPERS = (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup)


HANDLERS: Mapping[type, Handler | None] = MappingProxyType(
    {
        exp.Count: masking(_count),
        exp.ArgMax: _picked,
        exp.ArgMin: _picked,
        exp.CombinedAggFunc: _combined,
        exp.Grouping: _grouping,
        exp.GroupingId: _grouping,
        exp.Window: _window,
        exp.Filter: _filter,
        exp.WithinGroup: _within_group,
        exp.Order: _order,
        exp.HavingMax: _having_max,
        **{kind: _returning(aggregate if issubclass(kind, exp.AggFunc) else generic) for kind in _OF_JSON},
        **dict.fromkeys(_WINDOW_ONLY, generic),
        **{kind: masking(aggregate if issubclass(kind, exp.AggFunc) else generic) for kind in _HASHING},
        **{kind: masking(aggregate) for kind in _COUNTING},
    }
)
