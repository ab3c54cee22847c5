"""One asset from what one or several tools say of one relation: who leads, and what the others add. Pure."""

from __future__ import annotations

import msgspec

from penstock.assets import (
    Asset,
    AssetKey,
    AssetKind,
    Column,
    DeclaredAs,
    Finding,
    ObservedAsset,
    Role,
    ToolRef,
    comparable,
)

Sighting = tuple[int, ToolRef, ObservedAsset]
"""Its rank (the least leads), who sees it, and as what."""


def seen_once(key: AssetKey, sighting: Sighting) -> Asset:
    _, ref, seen = sighting
    maker = ToolRef(ref.integration, ref.instance, seen.producer) if seen.producer else None
    return _asset(key, seen, (ref,), maker, () if seen.declared_as is None else (seen.declared_as,))


def _asset(
    key: AssetKey,
    lead: ObservedAsset,
    seen_by: tuple[ToolRef, ...],
    producer: ToolRef | None,
    declared_as: tuple[DeclaredAs, ...],
) -> Asset:
    # By position: of twenty names each call would look for each, at twice the cost of all the rest.
    return Asset(
        key,
        lead.kind,
        lead.name,
        lead.resource_type,
        lead.relation,
        seen_by,
        producer,
        lead.aliases,
        lead.description,
        lead.tags,
        lead.group,
        lead.owner,
        lead.package,
        lead.path,
        lead.fqn,
        lead.materialized,
        lead.rows,
        lead.size_bytes,
        lead.attributes,
        lead.config,
        declared_as,
    )


def joined(key: AssetKey, group: list[Sighting], findings: list[Finding]) -> Asset:
    """Several tools see one relation. Who makes it leads; what the leader does not say, the next one may."""
    lead = group[0][2]
    makers = [
        ToolRef(ref.integration, ref.instance, seen.producer) for _, ref, seen in group if seen.producer
    ]
    if len(makers) > 1:
        findings.append(
            Finding(
                code="two-producers",
                message=f"{key.name} is made by {len(makers)} producers: " + ", ".join(map(str, makers)),
                asset=key,
                hint="each run's last writer wins; give one of them another schema",
            )
        )
    refs = tuple(ref for _, ref, _ in group)
    declared = tuple(seen.declared_as for _, _, seen in group if seen.declared_as is not None)
    merged = _asset(key, lead, refs, makers[0] if makers else None, declared)
    changes: dict[str, object] = {
        "aliases": tuple(dict.fromkeys(name for _, _, seen in group for name in _names(seen))),
        "tags": tuple(dict.fromkeys(tag for _, _, seen in group for tag in seen.tags)),
        "attributes": _joined_attributes(group),
    }
    for field in ("description", "group", "owner", "package", "path", "materialized", "config"):
        changes[field] = next(
            (value for _, _, seen in group if (value := getattr(seen, field))), getattr(merged, field)
        )
    # A source's fqn is no name of what a sync makes: a model of the same bare name has the better right to it.
    changes["fqn"] = next(
        (seen.fqn for _, _, seen in group if seen.fqn and (seen is lead or seen.declared_as is None)),
        (),
    )
    for field in ("rows", "size_bytes"):
        facts = [value for _, _, seen in reversed(group) if (value := getattr(seen, field)) is not None]
        changes[field] = facts[0] if facts else None
    kinds = [seen.kind for _, _, seen in group if seen.role is Role.CATALOGS]
    if kinds and lead.kind is AssetKind.TABLE:
        changes["kind"] = kinds[0]
    return msgspec.structs.replace(merged, **changes)


def _names(seen: ObservedAsset) -> tuple[str, ...]:
    """By which its tool knows it: of several fqns the asset keeps one."""
    names = (*seen.aliases, seen.id)
    return (*names, ".".join(seen.fqn)) if seen.fqn else names


def _joined_attributes(group: list[Sighting]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for _, _, seen in reversed(group):
        attributes.update(seen.attributes)
    names = {seen.relation.parts for _, _, seen in group if seen.relation}
    attributes["join"] = "exact" if len(names) == 1 else "folded"
    return attributes


def columns_of(group: list[Sighting]) -> tuple[Column, ...]:
    """The catalog's columns in its order, then others that only a document names; types from the catalog first."""
    by_rank = sorted(group, key=lambda sighting: (-sighting[0], sighting[1]))
    merged: dict[str, Column] = {}
    for _, _, seen in by_rank:
        dialect = seen.relation.dialect if seen.relation else ""
        for column in seen.all_columns:
            name = comparable(dialect, column.name)
            known = merged.get(name)
            if known is None:
                merged[name] = column
            elif known != column:
                merged[name] = Column(
                    name=known.name,
                    type=known.type or column.type,
                    description=known.description or column.description,
                    documented=known.documented or column.documented,
                    cataloged=known.cataloged or column.cataloged,
                )
    return tuple(merged.values())
