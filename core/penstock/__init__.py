"""penstock: one asset graph for Airbyte, dbt and the warehouse.

The public names below are imported when they are first used: `import penstock` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.assets import (
        Asset,
        AssetKey,
        Certainty,
        Column,
        ColumnEdge,
        ColumnRef,
        EdgeSubtype,
        Finding,
        Relation,
    )
    from penstock.errors import PenstockError
    from penstock.graph import AssetGraph
    from penstock.lineage import StatementLineage, column_lineage
    from penstock.project import Project
    from penstock.service.reading import asset_graph, open_project

__all__ = [
    "Asset",
    "AssetGraph",
    "AssetKey",
    "Certainty",
    "Column",
    "ColumnEdge",
    "ColumnRef",
    "EdgeSubtype",
    "Finding",
    "PenstockError",
    "Project",
    "Relation",
    "StatementLineage",
    "asset_graph",
    "column_lineage",
    "open_project",
]

_ROOMS = {
    "AssetGraph": "penstock.graph",
    "PenstockError": "penstock.errors",
    "Project": "penstock.project",
    "StatementLineage": "penstock.lineage",
    "asset_graph": "penstock.service.reading",
    "column_lineage": "penstock.lineage",
    "open_project": "penstock.service.reading",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'penstock' has no attribute {name!r}")
    return getattr(import_module(_ROOMS.get(name, "penstock.assets")), name)
