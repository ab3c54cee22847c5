"""One compiled node as a definition, and the reasons why a node has none. Reads nothing."""

from __future__ import annotations

import msgspec

from penstock.assets import Definition, DefinitionStatus
from penstock_manifests.dbt import CompiledNode
from penstock_manifests.decode import wrong_type

WITH_SQL = frozenset({"model", "snapshot", "analysis", "function"})


def defines(node: CompiledNode, ids: frozenset[str] | None = None) -> bool:
    """Whether a node makes (or could make) something whose columns can be followed. Of `ids` tests have SQL, too."""
    if ids is not None and node.unique_id not in ids:
        return False
    return (
        node.resource_type in WITH_SQL
        or node.resource_type == "seed"
        or (ids is not None and node.resource_type == "test")
    )


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
