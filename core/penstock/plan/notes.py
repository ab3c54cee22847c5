"""Sentences that are shown with a plan: how many steps its batches are expected to take, and which hooks run with them."""

from __future__ import annotations

from penstock.assets import Asset, AssetKind, Batch
from penstock.graph import AssetGraph
from penstock.plan.records import Decision, PlanItem


def notes(graph: AssetGraph, items: tuple[PlanItem, ...]) -> tuple[str, ...]:
    """One line per batch that something is built of, and one for its hooks."""
    built = [item for item in items if item.decision is Decision.BUILD]
    by_key = {item.key: item for item in built}
    batches: dict[str, list[PlanItem]] = {}
    for item in built:
        if item.batch:
            batches.setdefault(item.batch, []).append(item)
    found = []
    for batch, members in sorted(batches.items()):
        outside = {
            by_key[key].unit: by_key[key]
            for member in members
            for key in member.depends_on
            if key in by_key and by_key[key].batch != batch
        }
        policy = graph.batches.get(batch) or Batch(name=batch)
        free = any(not member.depends_on for member in members)
        first = any(member.apart for member in members)
        found.append(_starts(policy, len(members), list(outside.values()), free=free, first=first))
        hooks = [a for a in graph.assets.values() if a.kind is AssetKind.OPERATION and _instance(a) == batch]
        if hooks:
            name = batch.partition(":")[2] or batch
            names = ", ".join(hook.name for hook in hooks)
            found.append(
                f"{name}: {len(hooks)} hook{'s' if len(hooks) > 1 else ''} (on-run-start/-end): {names}"
            )
    return tuple(found)


def _instance(asset: Asset) -> str:
    ref = asset.seen_by[0]
    return f"{ref.integration}:{ref.instance}"


def _starts(policy: Batch, nodes: int, outside: list[PlanItem], *, free: bool, first: bool) -> str:
    """`free`: some of its nodes wait for nothing. `first`: some must be made in a step before the others'."""
    tool, _, instance = policy.name.partition(":")
    names = sorted({item.ref.instance + "/" + item.unit.rpartition(":")[2] for item in outside})
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    head = f"{instance or tool}: {tool} starts"
    about = f"for {nodes} node" + ("" if nodes == 1 else "s")
    if policy.most == 1 and names:
        why = f" ({policy.why})" if policy.why else ""
        return f"{head} once {about}, after {listed}{why}"
    least = 1
    most = 1
    if names:
        most = min(len(names) + (1 if free else 0), policy.most or len(names) + 1)
        least = min(most, 2 if free else 1)
    if first:
        return (
            f"{head} at least {_times(least + 1)} {about}: within one start {tool} would not keep their order"
        )
    if most > least:
        return f"{head} {_times(least)} {about}, or up to {most} times if {listed} finish far apart"
    if free and names:
        return f"{head} {_times(most)} {about}: at once for what waits for nothing, then after {listed}"
    return f"{head} {_times(most)} {about}" + (f", after {listed}" if names else "")


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
