"""A problem that a project has now, as alerts are told of it. Who finds it is not said here."""

from __future__ import annotations

import msgspec

from penstock.assets import AssetKey
from penstock.store import IncidentSummary


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A root cause that there is now. `assets`: it and what it affects, for routes that select; `owners` of all of that, whose
    it is first."""

    kind: str
    cause: str
    told: IncidentSummary
    assets: frozenset[AssetKey] = frozenset()
    owners: tuple[str, ...] = ()
