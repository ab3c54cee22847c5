"""From graph and selection to a plan: a decision with its reason for every asset and check. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec

from penstock.assets import Asset, AssetKey, AssetKind, Batch, Check, Hold, Producer, ToolRef
from penstock.change import AUDIT, Facts, Judged
from penstock.graph import AssetGraph
from penstock.integration import ItemKind
from penstock.plan.along import Along
from penstock.plan.notes import notes
from penstock.plan.order import Order
from penstock.plan.records import Decision, Plan, PlanItem

_NEVER_BUILT = {
    AssetKind.STREAM: "a stream: read by its sync, not made here",
    AssetKind.EXPOSURE: "an exposure: shown, never built",
    AssetKind.METRIC: "a metric: a definition, not a thing that is built",
    AssetKind.SEMANTIC_MODEL: "a semantic model: a definition, not a thing that is built",
    AssetKind.SAVED_QUERY: "a saved query: a definition, not a thing that is built",
    AssetKind.ANALYSIS: "an analysis: compiled, never built",
    AssetKind.OPERATION: "a hook: runs with each dbt invocation",
}


class LastMade(msgspec.Struct, frozen=True):
    """What is known of an asset's last attempt: how it ended, when (words), and in which run; or `by` whom, outside penstock."""

    good: bool
    when: str
    run: str = ""
    by: str = ""
    partly: bool = False  # only some of its batches were made

    @property
    def where(self) -> str:
        return f"({self.by})" if self.by else f"(run {self.run})"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for. `assets` None: everything. `reasons` overrides the reason of some keys (retry).
    `remaining`: what a former run left to do of what it made in part."""

    environment: str
    assets: frozenset[AssetKey] | None = None
    checks: frozenset[AssetKey] = frozenset()
    selection: str = ""
    options: dict[str, dict[str, object]] = {}
    full_refresh: bool = False
    fail_fast: bool = False
    reasons: dict[AssetKey, str] = {}
    remaining: dict[AssetKey, str] = {}
    retry_of: str | None = None


_NOT_COMPARED = frozenset({"unrecorded", "unknown", "sync"})

SyncPolicy = Callable[[Producer], str | None]
Judge = Callable[[AssetKey, Collection[AssetKey]], Judged | None]
"""Whether an asset can be reused as it is, given what is made before it; None where nothing can tell."""


def nothing_reused(_key: AssetKey, _pending: Collection[AssetKey]) -> Judged | None:
    return None


def make_plan(
    graph: AssetGraph,
    request: Request,
    history: Mapping[AssetKey, LastMade],
    refused: SyncPolicy = lambda producer: producer.unrunnable,
    judge: Judge = nothing_reused,
) -> Plan:
    """A plan for every asset of the graph and every asked-for check.

    `refused(producer)` says in words why a producer may not be run, or None.
    """
    items: dict[AssetKey, PlanItem] = {}
    pending: set[AssetKey] = set()
    wanted = _whole_units(graph, request.assets)
    for key in graph.order:
        items[key] = _asset_item(
            graph, graph.assets[key], request, wanted, history, refused, lambda one: judge(one, pending)
        )
        if items[key].decision is Decision.BUILD and items[key].code != AUDIT:
            pending.add(
                key
            )  # an audit is to give the rows that are there: what reads them does not wait for it
    for key in sorted(request.checks):
        items[key] = _check_item(graph, graph.checks[key], request, lambda one: judge(one, pending))
    building = {key for key, item in items.items() if item.decision is Decision.BUILD or item.stands}
    order = Order(graph, building)
    final = tuple(
        msgspec.structs.replace(item, depends_on=order.needs(key), apart=order.apart(key))
        if order.needs(key)
        else item
        for key, item in items.items()
    )
    along = Along({item.key: item for item in final})
    final = tuple(along.told(item) for item in final)
    return Plan(
        environment=request.environment,
        graph_hash=graph.hash,
        items=final,
        selection=request.selection,
        options=request.options,
        notes=(*notes(graph, final), *_gaps(final, request, history)),
        retry_of=request.retry_of,
        fail_fast=request.fail_fast,
        batches=_batches(graph, final),
    )


def _gaps(
    items: tuple[PlanItem, ...], request: Request, history: Mapping[AssetKey, LastMade]
) -> Iterator[str]:
    """What a former run made in part: a tool that makes only the newest of it (a microbatch model) would leave the rest out."""
    if request.full_refresh or request.retry_of is not None:
        return
    for item in items:
        last = history.get(item.key) if item.decision is Decision.BUILD else None
        if last is not None and last.partly:
            yield (
                f"{item.name}: run {last.run} made a part of it; penstock retry {last.run} makes exactly the rest, "
                "a new run perhaps only the newest"
            )


def _whole_units(graph: AssetGraph, assets: frozenset[AssetKey] | None) -> dict[AssetKey, str | None]:
    """The wanted assets; those that only a common producer adds come with the name of the asset that asked for it."""
    if assets is None:
        return dict.fromkeys(graph.assets)
    wanted: dict[AssetKey, str | None] = dict.fromkeys(assets)
    asked_by = {asset.producer: asset.name for key in assets if (asset := graph.assets[key]).producer}
    for key, asset in graph.assets.items():
        if key not in wanted and asset.producer in asked_by:
            wanted[key] = asked_by[asset.producer]
    return wanted


class _Decided(msgspec.Struct, frozen=True):
    decision: Decision
    code: str
    reason: str
    facts: Facts = {}
    anew: bool = False


def _asset_item(
    graph: AssetGraph,
    asset: Asset,
    request: Request,
    wanted: Mapping[AssetKey, str | None],
    history: Mapping[AssetKey, LastMade],
    refused: SyncPolicy,
    judge: Callable[[AssetKey], Judged | None],
) -> PlanItem:
    producer = graph.producers.get(asset.producer) if asset.producer else None
    decided = _decide(graph, asset, producer, request, wanted, history, refused, judge)
    return PlanItem(
        key=asset.key,
        ref=_ref_of(asset),
        kind=ItemKind.ASSET,
        name=graph.names.shown(asset.key),
        resource_type=asset.resource_type,
        decision=decided.decision,
        reason=decided.reason,
        code=decided.code,
        unit=str(producer.ref) if producer else "",
        step_kind=producer.kind if producer else "",
        batch=producer.batch if producer else None,
        holds=producer.holds if producer else (),
        upstream=graph.upstream.get(asset.key, ()),
        code_version=producer.code_version if producer else None,
        appends=producer.appends if producer else False,
        payload=producer.payload if producer else "",
        relation=asset.relation,
        remaining=request.remaining.get(asset.key, ""),
        facts=decided.facts,
        anew=decided.anew,
    )


def _ref_of(asset: Asset) -> ToolRef:
    """The asset's id in the words of the tool that makes it."""
    if asset.producer:
        for ref in asset.seen_by:
            if (ref.integration, ref.instance) == (asset.producer.integration, asset.producer.instance):
                return ref
    return asset.seen_by[0]


def _decide(
    graph: AssetGraph,
    asset: Asset,
    producer: Producer | None,
    request: Request,
    wanted: Mapping[AssetKey, str | None],
    history: Mapping[AssetKey, LastMade],
    refused: SyncPolicy,
    judge: Callable[[AssetKey], Judged | None],
) -> _Decided:
    if asset.key not in wanted:
        return _Decided(Decision.SKIP, "not-selected", "not selected")
    if asset.kind is AssetKind.EPHEMERAL:
        return _Decided(Decision.SKIP, "ephemeral", _inside(graph, asset))
    if asset.kind in _NEVER_BUILT:
        return _Decided(Decision.SKIP, "not-built", _NEVER_BUILT[asset.kind])
    if producer is None:
        return _Decided(Decision.SKIP, "no-producer", "loaded outside penstock: nothing here makes it")
    why_not = refused(producer)
    if why_not:
        return _Decided(Decision.SKIP, "refused", why_not)
    if asset.key in request.reasons:
        return _Decided(Decision.BUILD, "retry", request.reasons[asset.key])
    companion = wanted[asset.key]
    if companion:
        return _Decided(Decision.BUILD, "same-producer", f"made by the same {producer.kind} as {companion}")
    if request.full_refresh:
        return _Decided(Decision.BUILD, "asked", "asked for: --full-refresh")
    last = history.get(asset.key)
    if last is None:
        return _Decided(Decision.BUILD, "first", f"first build in {request.environment}")
    return _judged(last, judge(asset.key), request)


def _judged(last: LastMade, judged: Judged | None, request: Request) -> _Decided:
    """What keeps rows that older code made is made by its own rule, also after a failure."""
    asks, anew = judged is not None and judged.asks, judged is not None and judged.anew
    if not last.good and not asks:
        failed = f"last attempt failed {last.when} {last.where}"
        more = f"; {judged.reason}" if judged is not None and anew else ""
        return _Decided(Decision.BUILD, "last-failed", failed + more, {}, anew)
    if judged is not None:
        decision = Decision.SKIP if asks else Decision.REUSE if judged.reuse else Decision.BUILD
        known = f"; last made {last.when} {last.where}" if judged.code in _NOT_COMPARED else ""
        code = "asks" if asks else judged.code
        return _Decided(decision, code, judged.reason + known, judged.facts, anew)
    asked = f"asked for: {request.selection}" if request.selection else "asked for: everything"
    return _Decided(Decision.BUILD, "asked", f"{asked}; last made {last.when} {last.where}")


def _inside(graph: AssetGraph, asset: Asset) -> str:
    children = [graph.names.shown(key) for key in graph.downstream.get(asset.key, ()) if key in graph.assets]
    return "ephemeral: part of the SQL of " + (", ".join(children[:3]) or "nothing")


def _check_item(
    graph: AssetGraph, check: Check, request: Request, judge: Callable[[AssetKey], Judged | None]
) -> PlanItem:
    tested = [graph.names.shown(key) for key in check.assets]
    siblings = [p for p in graph.producers.values() if p.batch and p.batch == check.batch]
    runnable = next((p for p in siblings if not p.unrunnable), None)
    decision, code = Decision.BUILD, "check"
    reason = f"checks {', '.join(tested)}" if tested else "a check of no asset"
    if check.before and tested:
        reason = f"gates {', '.join(tested)}"
    judged = None
    if siblings and runnable is None:
        decision, code, reason = Decision.SKIP, "refused", str(siblings[0].unrunnable)
    elif check.key in request.reasons:
        code, reason = "retry", request.reasons[check.key]
    elif (judged := judge(check.key)) is not None:
        decision = Decision.REUSE if judged.reuse else Decision.BUILD
        code, reason = judged.code, judged.reason if judged.reuse else f"{reason}: {judged.reason}"
    return PlanItem(
        key=check.key,
        ref=check.seen_by,
        kind=ItemKind.CHECK,
        name=check.name,
        resource_type=check.kind,
        decision=decision,
        reason=reason,
        code=code,
        unit=str(check.seen_by),
        step_kind="check",
        batch=check.batch,
        holds=_batch_holds(siblings),
        upstream=check.assets,
        severity=check.severity,
        facts=judged.facts if judged is not None else {},
        verdict=judged.verdict.outcome if judged is not None and judged.verdict is not None else "",
    )


def _batch_holds(siblings: list[Producer]) -> tuple[Hold, ...]:
    return siblings[0].holds if siblings else ()


def _batches(graph: AssetGraph, items: tuple[PlanItem, ...]) -> tuple[Batch, ...]:
    built = {item.batch for item in items if item.decision is Decision.BUILD or item.stands}
    return tuple(batch for name, batch in sorted(graph.batches.items()) if name in built)
