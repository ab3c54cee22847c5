"""Nodes and sources of a manifest -> assets and producers."""

from __future__ import annotations

from penstock.assets import AssetKind, DeclaredAs, ObservedAsset, ObservedProducer, Relation, Role
from penstock_dbt.criteria import fresh_within
from penstock_dbt.declared import declared
from penstock_dbt.describe import columns_of, size_of
from penstock_dbt.fingerprints import checksum_text, code_version
from penstock_dbt.left_out import is_empty
from penstock_dbt.strategies import REPLACING
from penstock_dbt.translation import NodeConfig, Translation, texts
from penstock_manifests.dbt import CatalogEntry, Node, Source

TESTS = frozenset({"test", "unit_test"})
# What an invocation of dbt makes. Ephemeral models are made inside those that use them.
_MADE = frozenset({"model", "seed", "snapshot", "function"})
_STORED = frozenset({"model", "seed", "snapshot"})
_KINDS = {
    "seed": AssetKind.SEED,
    "snapshot": AssetKind.SNAPSHOT,
    "analysis": AssetKind.ANALYSIS,
    "operation": AssetKind.OPERATION,
    "sql_operation": AssetKind.OPERATION,
    "function": AssetKind.FUNCTION,
}
_EMPTY = "its file is empty: dbt leaves it out"
_HOOKS = ("on-run-start", "on-run-end")


def add_node(work: Translation, node: Node) -> None:
    """Add a node that is no test: model, seed, snapshot, analysis, operation, function, or an unknown type."""
    config = work.configs.text(node)
    settings = work.settings(config)
    kind = _kind(node, settings)
    relational = kind not in (AssetKind.EPHEMERAL, AssetKind.FUNCTION)
    relation = _relation(work, node) if relational else None
    entry = work.entry(work.catalog.nodes, node.unique_id, relation) if work.catalog else None
    rows, size = size_of(entry) if entry is not None else (None, None)
    group = node.group or settings.group
    produced = node.resource_type in _MADE and kind is not AssetKind.EPHEMERAL
    work.assets.append(
        ObservedAsset(  # by position: of so many names each call would look for each
            node.unique_id,
            kind,
            f"{node.name}.v{node.version}" if node.version is not None else node.name,
            node.resource_type,
            Role.PRODUCES if produced else Role.DECLARES,
            relation,
            work.upstream(node.depends_on.nodes, node.unique_id),
            node.unique_id if produced else None,
            _aliases(node),
            node.description or "",
            (),
            columns_of(node.columns, entry) if node.columns or entry is not None else b"",
            texts(node.tags),
            group,
            work.owner_of_group(group),
            node.package_name,
            node.original_file_path,
            node.fqn,
            settings.materialized if node.resource_type in _MADE else None,
            rows,
            size,
            _attributes(work, node, settings, entry),
            config,
        )
    )
    if produced:
        work.producers.append(_producer(work, node, settings))


def add_source(work: Translation, source: Source) -> None:
    """Add a source table."""
    relation = (
        work.names.relation(source.relation_name)
        if source.relation_name is not None
        else _of_parts(work, source, source.identifier or source.name)
    )
    entry = work.entry(work.catalog.sources, source.unique_id, relation) if work.catalog else None
    rows, size = size_of(entry) if entry is not None else (None, None)
    kind = AssetKind.TABLE if relation is not None or not source.relation_name else AssetKind.FILE
    if entry is not None and "VIEW" in (entry.metadata.type or "").upper():
        kind = AssetKind.VIEW
    attributes = {"source_name": source.source_name}
    if kind is AssetKind.FILE:
        attributes["location"] = source.relation_name or ""
    _add_source_facts(work, attributes, source)
    work.assets.append(
        ObservedAsset(  # by position, as above
            source.unique_id,
            kind,
            source.name,
            "source",
            Role.DECLARES,
            relation,
            (),
            None,
            (f"{source.source_name}.{source.name}",),
            source.description or "",
            (),
            columns_of(source.columns, entry) if source.columns or entry is not None else b"",
            texts(source.tags),
            None,
            None,
            source.package_name,
            source.original_file_path,
            source.fqn,
            None,
            rows,
            size,
            attributes,
            work.configs.text(source),
            DeclaredAs("source", source.package_name or "", source.source_name, source.name),
        )
    )


def _kind(node: Node, settings: NodeConfig) -> AssetKind:
    if node.resource_type == "model":
        if settings.materialized == "view":
            return AssetKind.VIEW
        return AssetKind.EPHEMERAL if settings.materialized == "ephemeral" else AssetKind.TABLE
    return _KINDS.get(node.resource_type, AssetKind.OTHER)


def _relation(work: Translation, node: Node) -> Relation | None:
    if node.relation_name is not None:
        return work.names.relation(node.relation_name)
    return _of_parts(work, node, node.alias or node.name) if node.resource_type in _STORED else None


def _of_parts(work: Translation, node: Node | Source, identifier: str) -> Relation | None:
    """Without a rendered name the parts are all there is."""
    return work.names.relation(".".join(part for part in (node.database, node.schema, identifier) if part))


def _aliases(node: Node) -> tuple[str, ...]:
    """Other names on the command line, beside id and fqn: a version's underscored form; an alias that is not the name."""
    if node.version is not None:
        return (f"{node.name}_v{node.version}",)
    return (node.alias,) if node.alias and node.alias != node.name else ()


def _attributes(
    work: Translation, node: Node, settings: NodeConfig, entry: CatalogEntry | None
) -> dict[str, str]:
    attributes: dict[str, str] = {}
    if checksum := checksum_text(node.checksum):
        attributes["checksum"] = checksum
    if macros := work.macros.digest(node.depends_on.macros):
        attributes["macros"] = macros
    if access := node.access or settings.access:
        attributes["access"] = access
    if node.version is not None:
        attributes["version"] = str(node.version)
        attributes["latest_version"] = str(node.latest_version)
    if node.deprecation_date:
        attributes["deprecation_date"] = node.deprecation_date
    if node.language and node.language != "sql":
        attributes["language"] = node.language
    if node.patch_path:
        attributes["patch_path"] = node.patch_path
    if node.resource_type == "operation":
        attributes |= _hook(node)
    if node.resource_type == "function" and node.relation_name:
        attributes["function"] = node.relation_name
    if entry is not None and entry.metadata.type:
        attributes["catalog_type"] = entry.metadata.type
    return attributes


def _hook(node: Node) -> dict[str, str]:
    hook = next((name for name in _HOOKS if name in texts(node.tags)), None)
    if hook is None:
        return {}
    return {"hook": hook, "index": str(node.index)} if node.index is not None else {"hook": hook}


def _add_source_facts(work: Translation, attributes: dict[str, str], source: Source) -> None:
    if source.loader:
        attributes["loader"] = source.loader
    if source.identifier and source.identifier != source.name:
        attributes["identifier"] = source.identifier
    if source.source_description:
        attributes["source_description"] = source.source_description
    if source.loaded_at_field:
        attributes["loaded_at_field"] = source.loaded_at_field
    if source.loaded_at_query:
        attributes["loaded_at_query"] = source.loaded_at_query
    if criteria := work.criteria(source.freshness):
        attributes["freshness"] = criteria
        if within := fresh_within(criteria):
            attributes["fresh_within"] = str(within)
    if source.patch_path:
        attributes["patch_path"] = source.patch_path


def _producer(work: Translation, node: Node, settings: NodeConfig) -> ObservedProducer:
    attributes = {"materialized": settings.materialized} if settings.materialized else {}
    if settings.incremental_strategy:
        attributes["incremental_strategy"] = settings.incremental_strategy
    return ObservedProducer(
        id=node.unique_id,
        kind=node.resource_type,
        batch=work.place.batch,
        holds=work.place.holds,
        code_version=code_version(node, work.macros.digest(node.depends_on.macros), settings.materialized),
        unrunnable=work.place.unrunnable or (_EMPTY if is_empty(node) else None),
        appends=_appends(settings),
        attributes=attributes,
        policy=declared(
            settings, node.patch_path or node.original_file_path or node.unique_id, work.unread_policy
        ),
        recipe=work.recipes.of(node) if work.recipes and node.resource_type != "function" else None,
    )


def _appends(settings: NodeConfig) -> bool:
    """Whether nothing but the model's own WHERE keeps rows from being inserted a second time."""
    if settings.materialized != "incremental":
        return False
    strategy = settings.incremental_strategy
    return strategy == "append" or (not settings.unique_key and strategy not in REPLACING)
