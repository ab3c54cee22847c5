"""How an integration's steps are run: the step, its attempts, and the runner that the engine calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import msgspec

from penstock.assets import Hold
from penstock.integration.address import Address, Connection
from penstock.integration.outcome import StepEvent
from penstock.integration.warehouse import Warehouse
from penstock.system.redaction import Secrets


class ItemKind(StrEnum):
    ASSET = "asset"
    CHECK = "check"


class StepItem(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One thing a step makes or checks, in the tool's own id.

    `remaining`: what an earlier try left to do of it, as `StepEvent.remaining` told; "" means all of it.
    """

    id: str
    kind: ItemKind
    remaining: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that a runner runs: a sync, a dbt invocation over many nodes, a check. Names no tool's type.

    `kind` is the producer's kind, or `build` for a batch; `options` are the plan's flags for that tool (full_refresh, vars ...).
    `first` and `last`: of the steps that its batch is shared out to in this run, as far as is known when it is formed.
    """

    id: str
    integration: str
    instance: str
    kind: str
    items: tuple[StepItem, ...]
    holds: tuple[Hold, ...] = ()
    options: dict[str, Any] = {}
    first: bool = True
    last: bool = True


class AttemptKey(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One try of a step: the idempotency key of everything that it triggers outside."""

    run: str
    step: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.run}/{self.step}/{self.attempt}"


class Handle(msgspec.Struct, frozen=True, kw_only=True):
    """What is running, so that another process can find it: `external` is JSON-able (pid, boot id, start time, files, job id)."""

    attempt: AttemptKey
    external: dict[str, Any] = {}


class RunContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a runner is given. `folder(attempt)` is that attempt's own folder (made), for logs and event files.

    `hold(attempt, phase)` waits for the step's resources of that phase and gives them back on exit; those of phase `all`
    are held by the engine around the whole step. `warehouse(name)` is a warehouse of penstock.yml. What an integration finds to
    be secret it adds to `secrets`; `redact` is that of `secrets`.
    """

    project_root: Path
    state_dir: Path
    cache_dir: Path
    instance: str
    config: Any
    environment: str
    environ: Mapping[str, str]
    options: Mapping[str, Any]
    folder: Callable[[AttemptKey], Path]
    hold: Callable[[AttemptKey, str], AbstractAsyncContextManager[None]]
    warehouse: Callable[[str], Warehouse]
    address: Callable[[Connection], Address]
    connection: Callable[[str], Connection]
    redact: Callable[[str], str]
    secrets: Secrets = msgspec.field(default_factory=Secrets)


class Runner(Protocol):
    """How an integration's steps are run. The engine is the only caller."""

    async def start(self, step: Step, attempt: AttemptKey) -> Handle:
        """Start it; idempotent per attempt key."""
        ...

    async def find(self, step: Step, attempt: AttemptKey) -> Handle | None:
        """What already runs, or has ended, under that key; None when it was certainly never started."""
        ...

    def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        """From the beginning to FINISHED; every item of the step has had its ITEM_FINISHED by then."""
        ...

    async def cancel(self, handle: Handle) -> None:
        """Ask it to stop and wait until it has; `events` then ends with outcome CANCELLED (or whatever came first)."""
        ...

    async def close(self) -> None:
        """The run is over: leave nothing behind."""
        ...
