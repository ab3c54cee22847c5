"""What tools start by themselves, and when next: a connection's own schedule is followed, not doubled. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from penstock.assets import AssetKey, OwnTimes, Producer
from penstock.automation.cron import Ticks, read_ticks
from penstock.errors import UsageError
from penstock.graph import AssetGraph
from penstock.service.ingesting import latest_outside
from penstock.service.workspace import Workspace
from penstock.store import RunStore


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """`name` of the producer for people; `after`: the times at which its tool starts it, after a moment; `told` is false where only that
    it does is known."""

    name: str
    text: str
    after: Callable[[float], Iterator[float]]
    assets: frozenset[AssetKey]
    told: bool = True

    def next(self, at: float) -> float | None:
        return next(self.after(at), None)


def own_times(graph: AssetGraph, started: Mapping[AssetKey, float]) -> list[Own]:
    """Of all producers that have such times. `started`: when each asset's last load began."""
    made: dict[str, list[AssetKey]] = {}
    for key, asset in graph.assets.items():
        if asset.producer is not None:
            made.setdefault(str(asset.producer), []).append(key)
    found = []
    for ref, producer in graph.producers.items():
        if producer.own_times is not None:
            assets = frozenset(made.get(str(ref), ()))
            last = max((started[key] for key in assets if key in started), default=None)
            found.append(_own(producer, producer.own_times, assets, last))
    return sorted(found, key=lambda one: one.name)


def followed(
    graph: AssetGraph, started: Mapping[AssetKey, float]
) -> list[tuple[str, Callable[[float], float | None], frozenset[AssetKey]]]:
    """Those whose times can be foretold, as `penstock.automation.promise.Covering` has schedules."""
    return [(one.name, one.next, one.assets) for one in own_times(graph, started) if one.told]


def _own(producer: Producer, times: OwnTimes, assets: frozenset[AssetKey], last: float | None) -> Own:
    ref, ticks = producer.ref, _ticks(times)
    after = ticks.after if ticks is not None else _every(times.every, last)
    name, told = f"{ref.integration}: {ref.id}", ticks is not None or times.every is not None
    return Own(name=name, text=times.text, after=after, assets=assets, told=told)


def _ticks(times: OwnTimes) -> Ticks | None:
    """A tool may know crons and zones that are not known here."""
    if times.cron is None:
        return None
    try:
        return read_ticks(times.cron, times.timezone)
    except UsageError:
        return None


def _every(seconds: float | None, last: float | None) -> Callable[[float], Iterator[float]]:
    """So long after its last start; where that is not known, at the latest so long from the moment that is asked about."""

    def after(at: float) -> Iterator[float]:
        base = at if last is None else last
        number = max(1, int((at - base) // seconds) + 1) if seconds else 0
        while seconds:
            yield base + number * seconds
            number += 1

    return after


def begun(workspace: Workspace, graph: AssetGraph, store: RunStore | None) -> dict[AssetKey, float]:
    """When the last load of each asset began, by whomever."""
    found: dict[AssetKey, float] = {}
    if store is not None:
        for key, made in store.latest_materializations(workspace.project.environment).items():
            found[key] = made.ended_at if made.started_at is None else made.started_at
    for key, other in latest_outside(workspace, graph, store).items():
        found[key] = max(found.get(key, 0.0), other.at - (other.seconds or 0.0))
    return found
