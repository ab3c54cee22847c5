"""Functions whose arguments are used in different ways: conditions, branches, lambdas, units of time."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.table_functions import MULTIPLYING
from penstock.lineage.expressions.aggregates import AGGREGATE_NAMES, HASHES, masking
from penstock.lineage.expressions.by_name import looked_up
from penstock.lineage.expressions.visit import Handler, decides, generic, visit, visit_all, whole_star
from penstock.lineage.scope.dependencies import AGGREGATED, ARGUMENT
from penstock.lineage.scope.function_names import value_made
from penstock.lineage.scope.lookup import member, unqualified
from penstock.lineage.scope.results import NOTHING
from penstock.lineage.scope.walk import Walk

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


def _counts(w: Walk, node: Any, sub: int) -> None:
    """`next value for s over (order by a)`: a sequence is no column."""
    w.known([node.args["this"]])
    visit(w, node.args.get("order"), ARGUMENT[sub])


def anonymous(w: Walk, node: Any, sub: int) -> None:
    name = str(node.args.get("this")).lower()
    arguments = node.args.get("expressions") or ()
    if name in MULTIPLYING:
        w.multiplied.append(node)
    if name == "values" and arguments and (offered := w.scope.by_alias.get(w.fold("excluded"))) is not None:
        w.add(member(w, offered, arguments[0]), ARGUMENT[sub])  # MySQL: the value that was to be inserted
        return
    if name == "getvariable" and arguments and arguments[0].__class__ is exp.Literal:
        w.add(w.variables.get(w.fold(arguments[0].name), NOTHING), ARGUMENT[sub])
        return
    if looked_up(w, name, arguments, ARGUMENT[sub]):
        return
    if w.given_back and (made := value_made(w, node)) is not None:
        w.add(made, ARGUMENT[sub])
    if name in AGGREGATE_NAMES and (name != "checksum" or not w.rules.has.checksum_of_a_row):
        w.saw_aggregate = True
        sub = AGGREGATED[sub]
    else:
        sub = ARGUMENT[sub]
    if name in ("choose", "elt", "multiif"):
        _chosen(w, name, arguments, sub)
        return
    if arguments and name.startswith("date") and _is_unit(arguments[0]):
        arguments = arguments[1:]
    if name in HASHES:
        masking(lambda w, node, sub: visit_all(w, arguments, sub))(w, node, sub)
        return
    for argument in arguments:
        if argument.__class__ is exp.Identifier:  # `values(a)`; or a lambda's argument
            w.add(unqualified(w, argument), sub)
        else:
            visit(w, argument, sub)


def _multiplying(w: Walk, node: Any, sub: int) -> None:
    w.multiplied.append(node)
    generic(w, node, sub)


def _chosen(w: Walk, name: str, arguments: Any, sub: int) -> None:
    """`choose(n, a, b)` and `multiIf(condition, a, condition, b, c)`: some arguments only decide."""
    last = len(arguments) - 1
    for at, argument in enumerate(arguments):
        decides_only = (at % 2 == 0 and at != last) if name == "multiif" else at == 0
        visit(w, argument, decides(sub) if decides_only else sub)


def _elt(w: Walk, node: Any, sub: int) -> None:
    _chosen(w, "elt", [node.args["this"], *node.expressions], ARGUMENT[sub])


def _is_unit(node: Any) -> bool:
    return node.__class__ is exp.Column and len(node.args) < 3 and node.name.lower() in _UNITS


def _case(w: Walk, node: Any, sub: int) -> None:
    args = node.args
    sub = ARGUMENT[sub]
    condition = decides(sub)
    visit(w, args.get("this"), condition)
    for branch in args["ifs"]:
        visit(w, branch.args["this"], condition)
        visit(w, branch.args.get("true"), sub)
    visit(w, args.get("default"), sub)


def _if(w: Walk, node: Any, sub: int) -> None:
    args = node.args
    sub = ARGUMENT[sub]
    visit(w, args["this"], decides(sub))
    visit(w, args.get("true"), sub)
    visit(w, args.get("false"), sub)


def _decode(w: Walk, node: Any, sub: int) -> None:
    """`decode(x, a, 1, b, 2, 3)`: x, a and b are compared, the rest are values."""
    sub = ARGUMENT[sub]
    arguments = node.args["expressions"]
    last = len(arguments) - 1
    for at, argument in enumerate(arguments):
        compared = at == 0 or (at % 2 == 1 and at != last)
        visit(w, argument, decides(sub) if compared else sub)


def _comprehension(w: Walk, node: Any, sub: int) -> None:
    """`[x + k for x in l if x > j]`: x is not a column."""
    args = node.args
    named = (args["expression"], args.get("position"))
    own = {w.key(one.args["this"] if one.__class__ is exp.Column else one) for one in named if one}
    visit(w, args["iterator"], ARGUMENT[sub])
    _without(w, own, args["this"], ARGUMENT[sub])
    if args.get("condition") is not None:
        _without(w, own, args["condition"], decides(sub))


def _lambda(w: Walk, node: Any, sub: int) -> None:
    own = {w.key(name) for name in node.args["expressions"] if isinstance(name, exp.Identifier)}
    _without(w, own, node.args["this"], ARGUMENT[sub])


def _without(w: Walk, names: set[str], body: Any, sub: int) -> None:
    """Visits a body in which `names` are arguments, whatever columns are called so."""
    memo = w.scope.memo
    hidden = {name: memo.get(name) for name in names}
    memo.update(dict.fromkeys(names, NOTHING))
    try:
        visit(w, body, sub)
    finally:
        for name, col in hidden.items():
            if col is None:
                memo.pop(name, None)
            else:
                memo[name] = col


_KINDS_OF_TEXT = frozenset({"document", "normalized"})


def _is(w: Walk, node: Any, sub: int) -> None:
    """PostgreSQL's `a is document`, `a is not normalized`: the word behind is no column."""
    kind = node.args.get("expression")
    bare = kind.__class__ is exp.Column and kind.args.get("table") is None
    if bare and kind.name.lower() in _KINDS_OF_TEXT and not kind.args["this"].args.get("quoted"):
        w.known([kind])
        visit(w, node.args["this"], ARGUMENT[sub])
    else:
        generic(w, node, sub)


def _json_object(w: Walk, node: Any, sub: int) -> None:
    this = node.args.get("this")
    if this.__class__ is exp.Star:
        whole_star(w, this, sub)
    else:
        generic(w, node, sub)


EXPLODES = (
    *(getattr(exp, name) for name in ("_ExplodeOuter",) if hasattr(exp, name)),
    exp.Explode,
    exp.ExplodeOuter,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.Inline,
    exp.Stack,
    exp.ExplodingGenerateSeries,
)
HANDLERS: Mapping[type, Handler | None] = MappingProxyType(
    {
        **dict.fromkeys(EXPLODES, _multiplying),
        exp.Anonymous: anonymous,
        exp.Case: _case,
        exp.Elt: _elt,
        exp.If: _if,
        exp.Is: _is,
        exp.Nvl2: _if,
        exp.DecodeCase: _decode,
        exp.Comprehension: _comprehension,
        exp.Lambda: _lambda,
        exp.JSONObject: _json_object,
        exp.NextValueFor: _counts,
    }
)
