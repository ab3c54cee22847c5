"""The vocabulary: what the rooms say to one another. Frozen records, no behaviour beyond identity, no I/O."""

from penstock.assets.asset import (
    MEMORY,
    Asset,
    AssetKind,
    Batch,
    Check,
    Column,
    Finding,
    Hold,
    Producer,
    Severity,
    ToolRef,
)
from penstock.assets.columns import Certainty, ColumnEdge, ColumnRef, EdgeSubtype, EdgeType
from penstock.assets.data import DataVersion, DataVersionKind, Window
from penstock.assets.key import AssetKey, Relation, comparable, stored
from penstock.assets.observation import (
    Definition,
    DefinitionStatus,
    FieldMap,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedMaterialization,
    ObservedProducer,
    Role,
)

__all__ = [
    "MEMORY",
    "Asset",
    "AssetKey",
    "AssetKind",
    "Batch",
    "Certainty",
    "Check",
    "Column",
    "ColumnEdge",
    "ColumnRef",
    "DataVersion",
    "DataVersionKind",
    "Definition",
    "DefinitionStatus",
    "EdgeSubtype",
    "EdgeType",
    "FieldMap",
    "Finding",
    "Hold",
    "Observation",
    "ObservedAsset",
    "ObservedCheck",
    "ObservedMaterialization",
    "ObservedProducer",
    "Producer",
    "Relation",
    "Role",
    "Severity",
    "ToolRef",
    "Window",
    "comparable",
    "stored",
]
