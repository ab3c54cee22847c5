"""The compiled SQL of each node, from the nearest place that certainly has it; else the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import Definition, DefinitionStatus
from penstock.integration import ObserveContext
from penstock_dbt.artefacts import read, unreadable
from penstock_dbt.config import DbtConfig
from penstock_dbt.dialects import dialect_of
from penstock_dbt.kept import has_sql
from penstock_dbt.observe import artefact_paths
from penstock_manifests.dbt import Compiled, CompiledNode, read_compiled
from penstock_manifests.decode import wrong_type
from penstock_manifests.errors import ManifestError

WITH_SQL = frozenset({"model", "snapshot", "analysis", "function"})


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
            return [_given(node, compiled) for node in compiled.nodes.values() if defines(node)]
        except ManifestError as error:
            raise unreadable(error, path, "manifest") from None
    from penstock_dbt.compiling import project_definitions

    try:
        return project_definitions(context, ids)
    except ManifestError as error:
        raise unreadable(error, context.project_root / str(config.project), "manifest") from None


def defines(node: CompiledNode) -> bool:
    """Whether a node makes (or could make) something whose columns can be followed."""
    return node.resource_type in WITH_SQL or node.resource_type == "seed"


def reason_without(node: CompiledNode) -> str | None:
    """Why a node has no SQL whatever dbt does; None when it is only to be compiled."""
    if node.resource_type == "seed":
        return "a seed: made from its file"
    if node.language == "python":
        return "a Python model: its columns cannot be followed through its code"
    return None


def definition(
    node: CompiledNode, dialect: str, sql: str | None, reason: str | None, inlined: tuple[str, ...] = ()
) -> Definition:
    status = DefinitionStatus.COMPILED
    if sql is None:
        without = reason_without(node) is not None
        status = DefinitionStatus.NO_SQL if without else DefinitionStatus.NOT_COMPILED
    return Definition(
        id=node.unique_id,
        status=status,
        sql=sql,
        dialect=dialect,
        reason=reason,
        inlined=inlined,
        added=_added(node) if node.resource_type == "snapshot" else (),
        path=node.original_file_path,
    )


class _Snapshot(msgspec.Struct, frozen=True):
    snapshot_meta_column_names: dict[str, str | None] | None = None
    hard_deletes: str | None = None


_SNAPSHOT = msgspec.json.Decoder(_Snapshot)
_VALIDITY = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")


def _added(node: CompiledNode) -> tuple[str, ...]:
    """The columns that dbt itself adds to a snapshot, under the names that its configuration gives them."""
    try:
        config = _SNAPSHOT.decode(node.config)
    except msgspec.ValidationError as error:
        raise wrong_type(error, "manifest.json", f'$.nodes["{node.unique_id}"].config') from None
    names = config.snapshot_meta_column_names or {}
    columns = (*_VALIDITY, "dbt_is_deleted") if config.hard_deletes == "new_record" else _VALIDITY
    return tuple(names.get(column) or column for column in columns)


def _given(node: CompiledNode, compiled: Compiled) -> Definition:
    dialect = dialect_of(compiled.metadata.adapter_type)
    reason = reason_without(node)
    if reason is None and not has_sql(node):
        reason = "not compiled: the manifest has no compiled code for it (dbt parse makes none, a selected build only its own)"
    if reason is not None:
        return definition(node, dialect, None, reason)
    return definition(node, dialect, node.compiled_code, None, tuple(cte.id for cte in node.extra_ctes))
