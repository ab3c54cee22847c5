"""The smallest engine that can run a sync: one step, its events folded, resources as locks. Also a program, so that it can
be killed: `python -m tests.tools.syncing ROOT CONFIG.json RUN ATTEMPT [--adopt] [--eager]`. Eager, it stages a few rows at a time,
so that rows are staged, and travel into PostgreSQL, before the connector has ended."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from penstock.assets import Observation
from penstock.integration import (
    AttemptKey,
    Connection,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    ItemKind,
    LogLine,
    ObserveContext,
    Outcome,
    Phase,
    RunContext,
    Runner,
    Step,
    StepEvent,
    StepItem,
    Warehouse,
    WarehouseContext,
)
from penstock.system.redaction import Secrets
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.config import AirbyteConfig
from penstock_airbyte.integration import INTEGRATION as AIRBYTE
from penstock_duckdb import INTEGRATION as DUCKDB
from penstock_duckdb.destination import DuckdbDestination
from penstock_postgres import INTEGRATION as POSTGRES
from penstock_postgres.destination import PostgresDestination
from tests.tools.environment import cache_folder

Heard = Callable[[StepEvent], None]
CACHE = cache_folder() / "penstock"  # that of the command line's tests: each connector is installed once


class Bench:
    """A project folder with one warehouse `main` and one Airbyte instance `ingest`. `warehouse`: its settings, as a dbt
    profile has them; the file shop.duckdb by default."""

    def __init__(
        self,
        root: Path,
        connections: Mapping[str, Any],
        warehouse: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        self.root = root
        self.warehouse = dict(warehouse or {"type": "duckdb", "path": "shop.duckdb"})
        self.raw = {"type": "local", "connections": dict(connections), **settings}
        self.config = msgspec.convert(self.raw, AirbyteConfig)
        self.state_dir = root / ".penstock"
        # Installed connectors are shared between tests; what the scripted ones said is each test's own.
        installed = any("connector" in connection["source"] for connection in connections.values())
        self.cache_dir = CACHE if installed else root / "cache"
        self.secrets = Secrets()
        self.held: list[str] = []
        self.options: dict[str, Any] = {}
        self._lock = asyncio.Lock()

    @property
    def file(self) -> Path:
        return self.root / "shop.duckdb"

    def observe(self, *, may_call: bool = True, max_age: float = 600.0) -> Observation:
        return AIRBYTE.observe(self.observe_context(may_call=may_call, max_age=max_age))

    def observe_context(
        self, *, may_call: bool = True, max_age: float = 600.0
    ) -> ObserveContext[AirbyteConfig | ApiConfig]:
        return ObserveContext(
            project_root=self.root,
            state_dir=self.state_dir,
            cache_dir=self.cache_dir,
            instance="ingest",
            config=self.config,
            environment="dev",
            may_call=may_call,
            environ=dict(os.environ),
            options={},
            address=lambda connection: self._warehouse("main").address,
            connection=self._connection,
            progress=lambda line: None,
            max_age=max_age,
            secrets=self.secrets,
        )

    def run_context(self) -> RunContext[AirbyteConfig | ApiConfig]:
        return RunContext(
            project_root=self.root,
            state_dir=self.state_dir,
            cache_dir=self.cache_dir,
            instance="ingest",
            config=self.config,
            environment="dev",
            environ=dict(os.environ),
            options=self.options,
            folder=self.folder,
            hold=self._hold,
            warehouse=self._warehouse,
            address=lambda connection: self._warehouse("main").address,
            connection=self._connection,
            redact=self.secrets.redact,
            secrets=self.secrets,
        )

    def folder(self, attempt: AttemptKey) -> Path:
        folder = self.state_dir / "runs" / str(attempt).replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def step(self, connection: str = "shop", only: tuple[str, ...] | None = None) -> Step:
        """The sync of a connection, as the planner makes it from what was observed."""
        tables = [asset.id for asset in self.observe().assets if asset.producer == connection]
        items = [StepItem(table, ItemKind.ASSET) for table in tables if only is None or table in only]
        return Step(
            id=f"sync-{connection}", integration="airbyte", instance="ingest", kind="sync", items=tuple(items)
        )

    def sync(
        self,
        attempt: int = 1,
        *,
        run: str = "r1",
        connection: str = "shop",
        adopt: bool = False,
        only: tuple[str, ...] | None = None,
        given: Step | None = None,
        heard: Heard | None = None,
    ) -> Result:
        """One attempt from start to end."""
        step = given or self.step(connection, only)
        return asyncio.run(
            drive(self.runner(), step, AttemptKey(run, step.id, attempt), adopt=adopt, heard=heard)
        )

    def runner(self) -> Runner:
        runner = AIRBYTE.runner(self.run_context())
        assert runner is not None
        return runner

    def forget_catalog(self) -> None:
        """As a new day would: the source is asked again for its streams."""
        inputs = self.observe().inputs
        for file in inputs or ():
            Path(file).unlink()

    def _connection(self, name: str) -> Connection:
        assert name == "main"
        settings = {key: value for key, value in self.warehouse.items() if key != "type"}
        return Connection(type=self.warehouse["type"], settings=settings, base=self.root)

    def _warehouse(self, name: str) -> Warehouse:
        context = WarehouseContext(connection=self._connection(name), project_root=self.root)
        on_postgres = self.warehouse["type"] == "postgres"
        warehouse = POSTGRES.warehouse(context) if on_postgres else DUCKDB.warehouse(context)
        assert warehouse is not None
        return warehouse

    @asynccontextmanager
    async def _hold(self, attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
        async with self._lock:
            self.held.append(phase)
            yield


class Result(msgspec.Struct, frozen=True):
    """The events of one attempt, and what they come to."""

    events: tuple[StepEvent, ...]

    @property
    def finished(self) -> Finished:
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    @property
    def outcome(self) -> Outcome:
        return self.finished.outcome

    @property
    def message(self) -> str:
        return self.finished.message or ""

    @property
    def retryable(self) -> bool:
        return self.finished.retryable

    @property
    def items(self) -> dict[str, ItemFinished]:
        return {e.item: e for e in self.events if isinstance(e, ItemFinished)}

    def texts(self, kind: type[LogLine | Phase]) -> list[str]:
        return [
            event.message
            for event in self.events
            if isinstance(event, LogLine | Phase) and type(event) is kind
        ]


async def drive(
    runner: Runner, step: Step, attempt: AttemptKey, *, adopt: bool = False, heard: Heard | None = None
) -> Result:
    """What the engine does with a step, without a store: every item must have ended when the step has. `heard` is called with
    each event as it comes."""
    intent = Intent()
    handle = await runner.find(step, attempt, intent) if adopt else None
    handle = handle or await runner.start(step, attempt, await runner.prepare(step, attempt))
    assert isinstance(handle, Handle)
    events = []
    async for event in runner.events(handle):
        events.append(event)
        if heard is not None:
            heard(event)
    await runner.close(detach=False)
    assert events and isinstance(events[-1], Finished)
    ended = {event.item for event in events if isinstance(event, ItemFinished)}
    assert ended >= {item.id for item in step.items}, "an item has no end"
    return Result(tuple(events))


def main() -> None:
    root, config, run, attempt = sys.argv[1:5]
    raw = msgspec.json.decode(Path(config).read_bytes())
    bench = Bench(Path(root), **raw)
    if "--eager" in sys.argv:
        PostgresDestination.part = DuckdbDestination.part = 1
    print("begin", flush=True)
    result = bench.sync(int(attempt), run=run, adopt="--adopt" in sys.argv)
    print(result.outcome.value, flush=True)


if __name__ == "__main__":
    main()
