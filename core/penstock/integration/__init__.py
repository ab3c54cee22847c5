"""The contract between penstock and every tool: what an integration gives, what it is given. Knows no tool, runs nothing."""

from penstock.integration.address import Address, Connection
from penstock.integration.base import Comparing, Ingesting, Integration, Marking
from penstock.integration.loading import (
    ColumnRole,
    CopiedRows,
    Destination,
    Load,
    LoadColumn,
    LoadedTable,
    RowReader,
    RowSource,
    StagedLoad,
    TableLoad,
    WriteMode,
)
from penstock.integration.observing import Diagnosis, ObserveContext, Told
from penstock.integration.outcome import EventKind, Lost, Outcome, StepEvent
from penstock.integration.running import AttemptKey, Handle, ItemKind, RunContext, Runner, Step, StepItem
from penstock.integration.warehouse import CatalogTable, Warehouse, WarehouseContext

__all__ = [
    "Address",
    "AttemptKey",
    "CatalogTable",
    "ColumnRole",
    "Comparing",
    "Connection",
    "CopiedRows",
    "Destination",
    "Diagnosis",
    "EventKind",
    "Handle",
    "Ingesting",
    "Integration",
    "ItemKind",
    "Load",
    "LoadColumn",
    "LoadedTable",
    "Lost",
    "Marking",
    "ObserveContext",
    "Outcome",
    "RowReader",
    "RowSource",
    "RunContext",
    "Runner",
    "StagedLoad",
    "Step",
    "StepEvent",
    "StepItem",
    "TableLoad",
    "Told",
    "Warehouse",
    "WarehouseContext",
    "WriteMode",
]
