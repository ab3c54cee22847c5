"""Puts a walk together: which function derives which kind of node. The one place that knows all rooms of lineage."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from penstock.lineage.dialects.rules import Rules
from penstock.lineage.expressions import aggregates, by_name, functions, paths, positions, visit
from penstock.lineage.read.spans import Spans
from penstock.lineage.scope.catalog import Catalog
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements import (
    create_copy,
    described,
    multi_insert,
    rename_swap_load,
    returning,
    star,
    variables,
)
from penstock.lineage.statements.query import derive_query

# Later ones go before earlier ones.
_EXPRESSIONS: Mapping[type, visit.Handler | None] = {
    kind: handler
    for table in (
        visit.HANDLERS, aggregates.HANDLERS, functions.HANDLERS, by_name.HANDLERS, paths.HANDLERS, positions.HANDLERS, star.HANDLERS, variables.HANDLERS,
    )
    for kind, handler in table.items()
}  # fmt: skip
_STATEMENTS = MappingProxyType(
    {
        kind: handler
        for table in (
            create_copy.STATEMENTS, described.STATEMENTS, multi_insert.STATEMENTS, returning.STATEMENTS, rename_swap_load.STATEMENTS,
            variables.STATEMENTS,
        )
        for kind, handler in table.items()
    }
)  # fmt: skip
# Beside queries proper, what gives rows where a query may stand.
_QUERIES = MappingProxyType({**returning.MODIFYING, **described.QUERIES})


@cache
def _handlers() -> visit.Handlers:
    """What becomes of a class is the same in every walk, so that they share what was told of it, also those of several threads."""
    return visit.Handlers(_EXPRESSIONS)


def new_walk(rules: Rules, catalog: Catalog, spans: Spans) -> Walk:
    """A walk over one text. Nothing that it changes is shared with another walk, so that walks may run in several threads."""
    return Walk(
        rules,
        catalog,
        spans,
        derive=derive_query,
        handlers=_handlers(),
        statements=_STATEMENTS,
        modifying=_QUERIES,
    )
