"""What a suite must be told of an integration: its object, a world that it works in, and what in that world can be run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from penstock.assets import Relation
from penstock.integration import (
    Address,
    AnyObserveContext,
    AnyRunContext,
    AttemptKey,
    Connection,
    Handle,
    Integration,
    Intent,
    ObserveContext,
    Reused,
    RunContext,
    Runner,
    Step,
    StepItem,
    Warehouse,
)
from penstock.system.redaction import Secrets
from penstock.testing.processes import MARK


def _no_connection(name: str) -> Connection:
    raise AssertionError(f"the case has no connection '{name}'")


def _no_warehouse(name: str) -> Warehouse:
    raise AssertionError(f"the case has no warehouse '{name}'")


def _unknown_address(connection: Connection) -> Address:
    raise AssertionError(f"the case does not tell where {connection.type} lies")


@dataclass(frozen=True, kw_only=True)
class IntegrationCase:
    """One instance in a small world below `root`, made anew for each test.

    `items` are of a step that ends well, within a minute. `slow` are of one that takes at least five seconds when it is left
    alone, and tells of its beginning at once; without them nothing is killed, adopted or cancelled. `done` counts how often
    each item was made, as the world itself tells (lines in a file, rows, jobs of a server).
    `payload` and `slow_payload` are what observing puts into the producers of both. `maker` names a function
    ("tests.test_mine:make_case") that makes the same case again from `root`, in another process. `broken` is a configuration
    with which nothing can work. What is in `secrets` must never be told.
    """

    integration: Integration
    root: Path
    config: msgspec.Struct
    instance: str = "main"
    environ: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    items: tuple[StepItem, ...] = ()
    slow: tuple[StepItem, ...] = ()
    kind: str = "build"
    payload: str = ""
    slow_payload: str = ""
    maker: str = ""
    broken: msgspec.Struct | None = None
    secrets: tuple[str, ...] = ()
    done: Callable[[], Mapping[str, int]] = dict
    warehouse: Callable[[str], Warehouse] = _no_warehouse
    connection: Callable[[str], Connection] = _no_connection
    address: Callable[[Connection], Address] = _unknown_address
    mark: str = "unmarked"

    def observing(self, *, may_call: bool = True, config: msgspec.Struct | None = None) -> AnyObserveContext:
        """What the integration is given to look around."""
        return ObserveContext(
            project_root=self.root,
            state_dir=_made(self.root / ".penstock"),
            cache_dir=_made(self.root / ".cache"),
            instance=self.instance,
            config=config or self.config,
            environment="dev",
            may_call=may_call,
            environ={**self.environ, MARK: self.mark},
            options=self.options,
            address=self.address,
            connection=self.connection,
            progress=lambda line: None,
        )

    def running(self, *, config: msgspec.Struct | None = None) -> AnyRunContext:
        """What its runner is given."""
        secrets = Secrets()
        return RunContext(
            project_root=self.root,
            state_dir=_made(self.root / ".penstock"),
            cache_dir=_made(self.root / ".cache"),
            instance=self.instance,
            config=config or self.config,
            environment="dev",
            environ={**self.environ, MARK: self.mark},
            options=self.options,
            folder=self.folder,
            hold=_hold,
            warehouse=self.warehouse,
            address=self.address,
            connection=self.connection,
            redact=secrets.redact,
            secrets=secrets,
        )

    def folder(self, attempt: AttemptKey) -> Path:
        return _made(self.root / ".penstock" / "runs" / attempt.run / attempt.step / str(attempt.attempt))

    def runner(self, *, config: msgspec.Struct | None = None) -> Runner:
        """A runner as another process would make it."""
        runner = self.integration.runner(self.running(config=config))
        if runner is None:
            pytest.skip(f"{self.integration.name} runs nothing")
        return runner

    def slow_step(self) -> Step:
        """The step of `slow`; skips the test where there is none."""
        return self.step(self.slow, "slow", self.slow_payload)

    def step(self, items: tuple[StepItem, ...], name: str = "one", payload: str | None = None) -> Step:
        if not items:
            pytest.skip("the case has no such items")
        return Step(
            id=name,
            integration=self.integration.name,
            instance=self.instance,
            kind=self.kind,
            items=items,
            payload=self.payload if payload is None else payload,
        )

    async def started(self, runner: Runner, step: Step, attempt: AttemptKey) -> Handle:
        """Start a step as the engine does: the intent is on disk before."""
        intent = await runner.prepare(step, attempt)
        self._intent_file(attempt).write_bytes(msgspec.json.encode(intent))
        begun = await runner.start(step, attempt, intent)
        not_reused(begun)
        assert isinstance(begun, Handle)
        return begun

    def intent_of(self, attempt: AttemptKey) -> Intent:
        """What was remembered of an attempt, by whatever process."""
        file = self._intent_file(attempt)
        return msgspec.json.decode(file.read_bytes(), type=Intent) if file.exists() else Intent()

    def _intent_file(self, attempt: AttemptKey) -> Path:
        return _made(self.root / ".penstock" / "intents") / f"{attempt.run}-{attempt.attempt}.json"

    def tells_no_secret(self, told: object) -> None:
        """Asserts that what was told holds none of the case's secrets."""
        text = repr(told)
        assert not [secret for secret in self.secrets if secret in text], "a secret was told"


@dataclass(frozen=True, kw_only=True)
class WarehouseCase:
    """A warehouse with at least one table that has rows (`tables`), and the name of one that does not exist (`absent`).

    `change` writes to the first of the tables. `endless` is a query in its SQL that runs for minutes. `used` is a time (begin, end;
    epoch seconds) in which the warehouse has usage to tell, or `jobs_since` runs of jobs.
    `real` says what really is exercised, `stands_in` what is not and by what it is replaced ("": all of it is real).
    """

    warehouse: Warehouse
    tables: Mapping[Relation, int]  # with their rows
    absent: Relation
    change: Callable[[], None] | None = None
    endless: str | None = None
    used: tuple[float, float] | None = None
    jobs_since: float | None = None
    real: str = ""
    stands_in: str = ""


@asynccontextmanager
async def _hold(_attempt: AttemptKey, _phase: str) -> AsyncIterator[None]:
    yield


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def not_reused(begun: object) -> None:
    """A case of the suites has its world for itself: nobody else can have satisfied its step."""
    assert not isinstance(begun, Reused), "the step was said to be satisfied by somebody else"
