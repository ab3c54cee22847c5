"""A whole text: parsed once, its statements derived one after another."""

from __future__ import annotations

from penstock.lineage.emit import statement_lineage
from penstock.lineage.parse import dialect_of, parsed
from penstock.lineage.query import derive_query
from penstock.lineage.records import StatementLineage
from penstock.lineage.relations import Catalog, Schema
from penstock.lineage.rules import rules
from penstock.lineage.spans import Spans
from penstock.lineage.statements import Outcome, derive_statement
from penstock.lineage.walk import Walk


def derive_script(
    sql: str, *, dialect: str, schema: Schema | None, database: str | None, default_schema: str | None
) -> StatementLineage:
    name = dialect.lower()
    parser = dialect_of(name)
    trees, tokens = parsed(sql, parser, name)
    ways = rules(name)
    walk = Walk(ways, Catalog(ways, schema, database, default_schema), derive_query)
    outcomes: list[Outcome] = []
    for tree in trees:
        outcomes.extend(derive_statement(walk, tree))
    return statement_lineage(walk, outcomes, Spans(sql, tokens))
