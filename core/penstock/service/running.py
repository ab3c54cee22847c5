"""Does what a plan says: makes the runners, hands the plan to the engine, and turns signals into stops."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from penstock import registry
from penstock.assets import MEMORY, AssetKey
from penstock.change import Judged
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.integration import Runner
from penstock.plan import UNDECIDED, Plan
from penstock.run import Coordinator, FolderFn, HoldFn, RunEvent, RunPolicy, RunResult, create_run, plan_of
from penstock.run.cutoff import Decide, Settled
from penstock.run.executor import LocalExecutor, Remote
from penstock.run.executors import executor
from penstock.service.auditing import Audits, audited_in
from penstock.service.branches import refuse_the_base
from penstock.service.contents import Holdings
from penstock.service.control import Control, policy_of, resources_of
from penstock.service.flags import REBUILD, flags_said, makes_other_data
from penstock.service.ingesting import remember
from penstock.service.interrupts import Ask, Interrupts
from penstock.service.inuse import wait_for_looks
from penstock.service.machine import UNLIMITED, free_megabytes
from penstock.service.measured import Measuring
from penstock.service.observe import look_again
from penstock.service.poolsinuse import declared_pools
from penstock.service.recording import forget_unseen, keep
from penstock.service.reusing import Reuse
from penstock.service.runners import make_runner, settings_for_elsewhere
from penstock.service.witness import Witness
from penstock.service.worked import mark, worked_in
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.store import RunRecord, RunStore

Listener = Callable[[RunEvent], None]
_UNTOUCHED = frozenset({"pending", "skipped", "reused", "left"})  # of these a run has made nothing


class KeyTaken(PenstockError):
    """That run key has made a run already: `record`."""

    def __init__(self, record: RunRecord) -> None:
        super().__init__(f"the key '{record.key}' has made run {record.number} already")
        self.record = record


class Launch:
    """One run on its way. `ask` puts a yes-or-no question to the user."""

    def __init__(
        self,
        workspace: Workspace,
        graph: AssetGraph,
        plan: Plan,
        *,
        command: str,
        listener: Listener,
        ask: Ask,
    ) -> None:
        self._workspace = workspace
        self._plan = plan
        self._outside = graph.outside
        self._graph = graph
        self._holdings = Holdings(workspace, wakes=True, looks=workspace.project.document.reuse.on)
        plain = not any(makes_other_data(options) for options in plan.options.values())
        self._witness = Witness(graph, self._holdings, audited_in(plan)) if plain else None
        self._measuring = Measuring(workspace, graph, self._witness)
        self._command = command
        self._listener = listener
        self._ask = ask
        self._executor = executor(
            workspace.project.executor(),
            Remote(
                factory="penstock.service.runners:elsewhere", settings=settings_for_elsewhere(workspace, plan)
            ),
            resources_of(workspace.project.document.runs, registry.names()),
        )

    def run(self, policy: RunPolicy, resumed: str | None = None, key: str | None = None) -> RunResult:
        """Blocks until the run has ended, or is left for later; `resumed` is the id of a run that was left, `key` what
        triggered a new one.

        Raises StoreError, ConfigError, MissingVariable; KeyTaken when that key has made a run already.
        """
        from penstock.store import open_store

        self._check_settings()
        workspace = self._workspace
        workspace.keep()
        store = open_store(workspace.project.store_url(), root=workspace.project.root)
        try:
            record = store.run(resumed) if resumed else self._new_run(store, key)
            wait_for_looks(workspace)
            remember(workspace, store, self._outside)
            audits = Audits(store, self._plan)
            gc.enable()
            result = asyncio.run(self._coordinate(store, record, policy))
            if self._witness is not None and self._witness.after:
                rebuilds = any(options.get(REBUILD) for options in self._plan.options.values())
                keep(
                    workspace,
                    self._graph,
                    self._witness,
                    self._holdings,
                    store,
                    result,
                    rebuilds=rebuilds,
                )
            if not workspace.project.document.reuse.on:
                forget_unseen(workspace, self._holdings, store, result)
            if self._witness is not None:
                audits.record(result, self._witness)
            return result
        finally:
            store.close()

    def _new_run(self, store: RunStore, key: str | None) -> RunRecord:
        command = self._workspace.project.secrets.redact_results(self._command)
        flags = flags_said(self._plan.options)
        record = create_run(store, self._plan, command=command, key=key, flags=flags)
        if key is not None and plan_of(store, record.id) != self._plan:
            raise KeyTaken(record)
        return record

    def _check_settings(self) -> None:
        """What a step needs is resolved before anything starts."""
        for integration, instance in sorted(
            {(i.ref.integration, i.ref.instance) for i in self._plan.to_end()}
        ):
            self._workspace.settings(integration, instance)

    async def _coordinate(self, store: RunStore, record: RunRecord, policy: RunPolicy) -> RunResult:
        coordinator = Coordinator(
            self._plan,
            store=store,
            run_id=record.id,
            runner_for=self._runner,
            folder=self._workspace.state_dir / "runs",
            policy=policy,
            listener=self._listener,
            pools=self._pools(),
            redact=self._workspace.project.redact,
            seconds=usual_seconds(store, self._plan.environment) if self._plan.to_build() else {},
            decide=self._decide() if self._witness is not None else None,
        )
        async with Interrupts(coordinator, self._ask).heard():
            return await coordinator.run()

    def _decide(self) -> Decide | None:
        if not any(item.code == UNDECIDED or item.stands for item in self._plan.to_end()):
            return None
        reuse = Reuse(self._workspace, self._graph, self._holdings)

        def decide(keys: Sequence[AssetKey]) -> dict[AssetKey, Settled]:
            return {key: _settled(judged) for key, judged in reuse.again(keys).items()}

        return decide

    def _pools(self) -> dict[str, int]:
        """The slots of every warehouse of the project, this machine's memory, and those of penstock.yml's `pools`."""
        local = isinstance(self._executor, LocalExecutor)
        return {MEMORY: free_megabytes() if local else UNLIMITED, **declared_pools(self._workspace)}

    def _runner(self, integration: str, instance: str, hold: HoldFn, folder: FolderFn) -> Runner | None:
        options = self._plan.options.get(f"{integration}/{instance}", {})

        def local() -> Runner | None:
            return make_runner(self._workspace, options, integration, instance, hold, folder)

        runner = self._executor.runner(integration, instance, hold, folder, local)
        return self._measuring.around(runner, integration, instance) if runner is not None else None


def execute(
    workspace: Workspace,
    graph: AssetGraph,
    plan: Plan,
    *,
    command: str,
    listener: Listener,
    ask: Ask = lambda question: None,
    resumed: str | None = None,
    key: str | None = None,
) -> RunResult:
    """Run a plan to its end and give back how it came out; or go on with the run that was left. Raises before anything is
    started, or StoreError."""
    refuse_the_base(workspace, graph)  # also what was planned when its place was another one
    control = msgspec.convert(plan.control, Control)
    policy = policy_of(workspace.project.document.runs, control, fail_fast=plan.fail_fast)
    launch = Launch(workspace, graph, plan, command=command, listener=listener, ask=ask)
    mark(workspace, worked_in(workspace, plan.to_build()))  # also for a run that is killed
    result = launch.run(policy, resumed, key)
    parts = worked_in(workspace, (one.item for one in result.items if one.state not in _UNTOUCHED))
    mark(workspace, parts)
    if result.state.ended and parts:
        with suppress(PenstockError, KeyboardInterrupt):  # the run has ended as it has; the next look asks
            look_again(workspace, parts)
    return result


def _settled(judged: Judged) -> Settled:
    outcome = judged.verdict.outcome if judged.verdict is not None else ""
    return Settled(judged.reason, outcome, make=not judged.reuse)


def usual_seconds(store: RunStore, environment: str) -> dict[AssetKey, float]:
    """How long each item took when it was last made: the longest chain of work goes first."""
    return {
        key: item.seconds for key, item in store.latest_items(environment).items() if item.seconds is not None
    }
