"""Whole rows and structs that an aggregate gathers: their fields are read later, one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from penstock.lineage.scope.dependencies import (
    AGGREGATED,
    CONDITIONAL,
    Deps,
    composed,
    is_direct,
    used_as,
)
from penstock.lineage.scope.results import Col, Fields, Keyed, Pairs, Result
from penstock.lineage.scope.walk import Walk

Value = Callable[[Walk, Any, str, str], Col]

GATHERING = frozenset(
    getattr(exp, name)
    for name in ("AnonymousAggFunc", "ArrayAgg", "AnyValue", "First", "Last", "FirstValue", "LastValue", "IgnoreNulls", "ArgMax", "ArgMin", "Max", "Min")
    if hasattr(exp, name)
)  # fmt: skip
_BY_NAME = frozenset({"grouparray", "groupuniqarray", "anylast", "anyheavy", "first_value", "last_value"})
_AROUND_A_RECORD = (exp.Limit, exp.Order, exp.Distinct, exp.IgnoreNulls, exp.HavingMax)


def gathered_fields(w: Walk, node: Any, deps: Deps, value: Value) -> dict[str, Col] | None:
    """`array_agg(struct(a, b) order by c)[0].a`: whole rows or structs are gathered, and a field of them is read later.
    What only decides which rows (the order) concerns each field; of the greatest struct so do its other fields."""
    greatest = node.__class__ in (exp.Max, exp.Min)
    while node.__class__ in GATHERING or isinstance(node, _AROUND_A_RECORD):
        by_name = node.__class__ is exp.AnonymousAggFunc
        if by_name and str(node.args["this"]).lower() not in _BY_NAME:
            return None
        inner = (None if by_name else node.args.get("this")) or (
            node.expressions[0] if node.args.get("expressions") else None
        )
        if inner is None:
            return None
        node = inner
    if node.__class__ not in (exp.Struct, exp.Tuple, exp.Column, exp.Cast):
        return None
    record = value(w, node, "", "")
    if record.fields is None or isinstance(record.fields, Pairs):
        return None
    decides = {dep: site for dep, site in deps.items() if not is_direct(dep)}
    if greatest:
        decides.update((used_as(dep, CONDITIONAL), site) for dep, site in deps.items())

    def gathered(col: Col) -> Col:
        own = {composed(dep, AGGREGATED): site for dep, site in col.deps.items()}
        return Col(col.key, col.name, {**own, **decides}, access=col.access)

    known = [gathered(col) for col in record.fields.values()]
    if isinstance(record.fields, Fields):
        return Fields(known, GatheredResult(record.fields.rest, gathered))
    kind = Keyed if record.fields.__class__ is Keyed else dict
    return kind((col.key, col) for col in known)


class GatheredResult(Result):
    """The columns of a row that an aggregate has gathered, where they are not known."""

    __slots__ = ("gathered", "rel")

    def __init__(self, rel: Result, gathered: Callable[[Col], Col]) -> None:
        super().__init__()
        self.rel = rel
        self.gathered = gathered

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        return [self.gathered(col) for col in self.rel.guess(key, name)]

    def relations(self) -> set[int]:
        return self.rel.relations()
