"""What stands on the relations of a manifest: exposures, metrics, semantic models, saved queries, and what is not known."""

from __future__ import annotations

import re

from penstock.assets import AssetKind, Column, FieldMap, ObservedAsset
from penstock_dbt.translation import Translation, owner_name, texts
from penstock_manifests.dbt import (
    Exposure,
    Metric,
    SavedQuery,
    SemanticModel,
    UnknownResource,
)

_IDENTIFIER = re.compile(r"^[A-Za-z_]\w*$")


def add_saved_query(work: Translation, query: SavedQuery) -> None:
    """Add a saved query."""
    _add(work, query, AssetKind.SAVED_QUERY, _labelled(query.label), query.group)


def add_exposure(work: Translation, exposure: Exposure) -> None:
    """Add an exposure, with its owner."""
    attributes = _labelled(exposure.label)
    for name, value in (("type", exposure.type), ("url", exposure.url), ("maturity", exposure.maturity)):
        if value:
            attributes[name] = value
    if exposure.owner is not None:
        if exposure.owner.name:
            attributes["owner_name"] = exposure.owner.name
        if exposure.owner.email:
            attributes["owner_email"] = ", ".join(texts(exposure.owner.email))
    _add(work, exposure, AssetKind.EXPOSURE, attributes, None, owner=owner_name(exposure.owner))


def add_metric(work: Translation, metric: Metric) -> None:
    """Add a metric."""
    attributes = _labelled(metric.label)
    if metric.type:
        attributes["type"] = metric.type
    if parameters := work.text(metric.type_params):
        attributes["type_params"] = parameters
    if filtered := work.text(metric.filter):
        attributes["filter"] = filtered
    _add(work, metric, AssetKind.METRIC, attributes, metric.group)


def add_semantic_model(work: Translation, model: SemanticModel) -> None:
    """Add a semantic model; its plain columns are those of the model that it stands on."""
    parts = (*model.entities, *model.dimensions, *model.measures)
    columns = tuple(Column(part.name, part.type or part.agg, part.description or "") for part in parts)
    attributes = _labelled(model.label)
    if model.node_relation and model.node_relation.relation_name:
        attributes["reads"] = model.node_relation.relation_name
    _add(work, model, AssetKind.SEMANTIC_MODEL, attributes, model.group, columns)
    parents = tuple(parent for parent in model.depends_on.nodes if parent in work.known)
    if len(parents) == 1:
        work.fields.extend(_fields(model, parents[0]))


def _fields(model: SemanticModel, parent: str) -> list[FieldMap]:
    """Parts that are a plain column of the model; an expression's columns would need its SQL."""
    fields = []
    for part in (*model.entities, *model.dimensions, *model.measures):
        source = part.name if part.expr is None else str(part.expr)
        if not _IDENTIFIER.match(source):
            continue
        fields.append(
            FieldMap(
                source_id=parent,
                source_column=source,
                target_id=model.unique_id,
                target_column=part.name,
                subtype="TRANSFORMATION" if part.agg else "IDENTITY",
                expression=f"{part.agg}({source})" if part.agg else None,
            )
        )
    return fields


def _add(
    work: Translation,
    resource: Exposure | Metric | SemanticModel | SavedQuery,
    kind: AssetKind,
    attributes: dict[str, str],
    group: str | None,
    columns: tuple[Column, ...] = (),
    owner: str | None = None,
) -> None:
    work.assets.append(
        ObservedAsset(
            id=resource.unique_id,
            kind=kind,
            name=resource.name,
            resource_type=resource.resource_type or kind.value,
            upstream=work.upstream(resource.depends_on.nodes, resource.unique_id),
            description=resource.description or "",
            columns=columns,
            tags=texts(resource.tags),
            group=group,
            owner=owner or work.owner_of_group(group),
            package=resource.package_name,
            path=resource.original_file_path,
            fqn=resource.fqn,
            attributes=attributes,
            config=work.configs.text(resource),
        )
    )


def add_unknown(work: Translation, key: str, resource: UnknownResource) -> None:
    """Add an entry of a section that has no name here."""
    work.assets.append(
        ObservedAsset(
            id=key,
            kind=AssetKind.OTHER,
            name=resource.name or key,
            resource_type=resource.resource_type or key.split(".")[0],
            upstream=work.upstream(resource.depends_on.nodes, key),
            description=resource.description or "",
            package=resource.package_name,
            path=resource.original_file_path,
            fqn=resource.fqn,
        )
    )


def _labelled(label: str | None) -> dict[str, str]:
    return {"label": label} if label else {}
