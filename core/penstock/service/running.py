"""Does what a plan says: makes the runners, hands the plan to the engine, and turns signals into stops."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from penstock.assets import AssetKey
from penstock.graph import AssetGraph
from penstock.integration import Runner
from penstock.plan import Plan
from penstock.run import Coordinator, FolderFn, HoldFn, RunEvent, RunPolicy, RunResult, StopMode, create_run
from penstock.run.executor import Remote, executor
from penstock.service.measured import Measuring
from penstock.service.outside import remember
from penstock.service.runners import make_runner, settings_for_elsewhere
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.store import RunRecord, RunStore

Listener = Callable[[RunEvent], None]
Ask = Callable[[str], bool]


class Launch:
    """One run on its way. `ask` puts a yes-or-no question to the user (Ctrl-C with remote jobs going on)."""

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
        self._measuring = Measuring(workspace, graph)
        self._command = command
        self._listener = listener
        self._ask = ask
        self._interrupts = 0
        self._executor = executor(
            workspace.project.document.executor,
            Remote(
                factory="penstock.service.runners:elsewhere", settings=settings_for_elsewhere(workspace, plan)
            ),
        )

    def run(self, policy: RunPolicy, resumed: str | None = None) -> RunResult:
        """Blocks until the run has ended, or is left for later; `resumed` is the id of a run that was left.

        Raises StoreError, ConfigError, MissingVariable.
        """
        from penstock.store import open_store

        self._check_settings()
        workspace = self._workspace
        workspace.state_dir  # noqa: B018  # makes the folder and its .gitignore
        store = open_store(workspace.project.store_url(), root=workspace.project.root)
        try:
            record = store.run(resumed) if resumed else create_run(store, self._plan, command=self._command)
            remember(workspace, store, self._outside.values())
            gc.enable()
            return asyncio.run(self._coordinate(store, record, policy))
        finally:
            store.close()

    def _check_settings(self) -> None:
        """What a step needs is resolved before anything starts."""
        for integration, instance in sorted(
            {(i.ref.integration, i.ref.instance) for i in self._plan.to_build()}
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
            seconds=_usual_seconds(store, self._plan.environment),
        )
        async with self._signals(coordinator):
            return await coordinator.run()

    def _pools(self) -> dict[str, int]:
        """The slots of every warehouse of the project, and those of penstock.yml's `pools`."""
        pools = {}
        for name in self._workspace.catalogs():
            address = self._workspace.address(self._workspace.connection(name))
            pools[address.resource] = address.slots
        return {**pools, **self._workspace.project.document.pools}

    def _runner(self, integration: str, instance: str, hold: HoldFn, folder: FolderFn) -> Runner | None:
        options = self._plan.options.get(f"{integration}/{instance}", {})

        def local() -> Runner | None:
            return make_runner(self._workspace, options, integration, instance, hold, folder)

        runner = self._executor.runner(integration, instance, hold, folder, local)
        return self._measuring.around(runner, integration, instance) if runner is not None else None

    @asynccontextmanager
    async def _signals(self, coordinator: Coordinator) -> AsyncIterator[None]:
        """First Ctrl-C stops local work (and asks about remote jobs), the second detaches; SIGTERM detaches."""
        loop = asyncio.get_running_loop()
        handlers: dict[signal.Signals, Callable[[], Any]] = {
            signal.SIGINT: lambda: self._interrupt(coordinator, loop),
            signal.SIGTERM: lambda: coordinator.request_stop(StopMode.DETACH, "SIGTERM: detached"),
        }
        added = []
        for number, handler in handlers.items():
            # Not in a thread other than the main one, and not on every platform: there the default stays.
            with contextlib.suppress(ValueError, NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, handler)
                added.append(number)
        try:
            yield
        finally:
            for number in added:
                loop.remove_signal_handler(number)

    def _interrupt(self, coordinator: Coordinator, loop: asyncio.AbstractEventLoop) -> None:
        self._interrupts += 1
        if self._interrupts > 1:
            coordinator.request_stop(StopMode.DETACH, "second Ctrl-C: detached")
            return
        remote = coordinator.remote_steps()
        if not remote:
            coordinator.request_stop(StopMode.CANCEL, "stopped by Ctrl-C")
            return
        coordinator.request_stop(StopMode.LOCAL, "stopped by Ctrl-C; remote jobs go on")
        loop.run_in_executor(None, self._ask_remote, coordinator, remote, loop)

    def _ask_remote(
        self, coordinator: Coordinator, remote: tuple[str, ...], loop: asyncio.AbstractEventLoop
    ) -> None:
        if self._ask(f"cancel {', '.join(remote)} too?"):
            loop.call_soon_threadsafe(coordinator.request_stop, StopMode.CANCEL, "stopped by Ctrl-C")


def execute(
    workspace: Workspace,
    graph: AssetGraph,
    plan: Plan,
    *,
    command: str,
    listener: Listener,
    ask: Ask = lambda question: False,
    resumed: str | None = None,
) -> RunResult:
    """Run a plan to its end and give back how it came out; or go on with the run that was left. Raises before anything is
    started, or StoreError."""
    policy = RunPolicy(fail_fast=plan.fail_fast)
    return Launch(workspace, graph, plan, command=command, listener=listener, ask=ask).run(policy, resumed)


def _usual_seconds(store: RunStore, environment: str) -> dict[AssetKey, float]:
    """How long each item took when it was last made: the longest chain of work goes first."""
    return {
        key: item.seconds for key, item in store.latest_items(environment).items() if item.seconds is not None
    }
