"""Which checks gate which assets, as `dbt build` has it: a test gates what is made from everything that it tests. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from penstock.assets import AssetKey, Check
from penstock.graph import AssetGraph


def gates(
    graph: AssetGraph,
    checks: Iterable[Check],
    nearest: Mapping[AssetKey, frozenset[AssetKey]],
    building: Collection[AssetKey],
) -> Iterator[tuple[AssetKey, AssetKey]]:
    """Pairs (asset that waits, check that it waits for), only the first assets below: the rest wait for those.

    `nearest` holds each asset's nearest built upstream assets. A unit test gates its own asset. An asset that is not built
    itself (an ephemeral model) waits for nothing: what tests it does, in its place.
    """
    below = _descendants(graph)
    position = {key: at for at, key in enumerate(graph.order)}
    for check in checks:
        if check.before:
            yield from ((asset, check.key) for asset in check.assets if asset in building)
            continue
        if not check.assets:
            continue
        common = below[check.assets[0]]
        for asset in check.assets[1:]:
            common &= below[asset]
        for key in _members(common, graph.order):
            if not any(common >> position[up] & 1 for up in nearest[key]):
                yield key, check.key


def _descendants(graph: AssetGraph) -> dict[AssetKey, int]:
    """For each asset the set of all that is made from it, as the bits of one integer, by position in graph order."""
    position = {key: at for at, key in enumerate(graph.order)}
    memo: dict[AssetKey, int] = {}
    for key in reversed(graph.order):
        bits = 0
        for child in graph.downstream.get(key, ()):
            bits |= memo.get(child, 0) | 1 << position[child]
        memo[key] = bits
    return memo


def _members(bits: int, order: tuple[AssetKey, ...]) -> Iterator[AssetKey]:
    while bits:
        lowest = bits & -bits
        yield order[lowest.bit_length() - 1]
        bits ^= lowest
