"""From a plan to a run in the store, and from the store back to the plan."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.plan import Plan
from penstock.run.board import first_state
from penstock.store import ItemRecord, NewRun, RunRecord, RunStore


def create_run(
    store: RunStore,
    plan: Plan,
    *,
    command: str = "penstock run",
    key: str | None = None,
    flags: Mapping[str, str] = {},
) -> RunRecord:
    """Record a plan as a run that has not begun. With a run `key` that exists already, that run is given back."""
    return store.create_run(
        NewRun(
            environment=plan.environment,
            selection=plan.selection,
            command=command,
            graph_hash=plan.graph_hash,
            document=msgspec.json.encode(plan),
            items=_rows(plan),
            retry_of=plan.retry_of,
            key=key,
            flags=flags,
        )
    )


def plan_of(store: RunStore, run: str) -> Plan:
    """The plan that a run was made with. Raises UnknownRun."""
    return msgspec.json.decode(store.document(run), type=Plan)


def _rows(plan: Plan) -> list[ItemRecord]:
    return [
        ItemRecord(
            run="",
            key=item.key,
            ref=item.ref,
            kind=item.kind,
            name=item.name,
            resource_type=item.resource_type,
            environment=plan.environment,
            decision=item.decision.value,
            reason=item.reason,
            code=item.code,
            unit=item.unit,
            severity=item.severity,
            relation=item.relation,
            window=item.window,
            state=first_state(item),
        )
        for item in plan.items
    ]
