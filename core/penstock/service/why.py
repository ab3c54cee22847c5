"""Why an asset is built or not, or a check run, now or in a run of the past: its decision, the chain to the first cause, what was compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from penstock.assets import AssetKey
from penstock.errors import AmbiguousAsset, UnknownAsset, nearest_names
from penstock.graph import AssetGraph
from penstock.integration import ItemKind
from penstock.plan import Decision, Plan, PlanItem
from penstock.run import plan_of
from penstock.service.history import reading_store
from penstock.service.inspect import NoRuns
from penstock.service.observe import GraphView, look
from penstock.service.planning import RunRequest, plan
from penstock.service.workspace import Workspace
from penstock.store import ItemRecord

# What would have led to the other decision, by the code of this one.
OTHERWISE: Mapping[str, str] = {
    "same": "built after a change of its code, its configuration, or of the columns that it reads; or with --no-reuse",
    "unread": "built after a change of a column that it reads, or with --no-reuse",
    "audit": "reused in most runs: `reuse: {audit: ...}` of penstock.yml draws what is built to compare",
    "lag": "built when its max_lag is over, or with --no-reuse",
    "sync": "left out when it is not selected; what reads it is reused where the rows that it reads stay the same",
    "always": "reused when what is named is gone",
    "volatile": "reused when its SQL has no clock, chance or unknown function; what depends on the date alone is built once a day",
    "missing": "reused when it exists as the recorded run left it",
    "outside": "reused when its rows are those that the recorded run made",
    "code": "reused when the change is taken back",
    "new-data": "reused when the columns that it reads hold the rows that they held",
    "falls": "reused when what is named need not be made",
    "inputs": "reused after the next run",
    "unknown": "reused when its warehouse can tell which data it holds",
    "unrecorded": "reused after the next run, when nothing has changed",
    "undecided": "reused when what is named comes out with the same rows in the columns that it reads",
    "along": "reused when what is named need not be built; in a step of its own it would cost more than it may save",
    "first": "reused after the next run, when nothing has changed",
    "last-failed": "reused after a run that ends well",
    "asked": "reused never: its tool does not say how it is made, or reuse is off",
    "check": "reused when its test and the rows that it judged are those of a recorded run",
    "not-selected": "looked at when it is selected",
    "refused": "built when its tool can run it from here",
    "asks": "built with --full-refresh (all rows) or --no-reuse (new rows only), or where `reuse: {on_code_change: ...}` says how",
    "retry": "reused by penstock run, when it is up to date",
}
_OF_CHECKS: Mapping[str, str] = {
    "same": "run after a change of the test, or of the rows in the columns that it reads; or with --no-reuse",
    "code": "left to its last verdict when the change is taken back",
    "new-data": "left to its last verdict when the columns that it reads hold the rows that they held",
    "undecided": "left to its last verdict when what is named comes out with the same rows in the columns that it reads",
    "along": "left to its last verdict when what is named need not be built",
    "inputs": "left to its last verdict after the next run",
    "check": "left to its last verdict when that is recorded, of this test and of these rows",
}

_OPEN = frozenset({"undecided", "along"})


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One asset on the way to the first cause."""

    name: str
    decision: str
    code: str
    reason: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: asset or check. `run`: the number of the run it was decided in, None for now. `outcome`: how it came out there. `facts` are what was compared."""

    format: int = 1
    name: str
    kind: str
    decision: str
    code: str
    reason: str
    run: int | None
    outcome: str | None
    facts: dict[str, str]
    because: tuple[Link, ...]
    otherwise: str


Planned = tuple[GraphView, Plan]


def planned(workspace: Workspace) -> Planned:
    """The whole project and its checks as they would be planned now."""
    return plan(workspace, RunRequest(checks=True))


def why(
    workspace: Workspace, name: str, run: str | None = None, now: Callable[[], Planned] | None = None
) -> Explanation:
    """`now`: the plan, for who holds one that is new enough. Raises UnknownAsset, UnknownRun, NoRuns."""
    if run is None:
        seen, found = now() if now is not None else planned(workspace)
        key = _key_of(seen.graph, name)
        if now is not None and key in seen.graph.checks:
            seen, found = planned(workspace)
        return _explained(found, next(item for item in found.items if item.key == key), None, None)
    with reading_store(workspace) as store:
        if store is None:
            raise NoRuns
        record = store.find_run(run)
        found = plan_of(store, record.id)
        item = _item_of(workspace, found, name)
        ended = {one.key: one for one in store.detail(record.id).items}
    return _explained(found, item, record.number, _outcome(item, ended))


def _outcome(item: PlanItem, ended: Mapping[AssetKey, ItemRecord]) -> str:
    """How it came out; of what the plan left open and a step then made, why it was made."""
    own = ended[item.key]
    if own.message or own.step is None or item.code != "undecided":
        return f"{own.state.value}: {own.message}" if own.message else own.state.value
    above = [ended[key] for key in item.depends_on if key in ended]
    beside = [one.name for one in above if one.kind is ItemKind.ASSET and one.step == own.step]
    why = "what it reads came out with other rows, or could not be compared"
    if beside:
        why = f"made in one step with {', '.join(beside[:3])}"
    return f"{own.state.value}: {why}"


def not_built(workspace: Workspace, run: str | None = None) -> tuple[Link, ...]:
    """Every asset that is not built, now or in that run, with the reason."""
    if run is None:
        _, found = plan(workspace, RunRequest())
        return tuple(_link(item) for item in found.items if item.decision is not Decision.BUILD)
    with reading_store(workspace) as store:
        if store is None:
            raise NoRuns
        record = store.find_run(run)
        items = store.detail(record.id).items
    left = ("reused", "left", "skipped", "cancelled")
    return tuple(
        Link(name=item.name, decision=item.state.value, code=item.code, reason=item.message or item.reason)
        for item in items
        if item.state.value in left and item.kind is ItemKind.ASSET
    )


def _item_of(workspace: Workspace, found: Plan, name: str) -> PlanItem:
    """By the name that the run knew it by; else by what the project calls it now."""
    for item in found.items:
        if name in (item.name, item.ref.id, str(item.key)):
            return item
    items = {item.key: item for item in found.items}
    key = _key_of(look(workspace).graph, name)
    if key not in items:
        raise UnknownAsset(name, nearest_names(name, [item.name for item in found.items]))
    return items[key]


def _key_of(graph: AssetGraph, name: str) -> AssetKey:
    """Of an asset, else of a check. Raises UnknownAsset with the nearest of both, AmbiguousAsset."""
    try:
        return graph.names.find(name).key
    except UnknownAsset as unknown:
        checks = [one for one in graph.checks.values() if name in (one.name, one.seen_by.id, str(one.key))]
        if len(checks) > 1:
            raise AmbiguousAsset(name, sorted(one.seen_by.id for one in checks)) from None
        if checks:
            return checks[0].key
        near = nearest_names(name, [one.name for one in graph.checks.values()])
        raise UnknownAsset(name, [*unknown.nearest, *near][:3]) from None


def _explained(found: Plan, item: PlanItem, run: int | None, outcome: str | None) -> Explanation:
    return Explanation(
        name=item.name,
        kind=item.kind.value,
        decision=item.decision.value,
        code=item.code,
        reason=item.reason,
        run=run,
        outcome=outcome,
        facts=item.facts,
        because=tuple(chain(found, item)),
        otherwise=(_OF_CHECKS if item.kind is ItemKind.CHECK else {}).get(item.code)
        or OTHERWISE.get(item.code, ""),
    )


def chain(found: Plan, item: PlanItem) -> Iterable[Link]:
    """Upwards, as long as what is above decides: the first that is built for a reason of its own is the cause. A check gives no rows."""
    items = {one.key: one for one in found.items}
    seen: set[AssetKey] = {item.key}
    while item.code in _OPEN:
        above = [one for key in item.depends_on if (one := items.get(key)) is not None and key not in seen]
        above = [one for one in above if one.kind is ItemKind.ASSET and one.decision is Decision.BUILD]
        if not above:
            return
        item = next((one for one in above if one.code not in _OPEN), above[0])
        seen.add(item.key)
        yield _link(item)


def _link(item: PlanItem) -> Link:
    return Link(name=item.name, decision=item.decision.value, code=item.code, reason=item.reason)
