"""What is built along with what it reads, in one step: there it is never looked at again, so the plan does not call it open. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.assets import AssetKey
from penstock.change import UNDECIDED
from penstock.integration import ItemKind
from penstock.plan.records import Decision, PlanItem

ALONG = "along"
_OPEN = "decided when "  # how the reason of what is undecided goes on, after what it reads


class Along:
    """Of one plan. An item goes along when all that it waits for is built for certain, or goes along too, in the batch that it is in."""

    def __init__(self, items: Mapping[AssetKey, PlanItem]) -> None:
        self._items = items
        self._known: dict[AssetKey, bool] = {}

    def told(self, item: PlanItem) -> PlanItem:
        """The item as the plan shows it."""
        if not self._goes(item):
            return item
        above = [self._items[key] for key in item.depends_on]
        names = [one.name for one in above if one.kind is ItemKind.ASSET]
        shown = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
        does = "run" if item.kind is ItemKind.CHECK else "built"
        reason = f"{item.reason.partition(_OPEN)[0]}{does} in one step with {shown}"
        return msgspec.structs.replace(item, code=ALONG, reason=reason)

    def _goes(self, item: PlanItem) -> bool:
        if item.code != UNDECIDED or item.decision is not Decision.BUILD:
            return False
        known = self._known.get(item.key)
        if known is None:
            self._known[item.key] = False  # what waits for itself does not go along
            known = self._known[item.key] = self._as_all_above(item)
        return known

    def _as_all_above(self, item: PlanItem) -> bool:
        above = [self._items[key] for key in item.depends_on]
        assets = any(one.kind is ItemKind.ASSET for one in above)
        if not assets or item.batch is None or item.apart:
            return False
        return all(
            one.decision is Decision.BUILD
            and one.batch == item.batch
            and (one.code != UNDECIDED or self._goes(one))
            for one in above
        )
