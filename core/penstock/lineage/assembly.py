"""Puts a walk together: which function derives which kind of node. The one place that knows all rooms of lineage."""

from __future__ import annotations

from types import MappingProxyType

from penstock.lineage import (
    aggregates,
    altered,
    changing,
    expressions,
    functions,
    multi,
    paths,
    star,
    statements,
    variables,
)
from penstock.lineage.query import derive_query
from penstock.lineage.relations import Catalog
from penstock.lineage.rules import Rules
from penstock.lineage.spans import Spans
from penstock.lineage.walk import Walk

# Later ones go before earlier ones.
_EXPRESSIONS = MappingProxyType(
    {
        kind: handler
        for table in (
            expressions.HANDLERS, aggregates.HANDLERS, functions.HANDLERS, paths.HANDLERS, star.HANDLERS, variables.HANDLERS,
        )
        for kind, handler in table.items()
    }
)  # fmt: skip
_STATEMENTS = MappingProxyType(
    {
        kind: handler
        for table in (
            statements.STATEMENTS, multi.STATEMENTS, changing.STATEMENTS, altered.STATEMENTS, variables.STATEMENTS,
        )
        for kind, handler in table.items()
    }
)  # fmt: skip


def new_walk(rules: Rules, catalog: Catalog, spans: Spans) -> Walk:
    """A walk over one text. Nothing of it is shared with another walk, so that walks may run in several threads."""
    return Walk(
        rules,
        catalog,
        spans,
        derive=derive_query,
        handlers=expressions.Handlers(_EXPRESSIONS),
        statements=_STATEMENTS,
        modifying=changing.MODIFYING,
    )
