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
            if by_key[key].batch != batch
        }
        policy = graph.batches.get(batch) or Batch(name=batch)
        free = any(not member.depends_on for member in members)
        first = any(member.apart for member in members)
        found.append(_invocations(policy, len(members), list(outside.values()), free=free, first=first))
        hooks = [a for a in graph.assets.values() if a.kind is AssetKind.OPERATION and _instance(a) == batch]
        if hooks:
            count = f"{len(hooks)} hook" + ("s" if len(hooks) > 1 else "")
            found.append(f"{batch}: {count} (on-run-start/-end): {', '.join(h.name for h in hooks)}")
    return tuple(found)


def _instance(asset: Asset) -> str:
    ref = asset.seen_by[0]
    return f"{ref.integration}:{ref.instance}"


_FIRST = "; first what is also a source: the tool does not know that one comes after the other"


def _invocations(policy: Batch, nodes: int, outside: list[PlanItem], *, free: bool, first: bool) -> str:
    """`free`: some of its nodes wait for nothing. `first`: some must be made in a step before the others'."""
    about = f"{nodes} node" + ("" if nodes == 1 else "s")
    names = sorted({item.ref.instance + "/" + item.unit.rpartition(":")[2] for item in outside})
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    when, why = "", _FIRST if first else ""
    least = most = 1
    if names and policy.most == 1:
        when = f", when {listed} " + ("ends" if len(names) == 1 else "have ended")
        why += f" ({policy.why})" if policy.why else ""
    elif names:
        when = f", as {listed} end"
        most = min(len(names) + (1 if free else 0), policy.most or len(names) + 1)
        least = min(most, 2 if free else 1)
    count = f"{least + 1} or more" if first else f"{least} to {most}" if most > least else str(most)
    plural = "" if count == "1" else "s"
    return f"{policy.name}: {count} invocation{plural} for {about}{when}{why}"
