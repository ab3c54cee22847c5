"""The plain list of assets: one row each, in reading order (upstream first). Words only."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.assets import Asset, AssetKind
from penstock.graph.document import Row
from penstock.graph.names import Names


def rows(names: Names, assets: Iterable[Asset]) -> tuple[Row, ...]:
    """The given assets as rows."""
    shown = names.all_shown
    kinds = {kind: kind.value for kind in AssetKind}
    return tuple(
        [
            Row(
                shown[asset.key],
                kinds[asset.kind],
                made_by(asset),
                "" if asset.relation is None else str(asset.relation),
            )
            for asset in assets
        ]
    )


def made_by(asset: Asset) -> str:
    """`dbt/transform`, `airbyte/ingest/shop`; for what nothing here makes, who declares it."""
    if asset.producer:
        ref = asset.producer
        tail = f"/{ref.id}" if asset.resource_type == "table" and "." not in ref.id else ""
        return f"{ref.integration}/{ref.instance}{tail}"
    first = asset.seen_by[0]
    return f"{first.integration}/{first.instance}"
