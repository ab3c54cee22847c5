"""dbt's documents -> one observation, by pure functions. Reads no file, starts no dbt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import msgspec

from penstock.assets import Batch, Finding, Observation, ObservedMaterialization
from penstock_dbt.external_results import loaded_elsewhere, made_elsewhere
from penstock_dbt.fingerprints import Macros, shipped_packages
from penstock_dbt.left_out import Configs, is_empty
from penstock_dbt.relational import add_node, add_source
from penstock_dbt.relations import Namer
from penstock_dbt.semantic import add_exposure, add_metric, add_saved_query, add_semantic_model, add_unknown
from penstock_dbt.testing import add_data_test, add_unit_test
from penstock_dbt.translation import Place, Translation
from penstock_manifests.dbt import Catalog, Manifest, Node, RunResults, SourceResults
from penstock_manifests.dbt.records import Resource
from penstock_manifests.decode import wrong_type
from penstock_manifests.document import Notice

if TYPE_CHECKING:
    from penstock_dbt.recipes import Recipes

R = TypeVar("R", bound=Resource)

_SHOWN = 20
# What a further invocation of a worker that has parsed costs before its first node (dbt 1.11): seconds, and seconds per node.
_EACH, _EACH_NODE = 0.3, 0.0006
_WHOLE = "it has on-run hooks: only `hooks: each` or `first_last` in penstock.yml would split it"


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    """The artefacts of one project, read. `notices` are what their readers want to be known."""

    manifest: Manifest
    manifest_version: int
    catalog: Catalog | None = None
    run_results: RunResults | None = None
    sources: SourceResults | None = None
    notices: tuple[Notice, ...] = ()


def translate(
    documents: Documents, place: Place, instance: str, taken_at: float, inputs: tuple[str, ...] | None
) -> Observation:
    """Everything that the documents tell. `taken_at` is epoch seconds, `inputs` as in Observation."""
    manifest = documents.manifest
    shipped = shipped_packages(manifest.metadata.adapter_type)
    configs = Configs(manifest)
    without = configs.disabled
    work = Translation(
        instance=instance,
        place=place,
        manifest=manifest,
        catalog=documents.catalog,
        macros=Macros(manifest.macros, shipped),
        names=Namer(place.namespace, place.dialect),
        configs=configs,
        recipes=_recipes(manifest, shipped, place),
        known=_assets(manifest) - without,
        left_out=without,
    )
    _add_resources(work, manifest)
    _add_findings(work, documents)
    return Observation(
        integration="dbt",
        instance=instance,
        taken_at=taken_at,
        assets=tuple(work.assets),
        checks=tuple(work.checks),
        producers=tuple(work.producers),
        batches=_batches(work),
        fields=tuple(work.fields),
        materializations=_made_elsewhere(work, documents),
        findings=tuple(work.findings),
        inputs=inputs,
        facts=_facts(documents, work),
    )


def _batches(work: Translation) -> tuple[Batch, ...]:
    place = work.place
    if place.batch is None or place.splitting is None:
        return ()
    hooks = [asset.name for asset in work.assets if asset.attributes.get("hook")]
    whole = bool(hooks) and place.splitting.hooks == "auto"
    return (
        Batch(
            name=place.batch,
            most=1 if whole else place.splitting.most,
            beside=place.splitting.beside,
            seconds=_EACH + _EACH_NODE * len(work.manifest.nodes),
            ends=bool(hooks),
            why=_WHOLE if whole else "",
        ),
    )


def _add_resources(work: Translation, manifest: Manifest) -> None:
    work.learn_groups(manifest.groups)
    _each(work, "nodes", manifest.nodes, _add_node)
    _each(work, "sources", manifest.sources, add_source)
    _each(work, "functions", manifest.functions, _add_function)
    _each(work, "unit_tests", manifest.unit_tests, add_unit_test)
    _each(work, "exposures", manifest.exposures, add_exposure)
    _each(work, "semantic_models", manifest.semantic_models, add_semantic_model)
    _each(work, "metrics", manifest.metrics, add_metric)
    _each(work, "saved_queries", manifest.saved_queries, add_saved_query)
    for key, resource in manifest.unknown.items():
        add_unknown(work, key, resource)


def _each(
    work: Translation, section: str, resources: Mapping[str, R], add: Callable[[Translation, R], None]
) -> None:
    """Add what dbt selects from. Raises ManifestError that names a resource whose settings cannot be read."""
    for unique_id, resource in resources.items():
        if unique_id not in work.left_out:
            try:
                add(work, resource)
            except msgspec.ValidationError as error:
                raise wrong_type(error, "manifest.json", f'$.{section}["{unique_id}"]') from None


def _add_node(work: Translation, node: Node) -> None:
    if node.resource_type != "test":
        add_node(work, node)
    elif not is_empty(node):
        add_data_test(work, node)


def _add_function(work: Translation, function: Node) -> None:
    """dbt v2 names the type of what stands in `nodes` alone."""
    named = (
        function if function.resource_type else msgspec.structs.replace(function, resource_type="function")
    )
    add_node(work, named)


def _add_findings(work: Translation, documents: Documents) -> None:
    _add_disabled(work, documents.manifest)
    _add_left_out(work, documents.manifest)
    for notice in documents.notices:
        work.findings.append(Finding(code=notice.code, message=notice.message, source=notice.file))
    if work.elsewhere:
        shown = ", ".join(work.elsewhere[:3]) + (", ..." if len(work.elsewhere) > 3 else "")
        work.finding(
            "catalog-elsewhere",
            f"catalog.json is of another target: it describes {len(work.elsewhere)} relations elsewhere ({shown})",
            "make it anew for this target: dbt docs generate --target ...",
        )


def _made_elsewhere(work: Translation, documents: Documents) -> tuple[ObservedMaterialization, ...]:
    made: list[ObservedMaterialization] = []
    if documents.run_results:
        known = {check.id for check in work.checks}.union(producer.id for producer in work.producers)
        made += made_elsewhere(documents.run_results, known, documents.manifest.nodes)
    if documents.sources:
        made += loaded_elsewhere(documents.sources, work.known)
    return tuple(made)


def _recipes(manifest: Manifest, shipped: frozenset[str], place: Place) -> Recipes | None:
    if place.values is None:
        return None
    from penstock_dbt.recipes import Recipes

    return Recipes(manifest.nodes, manifest.macros, shipped, place.values, manifest.metadata.project_name)


def _assets(manifest: Manifest) -> frozenset[str]:
    """The ids of all that will be an asset: what an edge may point at."""
    nodes = {key for key, node in manifest.nodes.items() if node.resource_type != "test"}
    return frozenset(
        nodes.union(
            manifest.sources,
            manifest.functions,
            manifest.exposures,
            manifest.metrics,
            manifest.semantic_models,
            manifest.saved_queries,
            manifest.unknown,
        )
    )


def _add_left_out(work: Translation, manifest: Manifest) -> None:
    """What dbt disabled while it resolved references, and files without text: it runs neither, and says so at most once."""
    if work.left_out:
        work.finding(
            "left-out",
            f"dbt leaves out {_shown(sorted(work.left_out))}: each refers to something that is missing or disabled",
            "correct the reference, or delete what has it",
        )
    if empty := sorted(node.unique_id for node in manifest.nodes.values() if is_empty(node)):
        work.finding("left-out", f"dbt leaves out {_shown(empty)}: the file is empty")


def _shown(ids: list[str]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + more


def _add_disabled(work: Translation, manifest: Manifest) -> None:
    by_type: dict[str, list[str]] = {}
    for versions in (manifest.disabled or {}).values():
        for node in versions:
            by_type.setdefault(node.resource_type or node.unique_id.split(".")[0], []).append(node.unique_id)
    for resource_type, ids in sorted(by_type.items()):
        work.finding("disabled", f"{len(ids)} of type {resource_type} are disabled in dbt: {_shown(ids)}")
        work.facts[f"disabled {resource_type}"] = ", ".join(ids)


def _facts(documents: Documents, work: Translation) -> dict[str, str]:
    metadata = documents.manifest.metadata
    counts = Counter(asset.resource_type for asset in work.assets)
    counts.update(check.kind for check in work.checks)
    facts = {
        "dbt version": metadata.dbt_version,
        "manifest": f"v{documents.manifest_version}, generated at {metadata.generated_at}",
        "adapter": metadata.adapter_type or "unknown",
        "project": metadata.project_name or "unknown",
        "resources": ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())),
        "macros": str(len(documents.manifest.macros)),
    }
    if documents.manifest.groups:
        facts["groups"] = ", ".join(sorted(group.name for group in documents.manifest.groups.values()))
    if documents.manifest.selectors:
        facts["selectors"] = ", ".join(sorted(documents.manifest.selectors))
    return facts | work.facts
