"""Column lineage of the whole graph, kept on disk while the graph is the one it was made from. Deriving is next door."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock import registry
from penstock.errors import PenstockError
from penstock.integration import Marking
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.service.columnrecords import AssetCoverage, AssetFinding, Columns, Coverage, External, write
from penstock.service.observe import GraphView
from penstock.service.workspace import Workspace

FORMAT = 7


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


def column_graph(workspace: Workspace, seen: GraphView, *, may_call: bool = True) -> Columns:
    """The column graph of what was seen; from disk when the graph is the one it was made from.

    Compiles dbt projects where SQL is missing and can be had (with `may_call`); what has none is a finding by name.
    """
    mark = definitions_mark(workspace)
    known = kept_columns(workspace, seen, mark)
    if known is not None:
        return known
    file = _file(workspace)
    folder = file.parent
    from penstock.service.deriving import derive_graph  # sqlglot: 0.14 s that a kept graph does not pay

    found, complete = derive_graph(
        workspace,
        seen.graph,
        folder / f"lineage-{workspace.project.environment}.msgpack",
        may_call=may_call,
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


def kept_columns(
    workspace: Workspace, seen: GraphView, mark: str | None, *, whole: bool = True
) -> Columns | None:
    """What is on disk of this graph and these definitions. `whole`: only if nothing was left for want of compiled SQL."""
    kept = _read(_file(workspace))
    if kept is None or kept.hash != seen.graph.hash or mark not in (None, kept.mark):
        return None
    if whole and not kept.complete:
        return None
    return Columns(
        edges=ColumnGraph.decode(kept.edges),
        findings=msgspec.msgpack.decode(kept.findings, type=tuple[AssetFinding, ...]),
        coverage=kept.coverage,
        external=kept.external,
        models=msgspec.msgpack.decode(kept.models, type=tuple[AssetCoverage, ...]),
    )


def definitions_mark(workspace: Workspace) -> str | None:
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


def kept_external(workspace: Workspace, seen: GraphView) -> tuple[External, ...]:
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
