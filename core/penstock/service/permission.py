"""Work elsewhere that may cost money, such as a sync of a remote Airbyte: who permits its start. Decides; asks nobody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum

import msgspec

from penstock.assets import Permission, Producer, ToolRef
from penstock.graph import AssetGraph
from penstock.plan import Decision, Plan, PlanItem

_WORD = re.compile(r"[\w./-]+")


class Permit(StrEnum):
    """What was said about starting what asks first. ASKED: it is planned, and whoever runs the plan asks before it starts. NAMED: some of it
    may start."""

    ASKED = "asked"
    ALWAYS = "always"
    NEVER = "never"
    NAMED = "named"


def said(start: str | None) -> tuple[Permit, str]:
    """What was typed: `ask`, `never`, `always`, or a selection of what may start. A blank, as of a variable that is not set, says nothing."""
    start = (start or "").strip()
    if start in ("", "ask"):
        return Permit.ASKED, ""
    return (Permit(start), "") if start in (Permit.ALWAYS, Permit.NEVER) else (Permit.NAMED, start)


def refusing(permit: Permit, named: Collection[ToolRef] = ()) -> Callable[[Producer], str | None]:
    """Why a producer may not be run, in words, or None. `never` in penstock.yml holds whatever was said. `named`: those that may start."""
    asks = {Permit.NEVER, Permit.NAMED}

    def refused(producer: Producer) -> str | None:
        if producer.unrunnable:
            return producer.unrunnable
        what = producer.starts or f"the {producer.kind} {producer.ref.id}"
        if producer.permission is Permission.NEVER:
            return f"{what} is not started from here: penstock.yml says never"
        if producer.permission is Permission.ASK and permit in asks and producer.ref not in named:
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


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Of a plan: `starts` is what asks before it is started, `select` a selection that names it, `assets` how many of the plan it makes,
    and `started` whether this plan starts it."""

    starts: str
    select: str
    assets: int
    started: bool


def questions(graph: AssetGraph, items: Iterable[PlanItem]) -> tuple[Question, ...]:
    """All that asks first among what was chosen, whether this plan starts it or not."""
    found: dict[ToolRef, list[PlanItem]] = {}
    for item in items:
        asset = graph.assets.get(item.key)
        producer = graph.producers.get(asset.producer) if asset is not None and asset.producer else None
        if producer is None or item.code == "not-selected" or producer.unrunnable:
            continue
        if producer.permission is Permission.ASK:
            found.setdefault(producer.ref, []).append(item)
    names = Counter(_connection(graph, made[0]) for made in found.values())
    return tuple(
        Question(
            starts=graph.producers[ref].starts or str(ref),
            select=_named(graph, ref, made[0], names),
            assets=len(made),
            started=any(item.decision is Decision.BUILD for item in made),
        )
        for ref, made in found.items()
    )


def _connection(graph: AssetGraph, item: PlanItem) -> str:
    return graph.assets[item.key].attributes.get("connection", "")


def _named(graph: AssetGraph, ref: ToolRef, item: PlanItem, names: Mapping[str, int]) -> str:
    """Of two connections of one name the box for one must not start the other."""
    name = _connection(graph, item)
    if names[name] > 1:
        name = f"{ref.instance}/{name}"
    return f"connection:{name}" if _WORD.fullmatch(name) else graph.names.shown(item.key)


def started_elsewhere(graph: AssetGraph, plan: Plan) -> list[str]:
    """A note that lists what would be started after a question."""
    found = asking(graph, plan)
    if not found:
        return []
    shown = ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
    return [f"starts only when you say so: {shown}"]
