"""The pools of a project at work: what the steps of runs that go on hold, and what others wait for, as the run store tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from penstock.errors import PenstockError
from penstock.plan import Plan
from penstock.run import plan_of
from penstock.run.forming import holds_of, of_items
from penstock.service.control import Control, policy_of
from penstock.service.workspace import Workspace
from penstock.store import RunRecord, RunStore, StepRecord, StepState


class PoolsInUse(msgspec.Struct, frozen=True, kw_only=True):
    """`slots` of each pool that has a number of them; `used` by steps at work, `queued` steps that wait and need it. Each run counts
    the slots for itself, so that two runs may use more than there are."""

    slots: dict[str, int]
    used: dict[str, int]
    queued: dict[str, int]


def declared_pools(workspace: Workspace) -> dict[str, int]:
    """The slots of every warehouse of the project, and those of penstock.yml's `pools`. Raises PenstockError."""
    pools = {}
    for name in workspace.catalogs():
        address = workspace.address(workspace.connection(name))
        pools[address.resource] = address.slots
    return {**pools, **workspace.project.document.pools}


def pools_in_use(workspace: Workspace, store: RunStore, runs: Iterable[RunRecord]) -> PoolsInUse:
    """Of those of the runs that go on. A warehouse that cannot be read has no number of slots."""
    try:
        slots = declared_pools(workspace)
    except PenstockError:
        slots = dict(workspace.project.document.pools)
    used, queued = Counter[str](), Counter[str]()
    for run in runs:
        if run.state.ended or run.state.resumable:
            continue
        plan = plan_of(store, run.id)
        for step in store.detail(run.id).steps:
            if step.state is StepState.RUNNING:
                used.update(_needs(workspace, plan, step, slots))
            elif not step.state.ended:
                queued.update(dict.fromkeys(_needs(workspace, plan, step, slots), 1))
    return PoolsInUse(slots=slots, used=dict(used), queued=dict(queued))


def _needs(workspace: Workspace, plan: Plan, step: StepRecord, slots: dict[str, int]) -> dict[str, int]:
    """All that it holds all the time, by the rules of this penstock.yml."""
    items = [item for item in plan.to_end() if str(item.key) in step.items]
    if not items:
        return {}
    whole = msgspec.structs.replace(of_items(plan, step.id, items, step.batch), kind=step.kind)
    control = msgspec.convert(plan.control, Control)
    policy = policy_of(workspace.project.document.runs, control, fail_fast=plan.fail_fast).of(whole)
    holds = (*holds_of(whole, "all"), *policy.holds)
    return {hold.resource: hold.slots for hold in holds if not hold.open or hold.resource in slots}
