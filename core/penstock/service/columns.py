"""Column lineage of the whole graph, kept on disk while the graph is the one it was made from. Deriving is next door."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock import registry
from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.integration import Marking
from penstock.lineage.columns import ColumnGraph
from penstock.service.observe import Seen
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder, write_private

FORMAT = 5
EXTERNAL = "external-relation"


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


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    format: int
    hash: str
    complete: bool
    edges: bytes
    findings: msgspec.Raw
    coverage: Coverage
    external: tuple[External, ...]
    models: msgspec.Raw
    mark: str


def column_graph(workspace: Workspace, seen: Seen) -> Columns:
    """The column graph of what was seen; from disk when the graph is the one it was made from.

    Compiles dbt projects where SQL is missing and can be had; what has none is a finding by name.
    """
    file = _file(workspace)
    folder = file.parent
    kept = _read(file)
    mark = _mark(workspace)
    if kept is not None and kept.hash == seen.graph.hash and kept.complete and mark in (None, kept.mark):
        findings = msgspec.msgpack.decode(kept.findings, type=tuple[AssetFinding, ...])
        return Columns(
            edges=ColumnGraph.decode(kept.edges),
            findings=findings,
            coverage=kept.coverage,
            external=kept.external,
            models=msgspec.msgpack.decode(kept.models, type=tuple[AssetCoverage, ...]),
        )
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
                found.external,
                msgspec.Raw(msgspec.msgpack.encode(found.models)),
                mark or "",
            )
        ),
    )
    return found


def _mark(workspace: Workspace) -> str | None:
    """Another text whenever definitions may have changed; None when that cannot be told now."""
    marks: list[str] = []
    for integration, instance in workspace.project.instances:
        tool = registry.integration(integration)
        if isinstance(tool, Marking):
            try:
                context = workspace.context(integration, instance, may_call=False)
                marks.append(f"{integration}/{instance} {tool.definitions_mark(context)}")
            except PenstockError:
                return None  # its project is gone or cannot be read: what is kept is the newest there is
    return "\n".join(marks)


def kept_external(workspace: Workspace, seen: Seen) -> tuple[External, ...]:
    """The external relations of this graph if its columns have been derived; nothing is derived here."""
    kept = _read(_file(workspace))
    return kept.external if kept is not None and kept.hash == seen.graph.hash else ()


def _file(workspace: Workspace) -> Path:
    return workspace.state_dir / "snapshot" / f"columns-{workspace.project.environment}.msgpack"


def _read(file: Path) -> _Kept | None:
    try:
        kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return kept if kept.format == FORMAT else None


def write(file: Path, data: bytes) -> None:
    try:
        private_folder(file.parent)
        write_private(file, data)
    except OSError as error:
        raise PenstockError(f"cannot write the column graph: {error.strerror}", where=str(file)) from None
