"""The column graph of all assets as it is kept: what is followed, what is not, and how the file is written."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.system.files import private_folder, write_private

EXTERNAL = "external-relation"
HARMLESS = frozenset({"not-documented", EXTERNAL})


class AssetFinding(msgspec.Struct, frozen=True, array_like=True):
    """What could not be resolved in one asset's SQL, or where SQL, catalog and documentation disagree."""

    asset: AssetKey
    code: str
    message: str
    line: int | None = None
    column: int | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the estate is followed.

    A column is `resolved` when every one of its inputs ends in a known column or a literal. `undeclared`, counted among
    them: some input is named from the only relation that can have it, whose columns nobody declared. A star over such a
    relation is one unresolved column; so is each known column of a model that is not followed.
    """

    models: int = 0
    not_followed: int = 0
    columns: int = 0
    resolved: int = 0
    ambiguous: int = 0
    unresolved: int = 0
    edges: int = 0
    undeclared: int = 0
    external: int = 0


class AssetCoverage(msgspec.Struct, frozen=True, array_like=True):
    """The same of one asset; `followed` is whether its SQL could be read."""

    asset: AssetKey
    followed: bool
    columns: int = 0
    resolved: int = 0
    ambiguous: int = 0
    unresolved: int = 0
    undeclared: int = 0
    reads: tuple[AssetKey, ...] = ()  # every relation that its SQL names, external ones too
    outputs: tuple[str, ...] = ()  # the columns that its SQL gives, in order
    open: bool = False  # there are more, by a star over unknown columns


class External(msgspec.Struct, frozen=True, array_like=True):
    """A relation that SQL reads and that is no asset. Its columns stand in the column graph under `key`."""

    key: AssetKey
    readers: tuple[AssetKey, ...]


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """All column edges of a graph, what is wrong with them, and the relations in them that are no assets."""

    edges: ColumnGraph
    findings: tuple[AssetFinding, ...]
    coverage: Coverage
    external: tuple[External, ...] = ()
    models: tuple[AssetCoverage, ...] = ()


def certain(coverage: AssetCoverage, columns: Columns) -> bool:
    """Whether every column that is read is known by name."""
    doubts = {one.code for one in columns.findings if one.asset == coverage.asset}
    return not coverage.ambiguous and not coverage.unresolved and doubts <= HARMLESS


def write(file: Path, data: bytes) -> None:
    try:
        private_folder(file.parent)
        write_private(file, data)
    except OSError as error:
        raise PenstockError(f"cannot write the column graph: {error.strerror}", where=str(file)) from None
