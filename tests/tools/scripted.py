"""A runner that does what a script says: outcomes, times, rows, failures per attempt. A real Runner, without any tool behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from penstock.assets import AssetKey, Hold, Relation, Severity, ToolRef
from penstock.errors import PenstockError
from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Beside,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    ItemKind,
    ItemStarted,
    Outcome,
    Reused,
    Runner,
    Step,
    StepEvent,
)
from penstock.plan import Decision, Plan, PlanItem
from penstock.run import HoldFn

INTEGRATION = "fake"
ENDED_WELL = (Outcome.SUCCESS, Outcome.WARN, Outcome.NO_OP)


@dataclass
class Script:
    """What happens to one item: `outcomes` per attempt (the last one repeats), each after `seconds`."""

    outcomes: Sequence[Outcome] = (Outcome.SUCCESS,)
    seconds: float = 0.0
    rows: int | None = None
    message: str | None = None
    remaining: str | None = None  # told when it does not end well
    silent: bool = False  # nothing is ever reported about it
    told: dict[str, Any] = field(default_factory=dict)  # further fields of ItemFinished

    def outcome(self, attempt: int) -> Outcome:
        return self.outcomes[min(attempt, len(self.outcomes)) - 1]


@dataclass
class World:
    """Everything that the scripted tool is, and what was done to it. `depends` gates items inside one step, as dbt does."""

    scripts: dict[str, Script] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(
        default_factory=dict
    )  # such an item ends after its gate was opened
    depends: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remote: bool = False
    retryable: bool = True
    beside: tuple[Beside, ...] = ()
    fails_beside: str | None = None  # a failure of the tool that is none of its items
    tells_of_cancelled: bool = False  # of each item, not only of the step
    commit_phase: str | None = None
    start_error: PenstockError | Exception | None = None
    triggers: list[AttemptKey] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    cancelled: list[AttemptKey] = field(default_factory=list)
    closed: int = 0
    begun: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    history: list[tuple[str, float, float]] = field(default_factory=list)
    on_begin: Callable[[str], None] = lambda _item: None
    on_end: Callable[[str], None] = lambda _item: None
    jobs: dict[AttemptKey, Job] = field(default_factory=dict)

    def runner_for(
        self, _integration: str, _instance: str, hold: HoldFn, _folder: Callable[[AttemptKey], Any]
    ) -> Runner:
        return ScriptedRunner(self, hold)


class Job:
    """What runs outside: it goes on by itself when nobody listens, and tells everything again to who asks."""

    def __init__(self) -> None:
        self.told: list[StepEvent] = []
        self.news = asyncio.Condition()
        self.stop = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def tell(self, event: StepEvent) -> None:
        async with self.news:
            self.told.append(event)
            self.news.notify_all()


class ScriptedRunner(BaseRunner):
    def __init__(self, world: World, hold: HoldFn | None = None) -> None:
        self.world = world
        self._hold = hold

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        world = self.world
        if world.start_error is not None:
            raise world.start_error
        if attempt not in world.jobs:
            world.triggers.append(attempt)
            world.steps.append(step)
            job = world.jobs[attempt] = Job()
            job.task = asyncio.get_running_loop().create_task(self._work(job, step, attempt))
        return self._handle(attempt)

    def _handle(self, attempt: AttemptKey) -> Handle:
        return Handle(attempt=attempt, local=not self.world.remote, external={"job": str(attempt)})

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        return self._handle(attempt) if attempt in self.world.jobs else None

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        job, seen = self.world.jobs[handle.attempt], 0
        while True:
            while seen < len(job.told):
                event = job.told[seen]
                seen += 1
                yield event
                if isinstance(event, Finished):
                    return
            async with job.news:
                while seen == len(job.told):
                    await job.news.wait()

    async def cancel(self, handle: Handle) -> None:
        job = self.world.jobs[handle.attempt]
        self.world.cancelled.append(handle.attempt)
        job.stop.set()
        if job.task is not None:
            await job.task

    async def close(self, *, detach: bool) -> None:
        self.world.closed += 1

    # ------------------------------------------------------------ the work

    async def _work(self, job: Job, step: Step, attempt: AttemptKey) -> None:
        ended: dict[str, Outcome] = {}
        whole = Outcome.SUCCESS
        for item in step.items:
            if job.stop.is_set():
                break
            outcome = await self._item(job, item.id, attempt, ended)
            ended[item.id] = outcome
            if outcome not in ENDED_WELL and outcome is not Outcome.SKIPPED and whole is not Outcome.ERROR:
                whole = outcome
        message = None if whole in ENDED_WELL else f"{whole.value} in the tool"
        if self.world.fails_beside is not None and whole in ENDED_WELL:
            whole, message = Outcome.ERROR, self.world.fails_beside
        if job.stop.is_set():
            whole = Outcome.CANCELLED
        elif self.world.commit_phase is not None and self._hold is not None:
            async with self._held(attempt, self.world.commit_phase):
                await asyncio.sleep(0)
        await job.tell(
            Finished(
                at=time.time(),
                outcome=whole,
                message=message,
                retryable=self.world.retryable,
                beside=self.world.beside,
            )
        )

    def _held(self, attempt: AttemptKey, phase: str) -> AbstractAsyncContextManager[None]:
        assert self._hold is not None
        return self._hold(attempt, phase)

    async def _item(self, job: Job, item: str, attempt: AttemptKey, ended: dict[str, Outcome]) -> Outcome:
        script = self.world.scripts.get(item, _PLAIN)
        if any(
            ended.get(need, Outcome.SUCCESS) not in ENDED_WELL for need in self.world.depends.get(item, ())
        ):
            await job.tell(ItemFinished(at=time.time(), item=item, outcome=Outcome.SKIPPED))
            return Outcome.SKIPPED
        begun = self.world.begun[item] = time.time()
        self.world.on_begin(item)
        if script.seconds:
            await job.tell(ItemStarted(at=begun, item=item))
            try:
                await asyncio.wait_for(job.stop.wait(), script.seconds)
                if self.world.tells_of_cancelled:
                    await job.tell(ItemFinished(at=time.time(), item=item, outcome=Outcome.CANCELLED))
                return Outcome.CANCELLED
            except TimeoutError:
                pass
        if item in self.world.gates:
            await self.world.gates[item].wait()
        self.world.on_end(item)
        outcome = script.outcome(attempt.attempt)
        self.world.ended[item] = time.time()
        self.world.history.append((item, begun, self.world.ended[item]))
        if not script.silent:
            await job.tell(
                ItemFinished(
                    at=self.world.ended[item],
                    item=item,
                    outcome=outcome,
                    rows=script.rows,
                    message=script.message,
                    seconds=self.world.ended[item] - begun,
                    remaining=None if outcome in ENDED_WELL else script.remaining,
                    **script.told,
                )
            )
        return outcome


_PLAIN = Script()


def key(name: str) -> AssetKey:
    return AssetKey("fake:", name)


def asset(
    name: str,
    *needs: str,
    batch: str | None = None,
    unit: str | None = None,
    holds: tuple[Hold, ...] = (),
    decision: Decision = Decision.BUILD,
    instance: str = "one",
) -> PlanItem:
    return PlanItem(
        key=key(name),
        ref=ToolRef(INTEGRATION, instance, name),
        kind=ItemKind.ASSET,
        name=name,
        resource_type="model",
        decision=decision,
        reason="selected",
        code="selected",
        unit=unit or f"{INTEGRATION}/{instance}:{name}",
        step_kind="model",
        batch=batch,
        holds=holds,
        depends_on=tuple(key(need) for need in needs),
        upstream=tuple(key(need) for need in needs),
        code_version=f"v-{name}",
        relation=Relation("duckdb:shop.duckdb", "duckdb", "shop", "main", name),
    )


def check(
    name: str,
    *needs: str,
    batch: str | None = None,
    severity: Severity = Severity.ERROR,
    instance: str = "one",
) -> PlanItem:
    return PlanItem(
        key=key(name),
        ref=ToolRef(INTEGRATION, instance, name),
        kind=ItemKind.CHECK,
        name=name,
        resource_type="test",
        decision=Decision.BUILD,
        reason="its asset is built",
        code="asset-built",
        unit=f"{INTEGRATION}/{instance}:{name}",
        step_kind="test",
        batch=batch,
        depends_on=tuple(key(need) for need in needs),
        upstream=tuple(key(need) for need in needs),
        severity=severity,
    )


def plan(*items: PlanItem, **options: Any) -> Plan:
    return Plan(environment="dev", graph_hash="abc", items=items, selection="everything", **options)


def inner_depends(items: Sequence[PlanItem]) -> dict[str, list[str]]:
    """Who waits for whom, in the tool's ids: how a tool gates the items of one step by itself."""
    ids = {item.key: item.ref.id for item in items}
    return {item.ref.id: [ids[need] for need in item.depends_on if need in ids] for item in items}
