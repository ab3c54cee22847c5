"""All observations merged by relation into one graph document. Pure: the same observations in any order give the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from operator import attrgetter

import msgspec

from penstock.assets import (
    Asset,
    AssetKey,
    Check,
    Column,
    ColumnEdge,
    ColumnRef,
    EdgeSubtype,
    Finding,
    Observation,
    ObservedMaterialization,
    Producer,
    Role,
    ToolRef,
)
from penstock.graph.document import Columns, GraphDocument
from penstock.graph.joined import Sighting, columns_of, joined, seen_once
from penstock.graph.leftovers import without_leftovers
from penstock.graph.lost import SYNC, lost_joins, near_misses, not_there
from penstock.graph.settle import settled

_LEADS = {Role.PRODUCES: 0, Role.DECLARES: 2, Role.CATALOGS: 3}
# A job of a warehouse often runs the very tool that penstock runs: what that tool makes here, it makes.
_AFTER_OTHER_MAKERS = 1
_JOB = "job"
_Ids = dict[tuple[str, str], dict[str, AssetKey]]
_Shared = dict[AssetKey, list[Sighting]]
Gather = Callable[[int, Iterator[Asset]], list[Asset]]


def merge(
    observations: Iterable[Observation], gather: Gather = lambda number, made: list(made)
) -> GraphDocument:
    """One document: assets by key, edges, checks, producers, tool-made column edges, findings. `gather` is told how many assets there
    are, makes them and gives them all."""
    by_tool = sorted(observations, key=lambda seen: (seen.integration, seen.instance))
    ordered = without_leftovers(settled(by_tool))
    keys, first, shared = _sightings(ordered)
    findings = [finding for seen in ordered for finding in seen.findings]
    columns: Columns = {}
    made = gather(len(first), _assets(first, shared, columns, findings))
    assets = {asset.key: asset for asset in made}
    edges = _edges(ordered, keys, assets)
    producers = tuple(sorted(_producers(ordered), key=_BY_REF))
    findings += _lost(ordered, keys, assets, edges, producers)
    return GraphDocument(
        assets=tuple(made),
        upstream={key: in_order(edges[key]) for key in sorted(edges, key=_BY_NAME)},
        checks=tuple(sorted(_checks(ordered, keys), key=_BY_KEY)),
        producers=producers,
        columns=columns,
        fields=tuple(_field_edges(ordered, keys)),
        batches=tuple(sorted((batch for seen in ordered for batch in seen.batches), key=lambda b: b.name)),
        outside=_outside(ordered, keys),
        apart=_apart(ordered, keys, assets, shared),
        findings=tuple(sorted(findings, key=lambda f: (f.code, f.message))),
    )


def _assets(
    first: Mapping[AssetKey, Sighting], shared: _Shared, columns: Columns, findings: list[Finding]
) -> Iterator[Asset]:
    """Sorted; beside them their columns, and what does not fit."""
    told: tuple[Column, ...] | msgspec.Raw
    for key in _by_space(first):
        group = shared.get(key)
        if group is None:
            sighting = first[key]
            found = sighting[2]
            told = msgspec.Raw(found.packed) if found.packed else found.columns
            asset = seen_once(key, sighting)
        else:
            group.sort(key=lambda sighting: sighting[:2])
            told = columns_of(group)
            asset = joined(key, group, findings)
        if told:
            columns[key] = told
        yield asset


def _sightings(observations: list[Observation]) -> tuple[_Ids, dict[AssetKey, Sighting], _Shared]:
    """The key of each tool's ids, the first sighting of each key, and all those of keys that are seen more than once."""
    keys: _Ids = {}
    first: dict[AssetKey, Sighting] = {}
    shared: _Shared = {}
    for seen in observations:
        integration, instance = seen.integration, seen.instance
        ids = keys.setdefault((integration, instance), {})
        space = f"{integration}:{instance}"
        jobs = {producer.id for producer in seen.producers if producer.kind == _JOB}
        for asset in seen.assets:
            one, relation = asset.id, asset.relation
            key = ids[one] = relation.key if relation is not None else AssetKey(space, one)
            rank = _AFTER_OTHER_MAKERS if asset.producer in jobs else _LEADS[asset.role]
            sighting = (rank, ToolRef(integration, instance, one), asset)
            before = first.setdefault(key, sighting)
            if before is not sighting:
                shared.setdefault(key, [before]).append(sighting)
    return keys, first, shared


# The order of records which as such compare six times slower.
_NAME = attrgetter("name")
_BY_NAME = attrgetter("namespace", "name")
_BY_KEY = attrgetter("key.namespace", "key.name")
_BY_REF = attrgetter("ref.integration", "ref.instance", "ref.id")


def _by_space(keys: Iterable[AssetKey]) -> Iterator[AssetKey]:
    """Sorted: a namespace at a time, for single words sort four times faster than pairs."""
    spaces: dict[str, list[AssetKey]] = {}
    for key in keys:
        spaces.setdefault(key.namespace, []).append(key)
    for space in sorted(spaces):
        yield from sorted(spaces[space], key=_NAME)


def in_order(keys: Collection[AssetKey]) -> tuple[AssetKey, ...]:
    return tuple(keys) if len(keys) < 2 else tuple(sorted(keys, key=_BY_NAME))


def _lost(
    observations: list[Observation],
    keys: _Ids,
    assets: Mapping[AssetKey, Asset],
    edges: Mapping[AssetKey, Collection[AssetKey]],
    producers: tuple[Producer, ...],
) -> Iterator[Finding]:
    cataloged = _seen_as(observations, keys, Role.CATALOGS)
    if any(producer.kind == SYNC for producer in producers):
        declared = _seen_as(observations, keys, Role.DECLARES)
        all_asked = not any(seen.stale and not seen.assets for seen in observations)
        yield from lost_joins(assets, edges, producers, declared, cataloged, all_asked=all_asked)
    elif cataloged:
        yield from not_there(assets, cataloged)
    yield from near_misses(assets)


def _seen_as(observations: list[Observation], keys: _Ids, role: Role) -> set[AssetKey]:
    """The relations that some tool sees in that role."""
    return {
        keys[seen.integration, seen.instance][asset.id]
        for seen in observations
        for asset in seen.assets
        if asset.role is role and asset.relation is not None
    }


def _edges(
    observations: list[Observation],
    keys: _Ids,
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
    observations: list[Observation], keys: _Ids, assets: Mapping[AssetKey, Asset], shared: _Shared
) -> dict[AssetKey, tuple[AssetKey, ...]]:
    """See `GraphDocument.apart`."""
    found: dict[AssetKey, tuple[AssetKey, ...]] = {}
    for seen in observations:
        tool = (seen.integration, seen.instance)
        ids = keys[tool]
        other = {
            one: key
            for one, key in _of_another_maker(seen, ids, shared)
            if (producer := assets[key].producer) is not None
            and producer.id != one
            and (producer.integration, producer.instance) == tool
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


def _of_another_maker(
    seen: Observation, ids: Mapping[str, AssetKey], shared: _Shared
) -> Iterator[tuple[str, AssetKey]]:
    """What a producer of another id may make: what others see too, and what its tool says so of itself."""
    for asset in seen.assets:
        if asset.producer is not None and asset.producer != asset.id:
            yield asset.id, ids[asset.id]
    for key, group in shared.items():
        for _, ref, _ in group:
            if (ref.integration, ref.instance) == (seen.integration, seen.instance):
                yield ref.id, key


def _checks(observations: list[Observation], keys: _Ids) -> Iterable[Check]:
    for seen in observations:
        ids = keys[(seen.integration, seen.instance)]
        space = f"{seen.integration}:{seen.instance}"
        for check in seen.checks:
            yield Check(  # by position: see `joined`
                AssetKey(space, check.id),
                check.kind,
                check.name,
                ToolRef(seen.integration, seen.instance, check.id),
                tuple([ids[parent] for parent in check.assets if parent in ids]),
                check.column,
                check.severity,
                check.before,
                check.description,
                check.tags,
                check.package,
                check.path,
                check.fqn,
                check.attributes,
                check.config,
                check.batch,
                check.recipe,
            )


def _producers(observations: list[Observation]) -> Iterable[Producer]:
    for seen in observations:
        for producer in seen.producers:
            yield Producer(
                ToolRef(seen.integration, seen.instance, producer.id),
                producer.kind,
                producer.batch,
                producer.holds,
                producer.code_version,
                producer.unrunnable,
                producer.appends,
                producer.payload,
                producer.permission,
                producer.starts,
                producer.changes,
                producer.on_change,
                producer.attributes,
                producer.policy,
                producer.own_times,
                producer.recipe,
            )


def _outside(observations: list[Observation], keys: _Ids) -> dict[AssetKey, ObservedMaterialization]:
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


def _field_edges(observations: list[Observation], keys: _Ids) -> Iterable[ColumnEdge]:
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
