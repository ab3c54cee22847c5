"""The compiled SQL of each node, from the nearest place that certainly has it; else the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.assets import Definition
from penstock.integration import ObserveContext
from penstock_dbt.artefacts import read, unreadable
from penstock_dbt.config import DbtConfig
from penstock_dbt.defined import defines, definition, reason_without
from penstock_dbt.dialects import dialect_of
from penstock_dbt.kept import has_sql
from penstock_dbt.observe import artefact_paths
from penstock_manifests.dbt import Compiled, CompiledNode, read_compiled
from penstock_manifests.errors import ManifestError


def definitions(
    context: ObserveContext[DbtConfig], ids: frozenset[str] | None = None
) -> Iterable[Definition]:
    """Each node's SQL (all, or `ids`). A project's is compiled by its own dbt where it has to be and `may_call` allows.

    Raises DocumentError for artefacts that cannot be read, and what parsing raises.
    """
    config: DbtConfig = context.config
    if config.artefacts_only:
        path = artefact_paths(context).manifest
        compiled = read(path, "manifest", lambda data, file: read_compiled(data, file, ids))
        try:
            return [_given(node, compiled) for node in compiled.nodes.values() if defines(node, ids)]
        except ManifestError as error:
            raise unreadable(error, path, "manifest") from None
    from penstock_dbt.compiling import project_definitions

    try:
        return project_definitions(context, ids)
    except ManifestError as error:
        raise unreadable(error, context.project_root / str(config.project), "manifest") from None


def _given(node: CompiledNode, compiled: Compiled) -> Definition:
    dialect = dialect_of(compiled.metadata.adapter_type)
    reason = reason_without(node)
    if reason is None and not has_sql(node):
        reason = "not compiled: the manifest has no compiled code for it (dbt parse makes none, a selected build only its own)"
    if reason is not None:
        return definition(node, dialect, None, reason)
    return definition(node, dialect, node.compiled_code, None, tuple(cte.id for cte in node.extra_ctes))
