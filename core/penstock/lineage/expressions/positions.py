"""DuckDB's `#2`: a column of what is read, by its position among all sources."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.visit import Handler
from penstock.lineage.scope.dependencies import UNRESOLVED
from penstock.lineage.scope.results import Col, OutsideRelation
from penstock.lineage.scope.walk import Walk


def positional(w: Walk, node: Any) -> Col:
    """The column at that position; not resolved where a source before it may have any number of columns."""
    at = int(node.name) - 1 if node.name.isdigit() else -1
    relation = -1
    for rel in w.scope.sources:
        columns = rel.listing()
        sure = rel.open_stars[0].at if rel.open_stars else 0 if rel.is_open else len(columns)
        if 0 <= at < sure:
            return columns[at]
        if rel.is_open:
            alone = len(w.scope.sources) == 1 and isinstance(rel, OutsideRelation)
            relation = rel.id if alone and isinstance(rel, OutsideRelation) else -1
            break
        at -= len(columns)
    name = f"#{node.name}"
    w.finding("unresolved-column", f"{name}: which column is at this position is not known", node)
    return Col(name, name, {w.refs.key(relation, name, "", UNRESOLVED): None}, base=True)


def _positional(w: Walk, node: Any, sub: int) -> None:
    w.add(positional(w, node), sub)


HANDLERS: Mapping[type, Handler | None] = MappingProxyType({exp.PositionalColumn: _positional})
