"""Work elsewhere that may cost money, such as a sync of a remote Airbyte: who permits its start. Decides; asks nobody."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from penstock.assets import Permission, Producer
from penstock.graph import AssetGraph
from penstock.plan import Plan


class Permit(StrEnum):
    """What was said about starting what asks first. ASKED: it is planned, and whoever runs the plan asks before it starts."""

    ASKED = "asked"
    ALWAYS = "always"
    NEVER = "never"


def refusing(permit: Permit) -> Callable[[Producer], str | None]:
    """Why a producer may not be run, in words, or None. `never` in penstock.yml holds whatever was said."""

    def refused(producer: Producer) -> str | None:
        if producer.unrunnable:
            return producer.unrunnable
        what = producer.starts or f"the {producer.kind} {producer.ref.id}"
        if producer.permission is Permission.NEVER:
            return f"{what} is not started from here: penstock.yml says never"
        if producer.permission is Permission.ASK and permit is Permit.NEVER:
            return f"{what} is started only when you say so (--start always)"
        return None

    return refused


def asking(graph: AssetGraph, plan: Plan) -> tuple[str, ...]:
    """What this plan would start that asks first, in words, each once."""
    found: dict[str, None] = {}
    for item in plan.to_build():
        asset = graph.assets.get(item.key)
        producer = graph.producers.get(asset.producer) if asset is not None and asset.producer else None
        if producer is not None and producer.permission is Permission.ASK:
            found[producer.starts or str(producer.ref)] = None
    return tuple(found)


def started_elsewhere(graph: AssetGraph, plan: Plan) -> list[str]:
    """A note that lists what would be started after a question."""
    found = asking(graph, plan)
    if not found:
        return []
    shown = ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
    return [f"starts only when you say so: {shown}"]
