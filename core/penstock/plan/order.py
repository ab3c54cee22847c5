"""What each item that is built waits for: upstream assets, the checks that gate it, and which of those its tool does not know. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from penstock.assets import AssetKey, Check
from penstock.graph import AssetGraph
from penstock.plan.gates import gates

_NONE: frozenset[AssetKey] = frozenset()


class Order:
    """`building`: the assets and checks that are built. What is not is looked through: its parents stand for it."""

    def __init__(self, graph: AssetGraph, building: AbstractSet[AssetKey]) -> None:
        self._graph = graph
        self._building = building
        self._nearest: dict[AssetKey, frozenset[AssetKey]] = {}
        self._hidden: dict[AssetKey, frozenset[AssetKey]] = {}
        for key in graph.order:
            self._look_above(key)
        self._needs: dict[AssetKey, set[AssetKey]] = {
            key: set(self._nearest[key]) for key in building if key in graph.assets
        }
        self._apart: dict[AssetKey, set[AssetKey]] = {
            key: set(hidden) for key, hidden in self._hidden.items() if hidden and key in building
        }
        self._add_checks([graph.checks[key] for key in building if key in graph.checks])

    def needs(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """Sorted."""
        return tuple(sorted(self._needs.get(key, ())))

    def apart(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """Those of `needs` whose order the tool that makes both does not know."""
        return tuple(sorted(self._apart.get(key, _NONE) & self._needs.get(key, _NONE)))

    def _look_above(self, key: AssetKey) -> None:
        apart = self._graph.apart.get(key, ())
        found: set[AssetKey] = set()
        hidden: set[AssetKey] = set()
        for parent in self._graph.upstream.get(key, ()):
            above = frozenset([parent]) if parent in self._building else self._nearest.get(parent, _NONE)
            found |= above
            hidden |= above if parent in apart else self._hidden.get(parent, _NONE) & above
        self._nearest[key] = frozenset(found)
        if hidden:
            self._hidden[key] = frozenset(hidden)

    def _add_checks(self, checks: list[Check]) -> None:
        for check in checks:
            waits = self._needs.setdefault(check.key, set())
            apart = self._apart.setdefault(check.key, set())
            for asset in check.assets:
                if check.before or asset not in self._building:
                    waits |= self._nearest.get(asset, _NONE)
                    apart |= self._hidden.get(asset, _NONE)
                else:
                    waits.add(asset)
            apart.update(self._graph.apart.get(check.key, ()))
            if check.before and self._building.isdisjoint(check.assets):
                # Without what it comes before it is an invocation of its own, which would not hear of a failure beside it.
                apart |= waits
        before, after = _of_assets(checks)
        for gated, key in gates(self._graph, checks, self._nearest, self._building):
            # What holds an asset back holds its unit tests back too, but for themselves.
            others = before.get(gated, ()) if not self._graph.checks[key].before else ()
            built = gated in self._building
            for held in (gated, *others) if built else (*after.get(gated, ()), *others):
                self._needs[held].add(key)
                if self._differs(gated, self._graph.checks[key]):
                    self._apart.setdefault(held, set()).add(key)

    def _differs(self, gated: AssetKey, check: Check) -> bool:
        """Whether the check is on the one name of an asset, and what it gates reads the asset by the other."""
        hidden, checked = self._hidden.get(gated, _NONE), self._graph.apart.get(check.key, ())
        return any((asset in hidden) != (asset in checked) for asset in check.assets if asset != gated)


_ByAsset = dict[AssetKey, list[AssetKey]]


def _of_assets(checks: list[Check]) -> tuple[_ByAsset, _ByAsset]:
    """The checks of each asset: those that come before it, and those that come after."""
    before: _ByAsset = {}
    after: _ByAsset = {}
    for check in checks:
        for asset in check.assets:
            (before if check.before else after).setdefault(asset, []).append(check.key)
    return before, after
