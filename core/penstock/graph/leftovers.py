"""Tables in which a check keeps the rows that failed: the check's own, and no assets of the warehouse. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import AssetKey, Observation, Role


def without_leftovers(observations: Iterable[Observation]) -> list[Observation]:
    """The observations without what only a catalog sees of them: a table that is declared or made is an asset all the same."""
    seen = list(observations)
    if not any(asset.role is Role.CATALOGS for one in seen for asset in one.assets):
        return seen
    kept = {check.keeps.key for one in seen for check in one.checks if check.keeps is not None}
    if not kept:
        return seen
    for one in seen:
        for asset in one.assets:
            if asset.relation is not None and asset.role is not Role.CATALOGS:
                kept.discard(asset.relation.key)
    return [_without(one, kept) for one in seen]


def _without(observation: Observation, kept: set[AssetKey]) -> Observation:
    assets = tuple(
        asset
        for asset in observation.assets
        if asset.role is not Role.CATALOGS or asset.relation is None or asset.relation.key not in kept
    )
    if len(assets) == len(observation.assets):
        return observation
    return msgspec.structs.replace(observation, assets=assets)
