"""All observations merged by relation into one graph document. Pure: the same observations in any order give the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter

import msgspec

from penstock.assets import (
    Asset,
    AssetKey,
    AssetKind,
    Check,
    Column,
    ColumnEdge,
    ColumnRef,
    DeclaredAs,
    EdgeSubtype,
    Finding,
    Observation,
    ObservedAsset,
    ObservedMaterialization,
    Producer,
    Relation,
    Role,
    ToolRef,
    comparable,
)
from penstock.graph.document import Columns, GraphDocument
from penstock.graph.leftovers import without_leftovers
from penstock.graph.lost import SYNC, lost_joins, not_there
from penstock.graph.settle import settled

_Sighting = tuple[int, ToolRef, ObservedAsset]
_LEADS = {Role.PRODUCES: 0, Role.DECLARES: 2, Role.CATALOGS: 3}
# A job of a warehouse often runs the very tool that penstock runs: what that tool makes here, it makes.
_AFTER_OTHER_MAKERS = 1
_JOB = "job"


def merge(observations: Iterable[Observation]) -> GraphDocument:
    """One document: assets by key, edges, checks, producers, tool-made column edges, findings."""
    in_order = sorted(observations, key=lambda seen: (seen.integration, seen.instance))
    ordered = without_leftovers(settled(in_order))
    sightings: dict[AssetKey, list[_Sighting]] = {}
    keys: dict[tuple[str, str], dict[str, AssetKey]] = {}
    roles = {asset.role for seen in ordered for asset in seen.assets}
    for seen in ordered:
        ids = keys[(seen.integration, seen.instance)] = {}
        space = f"{seen.integration}:{seen.instance}"
        jobs = {producer.id for producer in seen.producers if producer.kind == _JOB}
        for asset in seen.assets:
            one = asset.id
            key = ids[one] = asset.relation.key if asset.relation is not None else AssetKey(space, one)
            lead = _AFTER_OTHER_MAKERS if asset.producer in jobs else _LEADS[asset.role]
            sighting = (lead, ToolRef(seen.integration, seen.instance, one), asset)
            group = sightings.setdefault(key, alone := [sighting])
            if group is not alone:
                group.append(sighting)
    findings = [finding for seen in ordered for finding in seen.findings]
    assets: dict[AssetKey, Asset] = {}
    columns: Columns = {}
    shown: tuple[Column, ...] | msgspec.Raw
    for key in sorted(sightings, key=_by_name):
        group = sightings[key]
        if len(group) == 1:
            found = group[0][2]
            assets[key] = _seen_once(key, group[0])
            shown = msgspec.Raw(found.packed) if found.packed else found.columns
        else:
            group.sort(key=lambda sighting: sighting[:2])
            assets[key] = _joined(key, group, findings)
            shown = _columns(group)
        if shown:
            columns[key] = shown
    edges = _edges(ordered, keys, assets)
    producers = tuple(sorted(_producers(ordered), key=lambda producer: producer.ref))
    cataloged = _seen_as(sightings, Role.CATALOGS) if Role.CATALOGS in roles else set()
    if any(producer.kind == SYNC for producer in producers):
        declared = _seen_as(sightings, Role.DECLARES)
        findings += lost_joins(assets, edges, producers, declared, cataloged)
    elif cataloged:
        findings += not_there(assets, cataloged)
    return GraphDocument(
        assets=tuple(assets.values()),
        upstream={key: _sorted(edges[key]) for key in sorted(edges, key=_by_name)},
        checks=tuple(sorted(_checks(ordered, keys), key=lambda check: check.key)),
        producers=producers,
        columns=columns,
        fields=tuple(_field_edges(ordered, keys)),
        batches=tuple(sorted((batch for seen in ordered for batch in seen.batches), key=lambda b: b.name)),
        outside=_outside(ordered, keys),
        apart=_apart(ordered, keys, assets),
        findings=tuple(sorted([*findings, *_near_misses(assets)], key=lambda f: (f.code, f.message))),
    )


_by_name = attrgetter("namespace", "name")
"""The order of keys, which as records compare six times slower."""


def _sorted(keys: Collection[AssetKey]) -> tuple[AssetKey, ...]:
    return tuple(keys) if len(keys) < 2 else tuple(sorted(keys, key=_by_name))


def _seen_as(sightings: Mapping[AssetKey, list[_Sighting]], role: Role) -> set[AssetKey]:
    """The relations that some tool sees in that role."""
    return {
        key for key, group in sightings.items() for _, _, seen in group if seen.role is role and seen.relation
    }


def _seen_once(key: AssetKey, sighting: _Sighting) -> Asset:
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
    return Asset(
        key=key,
        kind=lead.kind,
        name=lead.name,
        resource_type=lead.resource_type,
        relation=lead.relation,
        seen_by=seen_by,
        producer=producer,
        aliases=lead.aliases,
        description=lead.description,
        tags=lead.tags,
        group=lead.group,
        owner=lead.owner,
        package=lead.package,
        path=lead.path,
        fqn=lead.fqn,
        materialized=lead.materialized,
        rows=lead.rows,
        size_bytes=lead.size_bytes,
        attributes=lead.attributes,
        config=lead.config,
        declared_as=declared_as,
    )


def _joined(key: AssetKey, group: list[_Sighting], findings: list[Finding]) -> Asset:
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
        "aliases": tuple(dict.fromkeys(name for _, _, seen in group for name in (*seen.aliases, seen.id))),
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


def _joined_attributes(group: list[_Sighting]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for _, _, seen in reversed(group):
        attributes.update(seen.attributes)
    names = {seen.relation.parts for _, _, seen in group if seen.relation}
    attributes["join"] = "exact" if len(names) == 1 else "folded"
    return attributes


def _columns(group: list[_Sighting]) -> tuple[Column, ...]:
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


def _edges(
    observations: list[Observation],
    keys: dict[tuple[str, str], dict[str, AssetKey]],
    assets: Mapping[AssetKey, Asset],
) -> dict[AssetKey, set[AssetKey]]:
    """Who makes an asset knows what it is made from: a catalog's word counts only where nobody does."""
    edges: dict[AssetKey, set[AssetKey]] = {}
    for seen in observations:
        ids = keys[(seen.integration, seen.instance)]
        for asset in seen.assets:
            if not asset.upstream:
                continue
            key = ids[asset.id]
            if asset.role is Role.CATALOGS and assets[key].producer is not None:
                continue
            above = {ids[parent] for parent in asset.upstream if parent in ids}
            above.discard(key)
            if above:
                edges.setdefault(key, set()).update(above)
    return edges


def _apart(
    observations: list[Observation],
    keys: dict[tuple[str, str], dict[str, AssetKey]],
    assets: dict[AssetKey, Asset],
) -> dict[AssetKey, tuple[AssetKey, ...]]:
    """See `GraphDocument.apart`."""
    found: dict[AssetKey, tuple[AssetKey, ...]] = {}
    seen_once = all(len(asset.seen_by) == 1 for asset in assets.values())
    for seen in observations:
        if seen_once and all(asset.producer in (None, asset.id) for asset in seen.assets):
            continue  # what is below finds nothing then, at ten times the cost
        ids = keys[(seen.integration, seen.instance)]
        other = {
            one: key
            for one, key in ids.items()
            if (producer := assets[key].producer) is not None
            and producer.id != one
            and (producer.integration, producer.instance) == (seen.integration, seen.instance)
        }
        if not other:
            continue
        space = f"{seen.integration}:{seen.instance}"
        apart_from = other.keys()
        readers = [(ids[a.id], a.upstream) for a in seen.assets if not apart_from.isdisjoint(a.upstream)]
        readers += [
            (AssetKey(space, check.id), check.assets)
            for check in seen.checks
            if not apart_from.isdisjoint(check.assets)
        ]
        for key, above in readers:
            met = {other[one] for one in above if one in other} - {key}
            if met:
                found[key] = tuple(sorted(met.union(found.get(key, ()))))
    return dict(sorted(found.items()))


def _checks(
    observations: list[Observation], keys: dict[tuple[str, str], dict[str, AssetKey]]
) -> Iterable[Check]:
    for seen in observations:
        ids = keys[(seen.integration, seen.instance)]
        for check in seen.checks:
            yield Check(
                key=AssetKey(f"{seen.integration}:{seen.instance}", check.id),
                kind=check.kind,
                name=check.name,
                seen_by=ToolRef(seen.integration, seen.instance, check.id),
                assets=tuple(ids[parent] for parent in check.assets if parent in ids),
                column=check.column,
                severity=check.severity,
                before=check.before,
                description=check.description,
                tags=check.tags,
                package=check.package,
                path=check.path,
                fqn=check.fqn,
                attributes=check.attributes,
                config=check.config,
                batch=check.batch,
                recipe=check.recipe,
            )


def _producers(observations: list[Observation]) -> Iterable[Producer]:
    for seen in observations:
        for producer in seen.producers:
            yield Producer(
                ref=ToolRef(seen.integration, seen.instance, producer.id),
                kind=producer.kind,
                batch=producer.batch,
                holds=producer.holds,
                code_version=producer.code_version,
                unrunnable=producer.unrunnable,
                appends=producer.appends,
                payload=producer.payload,
                permission=producer.permission,
                starts=producer.starts,
                changes=producer.changes,
                on_change=producer.on_change,
                attributes=producer.attributes,
                policy=producer.policy,
                own_times=producer.own_times,
                recipe=producer.recipe,
            )


def _outside(
    observations: list[Observation], keys: dict[tuple[str, str], dict[str, AssetKey]]
) -> dict[AssetKey, ObservedMaterialization]:
    """See `GraphDocument.outside`."""
    found: dict[AssetKey, ObservedMaterialization] = {}
    for seen in observations:
        if not seen.materializations:
            continue
        space = f"{seen.integration}:{seen.instance}"
        ids = {check.id: AssetKey(space, check.id) for check in seen.checks}
        ids.update(keys[(seen.integration, seen.instance)])
        for made in seen.materializations:
            key = ids.get(made.id)
            if key is not None and (key not in found or found[key].at <= made.at):
                found[key] = made
    return dict(sorted(found.items()))


def _field_edges(
    observations: list[Observation], keys: dict[tuple[str, str], dict[str, AssetKey]]
) -> Iterable[ColumnEdge]:
    for seen in observations:
        ids = keys[(seen.integration, seen.instance)]
        for field in seen.fields:
            if field.source_id in ids and field.target_id in ids:
                yield ColumnEdge(
                    source=ColumnRef(ids[field.source_id], field.source_column),
                    target=ColumnRef(ids[field.target_id], field.target_column),
                    subtype=EdgeSubtype(field.subtype),
                    expression=field.expression,
                )


def _near_misses(assets: dict[AssetKey, Asset]) -> Iterable[Finding]:
    """A declared table that nothing makes, while one of the same schema and name is made at another address: a lost join."""
    made: dict[tuple[str, str], Asset] = {}
    wanted: list[tuple[Asset, Relation]] = []
    for asset in assets.values():
        relation = asset.relation
        if relation is None:
            continue
        if asset.producer is not None:
            made.setdefault(_place(relation), asset)
        elif asset.declared_as:
            wanted.append((asset, relation))
    for asset, relation in wanted if made else ():
        twin = made.get(_place(relation))
        if twin is not None and twin.relation:
            yield Finding(
                code="lost-join",
                message=f"source {relation} ({asset.key.namespace}) has the name of {twin.relation} "
                f"({twin.key.namespace}), which {twin.producer} makes at another address",
                asset=asset.key,
                hint="if they are one table, let both name one warehouse in penstock.yml",
            )


def _place(relation: Relation) -> tuple[str, str]:
    return (relation.schema or "").lower(), relation.identifier.lower()
