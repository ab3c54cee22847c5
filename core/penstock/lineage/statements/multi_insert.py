"""One source, several targets: INSERT ALL and FIRST, and Hive's FROM ... INSERT ... INSERT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.read import tree
from penstock.lineage.records import Parts
from penstock.lineage.scope.dependencies import FILTER
from penstock.lineage.scope.results import Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.insert_update_delete import (
    last_named,
    partition_of,
    told_by_position,
    what_it_leaves,
    with_ctes,
    with_fixed,
)
from penstock.lineage.statements.query import derive_query
from penstock.lineage.statements.select import derive_select
from penstock.lineage.statements.sources import add_source, decides_rows
from penstock.lineage.statements.targets import (
    Leaves,
    Outcome,
    Statement,
    Target,
    named_by,
    target_of,
    written,
)


def many_inserts(w: Walk, node: Any) -> list[Outcome]:
    """INSERT ALL / FIRST, and Hive's FROM ... INSERT: one source, several targets."""
    around = with_ctes(w, node, Scope(None, {}))
    scope = Scope(around, around.ctes)
    source_node = node.args["source"]
    if isinstance(source_node, exp.Query) and source_node.args.get("alias") is None:
        scope.add(None, derive_query(w, source_node, around))
    else:
        add_source(w, scope, source_node)
    outcomes: list[Outcome] = []
    new: set[Parts] | None = set() if _overwrites(w, node) else None  # the targets that hold new rows alone
    for inner, conditions in _conditions(node):
        decided = Scope(around, around.ctes)
        decided.sources, decided.by_alias = list(scope.sources), dict(scope.by_alias)
        decided.rows.parents.append(scope.rows)
        for condition in conditions:
            decides_rows(w, decided, condition, FILTER)
        outcomes.append(_one_of_many(w, inner, decided, new))
    return outcomes


def _conditions(node: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Each INSERT of several, and what must hold for it: its own WHEN, which later INTOs without one share; for FIRST
    also that no WHEN before it held; for ELSE that none did."""
    first = str(node.args.get("kind") or "").upper() == "FIRST"
    before: list[Any] = []
    applied: list[Any] = []
    for one in node.expressions:
        if not isinstance(one, exp.ConditionalInsert):
            yield one, []
            continue
        condition = one.args.get("expression")
        if one.args.get(tree.ELSE):
            applied = list(before)
        elif condition is not None:
            applied = [*before, condition] if first else [condition]
            before.append(condition)
        yield one.args["this"], applied


def _overwrites(w: Walk, node: Any) -> bool:
    """Snowflake's `insert overwrite all`, which is read without the word."""
    if not node.args.get("kind"):
        return False
    first = next((one.args["this"] for one in node.find_all(exp.Table)), None)
    start = (first._meta or {}).get("start", 0) if isinstance(first, exp.Identifier) else 0
    words = w.spans.sql[:start].lower().rsplit(";", 1)[-1].split()
    return "overwrite" in words and words.index("overwrite") + 1 < len(words)


def _one_of_many(w: Walk, node: Any, scope: Scope, new: set[Parts] | None) -> Outcome:
    table = node.args["this"]
    target = target_of(w, table)
    if isinstance(table, exp.Directory):
        place = table.find(exp.Literal) or table
        target = Target((str(place.name),), Result(), None)
    fixed, turning = partition_of(w, node)
    expression = node.args.get("expression")
    if isinstance(expression, exp.Select):
        rel = derive_select(w, expression, scope)
    elif expression is not None:
        rel = derive_query(w, expression, scope)
        rel.rows.parents.append(scope.rows)
    else:
        rel = Result(scope.sources[0].listing(), scope.rows)
        rel.open_stars = scope.sources[0].open_stars
    names = target.columns if target.columns is not None else target.known or None
    if names is None and turning:
        rel = last_named(w, rel, turning)
    rel = with_fixed(named_by(w, rel, names) if names else rel, fixed)
    if names is None and isinstance(expression, exp.Values) and not rel.is_open:
        told_by_position(w, target)
    leaves = what_it_leaves(node)
    if new is not None and target.parts not in new:
        new.add(target.parts)
        leaves = Leaves.NOTHING
    return written(w, target, rel, leaves=leaves)


STATEMENTS: Mapping[type, Statement] = MappingProxyType({exp.MultitableInserts: many_inserts})
