"""What `doctor` says of each connection's tables: how sure they are joined, who reads them, and whether it syncs often enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from penstock.assets import Asset, Producer
from penstock.graph import AssetGraph
from penstock.graph.lost import SYNC
from penstock.graph.settle import CONFIDENCE
from penstock.integration import Diagnosis


def joined_lines(graph: AssetGraph) -> Iterator[Diagnosis]:
    """One line per connection whose tables follow from naming rules; a further one where its own schedule is too slow."""
    tables: dict[object, list[Asset]] = {}
    for asset in graph.assets.values():
        if asset.producer is not None and asset.relation is not None:
            tables.setdefault(asset.producer, []).append(asset)
    for producer in graph.producers.values():
        mine = tables.get(producer.ref, [])
        if producer.kind != SYNC or not mine:
            continue
        if any(CONFIDENCE in asset.attributes for asset in mine):
            yield _joined(graph, producer, mine)
        yield from _too_slow(producer, mine)


def checked_by_name(graph: AssetGraph) -> Iterator[Diagnosis]:
    """Tables that somebody checks and that nothing makes, declares or has seen: their checks may have nothing to look at."""
    unknown: dict[str, dict[str, None]] = {}
    for check in graph.checks.values():
        tool = check.seen_by
        for key in check.assets:
            asset = graph.assets.get(key)
            if asset is None or asset.producer is not None or asset.declared_as:
                continue
            if all(
                (ref.integration, ref.instance) == (tool.integration, tool.instance) for ref in asset.seen_by
            ):
                unknown.setdefault(f"{tool.integration}/{tool.instance}", {})[graph.names.shown(key)] = None
    for subject, names in sorted(unknown.items()):
        yield Diagnosis(
            subject=subject,
            ok=True,
            message=f"checks of {', '.join(names)}, which nothing here makes, declares or has seen",
            unchecked="whether the warehouse has it: penstock refresh reads its catalog",
        )


def _joined(graph: AssetGraph, producer: Producer, tables: list[Asset]) -> Diagnosis:
    sure = Counter(asset.attributes.get(CONFIDENCE, "expected") for asset in tables)
    read = sum(1 for asset in tables if graph.downstream.get(asset.key))
    words = ", ".join(f"{number} {word}" for word, number in sorted(sure.items()))
    unread = f"; nothing reads {len(tables) - read} of them" if read < len(tables) else ""
    return Diagnosis(
        subject=_subject(producer),
        ok=True,
        message=f"{len(tables)} tables joined: {words}{unread}",
        hint=None
        if sure["unresolved"] < len(tables)
        else "none of its tables is in the warehouse: is its destination this warehouse?",
    )


def _too_slow(producer: Producer, tables: list[Asset]) -> Iterator[Diagnosis]:
    interval = producer.attributes.get("interval", "")
    if not interval:
        return
    wanted = [
        (int(asset.attributes["fresh_within"]), asset.name)
        for asset in tables
        if asset.attributes.get("fresh_within", "").isdigit()
    ]
    for within, name in sorted(wanted)[:1]:
        if int(interval) > within:
            yield Diagnosis(
                subject=_subject(producer),
                ok=False,
                message=f"syncs every {_hours(int(interval))}, but {name} has to be younger than {_hours(within)}",
                hint="sync it more often, or let the source be older",
            )


def _subject(producer: Producer) -> str:
    return f"{producer.ref.integration}/{producer.ref.instance}/{producer.ref.id}"


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.0f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"
