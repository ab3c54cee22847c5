"""sqlglot's own lineage of a corpus, as the reference to compare with: parse, qualify, scope, all columns at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

from penstock.lineage.project.derive import ProjectLineage
from penstock.lineage.records import Parts
from tests.corpus.projects import Project

Edge = tuple[str, Parts, str]
"""Output column, upstream relation, upstream column; all in small letters."""


def reference(
    project: Project, estate: ProjectLineage, step: int = 1
) -> Iterator[tuple[str, set[Edge] | None]]:
    """Each model's DIRECT edges as sqlglot has them; None where it fails. Schemas are what ours knows of each relation.
    `step` takes every so many-th model."""
    logging.getLogger("sqlglot").disabled = True
    known = _columns(project, estate)
    dialect = Dialect.get_or_raise(project.dialect)
    for model in project.models[::step]:
        if model.sql is None:
            continue
        try:
            tree = dialect.parse(model.sql)[0]
            yield model.key, reference_edges(tree, dialect, known)
        except (SqlglotError, RecursionError, KeyError, ValueError, AttributeError, TypeError):
            yield model.key, None


def _columns(project: Project, estate: ProjectLineage) -> dict[Parts, dict[str, str]]:
    found: dict[Parts, dict[str, str]] = {}
    for parts, columns in project.sources.items():
        if columns:
            found[_lower(parts)] = dict.fromkeys((name.lower() for name in columns), "unknown")
    for model in project.models:
        lineage_of = estate.models[model.key]
        names = model.columns or (() if lineage_of.is_open else lineage_of.columns)
        if model.parts and names:
            found[_lower(model.parts)] = dict.fromkeys((name.lower() for name in names), "unknown")
    for parts, told in _told_by_readers(estate).items():
        found.setdefault(parts, told)
    for parts in list(found):  # SQL may leave the database out
        found.setdefault(parts[-2:], found[parts])
    return found


def _told_by_readers(estate: ProjectLineage) -> dict[Parts, dict[str, str]]:
    """Relations whose columns nobody lists, with those that ours found to be read from them: sqlglot cannot resolve a name
    without a schema."""
    found: dict[Parts, dict[str, str]] = {}
    for lineage_of in estate.models.values():
        for row in lineage_of.rows:
            name = lineage_of.names[row.name].lower()
            if row.relation >= 0 and name != "*":
                found.setdefault(_lower(lineage_of.relations[row.relation]), {})[name] = "unknown"
    return found


def _lower(parts: Parts) -> Parts:
    return tuple(part.lower() for part in parts)


_SLOTS = ("this", "db", "catalog")


def reference_edges(tree: Any, dialect: Dialect, known: dict[Parts, dict[str, str]]) -> set[Edge]:
    """The DIRECT edges of one parsed query; `known` are columns by relation, in small letters."""
    tree = normalize_identifiers(tree, dialect=dialect)
    schema = MappingSchema(dialect=dialect)
    for table in tree.find_all(exp.Table):
        parts = tuple(part.name.lower() for part in table.parts)
        columns = known.get(parts)
        if columns and (len(parts) > 1 or parts in known):
            named = exp.Table(
                **{
                    slot: exp.to_identifier(part, quoted=True)
                    for slot, part in zip(_SLOTS, reversed(parts), strict=False)
                }
            )
            schema.add_table(named, columns, dialect=dialect, match_depth=False, normalize=False)
    tree = qualify(tree, schema=schema, dialect=dialect, validate_qualify_columns=False, identify=False)
    scope = build_scope(tree)
    found = lineage(None, tree, schema=schema, dialect=dialect, scope=scope, copy=False, trim_selects=False)
    edges: set[Edge] = set()
    for output, node in found.items():
        for leaf in node.walk():
            if leaf.downstream or not isinstance(leaf.expression, exp.Table):
                continue
            column = leaf.name.rsplit(".", 1)[-1].strip('"')
            edges.add(
                (output.lower(), tuple(part.name.lower() for part in leaf.expression.parts), column.lower())
            )
    return edges
