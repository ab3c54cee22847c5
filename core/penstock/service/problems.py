"""The problems that a project has now, each with its root cause: what failed, what is too old, what did not start. Changes nothing,
but that what is expected of promises is kept."""

from __future__ import annotations

import time
from collections.abc import Iterable

from penstock.alerts import Problem
from penstock.alerts.message import moment
from penstock.assets import AssetKey, AssetKind
from penstock.automation import FreshnessState, Schedule
from penstock.automation.evaluate import HELD
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.service.deciding import has_policies
from penstock.service.freshness import Kept
from penstock.service.ingesting import latest_outside
from penstock.service.observe import GraphView
from penstock.service.predicting import look_ahead
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace
from penstock.store import DecisionRow, IncidentSummary, ItemRecord, RunStore, TickState

_FAILED = frozenset({"error", "fail", "partial"})
_GOOD = frozenset({"success", "warn", "no_op", "reused"})
_RUNS = ("sync.failed", "asset.failed", "check.failed")
_FRESH = {
    FreshnessState.FAIL: ("fresh.fail", "page"),
    FreshnessState.WARN: ("fresh.warn", "warn"),
    FreshnessState.AT_RISK: ("fresh.at_risk", "info"),
}
_TICKS = {TickState.FAILED: "schedule.failed", TickState.MISSED: "schedule.missed"}


def problems(
    workspace: Workspace,
    seen: GraphView,
    store: RunStore,
    schedules: Iterable[Schedule],
    command_of: CommandOf,
) -> tuple[list[Problem], list[str]]:
    """All there are, and the kinds that could be looked for: a promise that cannot be read says nothing of others."""
    found = failures(workspace, seen.graph, store) + ticks(workspace, store, schedules)
    found += held(workspace, seen.graph, store)
    kinds = [*_RUNS, *_TICKS.values(), "automation.held"]
    try:
        found += stale(workspace, seen.graph, look_ahead(workspace, seen, store, command_of))
        kinds += [kind for kind, _ in _FRESH.values()]
    except PenstockError:
        pass  # what is wrong with a policy is told by who reads it: `penstock freshness` and `up`
    return found, kinds


def failures(workspace: Workspace, graph: AssetGraph, store: RunStore) -> list[Problem]:
    """What failed last time, by producer; not what only waited for that. A run that has begun and is not there yet is no recovery."""
    environment = workspace.project.environment
    latest = store.latest_items(environment)
    outside = latest_outside(workspace, graph, store)
    units: dict[str, list[ItemRecord]] = {}
    for key, item in store.latest_outcomes(environment).items():
        if item.state.value not in _FAILED or not _made_here(graph, key):
            continue
        other = outside.get(key)
        if other is None or other.status not in _GOOD or other.at < (item.ended_at or 0.0):
            units.setdefault(item.unit or str(key), []).append(item)
    numbers = store.run_numbers({items[0].run for items in units.values()})
    return [
        _failure(workspace, graph, items, numbers.get(items[0].run), latest)
        for _, items in sorted(units.items())
    ]


def _made_here(graph: AssetGraph, key: AssetKey) -> bool:
    """What nothing makes any more (a model that became a source) will never be made well either."""
    asset = graph.assets.get(key)
    return key in graph.checks if asset is None else asset.producer is not None


def _failure(
    workspace: Workspace,
    graph: AssetGraph,
    items: list[ItemRecord],
    run: int | None,
    latest: dict[AssetKey, ItemRecord],
) -> Problem:
    first = min(items, key=lambda item: (item.ended_at or 0.0, item.name))
    keys = [item.key for item in items]
    tested = [key for item in keys if item in graph.checks for key in graph.checks[item].assets]
    below = _below(graph, [*keys, *tested])
    held = [
        key
        for key in below
        if _is_exposure(graph, key)
        or (key in latest and latest[key].run == first.run and latest[key].state.value == "skipped")
    ]
    kind = _kind(graph, first)
    names = ", ".join(item.name for item in items[:3]) + (
        f" and {len(items) - 3} more" if len(items) > 3 else ""
    )
    why = (first.message or "no reason was given").strip().splitlines()[0]
    told = IncidentSummary(
        kind=kind,
        cause=first.name,
        severity="warn",
        title=f"{names} failed" + (f" in run {run}" if run else ""),
        why=workspace.project.redact(why),
        since=first.ended_at or 0.0,
        affected=_named(graph, held),
        exposures=sum(_is_exposure(graph, key) for key in held),
        command=f"penstock retry {run}    the log: penstock logs {run}" if run else "penstock retry",
        environment=workspace.project.environment,
        project=workspace.project.name,
    )
    cause = first.unit or str(first.key)
    return Problem(kind=kind, cause=cause, told=told, assets=frozenset((*keys, *tested, *below)))


def _kind(graph: AssetGraph, item: ItemRecord) -> str:
    if item.kind.value == "check":
        return "check.failed"
    asset = graph.assets[item.key]
    producer = graph.producers.get(asset.producer) if asset.producer else None
    return "sync.failed" if producer is not None and producer.kind == "sync" else "asset.failed"


def _below(graph: AssetGraph, keys: Iterable[AssetKey]) -> list[AssetKey]:
    found: dict[AssetKey, None] = {}
    waiting = [child for key in keys for child in graph.downstream.get(key, ())]
    while waiting:
        key = waiting.pop()
        if key not in found and key in graph.assets:
            found[key] = None
            waiting += graph.downstream.get(key, ())
    return list(found)


def _is_exposure(graph: AssetGraph, key: AssetKey) -> bool:
    return graph.assets[key].kind is AssetKind.EXPOSURE


def _named(graph: AssetGraph, keys: Iterable[AssetKey]) -> tuple[str, ...]:
    """Exposures first."""
    ordered = sorted((not _is_exposure(graph, key), graph.names.shown(key)) for key in keys)
    return tuple(f"{name}" if other else f"{name} (exposure)" for other, name in ordered)


def stale(workspace: Workspace, graph: AssetGraph, promises: Iterable[Kept]) -> list[Problem]:
    """Promises that are broken or at risk, by the source that their age comes from."""
    groups: dict[tuple[str, AssetKey], list[Kept]] = {}
    for one in promises:
        if one.verdict.state in _FRESH:
            groups.setdefault((one.verdict.state, one.chain[-1]), []).append(one)
    return [_stale(workspace, graph, *what, kept) for what, kept in groups.items()]


def _stale(
    workspace: Workspace, graph: AssetGraph, state: str, source: AssetKey, kept: list[Kept]
) -> Problem:
    kind, severity = _FRESH[FreshnessState(state)]
    name = graph.names.shown(source)
    first = min(kept, key=lambda one: one.verdict.deadline or 0.0)
    several = len(kept) > 1
    verb = "are" if several else "is"
    words = {
        "fresh.at_risk": "will be too old",
        "fresh.warn": f"{verb} older than wished",
        "fresh.fail": f"{verb} too old",
    }
    others = f" and {len(kept) - 1} more" if several else ""
    deadline = first.verdict.deadline or 0.0
    ahead = kind == "fresh.at_risk"
    told = IncidentSummary(
        kind=kind,
        cause=name,
        severity=severity,
        title=f"{first.name}{others} {words[kind]}",
        why=f"too old at {moment(deadline)}, {first.why}" if ahead else first.why,
        since=time.time() if ahead else deadline,
        affected=_named(graph, [one.asset for one in kept]),
        exposures=sum(_is_exposure(graph, one.asset) for one in kept),
        command=f"penstock build -s {name}+    how old all is: penstock freshness",
        environment=workspace.project.environment,
        project=workspace.project.name,
    )
    assets = frozenset(key for one in kept for key in (one.asset, *one.chain))
    return Problem(kind=kind, cause=str(source), told=told, assets=assets)


def ticks(workspace: Workspace, store: RunStore, schedules: Iterable[Schedule]) -> list[Problem]:
    """Schedules whose newest tick made no run."""
    kept = store.automation(workspace.project.environment)
    found = []
    for schedule in schedules:
        newest = next(iter(kept.ticks(schedule=schedule.name, limit=1)), None)
        if newest is None or newest.state not in _TICKS:
            continue
        kind = _TICKS[newest.state]
        told = IncidentSummary(
            kind=kind,
            cause=schedule.name,
            severity="warn",
            title=f"schedule {schedule.name} did not run",
            why=workspace.project.redact(newest.reason),
            since=newest.at,
            command=f"penstock {schedule.text}    what became of it: penstock automation status",
            environment=workspace.project.environment,
            project=workspace.project.name,
        )
        found.append(Problem(kind=kind, cause=schedule.name, told=told))
    return found


def held(workspace: Workspace, graph: AssetGraph, store: RunStore) -> list[Problem]:
    """What automation does not build although it is due, by what holds it: one incident for each guard."""
    groups: dict[str, list[DecisionRow]] = {}
    if not has_policies(workspace):
        return []
    for key, row in store.decisions(workspace.project.environment).latest().items():
        if row.code in HELD and key in graph.assets:
            groups.setdefault(row.code, []).append(row)
    return [_held(workspace, graph, code, rows) for code, rows in sorted(groups.items())]


def _held(workspace: Workspace, graph: AssetGraph, code: str, rows: list[DecisionRow]) -> Problem:
    first = min(rows, key=lambda row: row.at)
    name = graph.names.shown(first.asset)
    others = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    told = IncidentSummary(
        kind="automation.held",
        cause=code,
        severity="warn",
        title=f"automation holds {name}{others}",
        why=workspace.project.redact(first.reason),
        since=first.at,
        affected=_named(graph, [row.asset for row in rows]),
        command=f"penstock why {name}    try again: penstock automation release",
        environment=workspace.project.environment,
        project=workspace.project.name,
    )
    below = _below(graph, [row.asset for row in rows])
    return Problem(
        kind="automation.held",
        cause=code,
        told=told,
        assets=frozenset((*(row.asset for row in rows), *below)),
    )
