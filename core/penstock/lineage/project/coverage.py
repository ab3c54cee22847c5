"""How each column of a model is known: from columns that are there, from one that nobody declared, or not for certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum

from penstock.lineage.project.implied_columns import STAR
from penstock.lineage.project.model_lineage import ModelLineage, Row
from penstock.lineage.records import Parts
from penstock.lineage.scope.dependencies import AGGREGATION, AMBIGUOUS, RESOLVED


class Known(IntEnum):
    """The worst that holds of any input of a column. A literal has no input and is DECLARED.

    UNDECLARED: named from the only relation that can have it, but nobody has told that relation's columns.
    """

    DECLARED = 0
    UNDECLARED = 1
    AMBIGUOUS = 2
    UNRESOLVED = 3


# With one of these, nothing that is told of the model's columns holds.
NOT_FOLLOWED = frozenset({"not-derived", "not-parsed", "too-deep", "internal-error"})
# With one of these, a column without an input may have one in the part that was not read.
_READ_IN_PART = frozenset({"not-followed", "unnamed-target", "set-operation"})


class Declared:
    """Which columns each relation is known to have. `whole` has relations with nothing beside their known columns."""

    __slots__ = ("_names", "_whole")

    def __init__(self, names: Mapping[Parts, frozenset[str]], whole: frozenset[Parts]) -> None:
        self._names = names
        self._whole = whole

    def has(self, relation: Parts, column: str) -> bool:
        """Whether that is a column of the relation. What was resolved in a whole relation is there: its hidden columns too."""
        return relation in self._whole or column in self._names.get(relation, ())


def known_columns(
    lineage: ModelLineage, declared: Declared, codes: frozenset[str]
) -> Iterator[tuple[str, Known]]:
    """Each column of a model, a star over unknown columns as `*`. `codes` are those of the model's findings.

    Edges into the model as a whole (filters, joins) say which rows there are and do not count here.
    """
    if codes & NOT_FOLLOWED:
        for name in lineage.columns:
            yield name, Known.UNRESOLVED
        return
    worst: dict[int, Known] = {}
    for row in lineage.rows:
        if row.output >= 0 and worst.get(row.output, Known.DECLARED) is not Known.UNRESOLVED:
            worst[row.output] = max(worst.get(row.output, Known.DECLARED), _known(row, lineage, declared))
    at = {name: number for number, name in enumerate(lineage.names)}
    without = Known.UNRESOLVED if codes & _READ_IN_PART else Known.DECLARED
    for name in lineage.columns:
        yield name, worst.get(at.get(name, -1), without)
    if lineage.is_open:
        yield STAR, Known.UNRESOLVED


def _known(row: Row, lineage: ModelLineage, declared: Declared) -> Known:
    column = lineage.names[row.name]
    if row.certainty == AMBIGUOUS:
        return Known.AMBIGUOUS
    counted = (
        row.masked and row.subtype == AGGREGATION
    )  # `count(*)`: a number of rows, whatever their columns
    if row.certainty != RESOLVED or row.relation < 0 or (column == STAR and not counted):
        return Known.UNRESOLVED
    if column == STAR:
        return Known.DECLARED
    return Known.DECLARED if declared.has(lineage.relations[row.relation], column) else Known.UNDECLARED
