"""What a retry has to make besides what failed: what was changed since to mend it, and what lies between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.assets import AssetKey
from penstock.graph import AssetGraph
from penstock.plan import Decision, Plan


def mended(
    graph: AssetGraph, before: Iterable[Plan], again: Iterable[AssetKey], run: int
) -> Mapping[AssetKey, str]:
    """Assets above `again` that the former runs made and whose definition is another one now, those that stand between, and
    the checks of all of them that the former runs made; each with the reason. `before`: the run's plan, and those of the
    runs that it was a retry of, the newest last."""
    again = set(again)
    built = (item for plan in before for item in plan.items if item.decision is Decision.BUILD)
    made = {item.key: item for item in built if item.key not in again}
    starts = {key for key in again if key in graph.assets}
    starts |= {one for key in again if key in graph.checks for one in graph.checks[key].assets}
    above = [key for key in graph.walk(starts, upstream=True) if key in made]
    changed = {key for key in above if _changed(graph, key, made[key].code_version)}
    if not changed:
        return {}
    reasons = dict.fromkeys(changed, f"changed since run {run}")
    for key in graph.walk(changed, upstream=False):
        if key in above and key not in changed:
            reasons[key] = f"stands on what was changed since run {run}"
    checks = (check for key in reasons for check in graph.checks_of.get(key, ()))
    return reasons | {
        check.key: f"its asset was changed since run {run}" for check in checks if check.key in made
    }


def _changed(graph: AssetGraph, key: AssetKey, then: str | None) -> bool:
    producer = graph.producers.get(ref) if (ref := graph.assets[key].producer) else None
    now = producer.code_version if producer else None
    return now is not None and then is not None and now != then
