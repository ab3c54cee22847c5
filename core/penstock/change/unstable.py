"""Why a query that is made again may give other values although nothing changed: the order of rows decides them. Pure.

Unlike what is volatile this is not a reason to build. It is one not to promise that a rebuilt table differs in the edited columns only.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from penstock.change.shape.tokens import tokens_of

_BY_ORDER_WORDS = """
    any_value arbitrary arg_max arg_max_null arg_min arg_min_null array_agg array_aggregate first first_value group_concat
    histogram json_arrayagg json_group_array json_group_object json_object_agg jsonb_agg lag last last_value lead list
    list_aggregate listagg map_agg max_by min_by mode nth_value ntile object_agg array_unique_agg percentile_disc row_number
    string_agg approx_count_distinct approx_quantile approx_top_k reservoir_quantile rows limit sample tablesample
    asof kahan_sum fsum favg
"""
_BY_ORDER = frozenset(_BY_ORDER_WORDS.split())
_SUMS = frozenset(
    {
        "sum",
        "avg",
        "mean",
        "stddev",
        "stddev_samp",
        "stddev_pop",
        "var_samp",
        "var_pop",
        "variance",
        "corr",
        "regr_slope",
    }
)
_INEXACT = ("double", "float", "real")


def unstable(sql: str, dialect: str, types: Iterable[str]) -> str:
    """The word (`row_number`, `sum of floats`) by which rows in another order give other values; "" when there is none. `types` are those of
    the columns of the result and of what is read."""
    tokens = tokens_of(sql, dialect)
    if tokens is None:
        return "what could not be read"
    words = [str(token.text).lower() for token in tokens if "STRING" not in token.token_type.name]
    found = next((word for word in words if word in _BY_ORDER), "")
    if found:
        return found
    if any(one == "distinct" and two == "on" for one, two in pairwise(words)):
        return "distinct on"
    inexact = any(kind.lower().startswith(_INEXACT) for kind in (*types, *words))
    return next((f"{word} of floats" for word in words if word in _SUMS), "") if inexact else ""
