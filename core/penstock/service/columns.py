"""Column lineage of the whole graph, kept on disk while the graph is the one it was made from. Deriving is next door."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.lineage.columns import ColumnGraph
from penstock.service.observe import Seen
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder, write_private

FORMAT = 2


class AssetFinding(msgspec.Struct, frozen=True, array_like=True):
    """What could not be resolved in one asset's SQL, or where SQL, catalog and documentation disagree."""

    asset: AssetKey
    code: str
    message: str
    line: int | None = None
    column: int | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the estate is followed. A column is ambiguous or unresolved when any edge into it is."""

    models: int = 0
    not_derived: int = 0
    columns: int = 0
    resolved: int = 0
    ambiguous: int = 0
    unresolved: int = 0
    edges: int = 0


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """All column edges of a graph, what is wrong with them, and each derived asset's columns in order."""

    edges: ColumnGraph
    findings: tuple[AssetFinding, ...]
    coverage: Coverage


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    format: int
    hash: str
    complete: bool
    edges: bytes
    findings: msgspec.Raw
    coverage: Coverage


def column_graph(workspace: Workspace, seen: Seen) -> Columns:
    """The column graph of what was seen; from disk when the graph is the one it was made from.

    Compiles dbt projects where SQL is missing and can be had; what has none is a finding by name.
    """
    folder = workspace.state_dir / "snapshot"
    file = folder / f"columns-{workspace.project.environment}.msgpack"
    kept = _read(file)
    if kept is not None and kept.hash == seen.graph.hash and kept.complete:
        findings = msgspec.msgpack.decode(kept.findings, type=tuple[AssetFinding, ...])
        return Columns(edges=ColumnGraph.decode(kept.edges), findings=findings, coverage=kept.coverage)
    from penstock.service.deriving import derive_graph  # sqlglot: 0.14 s that a kept graph does not pay

    found, complete = derive_graph(
        workspace, seen.graph, folder / f"lineage-{workspace.project.environment}.msgpack"
    )
    write(
        file,
        msgspec.msgpack.encode(
            _Kept(
                FORMAT,
                seen.graph.hash,
                complete,
                found.edges.encode(),
                msgspec.Raw(msgspec.msgpack.encode(found.findings)),
                found.coverage,
            )
        ),
    )
    return found


def _read(file: Path) -> _Kept | None:
    try:
        kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return None
    return kept if kept.format == FORMAT else None


def write(file: Path, data: bytes) -> None:
    try:
        private_folder(file.parent)
        write_private(file, data)
    except OSError as error:
        raise PenstockError(f"cannot write the column graph: {error.strerror}", where=str(file)) from None
