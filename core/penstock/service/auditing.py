"""Audits of reuse: what was built although it would have been reused, compared with what it held, and what doctor says of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from penstock.assets import AssetKey, Finding
from penstock.change import MadeFrom
from penstock.change.audit import AUDIT, compared
from penstock.graph import AssetGraph
from penstock.plan import Plan
from penstock.service.history import reading_store
from penstock.service.recorded import decoded
from penstock.service.witness import Witness
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.run import RunResult
    from penstock.store import ReuseAudit, RunStore

DIFFERS = "reuse-differs"


def audited_in(plan: Plan) -> frozenset[AssetKey]:
    return frozenset(item.key for item in plan.to_build() if item.code == AUDIT)


class Audits:
    """Of one run. Made before it starts: what is recorded of an asset is replaced when it has been built."""

    def __init__(self, store: RunStore, plan: Plan) -> None:
        self._keys = audited_in(plan)
        self._store = store
        self._environment = plan.environment
        self._was = self._recorded()

    def _recorded(self) -> dict[AssetKey, MadeFrom]:
        known = decoded(self._store, self._environment) if self._keys else {}
        return {key: made for key, made in known.items() if key in self._keys}

    def record(self, result: RunResult, witness: Witness) -> None:
        """After the run, when of what it made is recorded. What failed says for itself that nothing was compared."""
        if not self._keys:
            return
        now = {key: made for key, made in self._recorded().items() if made.run == result.number}
        self._store.record_reuse_audits(
            self._audit(result, one.item.key, one.item.name, witness, now.get(one.item.key))
            for one in result.items
            if one.item.key in self._keys and one.state.value == "success"
        )

    def _audit(
        self, result: RunResult, key: AssetKey, name: str, witness: Witness, now: MadeFrom | None
    ) -> ReuseAudit:
        from penstock.store import ReuseAudit

        was, before = self._was.get(key), witness.held.get(key)
        found = compared(was, before, now)
        return ReuseAudit(
            run=result.run,
            asset=key,
            environment=self._environment,
            name=name,
            compared_at=time.time(),
            outcome=found.outcome,
            reason=found.reason,
            before=before or "",
            after=now.output if now is not None else "",
            made_by=was.run if was is not None else None,
        )


def told(audit: ReuseAudit) -> str:
    """One line."""
    if audit.outcome == "differs":
        return (
            f"reuse of {audit.name} would have been wrong: run {audit.made_by} left {audit.before},"
            f" built again it is {audit.after}"
        )
    if audit.outcome == "same":
        return f"reuse of {audit.name} would have been right: built again it is the same"
    return f"reuse of {audit.name} could not be audited: {audit.reason}"


def findings(store: RunStore, graph: AssetGraph, environment: str) -> Iterator[Finding]:
    """Of each asset the last audit that could compare, where it found other rows."""
    wrong = [
        one
        for one in store.newest_reuse_audits(environment)
        if one.outcome == "differs" and one.asset in graph.assets
    ]
    numbers = store.run_numbers(one.run for one in wrong)
    for one in wrong:
        run = numbers.get(one.run)
        yield Finding(
            code=DIFFERS,
            message=told(one),
            asset=one.asset,
            hint=f"see: penstock why {one.name} --run {run}    until it is understood: reuse: off"
            if run
            else None,
        )


def of_run(workspace: Workspace, run: str) -> list[str]:
    """How the audits of a run that has ended came out."""
    with reading_store(workspace) as store:
        return lines(store.reuse_audits_in(run)) if store is not None else []


def lines(audits: Iterable[ReuseAudit]) -> list[str]:
    """For people: what differs or could not be told in full, the rest as a number."""
    audits = list(audits)
    found = [told(one) for one in audits if one.outcome != "same"]
    same = sum(one.outcome == "same" for one in audits)
    return [*found, f"reuse audited: {same} built again, and the same"] if same else found
