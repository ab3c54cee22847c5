"""The lineage of one model, small enough to keep for thousands of them: numbers into shared tables of names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec

from penstock.lineage.records import LineageFinding, Parts

WHOLE = -1
"""As an output: the edge concerns every column. As a relation: it is not known which."""


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One edge. `output` and `name` point into `names`, `path` too (or WHOLE), `relation` and `candidates` into
    `relations`, `span` into `spans` (or WHOLE). `subtype` and `certainty` are positions in the vocabulary's order. `masked`: the value
    cannot be read back."""

    output: int
    relation: int
    name: int
    subtype: int
    span: int
    path: int = WHOLE
    certainty: int = 0
    candidates: tuple[int, ...] = ()
    masked: bool = False


class ModelLineage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one model's SQL says. `columns` in order, as the warehouse names them; `is_open`: there are more of them,
    through a star over a relation whose columns are not known. `spans` are offsets into the model's SQL.
    """

    columns: tuple[str, ...] = ()
    is_open: bool = False
    names: tuple[str, ...] = ()
    relations: tuple[Parts, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    rows: tuple[Row, ...] = ()
    findings: tuple[LineageFinding, ...] = ()
    reads: tuple[Parts, ...] = ()

    def of(self, output: str) -> Iterator[Row]:
        """The edges into one column, and those that concern all of them."""
        at = self.names.index(output) if output in self.names else WHOLE
        return (row for row in self.rows if row.output == at or row.output == WHOLE)


def numbers() -> defaultdict[Any, int]:
    """Interns names while a model's rows are collected: a new one gets the next number."""
    return defaultdict(count().__next__)
