"""Ours and sqlglot's lineage of the same models, edge by edge."""

from __future__ import annotations

from typing import NamedTuple

from penstock.assets import Certainty, EdgeSubtype, EdgeType
from penstock.lineage.project.model_lineage import ModelLineage
from tests.corpus.reference import Edge

_DIRECT = {at for at, subtype in enumerate(EdgeSubtype) if subtype.type is EdgeType.DIRECT}
_RESOLVED = list(Certainty).index(Certainty.RESOLVED)


class Disagreement(NamedTuple):
    """`missing`: sqlglot has it and ours says nothing of the kind. `more`: ours is sure of it and sqlglot has it not."""

    missing: set[Edge]
    more: set[Edge]
    agreed: int


def compared(lineage: ModelLineage, theirs: set[Edge]) -> Disagreement:
    """What sqlglot takes for a value and ours for a condition, a key or a filter is no disagreement: it is in our edges,
    as INDIRECT. Nor is a column that ours calls ambiguous. Relations are compared by their last two parts."""
    theirs = {(output, parts[-2:], column) for output, parts, column in theirs}
    sure: set[Edge] = set()
    told: set[tuple[str | None, tuple[str, ...], str]] = set()
    for row in lineage.rows:
        output = None if row.output < 0 else lineage.names[row.output].lower()
        for at in (row.relation, *row.candidates):
            if at < 0:
                continue
            parts = tuple(part.lower() for part in lineage.relations[at])[-2:]
            column = lineage.names[row.name].lower()
            told.add((output, parts, column))
            if output is not None and row.subtype in _DIRECT and row.certainty == _RESOLVED:
                sure.add((output, parts, column))
    missing = {
        edge
        for edge in theirs
        if edge not in told and (None, *edge[1:]) not in told and not _is_star(edge, told)
    }
    return Disagreement(missing, sure - theirs, len(sure & theirs))


def _is_star(edge: Edge, told: set[tuple[str | None, tuple[str, ...], str]]) -> bool:
    """sqlglot's `*` of a relation that ours names a column of."""
    output, parts, column = edge
    return column == "*" and any(other[:2] == (output, parts) for other in told)
