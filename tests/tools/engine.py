"""A store and coordinators over the scripted tool, for every suite that runs plans."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from penstock.plan import Plan
from penstock.run import Coordinator, RunEvent, RunPolicy, RunResult, create_run, plan_of
from penstock.run.cutoff import Decide
from penstock.store import ItemState, RunStore
from tests.tools.scripted import World

QUICK = RunPolicy(poll_seconds=0.02)


class Engine:
    """`events` is all that the listener of the last coordinator heard."""

    def __init__(self, store: RunStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.events: list[RunEvent] = []

    def coordinator(
        self,
        plan: Plan,
        world: World,
        *,
        run: str | None = None,
        policy: RunPolicy = QUICK,
        pools: Mapping[str, int] | None = None,
        redact: Callable[[str], str] = lambda text: text,
        decide: Decide | None = None,
    ) -> Coordinator:
        self.events = []
        return Coordinator(
            plan,
            store=self.store,
            run_id=run or create_run(self.store, plan).id,
            runner_for=world.runner_for,
            folder=self.folder,
            policy=policy,
            listener=self.events.append,
            pools=pools,
            redact=redact,
            decide=decide,
        )

    def run(
        self,
        plan: Plan,
        world: World,
        *,
        policy: RunPolicy = QUICK,
        pools: Mapping[str, int] | None = None,
        decide: Decide | None = None,
    ) -> RunResult:
        async def whole() -> RunResult:
            return await self.coordinator(plan, world, policy=policy, pools=pools, decide=decide).run()

        return asyncio.run(whole())

    def again(self, run: str, world: World, policy: RunPolicy = QUICK) -> Coordinator:
        """A new coordinator for a run that was left."""
        return self.coordinator(plan_of(self.store, run), world, run=run, policy=policy)


def states(result: RunResult) -> dict[str, ItemState]:
    return {item.item.name: item.state for item in result.items}
