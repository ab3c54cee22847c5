"""Runs steps of a dbt project as the engine would, and keeps what was reported."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from penstock.integration import (
    Address,
    AttemptKey,
    Connection,
    Finished,
    Intent,
    ItemFinished,
    ItemKind,
    LogLine,
    ObserveContext,
    Outcome,
    RunContext,
    Step,
    StepEvent,
    StepItem,
    Warehouse,
)
from penstock_dbt.config import DbtConfig
from penstock_dbt.runner import DbtRunner


@dataclass(frozen=True)
class Ran:
    """The events of one step."""

    events: list[StepEvent]
    folder: Path

    @property
    def outcomes(self) -> dict[str, Outcome]:
        ended = [event for event in self.events if isinstance(event, ItemFinished)]
        assert len(ended) == len({event.item for event in ended}), "an item ended twice"
        return {event.item: event.outcome for event in ended}

    @property
    def finished(self) -> Finished:
        last = self.events[-1]
        assert isinstance(last, Finished)
        assert sum(isinstance(event, Finished) for event in self.events) == 1
        return last

    @property
    def outcome(self) -> Outcome:
        return self.finished.outcome

    def end_of(self, item: str) -> ItemFinished:
        return next(event for event in self.events if isinstance(event, ItemFinished) and event.item == item)

    def logs(self, *levels: str) -> str:
        told = [
            event
            for event in self.events
            if isinstance(event, LogLine) and event.level in (levels or ("warn", "error"))
        ]
        return "\n".join(event.message for event in told)


class Bench:
    """One project and one runner at a time."""

    def __init__(
        self,
        root: Path,
        environ: Mapping[str, str],
        config: DbtConfig | None = None,
        options: Mapping[str, Any] | None = None,
        first: int = 0,
    ) -> None:
        self.root = root
        self.environ = dict(environ)
        self.config = config or DbtConfig(project=".")
        self.options = dict(options or {})
        self.runner = DbtRunner(self.run_context())
        self._count = first

    def folder(self, attempt: AttemptKey) -> Path:
        path = self.root / ".penstock" / "runs" / attempt.run / attempt.step / str(attempt.attempt)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def run_context(self) -> RunContext[DbtConfig]:
        return RunContext(
            project_root=self.root,
            state_dir=self.root / ".penstock",
            cache_dir=self.root / ".cache",
            instance="shop",
            config=self.config,
            environment="dev",
            environ=self.environ,
            options=self.options,
            folder=self.folder,
            hold=_no_hold,
            warehouse=_no_warehouse,
            address=address,
            connection=_no_connection,
            redact=str,
        )

    def observe_context(
        self, said: Callable[[str], None] = lambda line: None, **options: Any
    ) -> ObserveContext[DbtConfig]:
        return ObserveContext(
            project_root=self.root,
            state_dir=self.root / ".penstock",
            cache_dir=self.root / ".cache",
            instance="shop",
            config=self.config,
            environment="dev",
            may_call=True,
            environ=self.environ,
            options={**self.options, **options},
            address=address,
            connection=_no_connection,
            progress=said,
        )

    def step(self, *ids: str, name: str | None = None, **options: Any) -> tuple[Step, AttemptKey]:
        self._count += 1
        name = name or f"build-{self._count}"
        items = tuple(StepItem(one, ItemKind.CHECK if "test." in one else ItemKind.ASSET) for one in ids)
        step = Step(id=name, integration="dbt", instance="shop", kind="build", items=items, options=options)
        return step, AttemptKey("run", name, 1)

    def run(self, *ids: str, **options: Any) -> Ran:
        """One step from start to end."""
        step, attempt = self.step(*ids, **options)
        return asyncio.run(self.follow(step, attempt))

    async def follow(self, step: Step, attempt: AttemptKey) -> Ran:
        handle = await self.runner.start(step, attempt, Intent())
        events = [event async for event in self.runner.events(handle)]
        return Ran(events, self.folder(attempt))

    def close(self) -> None:
        asyncio.run(self.runner.close(detach=False))

    def another_coordinator(self) -> None:
        """Forget everything that this process remembers, as if it were another one. What runs goes on."""
        self.runner = DbtRunner(self.run_context())

    def manifest(self) -> dict[str, Any]:
        """What dbt knows of the project, through penstock's own parse."""
        from penstock_dbt.invoke import parse

        context = self.observe_context()
        document: dict[str, Any] = json.loads(parse(context, self.root, self.config).read_bytes())
        return document

    def without(self, *words: str) -> Bench:
        return Bench(
            self.root, {k: v for k, v in self.environ.items() if k not in words}, self.config, self.options
        )

    def configured(self, **changes: Any) -> Bench:
        return Bench(self.root, self.environ, msgspec.structs.replace(self.config, **changes), self.options)


def executable_only(folder: Path, bin_folder: Path) -> list[str]:
    """A `command:` behind which no Python can be seen."""
    script = folder / "just-an-executable"
    script.write_text(f'#!/bin/sh\nexec "{bin_folder / "dbt"}" "$@"\n')
    script.chmod(0o755)
    return [str(script)]


def address(connection: Connection) -> Address:
    path = str(connection.settings["path"])
    return Address(namespace=f"duckdb:{path}", dialect="duckdb", resource=f"duckdb:{path}", slots=1)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def tables(path: Path) -> dict[str, int]:
    """Every table of a DuckDB file with its rows; opening it fails while any process holds it."""
    import duckdb

    with duckdb.connect(str(path)) as opened:
        names = [
            row[0] for row in opened.execute("select table_name from information_schema.tables").fetchall()
        ]
        return {name: opened.execute(f'select count(*) from "{name}"').fetchall()[0][0] for name in names}


def pid_of(ran: Ran) -> int:
    return pid_told_in(ran.folder / "events.jsonl")


def pid_told_in(events: Path) -> int:
    """The dbt process, as itself knows it: the first record of a worker's events."""
    return int(json.loads(events.read_bytes().splitlines()[0])["pid"])


def _no_hold(attempt: AttemptKey, phase: str) -> AbstractAsyncContextManager[None]:
    return nullcontext()


def _no_warehouse(name: str) -> Warehouse:
    raise KeyError(name)


def _no_connection(name: str) -> Connection:
    raise KeyError(name)
