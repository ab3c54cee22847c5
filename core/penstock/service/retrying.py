"""A new plan from a run that did not end well: what failed, was skipped or never came to its turn. Decides nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from penstock.assets import AssetKey
from penstock.errors import UsageError
from penstock.graph import AssetGraph
from penstock.plan import Plan, Request, make_plan
from penstock.run import plan_of
from penstock.service import idempotency
from penstock.service.branches import refused_in_branch
from penstock.service.history import last_made, reading_store
from penstock.service.inspect import NoRuns, step_ids
from penstock.service.mended import mended
from penstock.service.observe import GraphView, look
from penstock.service.planning import refuse_cycle, refused
from penstock.service.workspace import Workspace
from penstock.store import ItemRecord, RunDetail, RunRecord, RunStore, StepState, UnknownRun

_OPEN = ("queued", "running", "stopping", "detached")
_AGAIN = frozenset({"error", "fail", "partial", "skipped", "cancelled", "pending", "running"})


class Former(msgspec.Struct, frozen=True, kw_only=True):
    """The run to repeat. `options` are the flags that it was planned with; `remaining` is what is left of what it made in part;
    `earlier` are the plans of the runs that it was a retry of, the oldest first."""

    detail: RunDetail
    plan: Plan
    remaining: dict[AssetKey, str]
    earlier: tuple[Plan, ...] = ()

    @property
    def options(self) -> dict[str, object]:
        return {name: value for told in self.plan.options.values() for name, value in told.items()}


def former(workspace: Workspace, run: str | None) -> Former:
    """The run to repeat; the newest when None. Raises NoRuns, UnknownRun; UsageError when nothing of it is left to do, or
    when it still goes on."""
    with _store(workspace) as store:
        record = _of_here(workspace, store.find_run(run)) if run else _newest(workspace, store)
        found = _former(store, record.id)
    detail = found.detail
    if record.state.value in ("queued", "running", "stopping"):
        raise UsageError(
            f"run {record.number} still goes on", hint=f"watch it: penstock runs {record.number} --watch"
        )
    if not again(detail):
        raise UsageError(f"run {record.number} has nothing to retry: all of it ended well")
    return found


def again(detail: RunDetail) -> dict[AssetKey, ItemRecord]:
    """What of a run is to be done again. A step that failed although all of its items were made (a hook did) is done again whole:
    whatever failed beside them runs with them."""
    found = {item.key: item for item in detail.items if item.state.value in _AGAIN}
    ill = {item.step for item in found.values()}
    beside = {step.id for step in detail.steps if step.state is StepState.FAILED and step.id not in ill}
    return found | {item.key: item for item in detail.items if item.step in beside}


def _retried(store: RunStore, plan: Plan) -> tuple[Plan, ...]:
    """The plans of the run that this one was a retry of, and of those before; as far as they are still kept."""
    found: list[Plan] = []
    while plan.retry_of is not None:
        try:
            plan = plan_of(store, store.find_run(plan.retry_of).id)
        except UnknownRun:
            break
        found.append(plan)
    return tuple(reversed(found))


def left_run(workspace: Workspace, run: str | None) -> Former:
    """A run that was left (detached, or its coordinator died); the newest of them when None. Raises NoRuns, UsageError."""
    environment = workspace.project.environment
    with _store(workspace) as store:
        if run is None:
            still_open = store.runs(limit=None, environment=environment, states=_OPEN)
            record = next((record for record in still_open if idempotency.left(record)), None)
            if record is None:
                raise UsageError(_nothing_left(environment, still_open), hint="what failed: penstock retry")
        else:
            record = _of_here(workspace, store.find_run(run))
            if not idempotency.left(record):
                raise UsageError(
                    f"run {record.number} is {record.state.value}: only a run that was left can be resumed",
                    hint=f"what failed: penstock retry {record.number}"
                    if record.state.ended
                    else f"watch it: penstock runs {record.number} --watch",
                )
        return _former(store, record.id)


def recorded(workspace: Workspace, run: str) -> Former:
    """A run by its id, in whatever state: for the process that it was recorded for."""
    with _store(workspace) as store:
        return _former(store, run)


def _former(store: RunStore, run: str) -> Former:
    plan = plan_of(store, run)
    planned = {item.key: item.remaining for item in plan.items if item.remaining}
    left = planned | store.remaining(run)
    return Former(detail=store.detail(run), plan=plan, remaining=left, earlier=_retried(store, plan))


def _nothing_left(environment: str, still_open: list[RunRecord]) -> str:
    words = f"no run was left to resume in {environment}"
    for record in still_open:
        by = f" by process {record.owner.pid} on {record.owner.host}" if record.owner else ""
        words += f"; run {record.number} is being worked on{by}"
    return words


@contextmanager
def _store(workspace: Workspace) -> Iterator[RunStore]:
    with reading_store(workspace) as store:
        if store is None or not store.runs(limit=1):
            raise NoRuns
        yield store


def _newest(workspace: Workspace, store: RunStore) -> RunRecord:
    found = store.runs(limit=1, environment=workspace.project.environment)
    if not found:
        raise UsageError(
            f"nothing has run in {workspace.project.environment} yet", hint="list all runs: penstock runs"
        )
    return found[0]


def _of_here(workspace: Workspace, record: RunRecord) -> RunRecord:
    """Another environment's run would be repeated with this one's warehouses."""
    if record.environment != workspace.project.environment:
        raise UsageError(
            f"run {record.number} was made in {record.environment}, and this is {workspace.project.environment}",
            hint=f"penstock -e {record.environment} ...",
        )
    return record


def plan_retry(workspace: Workspace, before: Former, step: str | None = None) -> tuple[GraphView, Plan]:
    """What failed, was skipped or was never begun in that run (in one step of it), planned on the project as it is now; and
    what was changed above it since: else it would fail on the same data again.

    Raises UsageError for a step that is not known, or in which nothing is left to do.
    """
    seen = look(workspace, may_call=True)
    refuse_cycle(seen.graph)
    of_step = set(step_ids(before.detail, step)) if step else None
    left = {
        key: item for key, item in again(before.detail).items() if of_step is None or item.step in of_step
    }
    if not left:
        raise UsageError(f"nothing is left to do in step '{step}' of run {before.detail.run.number}")
    left |= _made_now(seen.graph, left)
    number = before.detail.run.number
    reasons = {key: _reason(item, number) for key, item in left.items()}
    reasons |= mended(seen.graph, (*before.earlier, before.plan), reasons, number)
    assets = frozenset(key for key in reasons if key in seen.graph.assets)
    checks = frozenset(key for key in reasons if key in seen.graph.checks)
    if not assets and not checks:
        raise UsageError(f"nothing that failed in run {before.detail.run.number} is in the project any more")
    request = Request(
        environment=workspace.project.environment,
        assets=assets,
        checks=checks,
        selection=before.plan.selection,
        options=before.plan.options,
        fail_fast=before.plan.fail_fast,
        remaining=before.remaining,
        reasons=reasons,
        retry_of=str(number),
    )
    plan = make_plan(
        seen.graph, request, last_made(workspace, seen.graph), refused_in_branch(workspace, refused)
    )
    return seen, msgspec.structs.replace(plan, control=before.plan.control)


def _made_now(graph: AssetGraph, left: dict[AssetKey, ItemRecord]) -> dict[AssetKey, ItemRecord]:
    """In place of what is gone, that which its producer makes today: a connection's streams, once they are known."""
    units = {item.unit: item for key, item in left.items() if item.unit and key not in graph.assets}
    if not units:
        return {}
    return {
        asset.key: units[str(asset.producer)]
        for asset in graph.assets.values()
        if asset.producer and str(asset.producer) in units and asset.key not in left
    }


def _reason(item: ItemRecord, run: int) -> str:
    state = item.state.value
    if state in ("error", "fail", "partial"):
        return f"failed in run {run}"
    if state in ("success", "warn", "no_op"):
        return f"made in run {run}, whose step failed beside it"
    if state == "skipped":
        return f"skipped in run {run}" + (f": {item.cause} failed" if item.cause else "")
    return f"not finished in run {run}"


def gone(before: Former, plan: Plan) -> tuple[str, ...]:
    """Names of what was to be retried and is not in the project any more."""
    known: set[AssetKey] = {item.key for item in plan.items}
    return tuple(item.name for key, item in again(before.detail).items() if key not in known)
