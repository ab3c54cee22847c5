"""Joins that should be there and are not: tables that a sync loads and nobody reads, sources that nobody loads, and which of
the one might be which of the other. Pure; looks at names only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from penstock.assets import Asset, AssetKey, Finding, Producer, Relation
from penstock.errors import nearest_names

SYNC = "sync"
_NAMED = 5  # names in a sentence
_COMPARED = 300  # nearest names are looked for among so many at most: it costs their product


def lost_joins(
    assets: Mapping[AssetKey, Asset],
    upstream: Mapping[AssetKey, Iterable[AssetKey]],
    producers: Iterable[Producer],
    declared: Set[AssetKey],
    cataloged: Set[AssetKey],
    *,
    all_asked: bool,
) -> Iterator[Finding]:
    """Findings of graphs in which something is synced, and something is made or declared beside; of others there is nothing to say.

    `declared` is what some tool says to exist without making it; `cataloged` what a warehouse has: a source that is there, and
    has no like among what is synced, is loaded by others. That nobody here loads a source can be said only when it is known
    what every sync makes, and everybody was asked (`all_asked`).
    """
    makers = list(producers)
    syncs = {producer.ref for producer in makers if producer.kind == SYNC}
    if not syncs or not (declared or len(syncs) < len(makers)):
        return
    read = {key for above in upstream.values() for key in above}
    unread = [
        asset
        for asset in assets.values()
        if asset.producer in syncs and asset.relation and asset.key not in read and asset.key not in declared
    ]
    unloaded = [asset for asset in assets.values() if asset.declared_only and asset.relation]
    pairs, unread, unloaded = _paired(unread, unloaded)
    yield from _of_pairs(pairs)
    if all_asked and all(asset.relation for asset in assets.values() if asset.producer in syncs):
        yield from _not_loaded([one for one in unloaded if one.key not in cataloged], unread)
    yield from _not_read(unread, unloaded)


def not_there(assets: Mapping[AssetKey, Asset], cataloged: Set[AssetKey]) -> Iterator[Finding]:
    """Sources that the warehouse does not have. Only of schemas of which its catalog has told something: others were perhaps
    not read."""
    read = {_place(asset) for key in cataloged if (asset := assets[key]).relation}
    by_schema: dict[tuple[str, str | None, str], list[Asset]] = defaultdict(list)
    for asset in assets.values():
        if asset.declared_only and asset.relation and asset.key not in cataloged and _place(asset) in read:
            by_schema[_place(asset)].append(asset)
    for (_, _, schema), found in sorted(by_schema.items(), key=lambda entry: entry[1][0].key):
        names = _listed([_relation(asset).identifier for asset in found])
        yield Finding(
            code="source-not-there",
            message=f"the warehouse does not have the {_sources(len(found))} of {schema}: {names}",
            asset=found[0].key,
            hint="dropped or renamed there, or never loaded; take it out of the sources if nothing reads it",
        )


def near_misses(assets: Mapping[AssetKey, Asset]) -> Iterator[Finding]:
    """A declared table that nothing makes, while one of the same schema and name is made at another address: a lost join."""
    made: dict[tuple[str, str], Asset] = {}
    declared: list[tuple[Asset, Relation]] = []
    for asset in assets.values():
        relation = asset.relation
        if relation is None:
            continue
        if asset.producer is not None:
            made.setdefault(_words(relation), asset)
        elif asset.declared_as:
            declared.append((asset, relation))
    names = {name for _, name in made}
    for asset, relation in declared if made else ():
        if relation.identifier.lower() not in names:
            continue
        twin = made.get(_words(relation))
        if twin is not None and twin.relation:
            yield Finding(
                code="lost-join",
                message=f"source {relation} ({asset.key.namespace}) has the name of {twin.relation} "
                f"({twin.key.namespace}), which {twin.producer} makes at another address",
                asset=asset.key,
                hint="if they are one table, let both name one warehouse in penstock.yml",
            )


def _words(relation: Relation) -> tuple[str, str]:
    return (relation.schema or "").lower(), relation.identifier.lower()


def _place(asset: Asset) -> tuple[str, str | None, str]:
    return asset.key.namespace, _relation(asset).database, _schema(asset)


_Pairs = dict[tuple[str, str], list[tuple[Asset, Asset]]]


def _paired(unread: list[Asset], unloaded: list[Asset]) -> tuple[_Pairs, list[Asset], list[Asset]]:
    """Same name, another schema, in one warehouse: by the two schemas. And what has no such partner."""
    by_name: dict[tuple[str, str], list[Asset]] = defaultdict(list)
    for asset in unread:
        by_name[asset.key.namespace, _relation(asset).identifier.lower()].append(asset)
    pairs: _Pairs = defaultdict(list)
    met: set[AssetKey] = set()
    for source in unloaded:
        for table in by_name.get((source.key.namespace, _relation(source).identifier.lower()), ()):
            pairs[_schema(source), _schema(table)].append((source, table))
            met |= {source.key, table.key}
    return (
        pairs,
        [one for one in unread if one.key not in met],
        [one for one in unloaded if one.key not in met],
    )


def _of_pairs(pairs: _Pairs) -> Iterator[Finding]:
    for (wanted, loaded), found in sorted(pairs.items()):
        names = _listed(sorted({_relation(source).identifier for source, _ in found}))
        makers = _listed(sorted({str(table.producer) for _, table in found}))
        yield Finding(
            code="lost-join",
            message=f"nothing loads the sources {names} of {wanted}, and nothing reads the tables of these names that"
            f" {makers} loads into {loaded}",
            asset=found[0][1].key,
            hint=f"if they are the same, write one schema: `schema:` of the connection, or of the source ({wanted})",
        )


def _not_loaded(unloaded: list[Asset], unread: list[Asset]) -> Iterator[Finding]:
    by_schema: dict[tuple[str, str], list[Asset]] = defaultdict(list)
    for asset in unloaded:
        by_schema[asset.key.namespace, _schema(asset)].append(asset)
    for (_, schema), found in sorted(by_schema.items()):
        names = _listed([_relation(asset).identifier for asset in found])
        yield Finding(
            code="source-not-loaded",
            message=f"nothing here loads the {_sources(len(found))} of {schema}: {names}{_near(found, unread)}",
            asset=found[0].key,
            hint="loaded by something else: nothing to do. Else: the connection's `schema`, `prefix` and `streams`",
        )


def _not_read(unread: list[Asset], unloaded: list[Asset]) -> Iterator[Finding]:
    by_maker: dict[str, list[Asset]] = defaultdict(list)
    for asset in unread:
        by_maker[str(asset.producer)].append(asset)
    for maker, found in sorted(by_maker.items()):
        names = _listed([_relation(asset).identifier for asset in found])
        tables = "1 table" if len(found) == 1 else f"{len(found)} tables"
        yield Finding(
            code="stream-not-read",
            message=f"nothing reads {tables} that {maker} loads: {names}{_near(found, unloaded)}",
            asset=found[0].key,
            hint="leave them out of `streams`, or declare them as sources",
        )


def _near(found: list[Asset], others: list[Asset]) -> str:
    """The nearest names on the other side, as an end of a sentence."""
    names = {f"{_schema(asset)}.{_relation(asset).identifier}" for asset in others[:_COMPARED]}
    for asset in found[:_NAMED]:
        mine = f"{_schema(asset)}.{_relation(asset).identifier}"
        if near := nearest_names(mine, sorted(names - {mine}), limit=1):
            return f"; nearest to {mine}: {near[0]}"
    return ""


def _relation(asset: Asset) -> Relation:
    assert asset.relation is not None
    return asset.relation


def _schema(asset: Asset) -> str:
    return _relation(asset).schema or "(no schema)"


def _sources(number: int) -> str:
    return "source" if number == 1 else f"{number} sources"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
