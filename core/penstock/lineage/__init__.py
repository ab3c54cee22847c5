"""Column lineage: SQL in, column edges out. Knows no tool and does no I/O."""

from __future__ import annotations

from penstock.lineage.errors import LineageError
from penstock.lineage.records import (
    LineageEdge,
    LineageFinding,
    OutputColumn,
    Parts,
    RelationUse,
    StatementLineage,
)
from penstock.lineage.statement import column_lineage

__all__ = [
    "LineageEdge",
    "LineageError",
    "LineageFinding",
    "OutputColumn",
    "Parts",
    "RelationUse",
    "StatementLineage",
    "column_lineage",
]
