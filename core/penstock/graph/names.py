"""What assets are called: every name that finds one, and the shortest name that is unique. Selection is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from math import inf

from penstock.assets import Asset, AssetKey, AssetKind
from penstock.errors import AmbiguousAsset, UnknownAsset, nearest_names

_BY_FULL_NAME_ONLY = frozenset({AssetKind.STREAM, AssetKind.OPERATION})
_MEANT_FIRST = frozenset(
    {
        AssetKind.TABLE,
        AssetKind.VIEW,
        AssetKind.SEED,
        AssetKind.SNAPSHOT,
        AssetKind.EPHEMERAL,
        AssetKind.ANALYSIS,
    }
)


class Names:
    """The names of one graph's assets.

    A bare name means what dbt means by it: a model, seed or snapshot before a source, metric or exposure of that name.
    """

    def __init__(self, assets: Iterable[Asset]) -> None:
        self._assets = tuple(assets)

    @cached_property
    def _bare(self) -> dict[str, list[Asset]]:
        """By bare name: those that a dbt user means by it; sources and tables only where nothing else has the name."""
        strong: dict[str, list[Asset]] = {}
        weak: dict[str, list[Asset]] = {}
        for asset in self._assets:
            kind = asset.kind
            if kind in _BY_FULL_NAME_ONLY:
                continue
            meant = not asset.declared_only and asset.fqn and kind in _MEANT_FIRST
            tier = strong if meant else weak
            tier.setdefault(asset.name, []).append(asset)
        return {**weak, **strong}

    @cached_property
    def _full(self) -> dict[str, list[Asset]]:
        """By every longer name: unique ids, aliases, dotted fqn, schema.name, the whole relation."""
        found: dict[str, list[Asset]] = {}
        get = found.get
        for asset in self._assets:
            for name in _full_names(asset):
                known = get(name)
                if known is None:
                    found[name] = [asset]
                elif known[-1] is not asset:
                    known.append(asset)
        return found

    @cached_property
    def all_shown(self) -> Mapping[AssetKey, str]:
        """The shortest name of each asset that finds it and no other."""
        bare = self._bare
        shown = {same[0].key: name for name, same in bare.items() if len(same) == 1}
        wanted = {  # the shortest of the longer names, which nearly always is enough
            asset.key: name
            for asset in self._assets
            if asset.key not in shown
            and (relation := asset.relation) is not None
            and relation.schema
            and (name := f"{relation.schema}.{relation.identifier}") not in bare
        }
        self._give(wanted, shown)
        others = [(asset, _display_names(asset)) for asset in self._assets if asset.key not in shown]
        while others:
            wanted = {}
            for asset, names in others:
                for name in names:
                    if name not in bare:
                        wanted[asset.key] = name
                        break
                else:
                    shown[asset.key] = str(asset.key)
            self._give(wanted, shown)
            others = [(asset, names) for asset, names in others if asset.key not in shown]
        return shown

    def _give(self, wanted: Mapping[AssetKey, str], shown: dict[AssetKey, str]) -> None:
        """Show assets by the names that they want, where no other has it."""
        free = self._of_one(set(wanted.values()))
        shown.update([(key, name) for key, name in wanted.items() if name in free])

    def _of_one(self, names: set[str]) -> set[str]:
        """Those of the longer names `names` that only one asset has. Costs less than `_full`, which not every command needs."""
        owner: dict[str, Asset] = {}
        free = set(names)
        dots = max((name.count(".") for name in names), default=0)
        for asset in self._assets:
            for name in _full_names(asset, dots):
                if name in names and owner.setdefault(name, asset) is not asset:
                    free.discard(name)
        return free

    def shown(self, key: AssetKey) -> str:
        """The shortest name that finds this asset and no other."""
        return self.all_shown[key]

    @cached_property
    def _by_key(self) -> dict[str, list[Asset]]:
        return {str(asset.key): [asset] for asset in self._assets}

    def lookup(self, name: str) -> tuple[Asset, ...]:
        """All assets that answer to `name`; empty when none does."""
        found = self._bare.get(name) or self._full.get(name) or self._by_key.get(name)
        if found is None:
            folded = self._folded.get(name.casefold(), ())
            return tuple(folded)
        return tuple(found)

    def find(self, name: str) -> Asset:
        """The one asset that answers to `name`. Raises UnknownAsset with the nearest, AmbiguousAsset with all."""
        found = self.lookup(name.removeprefix("relation:"))
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousAsset(name, sorted(self.shown(asset.key) for asset in found))
        raise UnknownAsset(name, nearest_names(name, self._bare) or nearest_names(name, self._full))

    @cached_property
    def _folded(self) -> Mapping[str, list[Asset]]:
        folded: dict[str, list[Asset]] = {}
        for names in (self._bare, self._full):
            for name, assets in names.items():
                kept = folded.setdefault(name.casefold(), [])
                kept.extend(asset for asset in assets if asset not in kept)
        return folded


def _full_names(asset: Asset, dots: float = inf) -> list[str]:
    """Every longer name, some of them twice; none that is sure to have more than so many dots need be built. The whole key is
    left out: `lookup` reads it apart."""
    names = [asset.key.name, *asset.aliases]
    for ref in asset.seen_by:
        names.append(ref.id)
    fqn, relation = asset.fqn, asset.relation
    if fqn and len(fqn) <= dots + 1:
        names.append(".".join(fqn))
    if relation is not None:
        schema, database = relation.schema, relation.database
        if not schema:
            names.append(str(relation))
        else:
            names.append(f"{schema}.{relation.identifier}")
            if database and dots > 1:
                names.append(f"{database}.{names[-1]}")
    return names


def _display_names(asset: Asset) -> Iterator[str]:
    if asset.relation and asset.relation.schema:
        yield f"{asset.relation.schema}.{asset.relation.identifier}"
    if asset.kind is AssetKind.STREAM:
        yield from (ref.id for ref in asset.seen_by)
    if asset.relation:
        yield str(asset.relation)
    yield from (ref.id for ref in asset.seen_by)
    if asset.fqn:
        yield ".".join(asset.fqn)
