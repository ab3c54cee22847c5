"""What lineage answers with: frozen records, and the names that the answers use. No SQL is read here."""

from __future__ import annotations

import msgspec

from penstock.assets import Certainty, EdgeSubtype, EdgeType

Parts = tuple[str, ...]
"""A relation's name: one to three parts, each as the warehouse stores it, the identifier last."""


class LineageEdge(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """`relation`.`column` feeds `output` of `target`.

    `target` is () for the result of a plain query. `output` is None when the edge concerns every column of the
    result: what filters, joins, groups or sorts whole rows is stored once. `relation` is None when it is not known.
    Of an ambiguous edge `candidates` are the relations that could hold the column, and `relation` the one of the innermost
    scope, if only one of them stands there (SQL looks there first). `path` is the sub-field below the column.
    `masking`: the value cannot be read back from the output (hashed, counted), as OpenLineage's facet has it.
    `span` are the start and end offsets of `expression` in the statement's text.
    """

    output: str | None
    relation: Parts | None
    column: str
    subtype: EdgeSubtype
    target: Parts = ()
    path: str = ""
    certainty: Certainty = Certainty.RESOLVED
    masking: bool = False
    span: tuple[int, int] | None = None
    expression: str | None = None
    candidates: tuple[Parts, ...] = ()

    @property
    def type(self) -> EdgeType:
        return self.subtype.type


class OutputColumn(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A column that the statement gives, named as the warehouse names it.

    `open` marks a `*` over a relation whose columns are not known: `name` is then "*".
    """

    name: str
    target: Parts = ()
    open: bool = False


class RelationUse(msgspec.Struct, frozen=True, gc=False, order=True, omit_defaults=True):
    """A relation that the statement reads, writes, or both."""

    parts: Parts
    read: bool = False
    written: bool = False
    temporary: bool = False


class LineageFinding(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Something that could not be resolved, and why. `line` and `column` count from 1."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None


NO_DATA = "no-data"
"""The code of a finding about a statement that names relations, and moves no data from or to them."""


def no_data(what: str) -> str:
    return f"{what}: names what it is about, and moves no data"


class StatementLineage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that one SQL text says about columns."""

    dialect: str
    edges: tuple[LineageEdge, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    relations: tuple[RelationUse, ...] = ()
    findings: tuple[LineageFinding, ...] = ()
